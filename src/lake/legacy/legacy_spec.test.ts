import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { legacyKindOf, parseOrAdvise, translateLegacy } from './legacy_spec.ts';

const instrument = { product_type: 'future_mbo' } as const;
const formOf = (text: string) => translateLegacy('old.yaml', parseYaml(text, 'old.yaml').value, instrument);
const newValue = (text: string, kind: string) => formOf(text)?.specs.find((spec) => spec.kind === kind)?.value;
const experiment = (signals: string, perSignal = '{}', datasets = '[mnqh6_20260206_0925_1025]') => `name: e
datasets: ${datasets}
signals: ${signals}
eval: {tp_ticks: 8, sl_ticks: 4, max_hold_bins: 1200, warmup_bins: 300}
sweep: {universal: {cooldown_bins: [20, 30]}, per_signal: ${perSignal}}
`;
const refused = (text: string, message: RegExp) => throws(() => formOf(text), { code: 'CONFIG_INVALID', message });

test('an experiment over a dataset becomes a pipeline, a serving and an experiment', () => {
  const form = formOf(experiment('[pfp]', '{pfp: {lag_bins: [3, 5], ema_alpha: [0.05, 0.1]}}'));
  deepEqual(form?.specs, [
    {
      kind: 'pipelines',
      name: 'mnqh6_20260206_0925_1025',
      value: {
        name: 'mnqh6_20260206_0925_1025',
        pipeline_code_version: '1',
        capture: {
          ...{ product_type: 'future_mbo', symbol: 'MNQH6', dt: '2026-02-06', start_time: '09:25', end_time: '10:25' },
        },
      },
    },
    {
      kind: 'serving',
      name: 'mnqh6_20260206_0925_1025_pfp',
      value: { name: 'mnqh6_20260206_0925_1025_pfp', pipeline: 'mnqh6_20260206_0925_1025', signal: { name: 'pfp' } },
    },
    {
      kind: 'experiments',
      name: 'e',
      value: {
        ...{ name: 'e', serving: 'mnqh6_20260206_0925_1025_pfp' },
        eval: { tp_ticks: 8, sl_ticks: 4, max_hold_bins: 1200, warmup_bins: 300, cooldown_bins: [20, 30] },
        sweep: { per_signal: { pfp: { lag_bins: [3, 5], alpha: [0.05, 0.1] } } },
      },
    },
  ]);
  match(form?.changes.join('\n') ?? '', /cooldown_bins is eval\.cooldown_bins now\.\n.*ema_alpha is alpha now/);
});

test('several signals stand side by side, and several datasets are sessions', () => {
  const both = '[mnqh6_20260206_0925_1025, mnqh6_20260209_0925_1025_v2]';
  const value = newValue(experiment('[ads, msd]', '{msd: {variant: [weighted]}}', both), 'experiments');
  deepEqual(value?.signals, ['ads', 'msd']);
  deepEqual(value?.sessions, { datasets: ['mnqh6_20260206_0925_1025', 'mnqh6_20260209_0925_1025'] });
  deepEqual(value?.sweep, { per_signal: { msd: { weighting: ['inverse_distance'] } } });
  const pipeline = newValue(experiment('[ads]', '{}', both), 'pipelines');
  deepEqual(Object.keys(pipeline?.capture as object), ['product_type', 'symbol', 'start_time', 'end_time']);
});

test('values that a signal has fixed are left out, and refused where only others are wanted', () => {
  const form = formOf(experiment('[ads]', '{ads: {slope_windows: [[10, 25, 50], [8, 20, 40]], zscore_window: [150]}}'));
  deepEqual(form?.specs.at(-1)?.value.sweep, { per_signal: { ads: { zscore_window_bins: [150] } } });
  match(form?.changes.join('\n') ?? '', /slope_windows left out: it is \[10,25,50\] always, \[8,20,40\] cannot be had/);
  refused(
    experiment('[ads]', '{ads: {slope_windows: [[8, 20, 40]]}}'),
    /ads\.slope_windows is \[8,20,40\], and the signal has/,
  );
  refused(
    experiment('[pfp]', '{pfp: {warmup_bins: [200, 400]}}'),
    /warmup_bins is 400; give eval\.warmup_bins as many bins/,
  );
  const bands = (ask: string, bid: string) => experiment('[spg]', `{spg: {ask_band: ${ask}, bid_band: ${bid}}}`);
  deepEqual(newValue(bands('[[51, 63], [51, 69]]', '[[38, 50], [32, 50]]'), 'experiments')?.sweep, {
    per_signal: { spg: { reach_ticks: [12, 18], centre_bins: [0] } },
  });
  refused(bands('[[51, 63]]', '[[32, 50]]'), /12 ticks above and 18 below spot; the signal has one reach/);
  refused(bands('[[52, 63]]', '[[38, 50]]'), /ask_band is \[52,63\]; the band starts next to spot/);
});

test('signals that learn are left out of several, and refused alone', () => {
  const form = formOf(experiment('[gbm_mf, ads]'));
  deepEqual(form?.specs.at(-1)?.value.serving, 'mnqh6_20260206_0925_1025_ads');
  match(form?.changes[0] ?? '', /gbm_mf left out: gbm_mf learns from data/);
  refused(experiment('[gbm_mf, svm_sp]'), /: gbm_mf, svm_sp learn from data, and no signal here does\.$/);
  refused(experiment('[ads_pfp_svac]'), /there is no signal ads_pfp_svac/);
  refused(experiment('[adz]'), /there is no signal adz/);
  refused(experiment('[ads]', '{}', '[my_dataset]'), /a name says its capture, SYMBOL_DATE_START_END/);
});

test('a grid variant becomes a campaign until the end of the dataset', () => {
  const variant =
    'grid_variant: {cell_width_ms: [50, 100], product_type: future_mbo, symbol: MNQH6, dt: 2026-02-06, start_time: "09:25"}\n';
  deepEqual(newValue(experiment('[ads]') + variant, 'gold_campaigns'), {
    ...{ name: 'e_grid', pipeline_code_version: '1' },
    base_capture: {
      ...{ product_type: 'future_mbo', symbol: 'MNQH6', dt: '2026-02-06', start_time: '09:25', end_time: '10:25' },
    },
    sweep_axes: { cell_width_ms: [50, 100] },
    signal: { name: 'ads' },
  });
});

test('a campaign with capture_start_et, a serving without suffixes, and MLflow without an address', () => {
  const campaign = `name: c
base_capture: {product_type: future_mbo, symbol: MNQH6, dt: 2026-02-06, capture_start_et: "09:25:00", capture_end_et: "09:27:00"}
publish: {agents: [eda]}
sweep_axes: {flow_tanh_scale: [3]}
bundles: [{tau_velocity: 2, flow_neutral_threshold: 0.2}]
`;
  const value = newValue(campaign, 'gold_campaigns');
  deepEqual(value?.bundles, [{ name: 'bundle_1', settings: { tau_velocity: 2, 'scoring.threshold_neutral': 0.2 } }]);
  deepEqual([value?.sweep_axes, value?.publish], [{ 'scoring.tanh_scale': [3] }, undefined]);
  match(JSON.stringify(value?.base_capture), /"start_time":"09:25","end_time":"09:27"/);
  refused(
    campaign.replace('09:25:00', '09:25:30'),
    /capture_start_et is "09:25:30"; captures start and end at whole minutes/,
  );
  const serving = 'name: s\npipeline: p\nsignal: {name: derivative, weights: {bull_pressure: 2, d1_weight: 1}}\n';
  deepEqual(newValue(serving, 'serving')?.signal, {
    name: 'derivative',
    weights: { bull_pressure_weight: 2, d1_weight: 1 },
  });
  const tracked = 'name: t\nserving: s\neval: {}\ntracking: {backend: mlflow, experiment_name: x}\n';
  deepEqual(newValue(tracked, 'experiments')?.tracking, { backend: 'none', experiment_name: 'x' });
  equal(formOf('name: t\nserving: s\neval: {}\n'), null);
});

test('an error of an older file says how to bring it into the form of today', () => {
  const fail = () => {
    throw new SpymasterError('CONFIG_INVALID', 'Cannot.', { path: 'old.yaml' });
  };
  throws(() => parseOrAdvise('old.yaml', { datasets: [] }, fail), {
    message: /^Cannot\.\n {2}old\.yaml has an older form: .*--fix/,
  });
  throws(() => parseOrAdvise('old.yaml', { name: 'x' }, fail), { message: 'Cannot.' });
  equal(legacyKindOf([1]), null);
});
