import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { runCommand } from '../helpers/run_command.ts';

const configs = resolve(import.meta.dirname, '../../configs');
const folder = mkdtempSync(join(tmpdir(), 'spymaster-campaign-cli-'));
const lake = new Lake(join(folder, 'lake'));
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

before(() => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = join(configs, 'instrument.yaml');
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

/** Runs the command line in this process, on the lake of this file. */
const run = (...words: string[]) => runCommand(...words, '--lake-root', lake.root);

const campaign = `name: tiny
pipeline_code_version: 1
base_capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:26"}
sweep_axes:
  cell_width_ms: [1000]
  scoring.tanh_scale: [2, 3]
signal: {name: derivative, params: {d2_weight: 0.5}}
publish: {format: csv, columns: [mid_price], partition: hour}
`;

test('a campaign is checked, planned, run, and its datasets are published', async () => {
  const file = join(folder, 'tiny.yaml');
  writeFileSync(file, campaign);
  const deaf = /Warning: scoring\.tanh_scale changes no firing of derivative, which reads state5_code alone/;
  const { out: checked } = await run('validate', file);
  match(checked, /is a sound campaign: 2 variants on 1 dataset\./);
  match(checked, deaf);
  equal(JSON.parse((await run('validate', file, '--json')).out).warnings.length, 1);
  const early = await run('campaign', 'run', file, '--dry-run');
  equal(early.code, 1);
  match(early.err, /^Error \[FILE_NOT_FOUND\]: Cannot find a replay file of future_mbo MNQH6 for 2026-02-06/);
  equal((await run('validate', join(configs, 'gold_campaigns', 'mnq_demo_taus.yaml'))).code, 0);
  writeFileSync(file, campaign.replace('d2_weight: 0.5', 'd2_weihgt: 0.5'));
  match((await run('validate', file)).err, /tiny\.yaml:7:48: .*"d2_weihgt".*"d2_weight"/);
  writeFileSync(file, campaign.replace('[mid_price]', '[k, mid_prize]'));
  match((await run('validate', file)).err, /tiny\.yaml:8:37: publish\.columns\[1\] is "mid_prize".*"mid_price"/);
  writeFileSync(file, campaign);

  const raw = join(lake.rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
  mkdirSync(dirname(raw), { recursive: true });
  await runCommand('synth', '--out', raw, '--minutes', '1.1', '--rate', '50');
  const { code, out } = await run('campaign', 'run', file, '--json');
  equal(code, 0, out);
  const report = JSON.parse(out) as {
    variants: object[];
    datasets: { dataset_id: string; state: string; bins: number; published: string }[];
  };
  const [dataset] = report.datasets;
  deepEqual([report.variants.length, dataset!.state, dataset!.bins], [2, 'made', 60]);
  deepEqual(readdirSync(join(dataset!.published, 'bins', 'date=2026-02-06')), ['hour=09']);
  const again = await run('campaign', 'run', file, '--dry-run');
  match(again.out, /^tiny: 2 variants on 1 dataset, 1 there already, 0 to make; 0 specs to write\./);
  match(again.out, /Nothing is to be made\./);
  match(again.out, deaf);

  const bundle = join(folder, 'bundle');
  const words = [
    'publish-dataset',
    dataset!.dataset_id,
    '--out',
    bundle,
    '--format',
    'arrow',
    '--from',
    '09:25:10',
    '--to',
    '09:25:20',
  ];
  const published = await run(...words);
  match(
    published.out,
    /^Published mnqh6_20260206_0925_0926__tiny_.* \(10 rows of bins and .* 3 arrow files, .*bit by bit/,
  );
  match((await run(...words)).out, /is there, and its files are as they were made/);
  for (const [wrong, said] of [
    [['--from', '25:00'], /Expected a New York clock time written HH:MM or HH:MM:SS/],
    [['--from', '09:26', '--to', '09:25'], /give an end after the start/],
    [['--columns', 'k,,'], /Expected names of columns separated by commas/],
    [['--format', 'feather'], /Allowed choices are parquet, arrow, csv/],
  ] as const) {
    const { code: refused, err } = await run('publish-dataset', dataset!.dataset_id, ...wrong);
    equal(refused, 2);
    match(err, said);
  }
});
