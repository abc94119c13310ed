import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRuntimeConfig } from '../config/index.ts';
import { countStates, dominantStates } from './run_states.ts';

const runtime = { ...defaultRuntimeConfig, grid_radius_ticks: 2, state_model_center_exclusion_radius: 0 };

test('a bin is led by the state of most weight, ties by the lower code', () => {
  const bins = [
    [1, 2, 2, 2, 1],
    [-1, -1, 1, 1, 0],
    [0, -2, -2, -2, 0],
  ];
  const columns = { state5_code: Int8Array.from(bins.flat()) };
  const own = { center_exclusion_radius: 1, spatial_decay_power: 0, bull_pressure_weight: 1, bull_vacuum_weight: 1 };
  const parameters = { ...own, bear_pressure_weight: 1, bear_vacuum_weight: 1, mixed_weight: 0 };
  deepEqual([...dominantStates('ads', parameters, runtime, columns, 3)], [2, -1, -2]);
  // The derivative signal's own parameters leave out the ticks around spot.
  deepEqual([...dominantStates('derivative', parameters, runtime, columns, 3)], [1, -1, 0]);
});

test('states are counted from the warm-up on, and where the run fired', () => {
  const dominant = Int8Array.from([2, 2, 0, 0, -2, 0]);
  const firings = { bins: Int32Array.of(2, 4), sides: Int8Array.of(1, -1), invalidBookCount: 0, coolingCount: 0 };
  const { transitions, ...counts } = countStates(dominant, firings, 2);
  deepEqual(counts, { bins: 4, all: [1, 0, 3, 0, 0], long: [0, 0, 1, 0, 0], short: [1, 0, 0, 0, 0] });
  deepEqual(transitions[2], [1, 0, 1, 0, 0]);
  deepEqual(transitions[0], [0, 0, 1, 0, 0]);
});
