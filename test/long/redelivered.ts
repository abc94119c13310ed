import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { runCommand } from '../helpers/run_command.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-redelivered-'));
const lakeRoot = join(folder, 'lake');
const lake = new Lake(lakeRoot);
const raw = join(lake.rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

before(() => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = resolve(import.meta.dirname, '../../configs/instrument.yaml');
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

function writeSpec(kind: string, text: string): string {
  const path = join(folder, kind, 'again.yaml');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `name: again\n${text}`);
  return path;
}

const pipeline = writeSpec(
  'pipelines',
  `pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:26"}
pipeline: {cell_width_ms: 1000, grid_radius_ticks: 8, n_absolute_ticks: 512}
`,
);
writeSpec('serving', 'pipeline: again\nsignal: {name: derivative, params: {zscore_min_periods: 5}}\n');
const experiment = writeSpec(
  'experiments',
  'serving: again\neval: {tp_ticks: [2], sl_ticks: [2], max_hold_bins: 5, warmup_bins: 5, cooldown_bins: 1}\n',
);

const inLake = (...words: string[]) => runCommand(...words, '--lake-root', lakeRoot);
const deliver = async (seed: number) => {
  rmSync(raw, { force: true });
  const made = await runCommand('synth', '--out', raw, '--minutes', '1.2', '--rate', '100', '--seed', String(seed));
  equal(made.code, 0, made.err);
};
async function json<T>(...words: string[]): Promise<T> {
  const { code, out, err } = await inLake(...words, '--json');
  equal(code, 0, out + err);
  return JSON.parse(out) as T;
}

interface Generated {
  readonly dataset_id: string;
  readonly is_new: boolean;
  readonly raw_file: { readonly state: string };
}
interface Ran {
  readonly dataset_id: string;
  readonly made_dataset: boolean;
  readonly raw_file: { readonly state: string };
}
interface Listed {
  readonly datasets: readonly { readonly dataset_id: string; readonly raw_file: { readonly state: string } }[];
}
const changed = /The raw file of mnqh6_\S+ changed since the dataset was made: .*generate <pipeline\.yaml> --rebuild/;

test('a raw file that was delivered anew is told by every command that uses its dataset', async () => {
  await deliver(1);
  const first = await json<Generated>('generate', pipeline);
  deepEqual([first.is_new, first.raw_file.state], [true, 'same']);
  match((await inLake('list-datasets')).out, /\.mbo\.dbn\.zst +same\n/);
  match((await inLake('doctor')).out, /raw files +1 dataset made from the raw files as they are/);

  await deliver(2);
  const listed = await inLake('list-datasets');
  match(listed.out, /\.mbo\.dbn\.zst +not hashed yet\n/);
  const again = await inLake('generate', pipeline);
  equal(again.code, 0);
  match(again.err, changed);
  const relisted = await inLake('list-datasets');
  match(relisted.out, /\.mbo\.dbn\.zst +differs\n/);
  match(relisted.err, changed);
  const verified = await inLake('generate', pipeline, '--verify');
  equal(verified.code, 1);
  match(verified.err, /^Error \[CHECKSUM_MISMATCH\]: The raw file of/m);
  match((await inLake('doctor')).out, /! raw files +mnqh6_.* is not what the dataset was made from.*\n.*--rebuild/);
  const ran = await inLake('run', experiment);
  equal(ran.code, 0, ran.err);
  match(ran.err, changed);
  match((await inLake('run', experiment, '--dry-run')).err, changed);
});

test('a dataset that was rebuilt is the one that is used while its raw file is there', async () => {
  const rebuilt = await json<Generated>('generate', pipeline, '--rebuild');
  const base = rebuilt.dataset_id.replace(/_r[0-9a-f]{8}$/, '');
  deepEqual([rebuilt.is_new, rebuilt.dataset_id.length - base.length, rebuilt.raw_file.state], [true, 10, 'same']);
  const { datasets } = await json<Listed>('list-datasets');
  deepEqual(
    datasets.map(({ dataset_id, raw_file }) => [dataset_id, raw_file.state]),
    [
      [base, 'differs'],
      [rebuilt.dataset_id, 'same'],
    ],
  );
  const doctor = await inLake('doctor');
  match(doctor.out, new RegExp(`✓ raw files +${base} was made from another file, and a dataset of this one is there`));

  const ran = await json<Ran>('run', experiment);
  deepEqual([ran.dataset_id, ran.made_dataset, ran.raw_file.state], [rebuilt.dataset_id, false, 'same']);
  const told = await inLake('run', experiment);
  match(told.err, new RegExp(`Using the dataset ${rebuilt.dataset_id}, made beside ${base}`));
  match((await inLake('run', experiment, '--dry-run')).out, new RegExp(`on ${rebuilt.dataset_id},`));
  const { runs } = await json<{ runs: { dataset_id: string }[] }>(
    'compare',
    '--dataset-id',
    rebuilt.dataset_id,
    '--min-signals',
    '0',
  );
  deepEqual(
    runs.map(({ dataset_id }) => dataset_id),
    [rebuilt.dataset_id],
  );
  const bundle = join(folder, 'bundle');
  equal((await inLake('publish-dataset', rebuilt.dataset_id, '--out', bundle)).code, 0);
  const report = await inLake('analyze', rebuilt.dataset_id);
  equal(report.code, 0, report.err);
});

test('a campaign takes the dataset that fits its raw file', async () => {
  const campaign = join(folder, 'campaign.yaml');
  writeFileSync(
    campaign,
    `name: again
pipeline_code_version: 1
base_capture: {product_type: future_mbo, symbol: MNQH6, dt: ["2026-02-06"], start_time: "09:25", end_time: "09:26"}
sweep_axes: {cell_width_ms: [2000]}
`,
  );
  const plan = async () => {
    const { out, err, code } = await inLake('campaign', 'run', campaign, '--dry-run', '--json');
    equal(code, 0, out + err);
    return {
      err,
      plan: JSON.parse(out) as { datasets_there: string[]; variants: { dataset_id: string; pipeline: string }[] },
    };
  };
  await json('campaign', 'run', campaign);
  const [name] = (await plan()).plan.datasets_there;
  await deliver(3);
  const stale = await plan();
  deepEqual(stale.plan.datasets_there, [name]);
  match(stale.err, changed);
  const spec = join(lake.specs('pipelines'), `${stale.plan.variants[0]?.pipeline}.yaml`);
  const rebuilt = await json<Generated>('generate', spec, '--rebuild');
  const fresh = await plan();
  deepEqual(fresh.plan.datasets_there, [rebuilt.dataset_id]);
  deepEqual(
    fresh.plan.variants.map(({ dataset_id }) => dataset_id),
    [rebuilt.dataset_id],
  );
  equal(fresh.err, '');
});
