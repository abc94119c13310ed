import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import {
  campaignVariants,
  configKindOf,
  defaultRuntimeConfig,
  formatYaml,
  type Plain,
  parseCampaignSpec,
  parsePipelineSpec,
  parseServingSpec,
  parseYaml,
  resolvePipeline,
} from './index.ts';

const yaml = `name: taus
pipeline_code_version: 1
base_capture:
  product_type: future_mbo
  symbol: MNQH6
  dt: ["2026-02-05", "2026-02-06"]
  start_time: "09:30"
  end_time: "10:30"
bundles:
  - name: fast
    settings: {tau_velocity: 1, tau_jerk: 5}
  - name: windows
    settings: {flow_windows: [5, 10], flow_rollup_weights: [1, 1]}
sweep_axes:
  cell_width_ms: [100, 250]
  scoring.tanh_scale: [2, 3]
  projection.horizons_ms: [[500], [1000, 1500]]
`;

function specOf(text: string) {
  const { value, origin } = parseYaml(text, 'c.yaml');
  return { spec: parseCampaignSpec(value, origin), origin };
}
function variantsOf(text: string) {
  const { spec, origin } = specOf(text);
  return campaignVariants(spec, defaultRuntimeConfig, origin, 'derivative');
}
const changed = (from: string, to: string) => () => {
  const text = yaml.replace(from, to);
  notEqual(text, yaml, from);
  return variantsOf(text);
};

test('a campaign is sessions × bundles × axes', () => {
  const variants = variantsOf(yaml);
  equal(variants.length, 2 * 2 * 2 * 2 * 2);
  deepEqual(
    variants.slice(0, 3).map(({ date, bundle, settings }) => [date, bundle, settings]),
    [
      ...(
        [
          [2, [500]],
          [2, [1000, 1500]],
          [3, [500]],
        ] as const
      ).map(([tanh, horizons]) => [
        '2026-02-05',
        'fast',
        {
          ...{ tau_velocity: 1, tau_jerk: 5, cell_width_ms: 100 },
          ...{ 'scoring.tanh_scale': tanh, 'projection.horizons_ms': horizons },
        },
      ]),
    ],
  );
  const points = new Set(variants.map(({ date, settings }) => JSON.stringify([date, settings])));
  equal(points.size, variants.length);
  const last = variants.at(-1)!;
  const { flow_windows, cell_width_ms, flow_tanh_scale, projection_horizons_bins } = last.serving.runtime;
  deepEqual([flow_windows, cell_width_ms, flow_tanh_scale, projection_horizons_bins], [[5, 10], 250, 3, [4, 6]]);
  equal(last.pipeline.runtime.tau_velocity, defaultRuntimeConfig.tau_velocity);
  equal(
    variantsOf(
      'name: one\npipeline_code_version: 1\nbase_capture: {product_type: future_mbo, symbol: MNQH6, ' +
        'dt: "2026-02-06", start_time: "09:30", end_time: "09:31"}\n',
    ).length,
    1,
  );
});

test('variants that differ in nothing that shapes the data share pipeline and dataset, and every serving has its own name', () => {
  const variants = variantsOf(yaml);
  const datasets = new Set(variants.map(({ pipeline }) => pipeline.datasetId));
  equal(datasets.size, 2 * 2 * 2);
  equal(new Set(variants.map(({ pipeline }) => pipeline.spec.name)).size, datasets.size);
  equal(new Set(variants.map(({ serving }) => serving.spec.name)).size, variants.length);
  // A variant keeps its names when others come, go, or move.
  const more = variantsOf(
    yaml.replace('[100, 250]', '[50, 250, 100]').replace('scoring.tanh_scale: [2, 3]\n', 'scoring.tanh_scale: [3]\n'),
  );
  const names = new Set(more.map(({ serving }) => serving.spec.name));
  equal(variants.filter(({ serving }) => names.has(serving.spec.name)).length, variants.length / 2);
});

test('written campaign specs read back as the same pipeline and serving', () => {
  for (const { pipeline, serving } of variantsOf(yaml).slice(0, 5)) {
    const read = (spec: object) => parseYaml(formatYaml(spec as Plain), 'p.yaml').value;
    const again = parsePipelineSpec(read(pipeline.spec), 'p.yaml');
    deepEqual(again, pipeline.spec);
    equal(resolvePipeline(again, defaultRuntimeConfig, 'p.yaml').datasetId, pipeline.datasetId);
    deepEqual(parseServingSpec(read(serving.spec), 's.yaml'), serving.spec);
  }
});

test('a campaign’s errors name place, allowed values and the nearest key', () => {
  for (const [from, to, said] of [
    [
      'cell_width_ms: [100',
      'cell_width: [100',
      /c\.yaml:15:3: unknown key "sweep_axes\.cell_width"; the nearest known key is "cell_width_ms"/,
    ],
    [
      'scoring.tanh_scale',
      'tanh_scale',
      /16:3: unknown key "sweep_axes\.tanh_scale"; the nearest known key is "scoring\.tanh_scale"/,
    ],
    [
      'tau_jerk: 5',
      'tau_jrek: 5',
      /11:33: unknown key "bundles\[0\]\.settings\.tau_jrek"; the nearest known key is "tau_jerk"/,
    ],
    ['[100, 250]', '[100, -1]', /15:24: sweep_axes\.cell_width_ms\[1\] is -1; allowed: an integer from 1 to 86400000/],
    [
      '[100, 250]',
      '[]',
      /15:18: sweep_axes\.cell_width_ms is \[\]; allowed: a list of different values, each an integer from 1 to 86400000/,
    ],
    ['[100, 250]', '[100, 100]', /15:18: .*allowed: a list of different values/],
    ['[100, 250]', '100', /15:18: sweep_axes\.cell_width_ms is 100; allowed: a list/],
    ['tau_velocity: 1', 'tau_velocity: .nan', /11:30: bundles\[0\]\.settings\.tau_velocity/],
    [
      'tau_velocity: 1',
      'cell_width_ms: 100',
      /11:16: cell_width_ms is set by the bundle fast and is an axis of sweep_axes too/,
    ],
    ['name: windows', 'name: fast', /12:11: the bundle fast is there twice/],
    [
      '[5, 10]',
      '[5, 10, 20]',
      /13:\d+: flow_rollup_weights is \[1,1\]; allowed: as many weights as flow_windows has windows/,
    ],
    [
      '[1000, 1500]',
      '[1000, 1510]',
      /17:42: projection\.horizons_ms\[1\] is 1510; allowed: different multiples of the cell, 100 ms/,
    ],
    ['"2026-02-06"]', '"2026-02-30"]', /6:22: .*2026-02-30 is not in the calendar/],
    ['["2026-02-05", "2026-02-06"]', '["2026-02-05", "2026-02-05"]', /6:7: .*or a list of different ones/],
    [
      '["2026-02-05", "2026-02-06"]',
      '2026',
      /6:7: base_capture\.dt is 2026; allowed: a date YYYY-MM-DD, or a list of different ones/,
    ],
    ['"10:30"', '"09:00"', /8:13: .*give an end after the start/],
    ['MNQH6', 'ESH4', /locked to future_mbo MNQH6/],
    ['name: taus', 'name: ../taus', /1:7: name is "\.\.\/taus"; allowed: a name of 1 to 100 letters/],
    ['bundles:', 'bundels:', /9:1: unknown key "bundels"; the nearest known key is "bundles"/],
    [
      'sweep_axes:',
      'publish: {format: feather}\nsweep_axes:',
      /14:19: publish\.format is "feather"; allowed: one of parquet, arrow, csv/,
    ],
  ] as const) {
    throws(changed(from, to), (error: Error) => {
      match(error.message, said);
      return true;
    });
  }
});

test('a campaign of too many variants is refused before they are laid out', () => {
  const values = Array.from({ length: 200 }, (_, i) => i + 1).join(', ');
  const text = yaml.replace('scoring.tanh_scale: [2, 3]', `tau_rest_decay: [${values}]\n  c1_v_add: [${values}]`);
  throws(() => variantsOf(text), /15:3: the campaign has 640,000 variants; allowed: at most 10,000 variants/);
});

test('the example is a campaign', () => {
  const path = resolve(import.meta.dirname, '../../configs/gold_campaigns/mnq_demo_taus.yaml');
  const text = readFileSync(path, 'utf8');
  equal(configKindOf(parseYaml(text, path).value), 'campaign');
  equal(variantsOf(text).length, 8);
});
