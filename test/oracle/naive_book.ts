import { flag } from '../../src/dbn/index.ts';
import { type Mbo, undefinedPrice, undefinedSize } from './mbo.ts';

export type Side = 'A' | 'B';

export interface Order {
  readonly side: Side;
  readonly price: bigint;
  readonly size: number;
}

export interface NaiveLevel {
  readonly price: bigint;
  readonly size: number;
  readonly count: number;
}

const isSide = (side: string | undefined): side is Side => side === 'A' || side === 'B';

/** What a record meant to the order that it names. */
export interface Step {
  /** Whether the record acted on that order; false for trades, fills, and whatever was dropped or ignored. */
  readonly acted: boolean;
  readonly before: Order | undefined;
  readonly after: Order | undefined;
  /** What pending executions of the order this C or M took. */
  readonly fill: number;
  /** Orders that went first, by a clear or because their whole side was replaced. */
  readonly swept: readonly Order[];
}

const nothing: Step = { acted: false, before: undefined, after: undefined, fill: 0, swept: [] };

interface Pending {
  size: number;
  resting: boolean;
}

/**
 * The order book of model.md §2 as one would say it: a map of orders, a map of the orders at each price, and nothing
 * kept that can be looked up. Prices and ids are BigInts.
 */
export class NaiveBook {
  readonly orders = new Map<bigint, Order>();
  readonly sides = { B: new Map<bigint, Map<bigint, number>>(), A: new Map<bigint, Map<bigint, number>>() };
  readonly counters = {
    unknownCancel: 0,
    unknownModify: 0,
    duplicateAdd: 0,
    nullPrice: 0,
    inexactPrice: 0,
    nullSize: 0,
    noSide: 0,
    fills: 0,
    fillUnknown: 0,
    fillUnmatched: 0,
    crossedAtLast: 0,
    maybeBadBook: 0,
  };
  inSnapshot = false;
  #crossed = false;
  #badSinceEmptied = false;
  #pending = new Map<bigint, Pending>();
  #pendingTime: unknown;
  #pendingBefore = new Map<bigint, Pending>();
  #pendingBeforeTime: unknown;
  /** Sum of the counters, `fills` aside, of records before the session. */
  anomaliesBefore = 0;
  /** The record before this one. */
  #last: Mbo | null = null;

  /** Applies a record whose event time is `time`, of which only equality matters. */
  apply(record: Mbo, time: number | bigint): Step {
    if (time !== this.#pendingTime) {
      for (const { resting } of this.#pending.values()) if (resting) this.counters.fillUnmatched++;
      this.#pending.clear();
      this.#pendingTime = time;
    }
    this.inSnapshot = (record.flags & flag.snapshot) !== 0;
    const last = this.#last;
    this.#last = record;
    // A snapshot begins with an R, after a record that has no F_SNAPSHOT, and when ts_recv differs.
    const begins =
      this.inSnapshot && (last === null || (last.flags & flag.snapshot) === 0 || last.tsRecv !== record.tsRecv);
    const gone = begins && record.action !== 'R' ? this.#emptyBook() : [];
    const acted = this.#act(record);
    const step = { ...acted, swept: [...gone, ...acted.swept] };
    if (record.flags & flag.maybeBadBook) {
      this.#badSinceEmptied = true;
      this.counters.maybeBadBook++;
    }
    if (record.flags & (flag.last | flag.snapshot)) {
      const bid = this.best('B');
      const ask = this.best('A');
      this.#crossed = bid !== null && ask !== null && bid >= ask;
    }
    if (record.flags & flag.last) {
      this.inSnapshot = false;
      if (this.#crossed) this.counters.crossedAtLast++;
    }
    return step;
  }

  /**
   * Applies a record from before the session's window: it acts on the book alone. Its fills reach no event and those of
   * events do not reach it; it counts nothing here.
   */
  applyBefore(record: Mbo, time: number | bigint): void {
    const counters = { ...this.counters };
    const [pending, pendingTime] = [this.#pending, this.#pendingTime];
    this.#pending = this.#pendingBefore;
    this.#pendingTime = this.#pendingBeforeTime;
    this.apply(record, time);
    this.#pendingBefore = this.#pending;
    this.#pendingBeforeTime = this.#pendingTime;
    [this.#pending, this.#pendingTime] = [pending, pendingTime];
    for (const name of Object.keys(counters) as (keyof typeof counters)[]) {
      if (name !== 'fills') this.anomaliesBefore += this.counters[name] - counters[name];
      this.counters[name] = counters[name];
    }
  }

  get twoSided(): boolean {
    return this.sides.B.size > 0 && this.sides.A.size > 0;
  }

  get valid(): boolean {
    return this.twoSided && !this.inSnapshot && !this.#crossed && !this.#badSinceEmptied;
  }

  /** The best price of a side; null when it is empty. */
  best(side: Side): bigint | null {
    let best: bigint | null = null;
    for (const price of this.sides[side].keys()) {
      if (best === null || (side === 'B' ? price > best : price < best)) best = price;
    }
    return best;
  }

  /** All levels of a side, best first. */
  levels(side: Side): NaiveLevel[] {
    return [...this.sides[side]]
      .map(([price, sizes]) => ({
        price,
        size: sizes.values().reduce((sum, size) => sum + size, 0),
        count: sizes.size,
      }))
      .sort((a, b) => (a.price < b.price === (side === 'A') ? -1 : 1));
  }

  #act(record: Mbo): Step {
    const { orderId: id, action, size } = record;
    const before = this.orders.get(id);
    if (action === 'R') {
      return { ...nothing, swept: this.#emptyBook() };
    }
    if (action === 'F') {
      this.counters.fills++;
      if (before === undefined) this.counters.fillUnknown++;
      if (size === undefinedSize) this.counters.nullSize++;
      else this.#announce(id, size, before !== undefined);
    }
    if (action === 'C' && before === undefined) this.counters.unknownCancel++;
    if (action === 'C' && before !== undefined) {
      const fill = this.#takePending(id);
      const left = before.size - Math.min(size, before.size);
      this.#remove(id);
      if (left > 0) this.#insert(id, { ...before, size: left });
      return { ...nothing, acted: true, before, after: this.orders.get(id), fill };
    }
    return action === 'A' || action === 'M' ? this.#place(record) : nothing;
  }

  #place(record: Mbo): Step {
    const { orderId, action, price, size } = record;
    const { counters } = this;
    const topOfBook = action === 'A' && (record.flags & flag.tob) !== 0;
    if (price === undefinedPrice) {
      if (topOfBook && isSide(record.side)) return { ...nothing, swept: this.#emptySide(record.side) };
      counters.nullPrice++;
      return nothing;
    }
    // Where the spec is silent: what has no exact price, no quantity or no side cannot rest, and is dropped and counted.
    if (BigInt(Number(price)) !== price) {
      counters.inexactPrice++;
      return nothing;
    }
    if (size === undefinedSize || (size === 0 && action === 'A')) {
      counters.nullSize++;
      return nothing;
    }
    const known = this.orders.get(orderId);
    const fill = action === 'M' ? this.#takePending(orderId) : 0;
    if (action === 'M' && known === undefined) counters.unknownModify++;
    // A modify without a side leaves the order on its own.
    const side = action === 'M' && !isSide(record.side) ? known?.side : record.side;
    if (!isSide(side)) {
      counters.noSide++;
      return nothing;
    }
    if (size === 0 && known === undefined) {
      counters.nullSize++;
      return nothing;
    }
    const swept = topOfBook ? this.#emptySide(side) : [];
    // Top-of-book feeds name no orders; one side's must not displace the other's.
    const id = topOfBook && orderId === 0n ? (side === 'B' ? -1n : -2n) : orderId;
    const before = this.orders.get(id);
    if (action === 'A' && before !== undefined) counters.duplicateAdd++;
    this.#remove(id);
    if (size > 0) this.#insert(id, { side, price, size });
    return { acted: true, before, after: this.orders.get(id), fill: before === undefined ? 0 : fill, swept };
  }

  #announce(id: bigint, size: number, resting: boolean): void {
    const pending = this.#pending.get(id) ?? { size: 0, resting: false };
    this.#pending.set(id, { size: pending.size + size, resting: pending.resting || resting });
  }

  #takePending(id: bigint): number {
    const size = this.#pending.get(id)?.size ?? 0;
    this.#pending.delete(id);
    return size;
  }

  #insert(id: bigint, order: Order): void {
    this.orders.set(id, order);
    const levels = this.sides[order.side];
    const level = levels.get(order.price) ?? new Map<bigint, number>();
    levels.set(order.price, level.set(id, order.size));
  }

  #remove(id: bigint): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    this.orders.delete(id);
    const levels = this.sides[order.side];
    const level = levels.get(order.price);
    level?.delete(id);
    if (level?.size === 0) levels.delete(order.price);
  }

  #emptyBook(): Order[] {
    this.#badSinceEmptied = false;
    return [...this.#emptySide('B'), ...this.#emptySide('A')];
  }

  #emptySide(side: Side): Order[] {
    const gone = [...this.orders].filter(([, order]) => order.side === side);
    for (const [id] of gone) this.#remove(id);
    return gone.map(([, order]) => order);
  }
}
