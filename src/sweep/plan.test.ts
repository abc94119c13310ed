import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureRequest } from '../../test/helpers/lab_dataset.ts';
import type { SpymasterError } from '../errors.ts';
import { cellRuntime, planSweep, type SweepRequest } from './plan.ts';
import { shareOut } from './sweep_pool.ts';

const plan = (changes: Partial<SweepRequest> = {}) => planSweep(fixtureRequest(10, changes));

test('a plan is the product of its axes, each cell resolved to the last parameter', () => {
  const { cells, axes, duplicates } = plan();
  equal(cells.length, 12);
  equal(duplicates, 0);
  deepEqual(
    axes.map((axis) => [axis.name, axis.values.length]),
    [
      ['derivative.zscore_window_bins', 2],
      ['derivative.d2_weight', 3],
      ['eval.tp_ticks', 2],
    ],
  );
  deepEqual(cells.at(0).parameters, {
    center_exclusion_radius: 0,
    spatial_decay_power: 0,
    bull_pressure_weight: 1,
    bull_vacuum_weight: 1,
    bear_pressure_weight: 1,
    bear_vacuum_weight: 1,
    mixed_weight: 0,
    zscore_window_bins: 40,
    zscore_min_periods: 20,
    tanh_scale: 3,
    d1_weight: 1,
    d2_weight: 0,
    d3_weight: 0,
  });
  equal(new Set(Array.from(cells, (cell) => cell.runId)).size, 12);
  deepEqual([...plan().cells], [...cells]);
});

test('each value goes back to where it came from', () => {
  const swept = plan({ scoringAxes: { tanh_scale: [2, 5], derivative_weights: [[1, 0, 0]] } });
  equal(swept.cells.length, 24);
  const runtime = cellRuntime(swept, swept.cells.at(swept.cells.length - 1));
  equal(runtime.flow_tanh_scale, 5);
  deepEqual(runtime.flow_derivative_weights, [1, 0, 0]);
  equal(runtime.state_model_tanh_scale, 3);
  equal(runtime.state_model_zscore_window_bins, 60);
  equal(runtime.state_model_d2_weight, 1);
});

test('identity follows content', () => {
  const [first] = plan().cells;
  const renamed = plan({ experimentName: 'other' }).cells.at(0);
  ok(renamed.runId !== first!.runId);
  equal(renamed.configHash, first!.configHash);
  const other = plan({ signalParameters: { tanh_scale: 2 } }).cells.at(0);
  ok(other.trialHash !== first!.trialHash && other.configHash !== first!.configHash);

  // The derivative signal reads no flow score: its scoring is another run, but no other trial.
  const scored = plan({ scoringAxes: { tanh_scale: [2, 3] } });
  equal(scored.cells.length, 24);
  equal(new Set(Array.from(scored.cells, (cell) => cell.trialHash)).size, 12);
  const entropy = plan({
    signalName: 'erd',
    signalAxes: { erd: { variant: ['a', 'b'] } },
    scoringAxes: { tanh_scale: [2, 3] },
  });
  equal(new Set(Array.from(entropy.cells, (cell) => cell.trialHash)).size, entropy.cells.length);

  const doubled = plan({ tpTicks: [4, 8, 4] });
  deepEqual([doubled.cells.length, doubled.duplicates], [12, 6]);
});

test('axes that nothing knows and combinations that cannot be are refused', () => {
  const refused = (changes: Partial<SweepRequest>, pattern: RegExp) =>
    throws(
      () => plan(changes),
      (error: SpymasterError) => error.code === 'CONFIG_INVALID' && pattern.test(error.message),
    );
  refused({ scoringAxes: { tanhscale: [1] } }, /no such axis; the nearest is scoring\.tanh_scale/);
  refused({ signalAxes: { derivative: { d4_weight: [1] } } }, /the nearest is derivative\.d\d_weight/);
  refused({ signalAxes: { ads: { tanh_scale: [1] } } }, /runs the signal derivative/);
  refused({ scoringAxes: { tanh_scale: [0] } }, /flow_tanh_scale is 0/);
  refused({ signalAxes: { derivative: { zscore_window_bins: [10] } } }, /zscore_min_periods is 60/);
  refused({ signalName: 'derivatif', signalAxes: {} }, /nearest is "derivative"/);
});

test('shares keep cells together that share stages', () => {
  const swept = plan({
    signalAxes: {
      derivative: { d2_weight: [0, 1, 2, 3], zscore_window_bins: [60, 80, 90], spatial_decay_power: [0, 1] },
    },
  });
  const numbers = Array.from(swept.cells, (_, number) => number);
  const shares = shareOut(swept, numbers, 2);
  deepEqual(
    shares.flat().sort((a, b) => a - b),
    numbers,
  );
  let changes = 0;
  let previous = '';
  for (const number of shares.flat()) {
    const { zscore_window_bins: window, spatial_decay_power: power } = swept.cells.at(number).parameters;
    if (`${window}/${power}` !== previous) changes++;
    previous = `${window}/${power}`;
  }
  equal(changes, 6);
  equal(shareOut(swept, [5], 1).length, 1);
});

const none = { signalAxes: {}, scoringAxes: {}, tpTicks: [4], slTicks: [4], cooldownBins: [0] };
const values = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const derivativeAxes = (...counts: readonly [number, number]) => ({
  signalAxes: { derivative: { tanh_scale: values(counts[0]), d2_weight: values(counts[1]) } },
});

test('a sweep of too many cells is refused with both numbers before any is laid out', () => {
  throws(() => plan({ ...none, ...derivativeAxes(1001, 1000) }), {
    code: 'CONFIG_INVALID',
    message:
      'Cannot sweep fixture: its axes make 1,001,000 cells (derivative.tanh_scale 1,001 × derivative.d2_weight 1,000), and a ' +
      'sweep has at most 1,000,000; give the axes fewer values, or make several experiments of it.',
  });
  throws(() => plan({ ...none, tpTicks: values(1001), slTicks: values(1000) }), /make 1,001,000 cells/);
  throws(() => plan({ ...none, scoringAxes: { tanh_scale: values(1_000_001) } }), /make 1,000,001 cells/);
  equal(plan({ ...none, tpTicks: values(25), slTicks: values(40) }).cells.length, 1000);
});

test('a cell of many is that of a small sweep with its values alone', () => {
  const many = plan({
    ...none,
    ...derivativeAxes(200, 100),
    scoringAxes: { tanh_scale: [2, 3] },
    cooldownBins: [0, 5],
  });
  equal(many.cells.length, 80_000);
  equal(many.cells.trialCount, 40_000);
  const number = 40_000 + 2 * (100 * 41 + 6) + 1;
  const alone = plan({
    ...none,
    signalAxes: { derivative: { tanh_scale: [42], d2_weight: [7] } },
    scoringAxes: { tanh_scale: [3] },
    cooldownBins: [5],
  });
  deepEqual(many.cells.at(number), alone.cells.at(0));
  deepEqual(
    many.cells.ofTrial(number - 40_000).map(({ trialHash }) => trialHash),
    [alone.cells.at(0).trialHash, alone.cells.at(0).trialHash],
  );
  throws(() => many.cells.at(80_000), /no cell 80000/);
});

test('values of many cells that repeat others are dropped, and their order does not change the id of the sweep', () => {
  const axes = derivativeAxes(150, 100).signalAxes.derivative;
  const given = { ...axes, tanh_scale: [...axes.tanh_scale, 1, 2] };
  const many = plan({ ...none, signalAxes: { derivative: given } });
  deepEqual([many.cells.length, many.duplicates], [15_000, 200]);
  const turned = { d2_weight: axes.d2_weight.toReversed(), tanh_scale: axes.tanh_scale.toReversed() };
  equal(plan({ ...none, signalAxes: { derivative: turned } }).sweepId, many.sweepId);
  ok(plan({ ...none, ...derivativeAxes(150, 101) }).sweepId !== many.sweepId);
  ok(plan({ ...none, ...derivativeAxes(150, 100), tpTicks: [5] }).sweepId !== many.sweepId);
});

test('of many cells a combination that cannot be is found wherever it lies', () => {
  const windows = { zscore_window_bins: values(2000).map((n) => n + 100), zscore_min_periods: [60, 101, 102] };
  throws(() => plan({ ...none, signalAxes: { derivative: windows } }), /zscore_min_periods is 102/);
  const scoring = { zscore_window_bins: values(2000).map((n) => n + 100), zscore_min_periods: [60, 102] };
  throws(() => plan({ ...none, tpTicks: [4, 5, 6], scoringAxes: scoring }), /flow_zscore_min_periods is 102/);
});
