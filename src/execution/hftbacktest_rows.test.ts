import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, recordsOf } from '../../test/helpers/queue_cases.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { ExecutionPass, HftbacktestRows, OurOrders } from './index.ts';

const originNs = 1_770_388_200_123_456_789n;
const kinds: Readonly<Record<number, string>> = { 2: 'T', 3: 'R', 10: 'A', 11: 'C', 12: 'M', 13: 'F' };

function convert(...events: CaseEvent[]): HftbacktestRows {
  const rows = new HftbacktestRows(originNs);
  const pass = new ExecutionPass(new OurOrders([]));
  const records = recordsOf(events).map((record) => ({ ...record, tsRecv: originNs + record.tsRecv + 7n }));
  const { words } = batchOf(records);
  records.forEach((record, i) => {
    pass.apply(words, i * 14, Number(record.tsEvent));
    rows.note(words, i * 14, Number(record.tsEvent), pass.book);
  });
  return rows;
}

/** `A 1 B 99 5`, as in the cases. */
function rowsOf(rows: HftbacktestRows): string[] {
  const bytes = rows.take();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 64 }, (_, i) => {
    const at = i * 64;
    const bits = view.getUint32(at, true);
    const side = bits & 0x2000_0000 ? 'B' : bits & 0x1000_0000 ? 'A' : 'N';
    equal(bits >>> 30, 3, 'exchange and local');
    const number = (offset: number) => view.getFloat64(at + offset, true);
    return `${kinds[bits & 0xff]} ${view.getBigUint64(at + 40, true)} ${side} ${number(24)} ${number(32)}`;
  });
}

const market: CaseEvent = [1, 'A 1 B 99 5', 'A 2 B 98 4', 'A 3 A 101 5'];
/** The rows of an event after the market. */
const after = (...lines: string[]): string[] => rowsOf(convert(market, [20, ...lines])).slice(3);

test('adds, cancels, modifies, trades and executions are rows of the same kind, of the side of the order', () => {
  deepEqual(rowsOf(convert(market)), ['A 1 B 99 5', 'A 2 B 98 4', 'A 3 A 101 5']);
  deepEqual(after('T 9 A 99 2', 'F 1 B 99 2', 'M 1 B 99 3'), ['T 9 A 99 2', 'F 1 B 99 2', 'M 1 B 99 3']);
  deepEqual(after('T 0 N 99 2', 'F 1 N 99 2', 'M 1 B 99 3'), ['T 0 N 99 2', 'F 1 B 99 2', 'M 1 B 99 3']);
  deepEqual(after('C 1 B 99 5', 'M 2 B 97 9'), ['C 1 B 99 5', 'M 2 B 97 9']);
  deepEqual(after('N 0'), []);
});

test('what would abort the model is left out, or an add', () => {
  const rows = convert(
    market,
    [20, 'T 3 A 98 5', 'F 3 A 98 5', 'F 2 B 98 1', 'F 77 B 98 1', 'M 2 B 98 3', 'C 3 A 101 5'],
    [30, 'C 78 A 101 1', 'M 79 A 102 6', 'F 1 B 99 0'],
  );
  deepEqual(rowsOf(rows).slice(3), [...['T 3 A 98 5', 'F 2 B 98 1', 'M 2 B 98 3', 'C 3 A 101 5'], 'A 79 A 102 6']);
  const { ownExecutions, unknownExecutions, emptyExecutions, unknownModifies, unknownCancels } = rows.counters;
  deepEqual([ownExecutions, unknownExecutions, emptyExecutions, unknownModifies, unknownCancels], [1, 1, 1, 1, 1]);
});

test('an order that loses its place without growing is a cancel and an add', () => {
  const back = ['C 1 B 99 5', 'A 1 B 99 5'];
  deepEqual(after('M 1 B 99 5'), back);
  deepEqual(after('T 9 A 99 2', 'F 1 B 99 2', 'M 1 B 99 4').slice(2), ['C 1 B 99 5', 'A 1 B 99 4']);
  deepEqual(after('M 1 A 101 5'), ['C 1 B 99 5', 'A 1 A 101 5']);
  deepEqual(after('M 1 B 99 6'), ['M 1 B 99 6']);
  deepEqual(after('M 1 B 99 2'), ['M 1 B 99 2']);
  deepEqual(after('A 1 B 97 2'), ['C 1 B 99 5', 'A 1 B 97 2']);
  // Executions of an earlier event were told by its modify.
  const later = convert(market, [20, 'T 9 A 99 2', 'F 1 B 99 2', 'M 1 B 99 3'], [30, 'M 1 B 99 2']);
  equal(rowsOf(later).at(-1), 'M 1 B 99 2');
});

test('a partial cancel is a modify, and one without a size left a cancel', () => {
  deepEqual(after('C 1 B 99 2'), ['M 1 B 99 3']);
  deepEqual(after('M 1 B 99 0'), ['C 1 B 99 5']);
});

test('a clear, the first record of a snapshot and lost records empty the book', () => {
  deepEqual(after('R 0'), ['R 0 N 0 0']);
  const snapshot = convert(market, [20, 'snapshot', 'A 1 B 99 5', 'A 3 A 101 5']);
  deepEqual(rowsOf(snapshot).slice(3), ['R 0 N 0 0', 'A 1 B 99 5', 'A 3 A 101 5']);
  const lost = convert(market);
  lost.lose(30);
  deepEqual(rowsOf(lost).at(-1), 'R 0 N 0 0');
});

test('times are exact nanoseconds, and that of receipt is never before that of the exchange', () => {
  const bytes = convert(market, [20, 'C 1 B 99 5']).take();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  deepEqual(
    [view.getBigInt64(3 * 64 + 8, true), view.getBigInt64(3 * 64 + 16, true)],
    [originNs + 20n, originNs + 27n],
  );
  const rows = new HftbacktestRows(originNs);
  const early = recordsOf([[50, 'A 1 B 99 5']]).map((record) => ({ ...record, tsRecv: originNs + 40n }));
  const pass = new ExecutionPass(new OurOrders([]));
  const { words } = batchOf(early);
  pass.apply(words, 0, 50);
  rows.note(words, 0, 50, pass.book);
  const [, , local] = new BigInt64Array(rows.take().slice().buffer);
  equal(local, originNs + 50n);
});
