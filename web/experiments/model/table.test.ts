import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { TableResponse, TableRow } from '../../../src/wire/index.ts';
import { idsOf, madeRow } from '../../../test/web/made_runs.ts';
import { grown } from './table.ts';

/** An answer of the server with whole columns of `rows`. */
function answer(rows: readonly TableRow[], changes: Partial<TableResponse> = {}): TableResponse {
  const names = Object.keys(madeRow('')) as (keyof TableRow)[];
  return {
    cursor: 'c.1',
    is_whole: true,
    columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])),
    removed: [],
    served: {},
    filters: { signals: ['ads'], datasets: ['d1'] },
    family: { runs: rows.length, tests: rows.length },
    sweeps: [],
    ...changes,
  } as TableResponse;
}
const part = (rows: readonly TableRow[], changes: Partial<TableResponse> = {}) =>
  answer(rows, { is_whole: false, cursor: 'c.2', ...changes });
const two = [madeRow('a', { q_value: 0.02 }), madeRow('b', { q_value: 0.5 })];

test('a whole answer is the table, whatever there was before', () => {
  const first = grown(null, answer(two));
  deepEqual(
    first.runs.map((run) => [run.run_id, run.q_value]),
    [
      ['a', 0.02],
      ['b', 0.5],
    ],
  );
  deepEqual(idsOf(grown(first, answer([madeRow('c')])).runs), ['c']);
  deepEqual(grown(first, answer([])).runs, []);
});

test('an answer without columns has no runs', () => {
  deepEqual(grown(null, answer([], { columns: {} })).runs, []);
});

test('columns of repeated texts are places in a list of them', () => {
  const { columns, ...rest } = answer(two);
  const table = grown(null, { ...rest, columns: { ...columns, signal_name: { texts: ['x', 'y'], at: [1, 0] } } });
  deepEqual(
    table.runs.map(({ signal_name }) => signal_name),
    ['y', 'x'],
  );
  const packed = { run_id: { texts: ['a', 'b'], at: [0, 1] }, ...columns };
  equal(grown(null, { ...rest, columns: packed }).runs.length, 2);
});

test('a partial answer adds runs, replaces those that it has anew, and takes the removed ones away', () => {
  const before = grown(null, answer([...two, madeRow('c')]));
  const after = grown(before, part([madeRow('b', { n_signals: 99 }), madeRow('d')], { removed: ['c'] }));
  deepEqual(after.runs.map((run) => [run.run_id, run.n_signals]).toSorted(), [
    ['a', 10],
    ['b', 99],
    ['d', 10],
  ]);
  equal(after.cursor, 'c.2');
  deepEqual(idsOf(before.runs), ['a', 'b', 'c'], 'the table before stays as it was');
});

test('runs of which nothing changed stay the same objects', () => {
  const before = grown(null, answer(two));
  const same = grown(before, part([]));
  ok(same.runs.every((run, index) => run === before.runs[index]));
  const changed = grown(before, part([madeRow('a', { q_value: 0.04 })]));
  equal(changed.runs.find(({ run_id }) => run_id === 'a')?.q_value, 0.04);
  equal(
    changed.runs.find(({ run_id }) => run_id === 'b'),
    before.runs[1],
  );
});

test('runs with the same parameters share them across answers', () => {
  const before = grown(null, answer([madeRow('a', {}, { span: 1 })]));
  const after = grown(before, part([madeRow('b', {}, { span: 1 })]));
  equal(after.runs[1]?.parameters, before.runs[0]?.parameters);
});
