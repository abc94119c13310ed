import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, type CaseOrder, hold } from '../../test/helpers/queue_cases.ts';
import { exitReason } from './index.ts';

/** Bids of 50 at 97, 98 and 99, asks of 50 at 101, 102 and 103. */
const market: CaseEvent = [
  1,
  ...['A 1 B 99 50', 'A 2 B 98 50', 'A 3 B 97 50', 'A 4 A 101 50', 'A 5 A 102 50', 'A 6 A 103 50'],
];
const buy: CaseOrder = { side: 'B', kind: 'market', price: 0, size: 1, arrivalNs: 10 };
const far = { tp: 90, sl: 90 };
const end: CaseEvent = [900, 'N 0'];
const tell = (order: CaseOrder, exits: Parameters<typeof hold>[1], ...events: CaseEvent[]): string[] =>
  hold(order, exits, [market, ...events]).told;
/** An aggressor buys, or sells, one contract of a resting order that held 50. */
const trade = (tsNs: number, id: number, side: 'B' | 'A', price: number, size = 1): CaseEvent => [
  tsNs,
  ...[`T 99 ${side === 'B' ? 'A' : 'B'} ${price} ${size}`, `F ${id} ${side} ${price} ${size}`],
  `M ${id} ${side} ${price} ${50 - size}`,
];

test('a take-profit rests in the queue one exit latency after the fill, its distance counted from the fill', () => {
  // Bought at 101: it stands at 102 behind 50, from 15 on.
  const taken = trade(20, 5, 'A', 102, 50);
  deepEqual(tell(buy, { tp: 1, sl: 90 }, taken, end), ['in 1 @ 101 at 10', 'out 1 @ 99 at 900', 'sessionEnd']);
  const behind: CaseEvent = [30, 'A 7 A 102 4'];
  deepEqual(tell(buy, { tp: 1, sl: 90 }, [16, 'N 0'], behind, trade(40, 7, 'A', 102), end), [
    'in 1 @ 101 at 10',
    'profit 1 @ 102 at 40',
    'takeProfit',
  ]);
  // The other order took its place before ours arrived.
  deepEqual(tell(buy, { tp: 1, sl: 90 }, [12, 'A 7 A 102 4'], trade(40, 7, 'A', 102), end).at(-1), 'sessionEnd');
});

test('a take-profit takes where the market is already there, at its limit or better', () => {
  const up: CaseEvent = [12, 'C 4 A 101 50', 'C 5 A 102 50', 'C 6 A 103 50', 'A 8 B 105 9', 'A 9 A 106 9'];
  deepEqual(tell(buy, { tp: 1, sl: 90 }, up, end), ['in 1 @ 101 at 10', 'profit 1 @ 105 at 15', 'takeProfit']);
});

test('levels count from the average entry: the take-profit is rounded away from it, the stop towards it', () => {
  // 50 at 101 and 10 at 102: an average of 101 1/6.
  const { position } = hold({ ...buy, size: 60 }, { tp: 1, sl: 2 }, [market, [20, 'N 0'], end]);
  deepEqual([position.takeProfit.price, position.stop], [103e9, 100e9]);
  const sold = hold({ ...buy, side: 'A', size: 60 }, { tp: 1, sl: 2 }, [market, [20, 'N 0'], end]).position;
  deepEqual([sold.takeProfit.price, sold.stop], [97e9, 100e9]);
});

test('the levels follow the average while fills arrive, and the take-profit grows one exit latency after each', () => {
  const limit: CaseOrder = { side: 'B', kind: 'limit', price: 101, size: 60, arrivalNs: 10 };
  // 50 taken at 101, 10 more met there.
  const { position, ours, told } = hold(limit, { tp: 1, sl: 2 }, [market, [30, 'A 7 A 101 60'], [40, 'N 0'], end]);
  deepEqual(told.slice(0, 2), ['in 50 @ 101 at 10', 'in 10 @ 101 at 30']);
  deepEqual([...ours.arrivalNs].slice(0, 3), [10, 15, 35]);
  deepEqual([...ours.size].slice(0, 3), [60, 50, 10]);
  equal(position.takeProfit.price, 102e9);
  // A market order whose second part costs more: the first take-profit is sent anew with the second.
  const deep: CaseEvent = [30, 'A 7 A 109 60'];
  const moved = hold({ ...buy, size: 160 }, { tp: 1, sl: 2 }, [market, deep, [40, 'N 0'], end]);
  deepEqual(moved.told.slice(0, 4), [
    'in 50 @ 101 at 10',
    'in 50 @ 102 at 10',
    'in 50 @ 103 at 10',
    'in 10 @ 109 at 30',
  ]);
  deepEqual([...moved.ours.price].slice(1, 3), [103e9, 104e9]);
  deepEqual([...moved.ours.size].slice(1, 3), [150, 160]);
  equal(moved.position.stop, 101e9);
});

test('a stop is triggered by a trade at or beyond it, active from the first fill, and leaves by market', () => {
  // Bought at 101, the stop at 99.
  deepEqual(tell(buy, { tp: 90, sl: 2 }, trade(20, 1, 'B', 99), end), ['in 1 @ 101 at 10', 'out 1 @ 99 at 25', 'stop']);
  deepEqual(tell(buy, { tp: 90, sl: 2 }, trade(20, 2, 'B', 98), end).slice(1), ['out 1 @ 99 at 25', 'stop']);
  deepEqual(tell(buy, { tp: 90, sl: 3 }, trade(20, 1, 'B', 99), end).at(-1), 'sessionEnd');
  deepEqual(tell(buy, { tp: 90, sl: 2 }, trade(9, 1, 'B', 99), end).at(-1), 'sessionEnd');
  deepEqual(tell({ ...buy, side: 'A' }, { tp: 90, sl: 2 }, trade(20, 4, 'A', 101), end), [
    'in 1 @ 99 at 10',
    'out 1 @ 101 at 25',
    'stop',
  ]);
});

test('a trade that names no side triggers a stop by its executions alone', () => {
  const auction = (...lines: string[]): CaseEvent => [20, 'T 0 N 90 1', ...lines];
  deepEqual(tell(buy, { tp: 90, sl: 2 }, auction(), end).at(-1), 'sessionEnd');
  deepEqual(tell(buy, { tp: 90, sl: 2 }, auction('F 1 N 99 1', 'M 1 B 99 49'), end).at(-1), 'stop');
});

test('a stop by quote is triggered by the best price at which the position could be left', () => {
  const down: CaseEvent = [20, 'C 1 B 99 50'];
  deepEqual(tell(buy, { tp: 90, sl: 3, trigger: 'quote' }, trade(15, 2, 'B', 98), down, end), [
    'in 1 @ 101 at 10',
    'out 1 @ 98 at 25',
    'stop',
  ]);
  // At once where it is within the spread.
  deepEqual(tell(buy, { tp: 90, sl: 2, trigger: 'quote' }, end), ['in 1 @ 101 at 10', 'out 1 @ 99 at 15', 'stop']);
});

test('a gap fills a stop where the book then is', () => {
  const gap: CaseEvent = [20, 'T 99 A 99 1', 'F 1 B 99 1', 'C 1 B 99 50', 'C 2 B 98 50'];
  deepEqual(tell(buy, { tp: 90, sl: 2 }, gap, end), ['in 1 @ 101 at 10', 'out 1 @ 97 at 25', 'stop']);
});

test('a time-out leaves by market, its longest hold after the first fill and the exit latency on', () => {
  deepEqual(tell(buy, { ...far, maxHoldNs: 30 }, [44, 'N 0'], [60, 'C 1 B 99 50'], end), [
    'in 1 @ 101 at 10',
    'out 1 @ 99 at 45',
    'timeout',
  ]);
  // An event of the very time is before it.
  deepEqual(tell(buy, { ...far, maxHoldNs: 30 }, [45, 'C 1 B 99 50'], end)[1], 'out 1 @ 98 at 45');
});

test('what comes first, stop or time-out, leaves, and the other finds nothing', () => {
  const late = trade(41, 1, 'B', 99);
  deepEqual(tell(buy, { tp: 90, sl: 2, maxHoldNs: 30 }, late, end).slice(1), ['out 1 @ 99 at 45', 'timeout']);
  const inTime = trade(40, 1, 'B', 99);
  deepEqual(tell(buy, { tp: 90, sl: 2, maxHoldNs: 30 }, inTime, end).slice(1), ['out 1 @ 99 at 45', 'stop']);
});

test('an exit cancels what rests of entry and take-profit when it arrives: fills until then count, and it is for what is held', () => {
  const limit: CaseOrder = { side: 'B', kind: 'limit', price: 100, size: 5, arrivalNs: 10 };
  const fill = (tsNs: number, id: number, size: number): CaseEvent => [
    tsNs,
    ...[`A ${id} B 100 9`, `T 99 A 100 ${size}`, `F ${id} B 100 ${size}`, `C ${id} B 100 9`],
  ];
  // 2 at 20, the stop at 98 triggered at 30, 1 more at 33, the exit at 35, and nothing after it.
  const stop: CaseEvent = [30, 'T 99 A 98 1'];
  deepEqual(tell(limit, { tp: 90, sl: 2 }, fill(20, 7, 2), stop, fill(33, 8, 1), fill(36, 9, 2), end), [
    'in 2 @ 100 at 20',
    'in 1 @ 100 at 33',
    'out 3 @ 99 at 35',
    'stop',
  ]);
  // The take-profit at 101 sells one of the two before the exit arrives.
  const sold: CaseEvent = [33, 'A 9 A 101 1', 'T 99 B 101 1', 'F 9 A 101 1', 'C 9 A 101 1'];
  deepEqual(tell(limit, { tp: 1, sl: 2 }, fill(20, 7, 2), [29, 'N 0'], stop, sold, end), [
    'in 2 @ 100 at 20',
    'profit 1 @ 101 at 33',
    'out 1 @ 99 at 35',
    'stop',
  ]);
});

test('a take-profit that is filled in the event that triggers the stop is void, and counted', () => {
  // The take-profit at 102, the stop at 99, both in one event.
  const both: CaseEvent = [
    ...[30, 'A 7 A 102 1', 'T 98 B 102 1', 'F 7 A 102 1', 'C 7 A 102 1'],
    ...['T 99 A 99 1', 'F 1 B 99 1', 'M 1 B 99 49'],
  ] as unknown as CaseEvent;
  const { told, position } = hold(buy, { tp: 1, sl: 2 }, [market, [20, 'N 0'], both, end]);
  deepEqual(told, ['in 1 @ 101 at 10', 'out 1 @ 99 at 35', 'stop']);
  equal(position.voidFills, 1);
  // In the event before, it had left.
  const first: CaseEvent = [30, 'A 7 A 102 1', 'T 98 B 102 1', 'F 7 A 102 1', 'C 7 A 102 1'];
  deepEqual(tell(buy, { tp: 1, sl: 2 }, [20, 'N 0'], first, trade(31, 1, 'B', 99), end).slice(1), [
    'profit 1 @ 102 at 30',
    'takeProfit',
  ]);
});

test('at the end of the session a position is left at its last event', () => {
  deepEqual(tell(buy, far, [20, 'N 0'], [90, 'C 1 B 99 50']), ['in 1 @ 101 at 10', 'out 1 @ 98 at 90', 'sessionEnd']);
  // The stop's own order would have arrived later.
  deepEqual(tell(buy, { tp: 90, sl: 2 }, trade(88, 1, 'B', 99), [90, 'N 0']).at(-1), 'sessionEnd');
});

test('without a market an exit waits for the first end of an event with a valid book, and is counted as delayed', () => {
  const gone: CaseEvent = [20, 'T 99 A 99 1', 'F 1 B 99 1', 'C 1 B 99 50', 'C 2 B 98 50', 'C 3 B 97 50'];
  const { told, position, ours } = hold(buy, { tp: 90, sl: 2 }, [market, gone, [40, 'A 7 B 90 50'], end]);
  deepEqual(told, ['in 1 @ 101 at 10', 'out 1 @ 90 at 40', 'stop']);
  equal(ours.delayed[position.exitOrders[0]!], 1);
});

test('what the book cannot give is tried again at each end of an event, then closed at the last mid', () => {
  const thin: CaseEvent = [20, 'C 1 B 99 50', 'C 2 B 98 50', 'M 3 B 97 20'];
  const again: CaseEvent = [50, 'A 7 B 96 10'];
  const { told, position } = hold({ ...buy, size: 40 }, { ...far, maxHoldNs: 25 }, [market, thin, again, [60, 'N 0']]);
  deepEqual(told, ['in 40 @ 101 at 10', 'out 20 @ 97 at 40', 'out 10 @ 96 at 50', 'timeout']);
  equal(position.closedAtMid, 10);
});

test('an exit that a clear of the book cancelled is sent again, and a take-profit one exit latency later', () => {
  const cleared: CaseEvent = [42, 'R 0'];
  const rebuilt: CaseEvent = [50, 'A 21 B 95 9', 'A 22 A 96 9'];
  const thin: CaseEvent = [20, 'C 1 B 99 50', 'C 2 B 98 50', 'M 3 B 97 20'];
  const { told } = hold({ ...buy, size: 25 }, { ...far, maxHoldNs: 25 }, [market, thin, cleared, rebuilt, [60, 'N 0']]);
  deepEqual(told, ['in 25 @ 101 at 10', 'out 20 @ 97 at 40', 'out 5 @ 95 at 50', 'timeout']);
  const up: CaseEvent = [50, 'A 21 B 103 9', 'A 22 A 104 9'];
  deepEqual(tell(buy, { tp: 1, sl: 90 }, [20, 'N 0'], cleared, up, end), [
    'in 1 @ 101 at 10',
    'profit 1 @ 103 at 50',
    'takeProfit',
  ]);
});

test('an entry without any fill opens nothing', () => {
  const join: CaseOrder = { side: 'B', kind: 'join', price: 0, size: 1, arrivalNs: 10, maxWaitNs: 20 };
  const { position } = hold(join, far, [market, [20, 'N 0'], end]);
  deepEqual([position.reason, position.entryFills], [exitReason.none, 0]);
});
