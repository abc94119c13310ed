import { deepEqual, equal, match } from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../../test/helpers/run_command.ts';
import { Lake } from '../lake/index.ts';

const configs = resolve(import.meta.dirname, '../../configs');
const folder = mkdtempSync(join(tmpdir(), 'spymaster-generate-'));
const lakeRoot = join(folder, 'lake');
const pipeline = join(folder, 'pipelines', 'mnq_demo.yaml');
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

before(async () => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = join(configs, 'instrument.yaml');
  for (const kind of ['pipelines', 'serving', 'experiments'])
    cpSync(join(configs, kind), join(folder, kind), { recursive: true });
  const raw = join(new Lake(lakeRoot).rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
  mkdirSync(dirname(raw), { recursive: true });
  await runCommand('synth', '--out', raw, '--minutes', '1.2', '--rate', '200');
  const text = readFileSync(pipeline, 'utf8');
  writeFileSync(
    pipeline,
    text.replace(/start_time: .*/, 'start_time: "09:25"').replace(/end_time: .*/, 'end_time: "09:26"'),
  );
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

test('generate makes a dataset once, checks it, and list-datasets shows it', async () => {
  const empty = await runCommand('list-datasets', '--lake-root', lakeRoot);
  match(empty.out, /No dataset in .* yet/);
  const first = await runCommand('generate', pipeline, '--lake-root', lakeRoot, '--json');
  equal(first.code, 0, first.out);
  const made = JSON.parse(first.out) as { dataset_id: string; folder: string; is_new: boolean; bins: number };
  deepEqual([made.is_new, made.bins], [true, 600]);
  const again = await runCommand('generate', pipeline, '--lake-root', lakeRoot, '--verify');
  match(again.out, /is there, and its files are as they were made \(600 bins of 100 ms/);
  const listed = await runCommand('list-datasets', '--lake-root', lakeRoot);
  match(listed.out, new RegExp(`${made.dataset_id} +100 ms +600 `));

  const bins = readFileSync(join(made.folder, 'bins.parquet'));
  bins[10]! ^= 1;
  writeFileSync(join(made.folder, 'bins.parquet'), bins);
  const broken = await runCommand('generate', pipeline, '--lake-root', lakeRoot, '--verify');
  equal(broken.code, 1);
  match(broken.err, /^Error \[CHECKSUM_MISMATCH\]: .*bins\.parquet changed since it was made/);
  rmSync(join(made.folder, 'bins.parquet'));
  const hollow = await runCommand('generate', pipeline, '--lake-root', lakeRoot);
  deepEqual([hollow.code, hollow.out], [1, '']);
  match(hollow.err, /^Error \[DATASET_INVALID\]: .*bins\.parquet: the file is missing; delete the folder/);
  const damaged = await runCommand('list-datasets', '--lake-root', lakeRoot, '--json');
  const { datasets, damaged: problems } = JSON.parse(damaged.out) as {
    datasets: [];
    damaged: { dataset_id: string }[];
  };
  deepEqual([datasets, problems.map(({ dataset_id }) => dataset_id)], [[], [made.dataset_id]]);
});

test('validate checks a file and what it names, and points at the line', async () => {
  for (const [file, said] of [
    [join(configs, 'instrument.yaml'), /is a sound instrument: future_mbo MNQH6/],
    [join(configs, 'replay.json'), /is a sound replay: MNQH6 on 2026-02-06/],
    [pipeline, /is a sound pipeline: its dataset is mnqh6_20260206_0925_0926__mnq_demo__/],
    [join(folder, 'serving', 'mnq_demo.yaml'), /is a sound serving: derivative on/],
    [join(folder, 'experiments', 'sweep_derivative.yaml'), /is a sound experiment: 16 cells of derivative on/],
  ] as const) {
    const { code, out, err } = await runCommand('validate', file, '--lake-root', lakeRoot);
    deepEqual([code, err], [0, '']);
    match(out, said);
  }
  const experiment = join(folder, 'experiments', 'bad.yaml');
  const text = readFileSync(join(folder, 'experiments', 'sweep_derivative.yaml'), 'utf8');
  for (const [from, to, said] of [
    ['d2_weight: [0.0, 0.5]', 'd2_weihgt: [0.0]', /bad\.yaml:15:19: .*unknown parameter "d2_weihgt".*"d2_weight"/],
    ['d2_weight: [0.0, 0.5]', 'd2_weight: [0.0, -1]', /bad\.yaml:15:24: .*d2_weight is -1; allowed: a number from 0/],
    ['derivative:', 'ads:', /bad\.yaml:13:3: .*the serving mnq_demo runs the signal derivative/],
    ['serving: mnq_demo', 'serving: mnq', /bad\.yaml:4:10 names: .*the nearest is "mnq_pva", of mnq_demo, mnq_pva/],
    ['eval:', 'evla:', /bad\.yaml:5:1: unknown key "evla"; the nearest known key is "eval"/],
  ] as const) {
    writeFileSync(experiment, text.replace(from, to));
    const { code, err } = await runCommand('validate', experiment, '--lake-root', lakeRoot);
    equal(code, 1);
    match(err, said);
  }
  writeFileSync(experiment, 'a: 1\n');
  match((await runCommand('validate', experiment)).err, /Cannot tell what .* is: .*--kind/);
  equal((await runCommand('validate')).code, 2);
});
