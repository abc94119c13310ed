import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import {
  configKindOf,
  configKinds,
  defaultRuntimeConfig,
  jsonSchema,
  parseExperimentSpec,
  parsePipelineSpec,
  parseServingSpec,
  parseYaml,
  resolvePipeline,
  resolveServing,
} from './index.ts';

const pipelineYaml = `name: Busy
pipeline_code_version: 3
capture:
  product_type: future_mbo
  symbol: MNQH6
  dt: "2026-02-06"
  start_time: "09:30"
  end_time: "10:30"
pipeline:
  cell_width_ms: 250
  tau_velocity: 1.5
`;
const servingYaml = `name: s
pipeline: Busy
scoring:
  zscore_window_bins: 200
  zscore_min_periods: 50
signal:
  name: derivative
  params: {zscore_window_bins: 100}
  weights: {d2_weight: 0.5}
projection:
  horizons_ms: [250, 1000]
`;
const experimentYaml = `name: e
serving: s
eval:
  tp_ticks: [4, 8]
  sl_ticks: 4
  max_hold_bins: 300
sweep:
  scoring:
    tanh_scale: [2.0, 3.0]
  per_signal:
    derivative: {d1_weight: [0.5, 1]}
`;

function pipelineOf(text: string) {
  const { value, origin } = parseYaml(text, 'p.yaml');
  return resolvePipeline(parsePipelineSpec(value, origin), defaultRuntimeConfig, origin);
}
function servingOf(text: string) {
  const { value, origin } = parseYaml(text, 's.yaml');
  return resolveServing(parseServingSpec(value, origin), pipelineOf(pipelineYaml).runtime, origin);
}
function experimentOf(text: string) {
  const { value, origin } = parseYaml(text, 'e.yaml');
  return parseExperimentSpec(value, origin);
}

test('a pipeline applies its overrides and capture to the instrument', () => {
  const { runtime, capture, datasetId } = pipelineOf(pipelineYaml);
  deepEqual(runtime, { ...defaultRuntimeConfig, cell_width_ms: 250, tau_velocity: 1.5 });
  equal(capture.endNs! - capture.startNs, 3_600_000_000_000n);
  match(datasetId, /^mnqh6_20260206_0930_1030__busy__[0-9a-f]{8}$/);
});

test('settings that shape the data change the dataset id, others do not', () => {
  const { datasetId } = pipelineOf(pipelineYaml);
  for (const [from, to] of [
    ['version: 3', 'version: 4'],
    ['"09:30"', '"09:31"'],
    ['"10:30"', '"10:31"'],
    ['02-06', '02-05'],
    ['1.5', '1.6'],
    ['  tau_velocity: 1.5\n', ''],
    ['name: Busy', 'name: Calm'],
  ] as const) {
    const changed = pipelineOf(pipelineYaml.replace(from, to)).datasetId;
    notEqual(changed, datasetId, `${from} → ${to}`);
    notEqual(changed.slice(-8), from.startsWith('name') ? '' : datasetId.slice(-8));
  }
  const { value } = parseYaml(pipelineYaml, 'p.yaml');
  const spec = parsePipelineSpec(value, 'p');
  const idUnder = (change: object) => resolvePipeline(spec, { ...defaultRuntimeConfig, ...change }, 'p').datasetId;
  notEqual(idUnder({ tau_jerk: 11 }), datasetId);
  equal(idUnder({ flow_tanh_scale: 2, state_model_d2_weight: 1, projection_horizons_bins: [7] }), datasetId);
  const reordered = parsePipelineSpec(Object.fromEntries(Object.entries(value as object).reverse()), 'p');
  equal(resolvePipeline(reordered, defaultRuntimeConfig, 'p').datasetId, datasetId);
  equal(pipelineOf(`description: another text\n${pipelineYaml}`).datasetId, datasetId);
});

test('a pipeline that cannot be is refused at its line', () => {
  const bad = (from: string, to: string) => () => pipelineOf(pipelineYaml.replace(from, to));
  throws(bad('MNQH6', 'ESH6'), { code: 'INSTRUMENT_LOCKED', message: /future_mbo ESH6.*future_mbo MNQH6/ });
  throws(bad('10:30', '09:30'), { code: 'CONFIG_INVALID', message: /p\.yaml:8:13: .*not before its end/ });
  throws(bad('tau_velocity', 'tau_velocty'), /p\.yaml:11:3: unknown key "pipeline\.tau_velocty"; .* "tau_velocity"/);
  throws(
    bad('  tau_velocity: 1.5', '  flow_windows: [2, 3]'),
    /p\.yaml:\d+:\d+: flow_rollup_weights .* as many weights/,
  );
  throws(
    bad('cell_width_ms: 250', 'cell_width_ms: 0'),
    /p\.yaml:10:18: pipeline\.cell_width_ms is 0; allowed: an integer from 1 to 86400000/,
  );
  throws(bad('  tau_velocity: 1.5', '  tick_size: 1'), /unknown key "pipeline\.tick_size"/);
  throws(
    bad('start_time: "09:30"\n', 'start_time: 570\n'),
    /p\.yaml:7:15: capture\.start_time is 570; allowed: a New York time HH:MM/,
  );
});

test('a serving scores its pipeline; its horizons are multiples of the cell', () => {
  const { runtime, signalParameters } = servingOf(servingYaml);
  equal(runtime.flow_zscore_window_bins, 200);
  equal(runtime.flow_zscore_min_periods, 50);
  equal(runtime.flow_tanh_scale, defaultRuntimeConfig.flow_tanh_scale);
  deepEqual(runtime.projection_horizons_bins, [1, 4]);
  deepEqual(signalParameters, { zscore_window_bins: 100, d2_weight: 0.5 });
  const bad = (from: string, to: string) => () => servingOf(servingYaml.replace(from, to));
  throws(
    bad('1000', '1100'),
    /s\.yaml:11:22: projection\.horizons_ms\[1\] is 1100; allowed: different multiples of the cell, 250 ms/,
  );
  throws(bad('1000', '250'), /horizons_ms\[1\] is 250; allowed: different multiples/);
  throws(bad('min_periods: 50', 'min_periods: 201'), /s\.yaml:5:\d+: flow_zscore_min_periods is 201; allowed: at most/);
  throws(bad('d2_weight', 'zscore_window_bins'), /set in signal\.params too/);
  throws(bad('scoring:', 'scroing:'), /s\.yaml:3:1: unknown key "scroing"; the nearest known key is "scoring"/);
});

test('an experiment lists values once, whether one or several were given', () => {
  const spec = experimentOf(experimentYaml);
  deepEqual(spec.eval.tp_ticks, [4, 8]);
  deepEqual(spec.eval.sl_ticks, [4]);
  deepEqual(spec.eval.cooldown_bins, [0]);
  deepEqual([spec.eval.commission_ticks, spec.eval.slippage_ticks, spec.eval.split], [0, 0, undefined]);
  deepEqual(spec.sweep.scoring, { tanh_scale: [2, 3] });
  equal(spec.tracking.backend, 'none');
  const bad = (from: string, to: string) => () => experimentOf(experimentYaml.replace(from, to));
  throws(
    bad('[4, 8]', '[4, 4]'),
    /e\.yaml:4:13: eval\.tp_ticks is \[4,4\]; allowed: a number > 0 and <= 1000000, or a list of different/,
  );
  throws(bad('[4, 8]', '[]'), /eval\.tp_ticks is \[\]; allowed: a number > 0 and <= 1000000, or a list of different/);
  throws(bad('{d1_weight: [0.5, 1]}', '1'), /per_signal\.derivative is 1; allowed: a block of parameters/);
  throws(bad('sl_ticks: 4', 'sl_ticks: -4'), /eval\.sl_ticks is -4; allowed/);
  throws(
    bad('tanh_scale', 'tanh_scal'),
    /unknown key "sweep\.scoring\.tanh_scal"; the nearest known key is "tanh_scale"/,
  );
  throws(
    bad('sl_ticks: 4', 'sl_ticks: 4\n  latency_ms: 5'),
    /unknown key "eval\.latency_ms"; known keys here: tp_ticks, sl_ticks, max_hold_bins, .* and \d+ more/,
  );
  throws(bad('[2.0, 3.0]', '[2.0, 0]'), /sweep\.scoring\.tanh_scale\[1\] is 0; allowed: a number > 0/);
  throws(() => experimentOf(`${experimentYaml}tracking: {backend: mlflow}\n`), /missing key "tracking\.tracking_uri"/);
  throws(
    () => experimentOf(`${experimentYaml}parallel: {max_workers: 0}\n`),
    /parallel\.max_workers is 0; allowed: an integer from 1 to 256/,
  );
  deepEqual(experimentOf(experimentYaml.replace('eval:', 'eval:\n  split: {folds: 4}')).eval.split, { folds: 4 });
});

test('every kind of file has a JSON Schema and is told by its keys', () => {
  for (const kind of configKinds) {
    const schema = jsonSchema(kind) as { type: string; properties: object; additionalProperties: boolean };
    equal(schema.type, 'object');
    equal(schema.additionalProperties, false);
  }
  const { properties } = jsonSchema('instrument') as { properties: { tau_jerk: object } };
  const description = 'a number from 0.000001 to 1000000, in seconds';
  deepEqual(properties.tau_jerk, { type: 'number', minimum: 1e-6, maximum: 1e6, description });
  const kindOf = (text: string) => configKindOf(parseYaml(text, 'f').value);
  deepEqual([pipelineYaml, servingYaml, experimentYaml, 'a: 1', '[1]'].map(kindOf), [
    'pipeline',
    'serving',
    'experiment',
    null,
    null,
  ]);
  equal(configKindOf(defaultRuntimeConfig), 'instrument');
  equal(configKindOf({ runtime: {} }), 'replay');
  equal(configKindOf({ runtime_snapshot: {} }), 'published_serving');
});

test('the committed JSON Schemas are current', () => {
  for (const kind of configKinds) {
    const path = resolve(import.meta.dirname, `../../schemas/${kind}.schema.json`);
    const committed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const remedy = `run: npx spymaster validate --write-schemas schemas (${kind})`;
    deepEqual(committed, JSON.parse(JSON.stringify(jsonSchema(kind))), remedy);
  }
});
