import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchOf, type Mbo } from '../../test/oracle/mbo.ts';
import { hostileIds, mboStreams } from '../../test/oracle/streams.ts';
import { Book } from '../book/index.ts';
import { Physics, type PhysicsParams } from './physics.ts';
import { tick, tickStride } from './tick_state.ts';

const params: PhysicsParams = {
  tauVelocity: 2,
  tauAcceleration: 5,
  tauJerk: 10,
  tauRestDecay: 30,
  c1VAdd: 1,
  c2VRestPos: 0.5,
  c3AAdd: 0.3,
  c4VPull: 1,
  c5VFill: 1.5,
  c6VRestNeg: 0.5,
  c7APull: 0.3,
};
const tickInt = 250_000_000;
const baseTick = 20_000;

/** What has flowed at a tick: in one nanosecond nothing decays, so masses are exact sums. */
interface Flow {
  readonly add: number;
  readonly pull: number;
  readonly fill: number;
  readonly depth: number;
}

/** A book with its grid, driven record by record, all within one nanosecond unless told otherwise. */
class Market {
  readonly book = new Book();
  readonly physics = new Physics(128, tickInt, params);
  #eventId = 0;

  apply(record: Mbo, nowNs = 1_000): void {
    this.book.apply(batchOf([record]).words, 0, nowNs);
    this.physics.apply(this.book, (record.flags & 32) !== 0, nowNs, ++this.#eventId);
  }

  flowAt(at: number): Flow {
    const slot = this.physics.slotOf((baseTick + at) * tickInt) * tickStride;
    const value = (offset: number) => this.physics.state[slot + offset]!;
    return {
      add: value(tick.addMass),
      pull: value(tick.pullMass),
      fill: value(tick.fillMass),
      depth: value(tick.bidDepth) + value(tick.askDepth),
    };
  }
}

/** A record in the market's shorthand: price in ticks from the base, flags as CME sets them within an event. */
function record(action: string, side: string, orderId: number, at: number, size: number, flags = 0): Mbo {
  const price = BigInt((baseTick + at) * tickInt);
  return { instrumentId: 1, tsEvent: 1n, tsRecv: 2n, orderId: BigInt(orderId), price, size, flags, action, side };
}

interface Case {
  readonly name: string;
  readonly records: readonly Mbo[];
  /** Flow by tick, beyond what the resting orders brought. */
  readonly flows: Readonly<Record<number, Flow>>;
}

// Resting: bids 1 and 2 at −1 (10 and 5), bid 3 at −2 (8); asks 4 at 1 (7), 5 at 2 (9).
const resting = [
  record('A', 'B', 1, -1, 10),
  record('A', 'A', 4, 1, 7, 128),
  record('A', 'B', 2, -1, 5, 128),
  record('A', 'B', 3, -2, 8, 128),
  record('A', 'A', 5, 2, 9, 128),
];

const cases: readonly Case[] = [
  {
    name: 'a cancel without an execution is a pull',
    records: [record('C', 'B', 2, -1, 5, 128)],
    flows: { [-1]: { add: 0, pull: 5, fill: 0, depth: 10 } },
  },
  {
    name: 'a full fill is F and C',
    records: [record('T', 'B', 90, 1, 7), record('F', 'A', 4, 1, 7), record('C', 'A', 4, 1, 7, 128)],
    flows: { 1: { add: 0, pull: 0, fill: 7, depth: 0 } },
  },
  {
    name: 'a partial fill is F and M to the new absolute quantity',
    records: [record('T', 'B', 90, 1, 3), record('F', 'A', 4, 1, 3), record('M', 'A', 4, 1, 4, 128)],
    flows: { 1: { add: 0, pull: 0, fill: 3, depth: 4 } },
  },
  {
    name: 'a partial fill on Nasdaq is F and a partial C that share their flags',
    records: [record('T', 'N', 0, 1, 3, 130), record('F', 'A', 4, 1, 3, 130), record('C', 'A', 4, 1, 3, 130)],
    flows: { 1: { add: 0, pull: 0, fill: 3, depth: 4 } },
  },
  {
    name: 'a replaced order on Nasdaq is a pull and an add under a new id',
    records: [record('C', 'A', 5, 2, 9), record('A', 'A', 6, 3, 9, 128)],
    flows: { 2: { add: 0, pull: 9, fill: 0, depth: 0 }, 3: { add: 9, pull: 0, fill: 0, depth: 9 } },
  },
  {
    name: 'an iceberg filled beyond its displayed size refills by an M to the same size',
    records: [record('F', 'A', 4, 1, 20), record('M', 'A', 4, 1, 7, 128)],
    flows: { 1: { add: 7, pull: 0, fill: 20, depth: 7 } },
  },
  {
    name: 'an iceberg that shows more after a fill adds what is new',
    records: [record('F', 'A', 4, 1, 2), record('M', 'A', 4, 1, 11, 128)],
    flows: { 1: { add: 6, pull: 0, fill: 2, depth: 11 } },
  },
  {
    name: 'an iceberg filled beyond its displayed size and gone counts all of it as filled and none as pulled',
    records: [record('F', 'A', 4, 1, 20), record('C', 'A', 4, 1, 7, 128)],
    flows: { 1: { add: 0, pull: 0, fill: 20, depth: 0 } },
  },
  {
    name: 'several executions of one order add up before its C',
    records: [record('F', 'A', 4, 1, 3), record('F', 'A', 4, 1, 4), record('C', 'A', 4, 1, 7, 128)],
    flows: { 1: { add: 0, pull: 0, fill: 7, depth: 0 } },
  },
  {
    name: 'a sweep announces all executions before the orders go',
    records: [
      record('T', 'A', 90, -1, 15),
      record('F', 'B', 1, -1, 10),
      record('T', 'A', 90, -1, 15),
      record('F', 'B', 2, -1, 5),
      record('T', 'A', 90, -2, 3),
      record('F', 'B', 3, -2, 3),
      record('C', 'B', 1, -1, 10),
      record('C', 'B', 2, -1, 5),
      record('M', 'B', 3, -2, 5, 128),
    ],
    flows: { [-1]: { add: 0, pull: 0, fill: 15, depth: 0 }, [-2]: { add: 0, pull: 0, fill: 3, depth: 5 } },
  },
  {
    name: 'an aggressor with a remainder rests before the orders that it took go',
    records: [
      record('T', 'B', 90, 1, 7),
      record('F', 'A', 4, 1, 7),
      record('A', 'B', 90, 1, 6),
      record('C', 'A', 4, 1, 7, 128),
    ],
    flows: { 1: { add: 6, pull: 0, fill: 7, depth: 6 } },
  },
  {
    name: 'an aggressor that was resting is filled at its old price',
    records: [
      record('T', 'B', 2, 1, 5),
      record('F', 'B', 2, 1, 5),
      record('F', 'A', 4, 1, 5),
      record('C', 'B', 2, -1, 5),
      record('M', 'A', 4, 1, 2, 128),
    ],
    flows: { [-1]: { add: 0, pull: 0, fill: 5, depth: 10 }, 1: { add: 0, pull: 0, fill: 5, depth: 2 } },
  },
  {
    name: 'auction fills have no side of their own: the order has',
    records: [record('T', 'N', 0, 1, 7), record('F', 'N', 4, 1, 7), record('C', 'A', 4, 1, 7, 128)],
    flows: { 1: { add: 0, pull: 0, fill: 7, depth: 0 } },
  },
  {
    name: 'an M to another price pulls there and adds here, less what was executed',
    records: [record('F', 'B', 1, -1, 4), record('M', 'B', 1, -3, 6, 128)],
    flows: { [-1]: { add: 0, pull: 6, fill: 4, depth: 5 }, [-3]: { add: 6, pull: 0, fill: 0, depth: 6 } },
  },
  {
    name: 'an M to the other side counts on both',
    records: [record('M', 'A', 1, 3, 12, 128)],
    flows: { [-1]: { add: 0, pull: 10, fill: 0, depth: 5 }, 3: { add: 12, pull: 0, fill: 0, depth: 12 } },
  },
  {
    name: 'a partial execution with a reduction pulls the rest',
    records: [record('F', 'B', 1, -1, 4), record('M', 'B', 1, -1, 2, 128)],
    flows: { [-1]: { add: 0, pull: 4, fill: 4, depth: 7 } },
  },
  {
    name: 'an id that is there already is removed without flow',
    records: [record('A', 'B', 1, -2, 3, 128)],
    flows: { [-1]: { add: 0, pull: 0, fill: 0, depth: 5 }, [-2]: { add: 3, pull: 0, fill: 0, depth: 11 } },
  },
  {
    name: 'records of a snapshot and clears change depth and are no flow',
    records: [record('R', 'N', 0, 0, 0, 40), record('A', 'B', 1, -1, 10, 40), record('A', 'A', 4, 1, 9, 168)],
    flows: { [-1]: { add: 0, pull: 0, fill: 0, depth: 10 }, 1: { add: 0, pull: 0, fill: 0, depth: 9 } },
  },
  {
    name: 'trades and nones are no flow',
    records: [record('T', 'B', 1, -1, 5, 128), record('N', 'B', 1, -1, 5, 128)],
    flows: { [-1]: { add: 0, pull: 0, fill: 0, depth: 15 } },
  },
];

for (const { name, records, flows } of cases) {
  test(name, () => {
    const market = new Market();
    for (const order of resting) market.apply(order);
    const before = Object.fromEntries(Object.keys(flows).map((at) => [at, market.flowAt(Number(at))]));
    for (const each of records) market.apply(each);
    for (const [at, { add, pull, fill, depth }] of Object.entries(flows)) {
      const was = before[at]!;
      const now = market.flowAt(Number(at));
      const got = { add: now.add - was.add, pull: now.pull - was.pull, fill: now.fill - was.fill, depth: now.depth };
      deepEqual(got, { add, pull, fill, depth }, `tick ${at}`);
    }
  });
}

test('an announced execution is forgotten when time moves on', () => {
  const market = new Market();
  for (const order of resting) market.apply(order);
  market.apply(record('F', 'A', 4, 1, 7), 1_000);
  market.apply(record('C', 'A', 4, 1, 7, 128), 1_001);
  equal(market.flowAt(1).fill, 0);
  equal(market.book.counters.fillUnmatched, 1);
});

const streams = mboStreams({
  startNs: 1_000n,
  stepsNs: [0],
  ids: hostileIds,
  priceOf: (n) => BigInt((baseTick + n - 10) * tickInt),
  farPrices: null,
  maxSize: 2 ** 32 - 2,
  hostile: false,
  minLength: 50,
  maxLength: 300,
});

test('every quantity is counted once: depth is what was added less what was pulled and executed, per order and tick', () => {
  fc.assert(
    fc.property(streams, (records) => {
      const market = new Market();
      const { book, physics } = market;
      const orders = new Map<bigint, number>();
      for (const each of records) {
        // A duplicate is removed without flow, and is another test's.
        if (each.action === 'A' && orders.has(each.orderId)) continue;
        const before = physics.state.slice();
        const quantity = orders.get(each.orderId) ?? 0;
        const wasAnchored = physics.anchored;
        market.apply(each);
        follow(orders, book, each);
        if (!wasAnchored) continue;
        // A partial cancel takes no more of an execution away than it removes.
        const most = each.action === 'C' ? Math.min(each.size, quantity) : quantity;
        const sum = { add: 0, pull: 0, executed: 0, depth: 0 };
        for (let at = 0; at < before.length; at += tickStride) {
          const change = (offset: number) => physics.state[at + offset]! - before[at + offset]!;
          const depth = change(tick.bidDepth) + change(tick.askDepth);
          const executed = Math.min(change(tick.fillMass), most);
          equal(depth, change(tick.addMass) - change(tick.pullMass) - executed, `tick of slot ${at / tickStride}`);
          sum.add += change(tick.addMass);
          sum.pull += change(tick.pullMass);
          sum.executed += executed;
          sum.depth += depth;
        }
        const now = orders.get(each.orderId) ?? 0;
        equal(now, quantity + sum.add - sum.pull - sum.executed, 'the order');
        equal(now - quantity, sum.depth);
      }
    }),
    { numRuns: 30, endOnFailure: true },
  );
});

/** Keeps the quantity of each order, looked up in the book itself. */
function follow(orders: Map<bigint, number>, book: Book, { orderId }: Mbo): void {
  const slot = book.orders.find(Number(orderId & 0xffff_ffffn) | 0, Number(orderId >> 32n) | 0);
  if (slot < 0) orders.delete(orderId);
  else orders.set(orderId, book.orders.size(slot));
}
