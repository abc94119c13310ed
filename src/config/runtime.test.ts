import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sharedNames, sharedPath } from '../../test/helpers/shared.ts';
import { SpymasterError } from '../errors.ts';
import {
  configVersion,
  defaultRuntimeConfig,
  parseReplayConfig,
  parseRuntimeConfig,
  parseYaml,
  projectionHorizonsMs,
  type RuntimeConfig,
  runtimeKeys,
} from './index.ts';

function refusal(value: unknown, origin = 'c.yaml'): SpymasterError {
  try {
    parseRuntimeConfig(value, origin);
  } catch (error) {
    if (error instanceof SpymasterError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const without = (key: keyof RuntimeConfig) =>
  Object.fromEntries(Object.entries(defaultRuntimeConfig).filter(([name]) => name !== key));

const optionalKeys: readonly (keyof RuntimeConfig)[] = [
  ...(['publisher_id', 'trading_day', 'regular', 'features_since', 'trade_size_bounds', 'value_area_percent'] as const),
];

test('the defaults are a complete configuration', () => {
  deepEqual(parseRuntimeConfig(defaultRuntimeConfig, 'defaults'), defaultRuntimeConfig);
  deepEqual(
    runtimeKeys.filter((key) => !(key in defaultRuntimeConfig)),
    optionalKeys,
  );
  equal(runtimeKeys.length, 51);
  deepEqual(projectionHorizonsMs(defaultRuntimeConfig), [100, 200, 300, 400]);
});

test('the golden configurations are accepted and keep their values', () => {
  for (const name of sharedNames('golden')) {
    const file = sharedPath('golden', name, 'config.json');
    const value = JSON.parse(readFileSync(file, 'utf8'));
    deepEqual(parseReplayConfig(value, file), value);
    const { value: fromYaml, origin } = parseYaml(readFileSync(file, 'utf8'), file);
    deepEqual(parseReplayConfig(fromYaml, origin), value);
  }
});

test('every missing key is an error that names it, but those that a file need not have', () => {
  for (const key of runtimeKeys) {
    if (optionalKeys.includes(key)) continue;
    const error = refusal(without(key));
    equal(error.code, 'CONFIG_INVALID');
    equal(error.fields.key, key);
    match(error.message, new RegExp(`c\\.yaml: missing key "${key}"; allowed: `));
  }
});

test('an unknown key names the nearest known key', () => {
  const error = refusal({ ...defaultRuntimeConfig, tau_velocty: 2 });
  equal(error.fields.nearest, 'tau_velocity');
  match(error.message, /unknown key "tau_velocty"; the nearest known key is "tau_velocity"/);
});

test('values outside their range are refused with value and range', () => {
  const cases: [Partial<Record<keyof RuntimeConfig, unknown>>, RegExp][] = [
    [{ trading_day: '18-17' }, /trading_day is "18-17"; allowed: two New York times, such as 18:00–17:00/],
    [{ regular: '09:30–17:30' }, /regular is "09:30–17:30"; allowed: hours within the trading_day/],
    [{ trading_day: '09:30–16:00', regular: '09:00–16:00' }, /regular is .*; allowed: hours within the trading_day/],
    [{ features_since: 'day' }, /features_since is "day"; allowed: one of trading_day, regular, window/],
    [{ trade_size_bounds: [2, 2, 5] }, /allowed: three ascending sizes/],
    [{ value_area_percent: 0 }, /value_area_percent is 0; allowed: a number from 1 to 100/],
    [{ tau_velocity: 0 }, /tau_velocity is 0; allowed: a number from 0.000001 to 1000000, in seconds/],
    [{ tau_jerk: Number.NaN }, /tau_jerk is NaN; allowed: a number from 0/],
    [{ tau_jerk: Number.POSITIVE_INFINITY }, /tau_jerk is Infinity; allowed: a number from 0/],
    [{ tick_size: '0.25' }, /tick_size is "0.25"; allowed: a number > 0/],
    [{ tick_size: 1e-10 }, /tick_size is 1e-10; allowed: a whole number of 1e-9/],
    [{ bucket_size_dollars: -1 }, /bucket_size_dollars is -1; allowed/],
    [{ flow_tanh_scale: 0 }, /allowed: a number > 0/],
    [{ c4_v_pull: -0.1 }, /c4_v_pull is -0.1; allowed: a number from 0 to 1000000/],
    [{ flow_neutral_threshold: 1 }, /allowed: a number > 0 and < 1/],
    [{ flow_neutral_threshold: 0 }, /allowed: a number > 0 and < 1/],
    [{ grid_radius_ticks: 0 }, /allowed: an integer from 1 to 10000/],
    [{ grid_radius_ticks: 1.5 }, /allowed: an integer from 1/],
    [{ grid_radius_ticks: 4096 }, /grid_radius_ticks is 4096; allowed: a radius whose window/],
    [{ cell_width_ms: 0 }, /allowed: an integer from 1 to 86400000/],
    [{ flow_zscore_window_bins: 1 }, /allowed: an integer from 2 to 864000/],
    [{ flow_zscore_min_periods: 301 }, /flow_zscore_min_periods is 301; allowed: at most flow_zscore_window_bins/],
    [{ state_model_zscore_min_periods: 241 }, /allowed: at most state_model_zscore_window_bins/],
    [{ flow_windows: [5, 10] }, /allowed: as many weights as flow_windows/],
    [{ flow_windows: [5, 10, 20, 1] }, /flow_windows\[3\] is 1; allowed: an integer from 2 to 864000/],
    [{ flow_rollup_weights: [0, 0, 0, 0] }, /allowed: at least one weight > 0/],
    [{ flow_derivative_weights: [1, 1] }, /allowed: three numbers/],
    [{ projection_horizons_bins: [1, 2, 1] }, /allowed: horizons that are all different/],
    [{ state_model_d1_weight: 0 }, /at least one of the d1, d2, d3 weights > 0/],
    [{ state_model_center_exclusion_radius: 50 }, /allowed: less than grid_radius_ticks/],
    [{ product_type: 'futures' }, /product_type is "futures"; allowed: one of future_mbo, equity_mbo/],
    [{ price_scale: 1 }, /price_scale is 1; allowed: 1e-9/],
    [{ symbol: '../x' }, /symbol is "..\/x"; allowed: an instrument symbol/],
  ];
  for (const [change, expected] of cases) match(refusal({ ...defaultRuntimeConfig, ...change }).message, expected);
  match(refusal(null).message, /the whole is null; allowed: a block of keys and values/);
});

test('all problems are told at once, cross-field ones too', () => {
  const error = refusal({ ...without('tau_jerk'), c1_v_add: -1, tua_jerk: 1, flow_zscore_min_periods: 999 });
  const problems = error.fields.problems as readonly string[];
  equal(problems.length, 4);
  for (const key of ['tau_jerk', 'c1_v_add', 'tua_jerk', 'flow_zscore_min_periods']) {
    equal(
      problems.filter((problem) => problem.includes(`"${key}"`) || problem.includes(`${key} is`)).length >= 1,
      true,
    );
  }
});

test('problems point at file, line and column', () => {
  const lines = Object.entries(defaultRuntimeConfig).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const at = lines.findIndex((line) => line.startsWith('tau_jerk'));
  lines[at] = 'tau_jerk:   -4';
  lines.push('tau_jrek: 1');
  const { value, origin } = parseYaml(lines.join('\n'), 'instrument.yaml');
  throws(
    () => parseRuntimeConfig(value, origin),
    (error: SpymasterError) => {
      match(error.message, new RegExp(`instrument\\.yaml:${at + 1}:13: tau_jerk is -4`));
      match(error.message, new RegExp(`instrument\\.yaml:${lines.length}:1: unknown key "tau_jrek"`));
      return true;
    },
  );
});

test('the version depends on content, not on key order', () => {
  const reversed = Object.fromEntries(Object.entries(defaultRuntimeConfig).reverse()) as unknown as RuntimeConfig;
  equal(configVersion(reversed), configVersion(defaultRuntimeConfig));
  match(configVersion(defaultRuntimeConfig), /^[0-9a-f]{12}$/);
  for (const key of runtimeKeys) {
    const value = defaultRuntimeConfig[key] ?? 0;
    const other = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : [...value, 1];
    notEqual(configVersion({ ...defaultRuntimeConfig, [key]: other }), configVersion(defaultRuntimeConfig), key);
  }
});
