import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, recordsOf, unit } from '../../test/helpers/queue_cases.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { Admission } from '../book/index.ts';
import { defaultOrderEventParams, EventsPass, type OrderEventParams, orderEventKinds } from './index.ts';

const ms = 1e6;

/** Events as text: `sweep B 3 @ 100 levels 3 ids 9,1,2 from 0 [details]`, without trades unless they are asked for. */
function tell(events: readonly CaseEvent[], params: Partial<OrderEventParams> = {}, kinds?: string): string[] {
  const admission = new Admission({ symbol: 'X', instrumentId: null, publisherId: null, session: null });
  const pass = new EventsPass({
    admission,
    originNs: 0n,
    tickInt: unit,
    params: { ...defaultOrderEventParams, ...params },
  });
  pass.ingest(batchOf(recordsOf(events)));
  pass.finish();
  const { rows } = pass.events;
  return Array.from({ length: rows.count }, (_, i) => {
    const kind = orderEventKinds[rows.kind[i]!]!;
    const ids = rows.idLo.subarray(i === 0 ? 0 : rows.idsEnd[i - 1], rows.idsEnd[i]).join(',');
    const what = `${kind} ${'NBA'[rows.side[i]!]} ${rows.size[i]} @ ${rows.price[i]! / unit}`;
    return {
      kind,
      text: `${what} levels ${rows.levels[i]} ids ${ids} details ${rows.details.slice(i * 5, i * 5 + 4).join(' ')}`,
    };
  })
    .filter(({ kind }) => (kinds === undefined ? kind !== 'trade' : kinds.split(' ').includes(kind)))
    .map(({ text }) => text);
}

const asks: CaseEvent = [1, 'A 1 A 100 2', 'A 2 A 101 2', 'A 3 A 102 2', 'A 4 B 99 9'];

test('a trade is all that one aggressor executes in one event, by T and never by F, with what it leaves resting', () => {
  const events: CaseEvent[] = [
    asks,
    [2, 'T 9 B 100 2', 'F 1 A 100 2', 'T 9 B 101 2', 'F 2 A 101 2', 'C 1 A 100 2', 'C 2 A 101 2', 'A 9 B 101 7'],
    [3, 'T 4 B 102 1', 'F 4 B 102 1', 'F 3 A 102 1', 'M 3 A 102 1', 'M 4 B 101 8'],
  ];
  deepEqual(tell(events, {}, 'trade'), [
    `trade B 4 @ 100 levels 2 ids 9,1,2 details 0 7 ${101 * unit} 0`,
    `trade B 1 @ 102 levels 1 ids 4,3 details 1 8 ${102 * unit} 0`,
  ]);
});

test('another aggressor of the same event is a stop, three make a run, and the event sweeps where no aggressor does', () => {
  const stops = ['T 8 B 100 1', 'T 7 B 101 1', 'T 6 B 101 1', 'T 5 B 102 2'] as const;
  deepEqual(tell([asks, [2, ...stops]]), [
    `stop B 1 @ 101 levels 1 ids 7 details 1 ${101 * unit} 0 0`,
    `stop B 1 @ 101 levels 1 ids 6 details 2 ${101 * unit} 0 0`,
    `stop B 2 @ 102 levels 1 ids 5 details 3 ${102 * unit} 0 0`,
    `stop_run B 4 @ 101 levels 2 ids 7,6,5 details 3 ${101 * unit} ${102 * unit} 0`,
    `sweep B 5 @ 100 levels 3 ids 8,7,6,5 details 1 5 3 ${102 * unit}`,
  ]);
});

test('trades without ids are one while they follow each other on one side in one nanosecond, whatever F_LAST says', () => {
  const events: CaseEvent[] = [
    asks,
    [2, 'T 0 B 100 2'],
    [2, 'F 1 A 100 2'],
    [2, 'C 1 A 100 2'],
    [2, 'T 0 B 101 1'],
    [2, 'T 0 A 101 1'],
    [3, 'T 0 A 101 1'],
  ];
  deepEqual(tell(events, {}, 'trade'), [
    `trade B 3 @ 100 levels 2 ids 1 details 0 0 ${101 * unit} 0`,
    `trade A 1 @ 101 levels 1 ids  details 0 0 ${101 * unit} 0`,
    `trade A 1 @ 101 levels 1 ids  details 0 0 ${101 * unit} 0`,
  ]);
});

test('trades and orders are large against those before them, and not before there are enough', () => {
  const before = Array.from({ length: 4 }, (_, i): CaseEvent => [10 + i, `A ${20 + i} B 99 ${i + 1}`]);
  const trades = Array.from({ length: 4 }, (_, i): CaseEvent => [50 + i, `T ${70 + i} A 99 1`]);
  const params = { addMinimum: 4, tradeMinimum: 4, largeOrderTicks: 3 };
  const events: CaseEvent[] = [
    ...before,
    [20, 'A 30 B 98 4'],
    [21, 'A 31 B 95 9'],
    [22, 'M 31 B 97 9'],
    [23, 'M 30 B 98 9'],
    ...trades,
    [60, 'T 80 A 99 2'],
  ];
  deepEqual(tell(events, params), [
    'large_order B 4 @ 98 levels 1 ids 30 details 0 0 1 4',
    'large_order B 9 @ 97 levels 1 ids 31 details 2 0 2 9',
    'large_order B 9 @ 98 levels 1 ids 30 details 1 0 1 9',
    'large_trade A 2 @ 99 levels 1 ids 80 details 0 1 0 0',
  ]);
});

test('an iceberg is confirmed by a refill or by more executed than displayed, and its event ends with its order', () => {
  const events: CaseEvent[] = [
    [1, 'A 1 A 100 3', 'A 4 B 99 9'],
    [2, 'T 9 B 100 3', 'F 1 A 100 3', 'M 1 A 100 2'],
    [3, 'T 9 B 100 1', 'F 1 A 100 1', 'M 1 A 100 1'],
    [4, 'T 9 B 100 5', 'F 1 A 100 5', 'C 1 A 100 1'],
  ];
  deepEqual(tell(events, {}, 'iceberg'), [
    'iceberg A 3 @ 100 levels 1 ids 1 details 1 3 2 0',
    'iceberg A 4 @ 100 levels 1 ids 1 details 1 4 1 0',
    'iceberg A 9 @ 100 levels 1 ids 1 details 1 9 0 1',
  ]);
});

test('orders that are executed and at once replaced by equal ones are a suspected iceberg from the third on', () => {
  const round = (tsNs: number, id: number, aggressor: number): CaseEvent[] => [
    [tsNs, `T ${aggressor} B 100 4`, `F ${id} A 100 4`, `C ${id} A 100 4`],
    [tsNs + ms, `A ${id + 1} A 100 4`],
  ];
  const events: CaseEvent[] = [[1, 'A 1 A 100 4', 'A 90 B 99 1', 'A 91 B 99 1', 'A 92 B 99 1'], ...round(10, 1, 50)];
  deepEqual(tell([...events, ...round(20 * ms, 2, 51)], {}, 'suspected_iceberg'), [
    `suspected_iceberg A 4 @ 100 levels 1 ids 1,2,3 details 3 ${ms} 0 0`,
  ]);
  const late: CaseEvent = [30 * ms, 'A 3 A 100 4'];
  deepEqual(
    tell([...events, [20 * ms, 'T 51 B 100 4', 'F 2 A 100 4', 'C 2 A 100 4'], late], {}, 'suspected_iceberg'),
    [],
  );
});

test('an order of a suspected iceberg is executed to its size, which its owner may have changed', () => {
  const chain: CaseEvent[] = [
    [20 * ms, 'T 50 B 100 4', 'F 1 A 100 4', 'C 1 A 100 4'],
    [21 * ms, 'A 2 A 100 4'],
    [30 * ms, 'T 51 B 100 4', 'F 2 A 100 4', 'C 2 A 100 4'],
    [31 * ms, 'A 3 A 100 4'],
  ];
  const book: CaseEvent = [1, 'A 90 B 99 1', 'A 91 B 99 1', 'A 92 B 99 1', 'A 93 B 99 1'];
  const found = (...before: CaseEvent[]): number => tell([book, ...before, ...chain], {}, 'suspected_iceberg').length;
  equal(found([2, 'A 1 A 100 1'], [3, 'M 1 A 100 4']), 1);
  equal(found([2, 'A 1 A 100 9'], [3, 'C 1 A 100 5']), 1);
  const reduced = tell(
    [
      book,
      [2, 'A 1 A 100 4'],
      [3, 'M 1 A 100 1'],
      [20 * ms, 'T 50 B 100 1', 'F 1 A 100 1', 'C 1 A 100 1'],
      ...chain.slice(1),
    ],
    {},
    'suspected_iceberg',
  );
  deepEqual(reduced, []);
});

test('a price absorbs when what it took reaches the percentile, and counts anew once it was away too long', () => {
  const hit = (tsNs: number, size: number): CaseEvent => [
    tsNs,
    `T 9 B 100 ${size}`,
    `F 1 A 100 ${size}`,
    'M 1 A 100 50',
  ];
  const params = { absorptionMinimum: 2 };
  const start: CaseEvent = [1, 'A 1 A 100 50', 'A 4 B 98 9'];
  const absorbed = 'absorption A 2 @ 100 levels 1 ids 1 details 2 1 1 0';
  deepEqual(tell([start, hit(2, 1), hit(11e9, 1), hit(12e9, 1), hit(13e9, 5)], params, 'absorption'), [absorbed]);
  const away = (tsNs: number): CaseEvent[] => [
    [12e9, 'A 2 A 99 1'],
    [tsNs, 'C 2 A 99 1'],
  ];
  deepEqual(tell([start, hit(2, 1), hit(11e9, 1), ...away(12e9 + 200 * ms), hit(13e9, 1)], params, 'absorption'), [
    absorbed,
  ]);
  const anew = 'absorption A 1 @ 100 levels 1 ids 1 details 1 1 1 0';
  deepEqual(tell([start, hit(2, 1), hit(11e9, 1), ...away(12e9 + 300 * ms), hit(13e9, 1)], params, 'absorption'), [
    anew,
  ]);
});

test('a large order that leaves soon, unexecuted and not for a self-match, is a fast pull', () => {
  const before = Array.from({ length: 4 }, (_, i): CaseEvent => [10 + i, `A ${20 + i} B 99 1`]);
  const start: CaseEvent[] = [...before, [20, 'A 40 A 101 1'], [30, 'A 30 B 98 6']];
  const pulls = (...events: CaseEvent[]): string[] => tell([...start, ...events], { addMinimum: 4 }, 'fast_pull');
  const pulled = `fast_pull B 6 @ 98 levels 1 ids 30 details ${400 * ms} 0 0 0`;
  deepEqual(pulls([30 + 400 * ms, 'C 30 B 98 6']), [pulled]);
  deepEqual(pulls([30 + 400 * ms, 'M 30 B 97 6']), [pulled]);
  deepEqual(pulls([40, 'M 30 B 98 2'], [30 + 400 * ms, 'C 30 B 98 2']), [pulled.replace('B 6', 'B 2')]);
  deepEqual(pulls([30 + 600 * ms, 'C 30 B 98 6']), []);
  deepEqual(pulls([30 + 400 * ms, 'T 9 A 99 1', 'F 20 B 99 1', 'C 30 B 98 6', 'C 20 B 99 1']), []);
  deepEqual(pulls([40, 'T 9 A 98 1', 'F 30 B 98 1', 'M 30 B 98 5'], [50, 'C 30 B 98 5']), []);
});

test('half of what the best prices displayed 250 ms ago is pulled: one stacked pull, and no second at once', () => {
  const start: CaseEvent = [1, 'A 1 B 99 5', 'A 2 B 98 5', 'A 3 B 97 5', 'A 4 A 101 5'];
  const pull: CaseEvent[] = [
    [600 * ms, 'A 5 B 99 50'],
    [700 * ms, 'C 1 B 99 5', 'C 5 B 99 50'],
    [701 * ms, 'C 2 B 98 5'],
    [702 * ms, 'C 3 B 97 5'],
  ];
  deepEqual(tell([start, ...pull], {}, 'stacked_pull'), [
    `stacked_pull B 10 @ 99 levels 2 ids 1,2 details 15 ${10 / 15} ${97 * unit} 0`,
  ]);
});

test('a best price that stood for 2 s and is executed away is exhausted, one that is pulled is not', () => {
  const start: CaseEvent = [1, 'A 1 A 100 3', 'A 2 A 101 3', 'A 4 B 99 9'];
  const taken: CaseEvent = [3e9, 'T 9 B 100 3', 'F 1 A 100 3', 'C 1 A 100 3'];
  deepEqual(tell([start, taken], {}, 'exhausted_level'), [
    `exhausted_level A 3 @ 100 levels 1 ids 1 details ${3e9 - 1} 1 0 0`,
  ]);
  deepEqual(tell([start, [1e9, 'T 9 B 100 3', 'F 1 A 100 3', 'C 1 A 100 3']], {}, 'exhausted_level'), []);
  deepEqual(tell([start, [3e9, 'C 1 A 100 3']], {}, 'exhausted_level'), []);
});

test('a clear forgets all orders, and a snapshot rests without being an event', () => {
  const events: CaseEvent[] = [
    [1, 'snapshot', 'A 1 A 100 3', 'A 4 B 99 9'],
    [2, 'R 0 N'],
    [3e9, 'A 1 A 100 3', 'T 9 B 100 3', 'F 1 A 100 3', 'C 1 A 100 3'],
  ];
  deepEqual(tell(events), []);
  equal(tell(events, {}, 'trade').length, 1);
});
