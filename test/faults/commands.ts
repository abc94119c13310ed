import { equal } from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Lake, listDatasets } from '../../src/lake/index.ts';
import { runAndKill } from './kill.ts';

const root = resolve(import.meta.dirname, '../..');
export const binary = join(root, 'bin/spymaster.js');

/** A folder with a lake, specs and a session, from which every trial starts. */
export interface Template {
  readonly folder: string;
  readonly datasetId: string;
  readonly runId: string;
}

/** A command that writes: its words, given the folder of the trial. */
export type WritingCommand = (trial: string, template: Template) => readonly string[];

const lakeOf = (trial: string) => ['--lake-root', join(trial, 'lake')];
const session = ({ folder }: Template) => join(folder, 'session.dbn.zst');
const spec = (trial: string, kind: string, name: string) => join(trial, 'specs', kind, `${name}.yaml`);
const out = (trial: string, ...names: string[]) => join(trial, 'out', ...names);

/** Every command that writes; `download` has a scenario of its own, with a server. */
export const commands: Readonly<Record<string, WritingCommand>> = {
  synth: (trial) => ['synth', '--out', out(trial, 'new', 's.dbn.zst'), '--minutes', '1', '--rate', '200'],
  'dbn csv': (trial, t) => ['dbn', 'csv', session(t), '-o', out(trial, 'new', 'records.csv.zst')],
  'dbn json': (trial, t) => ['dbn', 'json', session(t), '-n', '20000', '-o', out(trial, 'new', 'records.json')],
  'dbn parquet': (trial, t) => ['dbn', 'parquet', session(t), '-o', out(trial, 'new', 'records.parquet')],
  'dbn filter': (trial, t) => ['dbn', 'filter', session(t), '-n', '20000', '-f', '-o', out(trial, 'old.dbn')],
  'dbn upgrade': (trial, t) => ['dbn', 'upgrade', session(t), '-o', out(trial, 'new', 'upgraded.dbn.zst')],
  'dbn merge': (trial, t) => ['dbn', 'merge', session(t), session(t), '-o', out(trial, 'new', 'merged.dbn')],
  'dbn split': (trial, t) => ['dbn', 'split', session(t), '--by', 'symbol', '--folder', out(trial, 'new')],
  'dbn book': (trial, t) => ['dbn', 'book', session(t), '--as', 'parquet', '-o', out(trial, 'new', 'book.parquet')],
  replay: (trial, t) => ['replay', session(t), '--config', join(trial, 'replay.json'), '--out', out(trial, 'replay')],
  analyze: (trial, t) => [
    ...['analyze', '--file', session(t), '--config', join(trial, 'replay.json'), '--out', out(trial, 'report')],
  ],
  generate: (trial) => ['generate', spec(trial, 'pipelines', 'second'), ...lakeOf(trial)],
  run: (trial) => ['run', spec(trial, 'experiments', 'second'), ...lakeOf(trial)],
  'results compact': (trial) => ['results', 'compact', ...lakeOf(trial)],
  promote: (trial, { runId }) => [
    ...[
      'promote',
      spec(trial, 'experiments', 'first'),
      '--run-id',
      runId,
      '--alias',
      'live',
      '--yes',
      ...lakeOf(trial),
    ],
  ],
  'cache-output': (trial) => [
    ...[
      'cache-output',
      '--pipeline',
      spec(trial, 'pipelines', 'first'),
      '--out',
      out(trial, 'frames'),
      ...lakeOf(trial),
    ],
  ],
  'publish-dataset': (trial, { datasetId }) => ['publish-dataset', datasetId, '--format', 'parquet', ...lakeOf(trial)],
  'publish-dataset arrow': (trial, { datasetId }) => [
    ...['publish-dataset', datasetId, '--format', 'arrow', '--out', out(trial, 'bundle'), ...lakeOf(trial)],
  ],
  'warm-cache': (trial) => [
    ...['warm-cache', '--from', '2026-02-06', '--start', '09:26', '--workers', '1'],
    ...lakeOf(trial),
  ],
  'campaign run': (trial) => ['campaign', 'run', spec(trial, 'gold_campaigns', 'faults'), ...lakeOf(trial)],
};

export const env = { VP_INSTRUMENT_CONFIG_PATH: join(root, 'configs/instrument.yaml') };

const capture =
  'capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:27"}';
const evaluation =
  'eval: {tp_ticks: [2, 4], sl_ticks: [2], max_hold_bins: 50, warmup_bins: 50, cooldown_bins: 20, split: {folds: 2}}';

/** Makes the template: a session of two minutes, a dataset, the results of two sweeps, a promoted version. */
export async function makeTemplate(folder: string): Promise<Template> {
  const lake = new Lake(join(folder, 'lake'));
  const file = join(folder, 'session.dbn.zst');
  await done(['synth', '--out', file, '--minutes', '2.2', '--rate', '300']);
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  // One file for all trials, so that hashes and checkpoints of it stay right.
  symlinkSync(file, join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst'));
  for (const [path, text] of Object.entries({
    'pipelines/first': `name: first\npipeline_code_version: 1\n${capture}\n`,
    'pipelines/second': `name: second\npipeline_code_version: 1\n${capture}\npipeline: {tau_jerk: 11}\n`,
    'serving/first': 'name: first\npipeline: first\nsignal: {name: derivative, params: {zscore_min_periods: 30}}\n',
    'experiments/first': `name: first\nserving: first\n${evaluation}\nsweep: {per_signal: {derivative: {d2_weight: [0, 1]}}}\n`,
    'experiments/second': `name: second\nserving: first\n${evaluation}\nsweep: {per_signal: {derivative: {d3_weight: [0, 1]}}}\n`,
    'gold_campaigns/faults':
      `name: faults\npipeline_code_version: 1\nbase_${capture}\nsweep_axes: {tau_rest_decay: [15, 31]}\n` +
      'publish: {format: parquet}\n',
  })) {
    mkdirSync(join(folder, 'specs', path, '..'), { recursive: true });
    writeFileSync(join(folder, 'specs', `${path}.yaml`), text);
  }
  cpSync(join(root, 'configs/replay.json'), join(folder, 'replay.json'));
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'out', 'old.dbn'), 'an older file, which is to be replaced');
  await done(['generate', join(folder, 'specs/pipelines/first.yaml'), '--lake-root', lake.root]);
  await done(['run', join(folder, 'specs/experiments/first.yaml'), '--lake-root', lake.root]);
  await done(['run', join(folder, 'specs/experiments/first.yaml'), '--lake-root', lake.root, '--force']);
  const [datasetId] = await listDatasets(lake);
  const compared = await done(['compare', '--lake-root', lake.root, '--min-signals', '0', '--json']);
  const runId = /"run_id":\s*"([0-9a-f]+)"/.exec(compared)?.[1];
  if (datasetId === undefined || runId === undefined) throw new Error(`the template has no run: ${compared}`);
  return { folder, datasetId, runId };
}

/** Runs a command that must succeed and gives what it printed. */
export async function done(words: readonly string[]): Promise<string> {
  const { code, output } = await runAndKill([binary, ...words], env);
  equal(code, 0, `${words.join(' ')}: ${output}`);
  return output;
}
