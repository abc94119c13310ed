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
  deepEqual(cells[0]?.parameters, {
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
  equal(new Set(cells.map((cell) => cell.runId)).size, 12);
  deepEqual(plan().cells, cells);
});

test('each value goes back to where it came from', () => {
  const swept = plan({ scoringAxes: { tanh_scale: [2, 5], derivative_weights: [[1, 0, 0]] } });
  equal(swept.cells.length, 24);
  const runtime = cellRuntime(swept, swept.cells.at(-1)!);
  equal(runtime.flow_tanh_scale, 5);
  deepEqual(runtime.flow_derivative_weights, [1, 0, 0]);
  equal(runtime.state_model_tanh_scale, 3);
  equal(runtime.state_model_zscore_window_bins, 60);
  equal(runtime.state_model_d2_weight, 1);
});

test('identity follows content', () => {
  const [first] = plan().cells;
  const renamed = plan({ experimentName: 'other' }).cells[0]!;
  ok(renamed.runId !== first!.runId);
  equal(renamed.configHash, first!.configHash);
  const other = plan({ signalParameters: { tanh_scale: 2 } }).cells[0]!;
  ok(other.trialHash !== first!.trialHash && other.configHash !== first!.configHash);

  // The derivative signal reads no flow score: its scoring is another run, but no other trial.
  const scored = plan({ scoringAxes: { tanh_scale: [2, 3] } });
  equal(scored.cells.length, 24);
  equal(new Set(scored.cells.map((cell) => cell.trialHash)).size, 12);
  const entropy = plan({
    signalName: 'erd',
    signalAxes: { erd: { variant: ['a', 'b'] } },
    scoringAxes: { tanh_scale: [2, 3] },
  });
  equal(new Set(entropy.cells.map((cell) => cell.trialHash)).size, entropy.cells.length);

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
  const numbers = swept.cells.map((_, number) => number);
  const shares = shareOut(swept, numbers, 2);
  deepEqual(
    shares.flat().sort((a, b) => a - b),
    numbers,
  );
  let changes = 0;
  let previous = '';
  for (const number of shares.flat()) {
    const { zscore_window_bins: window, spatial_decay_power: power } = swept.cells[number]!.parameters;
    if (`${window}/${power}` !== previous) changes++;
    previous = `${window}/${power}`;
  }
  equal(changes, 6);
  equal(shareOut(swept, [5], 1).length, 1);
});

test('a sweep of too many cells is refused with both numbers before any is laid out', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  const signalAxes = (count: number) => ({ derivative: { tanh_scale: values(count), d2_weight: values(1000) } });
  const none = { signalAxes: {}, scoringAxes: {}, tpTicks: [4], slTicks: [4], cooldownBins: [0] };
  throws(() => plan({ ...none, signalAxes: signalAxes(1000) }), {
    code: 'CONFIG_INVALID',
    message:
      'Cannot sweep fixture: its axes make 1,000,000 cells (derivative.tanh_scale 1,000 × derivative.d2_weight 1,000), and a ' +
      'sweep has at most 10,000; give the axes fewer values, or make several experiments of it.',
  });
  throws(() => plan({ ...none, tpTicks: values(101), slTicks: values(100) }), /make 10,100 cells/);
  throws(() => plan({ ...none, scoringAxes: { tanh_scale: values(100_000) } }), /make 100,000 cells/);
  equal(plan({ ...none, tpTicks: values(25), slTicks: values(40) }).cells.length, 1000);
});
