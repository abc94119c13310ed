import { deepEqual, equal, match } from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runCommand } from '../helpers/run_command.ts';
import { missingShared, sharedPath } from '../helpers/shared.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const root = temporaryFolder('fix');
const environment = process.env.VP_INSTRUMENT_CONFIG_PATH;
afterEach(() => {
  if (environment === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = environment;
});

const models = (name: string) => new RegExp(`: ${name} learns from data, and no signal here does\\.$`);
const horizons =
  /derivative_baseline\.yaml:27:17: projection\.horizons_ms\[0\] is 250; allowed: different multiples of the cell, 100 ms\./;
const blend = /: there is no signal ads_pfp_svac: it was a blend/;
const day = 'pipelines/mnqh6_20260206_0925_1025.yaml';
const short = 'pipelines/mnqh6_20260206_0925_0927.yaml';
const onDay = (signal: string, name: string) => [
  ...[day, `serving/mnqh6_20260206_0925_1025_${signal}.yaml`, `experiments/${name}.yaml`],
];
const onShort = (name: string) => [
  ...[short, 'serving/mnqh6_20260206_0925_0927_derivative.yaml', `experiments/${name}.yaml`],
];

/** What becomes of each file: it is sound as it is, these files are its new form, or why there is none. */
const outcomes: Readonly<Record<string, 'sound' | readonly string[] | RegExp>> = {
  'experiments/sweep_derivative_rr20.yaml': horizons,
  'gold_campaigns/mnq_grid_spectrum_force_smoke.yaml': ['gold_campaigns/mnq_grid_spectrum_force_smoke.yaml'],
  'gold_campaigns/mnq_grid_spectrum_force_v1.yaml': ['gold_campaigns/mnq_grid_spectrum_force_v1.yaml'],
  'grid_variant_ablation.yaml': [
    ...[day, 'serving/mnqh6_20260206_0925_1025_ads.yaml', 'gold_campaigns/grid_variant_ablation_grid.yaml'],
    'experiments/grid_variant_ablation.yaml',
  ],
  'instrument.yaml': 'sound',
  'legacy/legacy_ads.yaml': onDay('ads', 'legacy_ads'),
  'legacy/legacy_erd.yaml': onDay('erd', 'legacy_erd'),
  'legacy/legacy_full_suite.yaml': onDay('ads', 'legacy_full_suite'),
  'legacy/legacy_gbm_mf.yaml': models('gbm_mf'),
  'legacy/legacy_iirc.yaml': onDay('iirc', 'legacy_iirc'),
  'legacy/legacy_jad.yaml': onDay('jad', 'legacy_jad'),
  'legacy/legacy_knn_cl.yaml': models('knn_cl'),
  'legacy/legacy_lsvm_der.yaml': models('lsvm_der'),
  'legacy/legacy_msd.yaml': onDay('msd', 'legacy_msd'),
  'legacy/legacy_pca_ad.yaml': models('pca_ad'),
  'legacy/legacy_pfp.yaml': onDay('pfp', 'legacy_pfp'),
  'legacy/legacy_spg.yaml': onDay('spg', 'legacy_spg'),
  'legacy/legacy_svm_sp.yaml': models('svm_sp'),
  'legacy/legacy_xgb_snap.yaml': models('xgb_snap'),
  'pipelines/mnq_60m_baseline.yaml': 'sound',
  'round1_stat_signals.yaml': onDay('ads', 'round1_stat_signals'),
  'round2_ml_signals.yaml':
    /: svm_sp, gbm_mf, knn_cl, lsvm_der, xgb_snap, pca_ad learn from data, and no signal here does\.$/,
  'serving/derivative_baseline.yaml': horizons,
  'smoke_ads.yaml': onDay('ads', 'smoke_ads'),
  'smoke_derivative.yaml': onShort('smoke_derivative'),
  'tune_ads_pfp_svac_rr.yaml': blend,
  'tune_ads_pfp_svac_rr_20_8.yaml': blend,
  'tune_ads_pfp_svac_runtime.yaml': blend,
  'tune_derivative.yaml': onShort('tune_derivative'),
  'tune_pfp_lag_lookback.yaml': onDay('pfp', 'tune_pfp_lag_lookback'),
  'tune_spg_vertical.yaml': /: sweep\.per_signal\.spg\.curv_span is 8 or 12, and the signal has 10 always\.$/,
};

test('each spec of the replaced program opens, gets a form that does, or is refused for one reason', {
  skip: missingShared,
}, async () => {
  const folder = join(root, 'all');
  cpSync(sharedPath('data', 'legacy-configs'), folder, { recursive: true });
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  chmodSync(folder, 0o755);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  deepEqual(files.sort(), Object.keys(outcomes).sort());
  process.env.VP_INSTRUMENT_CONFIG_PATH = join(folder, 'instrument.yaml');
  const written = new Set<string>();
  for (const [file, outcome] of Object.entries(outcomes)) {
    const out = join(folder, 'new');
    const before = readFileSync(join(folder, file), 'utf8');
    const { code, out: text } = await runCommand('validate', join(folder, file), '--fix', '--out', out, '--json');
    equal(readFileSync(join(folder, file), 'utf8'), before);
    const answer = JSON.parse(text) as {
      readonly error?: { readonly message: string };
      readonly valid?: boolean;
      readonly written?: readonly { readonly path: string }[];
    };
    if (outcome instanceof RegExp) {
      match(answer.error?.message ?? 'no error', outcome, file);
      equal(code, 1, file);
    } else if (outcome === 'sound') deepEqual([code, answer.valid], [0, true], file);
    else {
      const paths = answer.written?.map(({ path }) => relative(out, path)) ?? [];
      deepEqual(paths, outcome, `${file}: ${answer.error?.message ?? ''}`);
      for (const path of paths) written.add(join(out, path));
    }
  }
  for (const path of written) {
    const { code, err } = await runCommand('validate', path);
    equal(code, 0, `${path}: ${err}`);
  }
});

const old = `name: e
datasets: [mnqh6_20260206_0925_1025]
signals: [ads]
eval: {tp_ticks: 8, sl_ticks: 4, max_hold_bins: 1200, warmup_bins: 300}
sweep: {universal: {cooldown_bins: [30]}}
`;
let path = '';
beforeEach((context) => {
  path = join(root, `${context.name.replaceAll(/\W+/g, '_')}.yaml`);
  writeFileSync(path, old);
});

test('the new form stands beside the file, again and again, and replaces nothing else', async () => {
  const first = await runCommand('validate', path, '--fix');
  match(first.out, /has an older form, and stays as it is\. Today's form of it:\n {2}wrote \S*fixed\/pipelines\/mnqh6/);
  match(first.out, /What is said otherwise:\n/);
  const experiment = join(root, 'fixed', 'experiments', 'e.yaml');
  equal((await runCommand('validate', experiment)).code, 0);
  match((await runCommand('validate', path, '--fix')).out, /is there as it should be: \S*experiments\/e\.yaml/);
  writeFileSync(experiment, 'name: mine\n');
  const other = await runCommand('validate', path, '--fix');
  equal(other.code, 1);
  match(other.err, /FILE_EXISTS.*experiments\/e\.yaml: a file with other content is there/);
  equal(readFileSync(experiment, 'utf8'), 'name: mine\n');
});

test('a file that cannot be brought into the form of today leaves nothing', async () => {
  const out = join(root, 'nothing');
  writeFileSync(path, old.replace('tp_ticks: 8', 'tp_ticks: -8'));
  const { code, err } = await runCommand('validate', path, '--fix', '--out', out);
  equal(code, 1);
  match(err, /eval\.tp_ticks is -8; allowed/);
  equal(existsSync(out), false);
});

test('without --fix an older file is told to have one', async () => {
  const { code, err } = await runCommand('validate', path);
  equal(code, 1);
  match(err, /unknown key[\s\S]*has an older form: `spymaster validate \S+ --fix` writes today's/);
});
