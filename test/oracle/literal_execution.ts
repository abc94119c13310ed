import { flag } from '../../src/dbn/index.ts';
import type { OurOrder } from '../../src/execution/index.ts';
import { type Mbo, undefinedPrice, undefinedSize } from './mbo.ts';
import { NaiveBook, type Order, type Side, type Step } from './naive_book.ts';

/** A fill of one of our orders. */
export interface LiteralFill {
  readonly tsNs: number;
  readonly price: bigint;
  readonly size: number;
  readonly reason: 'take' | 'queue' | 'hidden' | 'through' | 'met';
}

/** One of our orders as a person would follow it on paper. */
export interface LiteralOrder {
  readonly side: Side;
  readonly isMarket: boolean;
  limit: bigint;
  left: number;
  outcome: string;
  delayed: boolean;
  tooLarge: boolean;
  aheadAtArrival: number;
  /** Ids of the orders that stand before it; null before it stands in a queue. */
  ahead: bigint[] | null;
  /** Contracts that it has of each order that is still displayed. */
  readonly taken: Map<bigint, number>;
  readonly fills: LiteralFill[];
}

/**
 * The rules of the queue as they are written: every record looks at every order of ours, which holds the list of those that
 * are ahead of it. No place is computed from anything else.
 */
export class LiteralExecution {
  readonly book = new NaiveBook();
  readonly ours: LiteralOrder[] = [];
  unknownExecutions = 0;
  ownExecutions = 0;
  tradesWithoutOrders = 0;
  #isTradeAlone = false;
  executions = 0;
  notAtFront = 0;
  readonly #orders: OurOrder[] = [];
  /** Ids at each price of each side, in the order in which they took their place. */
  #queues = { B: new Map<bigint, bigint[]>(), A: new Map<bigint, bigint[]>() };
  #nowNs = Number.NEGATIVE_INFINITY;
  #inEvent = false;
  #afterSnapshot = false;
  #lastRecord: Mbo | null = null;
  /** Joins whose price is chosen. */
  readonly #decided = new Set<number>();
  /** Whether the record is an A, a C. */
  #isAdd = false;
  #isCancel = false;
  #trade: { readonly id: bigint; readonly side: string } | null = null;
  /** What was executed in this event: all of it, and since the order's last C or M. */
  #executedInEvent = new Map<bigint, number>();
  #executed = new Map<bigint, number>();
  /** Of each execution of this event: the ids displayed before it; null stands for one that nothing excuses. */
  #doubts: (bigint | null)[][] = [];

  constructor(orders: readonly OurOrder[]) {
    for (const order of orders) this.add(order);
  }

  /** Adds an order that has not arrived. */
  add(order: OurOrder): LiteralOrder {
    const our: LiteralOrder = {
      side: order.side,
      isMarket: order.kind === 'market',
      limit: order.kind === 'market' ? (order.side === 'B' ? 1n : -1n) * 2n ** 64n : BigInt(order.price),
      left: order.size,
      outcome: 'afterEnd',
      delayed: false,
      tooLarge: false,
      aheadAtArrival: 0,
      ahead: null,
      taken: new Map(),
      fills: [],
    };
    this.#orders.push(order);
    this.ours.push(our);
    return our;
  }

  /** Adds an order that arrives now, between two events. */
  place(order: OurOrder): LiteralOrder {
    const our = this.add(order);
    this.#arrive(our, order.arrivalNs);
    return our;
  }

  /** Cancels what is left of an order. */
  cancel(our: LiteralOrder): void {
    const { size } = this.#orders[this.ours.indexOf(our)]!;
    if (our.outcome === 'waiting') our.outcome = 'refused';
    if (our.outcome === 'resting') our.outcome = our.left === size ? 'missed' : 'partial';
  }

  /** What a subclass does with an order's fill, a trade, an arrival, the end of an event, and orders that a clear took. */
  protected onFill(_our: LiteralOrder): void {}
  protected onTrade(_price: bigint, _nowNs: number): void {}
  protected onEntered(_our: LiteralOrder, _tsNs: number): void {}
  protected onEventEnd(_nowNs: number): void {}
  protected onCleared(_orders: readonly LiteralOrder[], _nowNs: number): void {}
  /** What happens before an event at `nowNs`. */
  protected beforeEvent(nowNs: number): void {
    this.arriveBefore(nowNs);
  }

  /** Whether records of an event are under way. */
  protected get isInEvent(): boolean {
    return this.#inEvent;
  }

  protected get nowNs(): number {
    return this.#nowNs;
  }

  apply(record: Mbo, nowNs: number): void {
    const isSnapshot = (record.flags & flag.snapshot) !== 0;
    if (!this.#inEvent) {
      this.#endDoubts();
      this.#executedInEvent.clear();
      this.#executed.clear();
      if (this.#afterSnapshot && !isSnapshot) this.#enterWaiting();
      this.beforeEvent(nowNs);
      this.#inEvent = true;
    }
    this.#nowNs = nowNs;
    this.#isAdd = record.action === 'A';
    this.#isCancel = record.action === 'C';
    if (record.action === 'T' && this.#isTradeAlone) this.tradesWithoutOrders++;
    if ('TF'.includes(record.action)) this.#isTradeAlone = record.action === 'T';
    if (record.action === 'T') this.#trade = { id: record.orderId, side: record.side };
    if (record.action === 'T' ? record.side !== 'N' : record.action === 'F' && this.#trade?.side === 'N') {
      const isExact = record.price !== undefinedPrice && BigInt(Number(record.price)) === record.price;
      if (isExact) this.onTrade(record.price, nowNs);
    }
    const step = this.book.apply(record, nowNs);
    if (record.action === 'R' || (isSnapshot && this.#beginsSnapshot(record))) this.#clear();
    if (record.action === 'F') this.#execute(record);
    if (step.acted) this.#follow(record, step);
    if ((record.flags & flag.last) !== 0 && !isSnapshot) {
      this.#meet();
      this.#enterWaiting();
      this.onEventEnd(nowNs);
    }
    this.#inEvent = (record.flags & (flag.last | flag.snapshot)) === 0;
    this.#afterSnapshot = isSnapshot;
    this.#lastRecord = record;
  }

  finish(): void {
    this.#endDoubts();
    if (this.#isTradeAlone) this.tradesWithoutOrders++;
    if (this.#inEvent) return;
    if (this.#afterSnapshot) this.#enterWaiting();
    this.beforeEvent(this.#nowNs + 1);
  }

  aheadOf(order: LiteralOrder): number {
    return (order.ahead ?? []).reduce((sum, id) => sum + (this.book.orders.get(id)?.size ?? Number.NaN), 0);
  }

  #beginsSnapshot(record: Mbo): boolean {
    const last = this.#lastRecord;
    return last === null || (last.flags & flag.snapshot) === 0 || last.tsRecv !== record.tsRecv;
  }

  /** Everything that happens before an event at `nowNs`: a time that equals it is after it. */
  protected arriveBefore(nowNs: number): void {
    this.ours.forEach((our, i) => {
      const { kind, decisionNs, arrivalNs } = this.#orders[i]!;
      const at = decisionNs ?? arrivalNs;
      if (kind === 'join' && our.outcome === 'afterEnd' && at < nowNs && !this.#decided.has(i)) this.#decide(i);
      if (our.outcome === 'afterEnd' && arrivalNs < nowNs) this.#arrive(our, arrivalNs);
    });
    this.ours.forEach((our, i) => {
      const { arrivalNs, maxWaitNs } = this.#orders[i]!;
      if (arrivalNs + maxWaitNs < nowNs) this.cancel(our);
    });
  }

  #arrive(our: LiteralOrder, arrivalNs: number): void {
    our.outcome = 'waiting';
    if (this.book.valid) this.#enter(our, arrivalNs);
    else our.delayed = true;
  }

  #decide(i: number): void {
    const our = this.ours[i]!;
    const offset = BigInt(this.#orders[i]!.price);
    this.#decided.add(i);
    if (!this.book.valid) our.outcome = 'refused';
    else our.limit = this.book.best(our.side)! + (our.side === 'B' ? offset : -offset);
  }

  #enterWaiting(): void {
    if (!this.book.valid) return;
    for (const our of this.ours) if (our.outcome === 'waiting') this.#enter(our, this.#nowNs);
  }

  #enter(our: LiteralOrder, tsNs: number): void {
    const { size } = this.#orders[this.ours.indexOf(our)]!;
    our.outcome = 'resting';
    const there = this.#displayedTo(our);
    const [best] = there;
    const own = this.#queue(our.side, our.limit);
    const ownSize = own.reduce((sum, id) => sum + this.book.orders.get(id)!.size, 0);
    const level = best === undefined ? ownSize : sizeOf(there.filter(({ price }) => price === best.price));
    our.tooLarge = size * 10 > level;
    our.aheadAtArrival = best === undefined ? ownSize : 0;
    this.#take(our, tsNs, 'take');
    if (our.left > 0 && !our.isMarket) our.ahead = [...own];
    this.onEntered(our, tsNs);
  }

  /** Ids of a level in price-time order. */
  #queue(side: Side, price: bigint): readonly bigint[] {
    return this.#queues[side].get(price) ?? [];
  }

  /** Displayed orders of the other side in reach of ours, in price-time order. */
  #displayedTo({ side, limit }: LiteralOrder): (Order & { readonly id: bigint })[] {
    const isBid = side === 'B';
    return [...this.#queues[isBid ? 'A' : 'B']]
      .filter(([price]) => (isBid ? price <= limit : price >= limit))
      .sort(([a], [b]) => (a < b === isBid ? -1 : 1))
      .flatMap(([, ids]) => ids.map((id) => ({ id, ...(this.book.orders.get(id) as Order) })));
  }

  /** Takes displayed contracts that it does not have yet; what it takes at one price is one fill. */
  #take(our: LiteralOrder, tsNs: number, reason: 'take' | 'met'): void {
    const byPrice = new Map<bigint, number>();
    let wanted = our.left;
    for (const { id, price, size } of this.#displayedTo(our)) {
      const had = our.taken.get(id) ?? 0;
      const got = Math.min(wanted, size - had);
      if (got <= 0) continue;
      our.taken.set(id, had + got);
      wanted -= got;
      const paid = reason === 'met' && !our.isMarket ? our.limit : price;
      byPrice.set(paid, (byPrice.get(paid) ?? 0) + got);
    }
    for (const [price, size] of byPrice) this.#fill(our, tsNs, price, size, our.isMarket ? 'take' : reason);
  }

  #fill(our: LiteralOrder, tsNs: number, price: bigint, quantity: number, reason: LiteralFill['reason']): void {
    const size = Math.min(our.left, quantity);
    if (size <= 0) return;
    our.fills.push({ tsNs, price, size, reason });
    our.left -= size;
    if (our.left === 0) our.outcome = 'filled';
    this.onFill(our);
  }

  #execute({ orderId: id, size, price, side }: Mbo): void {
    const order = this.book.orders.get(id);
    if (order === undefined) {
      this.unknownExecutions++;
      return;
    }
    if (this.#trade !== null && this.#trade.id === id && this.#trade.side === side) {
      this.ownExecutions++;
      return;
    }
    if (size === undefinedSize || size === 0) return;
    this.executions++;
    const queue = this.#queue(order.side, order.price);
    const before = queue.slice(0, queue.indexOf(id));
    this.#doubts.push(before.filter((other) => this.#displayed(other) > 0));
    const displayed = this.#displayed(id);
    this.#executed.set(id, (this.#executed.get(id) ?? 0) + size);
    this.#executedInEvent.set(id, (this.#executedInEvent.get(id) ?? 0) + size);
    if (this.#displayed(id) === 0) this.#doubts = this.#doubts.map((ids) => ids.filter((other) => other !== id));
    for (const our of this.ours) this.#capTaken(our, id, this.#displayed(id));
    if (price === undefinedPrice || BigInt(Number(price)) !== price) return;
    for (const our of this.ours) {
      if (our.ahead === null || our.outcome !== 'resting' || our.side !== order.side) continue;
      const isWorse = our.side === 'B' ? price < our.limit : price > our.limit;
      if (isWorse) this.#fill(our, this.#nowNs, our.limit, size, 'through');
      else if (price !== our.limit) continue;
      else if (our.ahead.includes(id)) this.#fill(our, this.#nowNs, price, Math.max(0, size - displayed), 'hidden');
      else this.#fill(our, this.#nowNs, price, size, 'queue');
    }
  }

  /** What an order displays still, less what this event has executed of it. */
  #displayed(id: bigint): number {
    return Math.max(0, this.book.orders.get(id)!.size - (this.#executed.get(id) ?? 0));
  }

  #capTaken(our: LiteralOrder, id: bigint, displayed: number): void {
    const had = our.taken.get(id);
    if (had !== undefined) our.taken.set(id, Math.min(had, displayed));
  }

  #follow({ orderId: id }: Mbo, { before, after }: Step): void {
    const executed = this.#executed.get(id) ?? 0;
    this.#executed.delete(id);
    const isNew = before === undefined || this.#lostPlace(id, before, after, executed);
    if (isNew && before !== undefined) {
      this.#setQueue(
        before,
        this.#queue(before.side, before.price).filter((other) => other !== id),
      );
    }
    if (isNew && after !== undefined) this.#setQueue(after, [...this.#queue(after.side, after.price), id]);
    for (const our of this.ours) {
      if (isNew && our.ahead !== null) our.ahead = our.ahead.filter((other) => other !== id);
      this.#capTaken(our, id, after === undefined || after.side !== before?.side ? 0 : after.size);
    }
    if (after === undefined) this.#excuse(id);
  }

  #setQueue({ side, price }: Order, ids: bigint[]): void {
    if (ids.length === 0) this.#queues[side].delete(price);
    else this.#queues[side].set(price, ids);
  }

  #lostPlace(id: bigint, before: Order, after: Order | undefined, executed: number): boolean {
    if (this.#isAdd) {
      // The old order of the id was displaced: it was not cancelled.
      this.#doubts = this.#doubts.map((ids) => ids.map((other) => (other === id ? null : other)));
      this.#executedInEvent.delete(id);
      for (const our of this.ours) our.taken.delete(id);
      return true;
    }
    if (after === undefined || after.price !== before.price || after.side !== before.side) return true;
    if (this.#isCancel) return false;
    if (executed === 0 && after.size === before.size) return true;
    return after.size > Math.max(0, before.size - executed);
  }

  #excuse(id: bigint): void {
    const wasExecuted = this.#executedInEvent.has(id);
    this.#doubts = this.#doubts.map((ids) =>
      wasExecuted ? ids.map((other) => (other === id ? null : other)) : ids.filter((other) => other !== id),
    );
    this.#executedInEvent.delete(id);
  }

  #endDoubts(): void {
    this.notAtFront += this.#doubts.filter((ids) => ids.length > 0).length;
    this.#doubts = [];
  }

  /** At F_LAST, the book not crossed: displayed orders in our reach would have traded with us. */
  #meet(): void {
    const [bid, ask] = [this.book.best('B'), this.book.best('A')];
    if (bid !== null && ask !== null && bid >= ask) return;
    for (const our of this.ours) {
      const other = our.side === 'B' ? ask : bid;
      if (our.outcome !== 'resting' || other === null) continue;
      if (our.side === 'B' ? other <= our.limit : other >= our.limit) this.#take(our, this.#nowNs, 'met');
    }
  }

  #clear(): void {
    this.#endDoubts();
    this.#queues = { B: new Map(), A: new Map() };
    this.#executed.clear();
    const gone = this.ours.filter(({ outcome }) => outcome === 'resting');
    for (const our of gone) our.outcome = 'cleared';
    this.onCleared(gone, this.#nowNs);
  }
}

function sizeOf(orders: readonly Order[]): number {
  return orders.reduce((sum, { size }) => sum + size, 0);
}
