import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, type CaseOrder, follow, recordsOf, run } from '../../test/helpers/queue_cases.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { flag } from '../dbn/index.ts';
import { ExecutionPass, OurOrders } from './index.ts';

/** Bids of 5 (id 1) and 4 (id 2) at 99, asks of 5 (id 3) and 4 (id 4) at 101, and 30 at 98 and 102. */
const market: CaseEvent = [
  1,
  ...['A 1 B 99 5', 'A 2 B 99 4', 'A 3 A 101 5', 'A 4 A 101 4', 'A 5 B 98 30', 'A 6 A 102 30'],
];
const buy99: CaseOrder = { side: 'B', kind: 'limit', price: 99, size: 3, arrivalNs: 10 };
const after = (order: CaseOrder, ...events: CaseEvent[]): string[] => follow(order, [market, ...events]);

test('a market order takes the displayed orders of the other side from the best price on', () => {
  const order: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 12, arrivalNs: 10 };
  deepEqual(after(order, [20, 'N 0']), ['take 9 @ 101 at 10', 'take 3 @ 102 at 10', 'filled']);
  deepEqual(after({ ...order, side: 'A', size: 2 }, [20, 'N 0']), ['take 2 @ 99 at 10', 'filled']);
});

test('a market order takes what the book cannot give yet from what is displayed anew, each contract once', () => {
  const order: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 50, arrivalNs: 10, maxWaitNs: 100 };
  const first = ['take 9 @ 101 at 10', 'take 30 @ 102 at 10'];
  deepEqual(after(order, [20, 'A 7 A 103 2'], [30, 'C 7 A 103 2'], [200, 'N 0']), [
    ...first,
    'take 2 @ 103 at 20',
    'partial',
  ]);
  deepEqual(after(order, [20, 'M 3 A 101 8'], [30, 'M 3 A 101 8'], [200, 'N 0']), [
    ...first,
    'take 3 @ 101 at 20',
    'partial',
  ]);
});

test('an order of the time of an event arrives after it, and never inside one', () => {
  const buy: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 1, arrivalNs: 20 };
  deepEqual(after(buy, [20, 'C 3 A 101 5', 'C 4 A 101 4'], [21, 'N 0']), ['take 1 @ 102 at 20', 'filled']);
  deepEqual(after(buy, [21, 'C 3 A 101 5', 'C 4 A 101 4'], [22, 'N 0']), ['take 1 @ 101 at 20', 'filled']);
  const records = recordsOf([market, [19, 'C 3 A 101 5', 'C 4 A 101 4'], [30, 'N 0']]);
  const late = records.map((record) =>
    record.orderId === 4n && record.action === 'C' ? { ...record, tsEvent: 25n } : record,
  );
  const ours = new OurOrders([{ ...buy, maxWaitNs: 5 }]);
  const pass = new ExecutionPass(ours);
  late.forEach((record, i) => {
    pass.apply(batchOf(late).words, i * 14, Number(record.tsEvent));
  });
  equal(pass.fills.price[0], 102e9);
});

test('what arrives after the last event never arrives, nor inside an event that the records cut', () => {
  deepEqual(after({ ...buy99, arrivalNs: 21 }, [20, 'N 0']), ['afterEnd']);
  deepEqual(after({ ...buy99, arrivalNs: 20 }, [20, 'N 0']), ['resting']);
});

test('a limit order takes what is displayed at its price or better, never beyond, and its rest stands behind', () => {
  const through: CaseOrder = { side: 'B', kind: 'limit', price: 101, size: 11, arrivalNs: 10 };
  deepEqual(after(through, [20, 'N 0']), ['take 9 @ 101 at 10', 'resting']);
  deepEqual(after({ ...through, price: 102, size: 10 }, [20, 'N 0']), [
    'take 9 @ 101 at 10',
    'take 1 @ 102 at 10',
    'filled',
  ]);
});

test('a join rests at the best price of its side as seen at its decision', () => {
  const join: CaseOrder = { side: 'B', kind: 'join', price: 0, size: 3, arrivalNs: 30, decisionNs: 10 };
  const up: CaseEvent = [20, 'A 7 B 100 2'];
  const { ours, pass } = run([join, { ...join, decisionNs: 20 }, { ...join, price: -1 }], [market, up, [40, 'N 0']]);
  deepEqual([...ours.price], [99e9, 100e9, 98e9]);
  deepEqual([...ours.aheadAtArrival], [9, 2, 30]);
  deepEqual(
    [0, 1, 2].map((order) => pass.aheadOf(order)),
    [9, 2, 30],
  );
  deepEqual(follow({ ...join, decisionNs: 0 }, [market, up, [40, 'N 0']]), ['refused']);
});

test('a join inside the spread stands alone, and one whose market has moved takes at its arrival', () => {
  const inside = run([{ side: 'B', kind: 'join', price: 1, size: 3, arrivalNs: 10 }], [market, [20, 'N 0']]);
  deepEqual([inside.ours.price[0], inside.ours.aheadAtArrival[0], inside.ours.tooLarge[0]], [100e9, 0, 1]);
  const join: CaseOrder = { side: 'B', kind: 'join', price: 0, size: 3, arrivalNs: 30, decisionNs: 10 };
  const down: CaseEvent = [20, 'C 1 B 99 5', 'C 2 B 99 4', 'C 5 B 98 30', 'A 7 A 98 2', 'A 8 B 97 5'];
  deepEqual(after(join, down, [40, 'N 0']), ['take 2 @ 98 at 30', 'resting']);
});

test('an execution of an order that is ahead fills nothing, and one of an order behind fills', () => {
  const trade: CaseEvent = [20, 'T 9 A 99 5', 'F 1 B 99 5', 'C 1 B 99 5'];
  deepEqual(after(buy99, trade), ['resting']);
  const behind: CaseEvent = [30, 'T 10 A 99 6', 'F 2 B 99 4', 'F 7 B 99 2', 'C 2 B 99 4', 'M 7 B 99 1'];
  deepEqual(after(buy99, trade, [25, 'A 7 B 99 3'], behind), ['queue 2 @ 99 at 30', 'resting']);
});

test('an execution of an order behind fills even when orders ahead still show quantity', () => {
  const event: CaseEvent = [30, 'T 9 A 99 3', 'F 7 B 99 3', 'C 1 B 99 5', 'C 2 B 99 4', 'C 7 B 99 3'];
  deepEqual(after(buy99, [20, 'A 7 B 99 3'], event), ['queue 3 @ 99 at 30', 'filled']);
});

test('what is executed of an order ahead beyond its display goes to us', () => {
  deepEqual(after(buy99, [20, 'T 9 A 99 7', 'F 1 B 99 7', 'M 1 B 99 5']), ['hidden 2 @ 99 at 20', 'resting']);
  const twice: CaseEvent = [20, 'T 9 A 99 4', 'F 1 B 99 4', 'T 10 A 99 4', 'F 1 B 99 4', 'M 1 B 99 5'];
  deepEqual(after(buy99, twice), ['hidden 3 @ 99 at 20', 'filled']);
});

test('an execution at a worse price for the aggressor goes through ours', () => {
  deepEqual(after(buy99, [20, 'T 9 A 98 2', 'F 5 B 98 2', 'M 5 B 98 28']), ['through 2 @ 99 at 20', 'resting']);
  const sell: CaseOrder = { ...buy99, side: 'A', price: 101 };
  deepEqual(after(sell, [20, 'T 9 B 102 8', 'F 6 A 102 8', 'M 6 A 102 22']), ['through 3 @ 101 at 20', 'filled']);
  deepEqual(after(sell, [20, 'T 9 A 99 5', 'F 1 B 99 5', 'C 1 B 99 5']), ['resting']);
});

test('an execution counts at its own price, and its side is that of the order', () => {
  const auction: CaseEvent = [20, 'T 0 N 98 4', 'F 1 N 98 4', 'M 1 B 99 1'];
  deepEqual(after(buy99, auction), ['through 3 @ 99 at 20', 'filled']);
  deepEqual(after(buy99, [20, 'T 0 N 100 4', 'F 1 N 100 4', 'M 1 B 99 1']), ['resting']);
  deepEqual(after(buy99, [20, 'T 9 A 99 1', 'F 5 B 99 1', 'M 5 B 98 29']), ['queue 1 @ 99 at 20', 'resting']);
});

test('at the end of an event the other side meets ours, each displayed contract once', () => {
  const gone: CaseEvent = [20, 'C 1 B 99 5', 'C 2 B 99 4'];
  deepEqual(after(buy99, gone, [30, 'A 7 A 99 2'], [40, 'N 0']), ['met 2 @ 99 at 30', 'resting']);
  deepEqual(after(buy99, gone, [30, 'A 7 A 98.5 2'], [40, 'A 8 A 99 2']), [
    'met 2 @ 99 at 30',
    'met 1 @ 99 at 40',
    'filled',
  ]);
  const refill: CaseEvent = [40, 'T 9 B 99 2', 'F 7 A 99 2', 'M 7 A 99 2'];
  deepEqual(after(buy99, gone, [30, 'A 7 A 99 2'], refill), ['met 2 @ 99 at 30', 'met 1 @ 99 at 40', 'filled']);
  deepEqual(after(buy99, gone, [30, 'A 7 A 99 2'], [35, 'M 7 A 100 2'], [40, 'M 7 A 99 2']), [
    'met 2 @ 99 at 30',
    'resting',
  ]);
});

test('nothing meets ours inside an event, or while the book is crossed', () => {
  deepEqual(after(buy99, [20, 'A 7 A 99 2', 'C 7 A 99 2']), ['resting']);
  deepEqual(after(buy99, [20, 'A 7 A 99 2'], [30, 'C 1 B 99 5', 'C 2 B 99 4']), ['met 2 @ 99 at 30', 'resting']);
});

test('an order ahead leaves by cancel, move, growth, refill and a change of nothing; a smaller one keeps its place', () => {
  const ahead = (...events: CaseEvent[]): number => run([buy99], [market, ...events]).pass.aheadOf(0);
  equal(ahead([20, 'N 0']), 9);
  equal(ahead([20, 'C 1 B 99 5']), 4);
  equal(ahead([20, 'M 1 B 98 5'], [30, 'M 1 B 99 5']), 4);
  equal(ahead([20, 'M 1 B 99 6']), 4);
  equal(ahead([20, 'M 1 B 99 5']), 4);
  equal(ahead([20, 'M 1 B 99 2']), 6);
  equal(ahead([20, 'A 7 B 99 8']), 9);
  const trade = (left: number): CaseEvent => [20, 'T 9 A 99 3', 'F 1 B 99 3', `M 1 B 99 ${left}`];
  equal(ahead(trade(2)), 6);
  equal(ahead(trade(1)), 5);
  equal(ahead(trade(3)), 4);
  equal(ahead(trade(5)), 4);
  // A partial cancel keeps the place.
  equal(ahead([20, 'C 1 B 99 2']), 7);
});

test('an aggressor’s own execution counts for nothing, and so does one of an unknown order', () => {
  const moved: CaseEvent = [20, 'T 1 B 101 5', 'F 1 B 101 5', 'F 3 A 101 5', 'C 1 B 99 5', 'C 3 A 101 5'];
  const own = run([buy99, { ...buy99, side: 'A', price: 102 }], [market, moved]);
  deepEqual([own.pass.fills.count, own.pass.counters.ownExecutions, own.pass.aheadOf(0)], [0, 1, 4]);
  const sold: CaseEvent = [20, 'T 1 B 98 5', 'F 1 B 98 5', 'C 1 B 99 5'];
  deepEqual(after(buy99, sold), ['resting']);
  const unknown = run([buy99], [market, [20, 'T 9 A 99 2', 'F 77 B 99 2', 'F 78 B 98 2']]);
  deepEqual([unknown.pass.fills.count, unknown.pass.counters.unknownExecutions], [0, 2]);
});

test('a clear or the first record of a snapshot cancels ours', () => {
  deepEqual(after(buy99, [20, 'R 0'], [30, ...market.slice(1).map(String)]), ['cleared']);
  deepEqual(after(buy99, [20, 'snapshot', 'A 1 B 99 5', 'A 3 A 101 5'], [30, 'N 0']), ['cleared']);
  const big: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 90, arrivalNs: 10 };
  deepEqual(after(big, [20, 'R 0']), ['take 9 @ 101 at 10', 'take 30 @ 102 at 10', 'cleared']);
});

test('after its longest wait the rest is cancelled: missed, or partial', () => {
  const patient: CaseOrder = { ...buy99, maxWaitNs: 20 };
  const fill = (tsNs: number): CaseEvent => [tsNs, 'T 9 A 98 2', 'F 5 B 98 2', 'M 5 B 98 28'];
  deepEqual(after(patient, [20, 'N 0'], fill(31)), ['missed']);
  deepEqual(after(patient, fill(30), [31, 'N 0']), ['through 2 @ 99 at 30', 'partial']);
  const { ours } = run([patient], [market, [20, 'C 3 A 101 5', 'C 4 A 101 4'], [31, 'N 0']]);
  deepEqual([ours.arrivalMid[0], ours.endMid[0]], [100e9, 100.5e9]);
});

test('without a market an order waits for the first F_LAST with a valid book, at most its longest wait', () => {
  const early: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 1, arrivalNs: 0 };
  deepEqual(follow(early, [market]), ['take 1 @ 101 at 1', 'filled']);
  equal(run([early], [market]).ours.delayed[0], 1);
  const crossed: CaseEvent = [5, 'A 7 B 101 1'];
  deepEqual(after({ ...early, arrivalNs: 6 }, crossed, [8, 'N 0'], [9, 'C 7 B 101 1']), [
    'take 1 @ 101 at 9',
    'filled',
  ]);
  deepEqual(after({ ...early, arrivalNs: 6, maxWaitNs: 1 }, crossed, [8, 'N 0'], [9, 'C 7 B 101 1']), ['refused']);
  const snapshot: CaseEvent = [5, 'snapshot', 'A 1 B 99 5', 'A 3 A 101 5'];
  deepEqual(after({ ...early, arrivalNs: 6 }, snapshot, [8, 'N 0']), ['take 1 @ 101 at 8', 'filled']);
});

test('an order above a tenth of its level is too large to believe', () => {
  const size = (sizeOf: number, price: number, kind: 'limit' | 'market' = 'limit'): number | undefined =>
    run([{ side: 'B', kind, price, size: sizeOf, arrivalNs: 10 }], [market, [20, 'N 0']]).ours.tooLarge[0];
  deepEqual([size(3, 98), size(4, 98), size(1, 100)], [0, 1, 1]);
  deepEqual([size(1, 101), size(1, 0, 'market')], [1, 1]);
  const deep: CaseEvent = [2, 'A 8 A 101 1'];
  equal(
    run([{ side: 'B', kind: 'market', price: 0, size: 1, arrivalNs: 10 }], [market, deep, [20, 'N 0']]).ours
      .tooLarge[0],
    0,
  );
});

test('the front share excuses self-match prevention and what is executed whole in the same event', () => {
  const share = (...lines: string[]): number => run([], [market, [20, ...lines]]).pass.frontShare.share;
  equal(share('F 1 B 99 5', 'C 1 B 99 5'), 1);
  equal(share('F 2 B 99 4', 'C 2 B 99 4'), 0);
  equal(share('F 2 B 99 4', 'C 1 B 99 5', 'C 2 B 99 4'), 1);
  equal(share('F 2 B 99 4', 'F 1 B 99 5', 'C 2 B 99 4', 'M 1 B 99 5'), 1);
  equal(share('F 2 B 99 4', 'F 1 B 99 3', 'C 2 B 99 4', 'C 1 B 99 5'), 0.5);
  equal(share('F 5 B 98 1', 'M 5 B 98 29'), 1);
});

test('top-of-book records are refused', () => {
  const records = recordsOf([market]).map((record) => ({ ...record, flags: flag.tob }));
  const pass = new ExecutionPass(new OurOrders([]));
  throws(() => pass.apply(batchOf(records).words, 0, 1), { code: 'SCHEMA_MISMATCH' });
});
