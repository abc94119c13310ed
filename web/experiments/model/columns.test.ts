import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { madeRun, threeRuns as runs } from '../../../test/web/made_runs.ts';
import { allColumns, hiddenAtFirst } from './columns.ts';
import { varyingParameters } from './runs.ts';

const columns = allColumns(varyingParameters(runs));
const column = (id: string, of = columns) => {
  const found = of.find((one) => one.id === id);
  ok(found !== undefined, id);
  return found;
};

test('only parameters that vary get a column, between the results and the settings', () => {
  deepEqual(varyingParameters(runs), ['span']);
  deepEqual(varyingParameters(runs.slice(1)), []);
  deepEqual(varyingParameters([]), []);
  deepEqual(
    columns.filter(({ isParameter }) => isParameter).map(({ id }) => id),
    ['span'],
  );
  equal(columns[columns.indexOf(column('span')) + 1], column('eval_tp_ticks'));
});

test('columns have ids of their own, and those that are hidden at first are among them', () => {
  equal(new Set(columns.map(({ id }) => id)).size, columns.length);
  for (const id of hiddenAtFirst) column(id);
});

test('a parameter is a number, a text for anything else, and nothing where a run has none', () => {
  const value = (parameter: unknown) => {
    const { value, text } = column('p', allColumns(['p']));
    const run = madeRun('x', {}, parameter === undefined ? {} : { p: parameter });
    return [value(run), text(run)];
  };
  deepEqual(value(-0.5), [-0.5, '−0.5']);
  deepEqual(value('plain'), ['plain', 'plain']);
  deepEqual(value(true), ['true', 'true']);
  deepEqual(value([1, 2]), ['[1,2]', '[1,2]']);
  deepEqual(value(null), [null, '–']);
  deepEqual(value(undefined), [null, '–']);
});

test('edge and interval are measured from break-even; a run without signals has no edge', () => {
  const [edge, interval] = [column('edge'), column('tp_rate_low')];
  const run = madeRun('x', { tp_rate: 0.625, tp_rate_low: 0.25, break_even_rate: 0.5 });
  deepEqual([edge.value(run), edge.text(run)], [12.5, '+12.5']);
  deepEqual([interval.value(run), interval.text(run)], [-0.25, '62.5 %']);
  const unknown = madeRun('x', { tp_rate: 0.625, tp_rate_low: null, break_even_rate: null });
  deepEqual([edge.value(unknown), edge.text(unknown), interval.value(unknown)], [null, '–', null]);
  const silent = madeRun('x', { tp_rate: null });
  deepEqual([edge.value(silent), edge.text(silent), interval.text(silent)], [null, '–', '–']);
});

test('long and short have columns, and the side of nearly all firings is marked', () => {
  const sides = (up: number, down: number) => {
    const run = madeRun('s', { n_signals: up + down, n_up: up, n_down: down });
    return ['n_up', 'n_down'].map((id) => column(id).text(run));
  };
  deepEqual(sides(60, 40), ['60', '40']);
  deepEqual(sides(2, 1198), ['2', '1\u202f198*']);
  deepEqual(sides(99, 0), ['99', '0']);
  deepEqual(sides(100, 0), ['100*', '0']);
});

test('take-profit over stop-loss sorts by the ratio and shows both', () => {
  const { value, text } = column('tp_sl');
  const run = madeRun('x', { eval_tp_ticks: 8, eval_sl_ticks: 4 });
  deepEqual([value(run), text(run)], [2, '8 / 4']);
});
