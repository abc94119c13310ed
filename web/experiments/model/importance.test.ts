import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { madeRun } from '../../../test/web/made_runs.ts';
import { axisImportance } from './importance.ts';
import type { Axis, Metric } from './sweeps.ts';

const axis = (name: string, value: Axis['value']): Axis => ({ name, label: name, column: name, values: [], value });
const metric = { value: (run) => run.mean_net_pnl_ticks } as Metric;

/** A grid of two axes: `effect` says what a run earns at its tp and sl. */
const grid = (effect: (tp: number, sl: number) => number | null) =>
  [4, 8].flatMap((tp) =>
    [2, 4, 6].map((sl) =>
      madeRun(`${tp} ${sl}`, { eval_tp_ticks: tp, eval_sl_ticks: sl, mean_net_pnl_ticks: effect(tp, sl) as number }),
    ),
  );
const axes = [axis('tp', (run) => String(run.eval_tp_ticks)), axis('sl', (run) => String(run.eval_sl_ticks))];
const sharesOf = (effect: (tp: number, sl: number) => number | null) =>
  axisImportance(grid(effect), axes, metric).map(({ axis: { name }, share }) => [
    name,
    share === null ? null : Math.round(share * 1000) / 1000,
  ]);

test('an axis explains the variance of its means, the largest share first', () => {
  deepEqual(
    sharesOf((_, sl) => sl),
    [
      ['sl', 1],
      ['tp', 0],
    ],
  );
  // Sums of squares: tp 6 · 2², sl 4 · 2².
  deepEqual(
    sharesOf((tp, sl) => tp + sl),
    [
      ['tp', 0.6],
      ['sl', 0.4],
    ],
  );
});

test('axes that act together alone explain nothing alone', () => {
  const sign = (tp: number) => (tp === 4 ? 1 : -1);
  deepEqual(
    sharesOf((tp, sl) => sign(tp) * (sl - 4)),
    [
      ['tp', 0],
      ['sl', 0],
    ],
  );
});

test('runs that do not differ, or have no value, leave no share', () => {
  deepEqual(
    sharesOf(() => 3).map(([, share]) => share),
    [null, null],
  );
  deepEqual(
    sharesOf(() => null).map(([, share]) => share),
    [null, null],
  );
  equal(axisImportance([], axes, metric)[0]?.share, null);
});
