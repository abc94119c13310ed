import { deepEqual, doesNotThrow, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultRuntimeConfig,
  parseExperimentSpec,
  parsePipelineSpec,
  parseReplayConfig,
  parseRuntimeConfig,
  parseServingSpec,
  resolvePipeline,
} from './index.ts';

const runtimeWith = (change: object) => () => parseRuntimeConfig({ ...defaultRuntimeConfig, ...change }, 'c.yaml');
const pipelineWith = (pipeline: object, end_time = '10:30') => {
  const capture = { product_type: 'future_mbo', symbol: 'MNQH6', dt: '2026-02-06', start_time: '09:30', end_time };
  const spec = parsePipelineSpec({ name: 'p', pipeline_code_version: 1, capture, pipeline }, 'p.yaml');
  return () => resolvePipeline(spec, defaultRuntimeConfig, 'p.yaml');
};
const weight = { flow_rollup_weights: [1] };

test('windows, ticks and rows whose histories no machine holds are refused with both numbers', () => {
  const cases: [object, RegExp][] = [
    [{ ...weight, flow_windows: [1e9] }, /flow_windows\[0\] is 1000000000; allowed: an integer from 2 to 864000/],
    [{ flow_windows: Array(101).fill(2) }, /flow_windows is .*; allowed: a list of at most 100 integers/],
    [{ flow_zscore_window_bins: 864_001 }, /flow_zscore_window_bins is 864001; allowed: an integer from 2 to 864000/],
    [{ state_model_zscore_window_bins: 1e12 }, /state_model_zscore_window_bins is 1000000000000; allowed: .* 864000/],
    [{ n_absolute_ticks: 1 << 20, grid_radius_ticks: 200_000 }, /grid_radius_ticks is 200000; allowed: .* to 10000/],
    [{ cell_width_ms: 2e9 }, /cell_width_ms is 2000000000; allowed: an integer from 1 to 86400000/],
    [
      { ...weight, flow_windows: [864_000], flow_zscore_window_bins: 2, flow_zscore_min_periods: 1 },
      /n_absolute_ticks is 8192; allowed: ticks × bins .* at most 4\.29 GB of memory; these take 56\.6 GB/,
    ],
    [
      { n_absolute_ticks: 32_768, grid_radius_ticks: 10_000, flow_zscore_window_bins: 700 },
      /grid_radius_ticks is 10000; allowed: rows × .* of at most 1,000,000,000; these make 1,050,052,500\./,
    ],
    [
      { projection_horizons_bins: [2 ** 53 - 1] },
      /projection_horizons_bins\[0\] is 9007199254740991; allowed: .* 864000/,
    ],
  ];
  for (const [change, message] of cases) throws(runtimeWith(change), { code: 'CONFIG_INVALID', message });
});

test('limits leave room for every use that is known', () => {
  const fine = [
    { n_absolute_ticks: 1 << 20 },
    { n_absolute_ticks: 32_768, grid_radius_ticks: 10_000 },
    { grid_radius_ticks: 500, flow_zscore_window_bins: 3000, flow_windows: [50, 75, 100, 105] },
    { flow_zscore_window_bins: 36_000, n_absolute_ticks: 8192, flow_windows: [5, 10, 20, 40] },
    { cell_width_ms: 86_400_000 },
    { contract_multiplier: 12_500_000, tick_size: 5e-7, bucket_size_dollars: 1e-4 },
  ];
  for (const change of fine) doesNotThrow(runtimeWith(change), JSON.stringify(change));
});

test('coefficients, weights and time constants that overflow a double are refused', () => {
  for (const [key, value] of [
    ['c1_v_add', 1e308],
    ['tau_velocity', 1e-300],
    ['tau_jerk', 1e300],
    ['state_model_bull_pressure_weight', 1e308],
    ['state_model_spatial_decay_power', 1e308],
    ['flow_tanh_scale', 1e308],
    ['tick_size', 2 ** 53 - 1],
    ['contract_multiplier', 1e308],
  ] as const) {
    const given = new RegExp(`${key} is ${value.toString().replace('+', '\\+')}; allowed: a number .*\\d`);
    throws(runtimeWith({ [key]: value }), { code: 'CONFIG_INVALID', message: given });
  }
  throws(runtimeWith({ flow_rollup_weights: [1e308, 1e308, 1, 1] }), /flow_rollup_weights\[0\] is 1e\+308; allowed/);
});

test('a capture holds at least a bin and at most a thousand million rows of grid', () => {
  throws(pipelineWith({ cell_width_ms: 3_600_001 }), {
    code: 'CONFIG_INVALID',
    message: /pipeline\.cell_width_ms is 3600001; allowed: at most the capture's 3,600,000 ms/,
  });
  equal(pipelineWith({ cell_width_ms: 3_600_000 })().runtime.cell_width_ms, 3_600_000);
  throws(pipelineWith({ cell_width_ms: 1, grid_radius_ticks: 400 }), {
    code: 'CONFIG_INVALID',
    message: /cell_width_ms is 1; allowed: bins × rows of at most 1,000,000,000 in .*; these make 2,883,600,000\./,
  });
  // A whole session of 10 ms bins is fine.
  const capture = { stream_dt: '2026-02-06', stream_start_time: '00:00', end_time: '19:00' };
  const runtime = { ...defaultRuntimeConfig, cell_width_ms: 10 };
  equal(parseReplayConfig({ runtime, ...capture }, 'r.json').runtime.cell_width_ms, 10);
  throws(() => parseReplayConfig({ runtime: { ...runtime, cell_width_ms: 1 }, ...capture }, 'r.json'), {
    message: /runtime\.cell_width_ms is 1; allowed: bins × rows of at most 1,000,000,000/,
  });
  // Without an end the file decides how much there is.
  const { stream_dt, stream_start_time } = capture;
  const open = { runtime: { ...runtime, cell_width_ms: 1 }, stream_dt, stream_start_time };
  equal(parseReplayConfig(open, 'r.json').end_time, undefined);
});

test('evaluation and projection take no numbers that nothing can be computed with', () => {
  const experimentWith = (change: object, more: object = {}) => {
    const numbers = { tp_ticks: 4, sl_ticks: 4, max_hold_bins: 10, ...change };
    return () => parseExperimentSpec({ name: 'e', serving: 's', eval: numbers, ...more }, 'e.yaml');
  };
  throws(experimentWith({ tp_ticks: 1e300 }), /eval\.tp_ticks is 1e\+300; allowed: a number > 0 and <= 1000000/);
  throws(experimentWith({ split: { folds: 1e9 } }), /eval\.split\.folds is 1000000000; allowed: .* from 2 to 1000/);
  throws(experimentWith({ warmup_bins: 2 ** 53 - 1 }), /eval\.warmup_bins is 9007199254740991; allowed: .* 86400000/);
  throws(
    experimentWith({}, { parallel: { timeout_seconds: 1e300 } }),
    /timeout_seconds is 1e\+300; allowed: .* 604800/,
  );
  const servingWith = (projection: object) => () =>
    parseServingSpec({ name: 's', pipeline: 'p', signal: { name: 'derivative' }, projection }, 's.yaml');
  throws(
    servingWith({ cubic_scale: 1e300 }),
    /projection\.cubic_scale is 1e\+300; allowed: a number from 0 to 1000000/,
  );
  const horizons_ms = Array.from({ length: 101 }, (_, i) => i + 1);
  throws(servingWith({ horizons_ms }), /projection\.horizons_ms is .*; allowed: a list of at most 100/);
  deepEqual(servingWith({ horizons_ms: horizons_ms.slice(1) })().projection.horizons_ms?.length, 100);
});
