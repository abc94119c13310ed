import fc from 'fast-check';
import { flag } from '../../src/dbn/index.ts';
import type { OurOrder } from '../../src/execution/index.ts';
import { type Mbo, undefinedPrice } from './mbo.ts';
import type { Side } from './naive_book.ts';

export const tickInt = 250_000_000;
const startNs = 1_770_000_000_000_000_000n;

interface Resting {
  readonly id: bigint;
  side: Side;
  tick: number;
  size: number;
}

interface Draft {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly size: number;
  readonly stepNs: number;
}

/** A market as an exchange runs it: trades from the front of the queue, with whatever real feeds add to that. */
class Exchange {
  readonly records: Mbo[] = [];
  #orders: Resting[] = [];
  #nextId = 1n;
  #tsNs = startNs;

  event({ op, a, b, size, stepNs }: Draft): void {
    this.#tsNs += BigInt(stepNs);
    const from = this.records.length;
    const side: Side = a % 2 === 0 ? 'B' : 'A';
    if (op < 9) this.#add(side, b % 4, size);
    else if (op < 12) this.#change(a, b, size);
    else if (op < 19) this.#trade(side, a, b, size);
    else if (op === 19) this.#moveThrough(a, size);
    else if (op === 20 && a === 0) this.#reset(b);
    else this.#cancel(a);
    const last = this.records.at(-1);
    if (last !== undefined && this.records.length > from && (last.flags & flag.snapshot) === 0) {
      this.records[this.records.length - 1] = { ...last, flags: flag.last };
    }
  }

  #write(action: string, order: { id: bigint; side: string; tick: number; size: number }, flags = 0): void {
    this.records.push({
      ...{
        instrumentId: 42,
        tsEvent: this.#tsNs,
        tsRecv: this.#tsNs + 1n,
        orderId: order.id,
        action,
        side: order.side,
      },
      ...{ price: BigInt(order.tick * tickInt), size: order.size, flags },
    });
  }

  #best(side: Side): number {
    const ticks = this.#orders.filter((order) => order.side === side).map(({ tick }) => tick);
    if (ticks.length === 0) return side === 'B' ? -1 : 1;
    return side === 'B' ? Math.max(...ticks) : Math.min(...ticks);
  }

  /** `back` ticks behind the price that would cross by one. */
  #add(side: Side, back: number, size: number): void {
    const tick = side === 'B' ? this.#best('A') - 1 - back : this.#best('B') + 1 + back;
    const order = { id: this.#nextId++, side, tick, size };
    this.#orders.push(order);
    this.#write('A', order);
  }

  #pick(n: number): Resting | undefined {
    return this.#orders[n % Math.max(1, this.#orders.length)];
  }

  #drop(order: Resting): void {
    this.#orders = this.#orders.filter((other) => other !== order);
  }

  #cancel(n: number): void {
    const order = this.#pick(n);
    if (order === undefined) return;
    this.#drop(order);
    this.#write('C', order);
  }

  /** To another size, to no change, or to a price behind. */
  #change(n: number, b: number, size: number): void {
    const order = this.#pick(n);
    if (order === undefined) return;
    this.#drop(order);
    const keepsPlace = b % 4 < 2 && size < order.size;
    if (b % 4 < 2) order.size = size;
    if (b % 4 === 3) order.tick += order.side === 'B' ? -1 : 1;
    if (keepsPlace) this.#orders = [order, ...this.#orders];
    else this.#orders.push(order);
    this.#write('M', order);
  }

  /** An aggressor takes from the best price on; `b` says what is odd about it. */
  #trade(side: Side, a: number, b: number, wanted: number): void {
    const other: Side = side === 'B' ? 'A' : 'B';
    const id = this.#nextId++;
    const after: (() => void)[] = [];
    let left = wanted;
    let skipped = b === 1;
    while (left > 0) {
      const tick = this.#best(other);
      const queue = this.#orders.filter((order) => order.side === other && order.tick === tick);
      const [front] = skipped || b !== 2 ? queue : queue.slice(1);
      if (front === undefined) break;
      this.#drop(front);
      if (skipped && queue.length > 1) {
        // Self-match prevention: cancelled, without an execution, after the executions behind it.
        skipped = false;
        after.push(() => this.#write('C', front));
        continue;
      }
      const hidden = b === 3 ? 1 + (a % 3) : 0;
      const size = b === 3 ? front.size + hidden : Math.min(left, front.size);
      this.#write('T', { id, side: b === 4 ? 'N' : side, tick, size });
      this.#write('F', { id: front.id, side: b === 4 ? 'N' : other, tick: b === 5 ? tick + 1 : tick, size });
      left -= size;
      if (size < front.size || b === 3) {
        front.size = b === 3 ? 1 + (a % 4) : front.size - size;
        if (b === 3) this.#orders.push(front);
        else this.#orders = [front, ...this.#orders];
        const told = { ...front };
        after.push(() => this.#write('M', told));
        if (b === 3) break;
      } else after.push(() => this.#write('C', front));
    }
    if (left > 0 && b % 2 === 0) {
      const rest = { id, side, tick: side === 'B' ? this.#best('A') - 1 : this.#best('B') + 1, size: left };
      this.#orders.push(rest);
      this.#write('A', rest);
    }
    if (b === 6) this.#write('F', { id: 999_999n, side: other, tick: this.#best(other), size: 2 });
    for (const write of after) write();
  }

  /** A resting order is moved through the spread: its own execution stands first. */
  #moveThrough(n: number, size: number): void {
    const order = this.#pick(n);
    if (order === undefined) return;
    const other: Side = order.side === 'B' ? 'A' : 'B';
    const tick = this.#best(other);
    const [front] = this.#orders.filter((candidate) => candidate.side === other && candidate.tick === tick);
    if (front === undefined) return;
    const traded = Math.min(order.size, front.size, size);
    this.#write('T', { ...order, tick, size: traded });
    this.#write('F', { ...order, tick, size: traded });
    this.#write('F', { ...front, tick, size: traded });
    this.#finish(front, traded);
    this.#finish(order, traded, tick);
  }

  #finish(order: Resting, traded: number, tick = order.tick): void {
    this.#drop(order);
    if (traded === order.size) {
      this.#write('C', order);
      return;
    }
    order.size -= traded;
    const blocked = tick !== order.tick && this.#best(order.side === 'B' ? 'A' : 'B') === tick;
    if (!blocked) order.tick = tick;
    this.#orders = [order, ...this.#orders];
    this.#write('M', order);
  }

  /** A clear, a snapshot, or both; with or without F_LAST. */
  #reset(b: number): void {
    const flags = flag.snapshot | flag.badTsRecv;
    if (b % 3 !== 1) {
      this.#write('R', { id: 0n, side: 'N', tick: 0, size: 0 }, b % 3 === 0 ? flags : 0);
      this.records[this.records.length - 1] = { ...(this.records.at(-1) as Mbo), price: undefinedPrice };
    }
    if (b % 3 === 2) this.#orders = [];
    else
      for (const [i, order] of this.#orders.entries()) {
        this.#write('A', order, b % 2 === 0 && i === 0 ? flags | flag.last : flags);
      }
  }
}

/** Streams of a market that trades, some of them out of turn. */
export const marketStreams: fc.Arbitrary<Mbo[]> = fc
  .array(
    fc.record({
      op: fc.nat(23),
      a: fc.nat(30),
      b: fc.nat(11),
      size: fc.integer({ min: 1, max: 6 }),
      stepNs: fc.constantFrom(0, 1, 1, 2, 5),
    }),
    { minLength: 5, maxLength: 150, size: 'max' },
  )
  .map((drafts) => {
    const exchange = new Exchange();
    for (const draft of drafts) exchange.event(draft);
    return exchange.records;
  });

/** Orders of ours at ticks around zero, early and late, patient and not. */
export const ourOrders: fc.Arbitrary<OurOrder[]> = fc.array(
  fc
    .record({
      arrivalNs: fc.integer({ min: -3, max: 300 }),
      side: fc.constantFrom('A' as const, 'B' as const),
      kind: fc.constantFrom('market' as const, 'limit' as const, 'limit' as const, 'join' as const, 'join' as const),
      tick: fc.integer({ min: -4, max: 4 }),
      size: fc.integer({ min: 1, max: 12 }),
      maxWaitNs: fc.constantFrom(0, 1, 20, 100, Number.POSITIVE_INFINITY),
      latencyNs: fc.constantFrom(0, 1, 7),
    })
    .map(({ tick, latencyNs, ...order }) => ({
      ...order,
      price: (order.kind === 'join' ? Math.trunc(tick / 2) : tick) * tickInt,
      decisionNs: order.arrivalNs - latencyNs,
    })),
  { minLength: 1, maxLength: 20 },
);

/** Entries, each with positions that leave at several distances. */
export const ourEntries = fc.array(
  fc.record({
    order: ourOrders.map(([first]) => first as OurOrder),
    exits: fc.array(
      fc.record({ tpTicks: fc.constantFrom(1, 1, 2, 0.5, 3), slTicks: fc.constantFrom(1, 1, 2, 1.5, 4) }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

export const exitRules = fc.record({
  exitLatencyNs: fc.constantFrom(0, 1, 5, 20),
  maxHoldNs: fc.constantFrom(0, 10, 60, 1000),
  tickInt: fc.constant(tickInt),
  trigger: fc.constantFrom('trade' as const, 'quote' as const),
});
