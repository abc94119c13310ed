import { deepEqual, equal, ok } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryPrefix } from '../../src/files/index.ts';
import { Lake, ResultsStore, ServingRegistry } from '../../src/lake/index.ts';
import { storedRows, timelessRuns } from '../helpers/stored_rows.ts';
import type { Budget } from './budget.ts';
import { runAndKill } from './kill.ts';

const root = resolve(import.meta.dirname, '../..');
const binary = join(root, 'bin/spymaster.js');
const env = { VP_INSTRUMENT_CONFIG_PATH: join(root, 'configs/instrument.yaml') };

const experiment = `name: faults
serving: faults
eval: {tp_ticks: [2, 4, 6], sl_ticks: [2, 4], max_hold_bins: 50, warmup_bins: 50, cooldown_bins: [5, 20], split: {folds: 2}}
sweep: {per_signal: {derivative: {zscore_window_bins: [60, 90, 120], d2_weight: [0, 0.5, 1], d3_weight: [0, 1]}}}
`;

/** Kills `run` at `rounds` random moments: no result lost, doubled or different, and the last run completes. */
export async function runFaults(prepared: PreparedSweep, { random, more }: Budget): Promise<string> {
  const { killed: lake, reference, spec, tookMs } = prepared;
  const expected = await results(reference);
  equal(expected.length, 216 * 6);

  let killed = 0;
  let completed = 0;
  let known = 0;
  for (let round = 0; more(round, killed); round++) {
    const { isKilled, code, output } = await runAndKill(runWords(spec, lake), env, random() * tookMs * 1.1);
    if (isKilled) killed++;
    else equal(code, 0, output);
    const stored = await results(lake);
    ok(stored.length >= known && stored.length % 6 === 0, `${stored.length} rows after ${known}`);
    const wanted = new Set(expected);
    for (const row of stored) ok(wanted.has(row), 'a result that an undisturbed run does not give');
    equal(new Set(stored).size, stored.length, 'a result is there twice');
    await assertLedger(lake);
    known = stored.length;
    if (known < expected.length) continue;
    completed++;
    rmSync(lake.results, { recursive: true });
    known = 0;
  }
  const last = await runAndKill(runWords(spec, lake), env);
  equal(last.code, 0, last.output);
  deepEqual(await results(lake), expected);
  const left = readdirSync(lake.results).filter((name) => name.startsWith(temporaryPrefix));
  return `run: ${killed} kills, ${completed} sweeps completed meanwhile, the same results in the end, ${left.length} leftovers`;
}

/** No unit is stored that the ledger lacks. */
async function assertLedger(lake: Lake): Promise<void> {
  using store = await ResultsStore.open(lake);
  const key = (row: { unitId: string; threshold: number; tradesHash: string }) =>
    [row.unitId, row.threshold, row.tradesHash].join();
  const tried = new Set((await storedRows(store, 'tried')).map(key));
  for (const unit of await storedRows(store, 'units')) ok(tried.has(key(unit)), 'a unit that the ledger lacks');
}

/** Kills two promotions at `rounds` random moments: the registry stays whole, versions are never half there. */
export async function promoteFaults(prepared: PreparedSweep, { random, more }: Budget): Promise<string> {
  const { reference: lake, spec } = prepared;
  using store = await ResultsStore.open(lake);
  const runs = (await storedRows(store, 'runs_meta')).map(({ runId }) => runId);
  const promote = (runId: string) => [
    binary,
    'promote',
    spec,
    '--run-id',
    runId,
    '--alias',
    'live',
    '--yes',
    '--lake-root',
    lake.root,
  ];
  // Two at once, as below; the end, when they publish, is what matters.
  const undisturbed = await Promise.all(runs.slice(-2).map((id) => runAndKill(promote(id), env)));
  const tookMs = Math.max(...undisturbed.map((ended) => ended.tookMs));
  let killed = 0;
  for (let round = 0; more(round, killed); round++) {
    const ids = [runs[(2 * round) % runs.length]!, runs[(2 * round + 1) % runs.length]!];
    const ended = await Promise.all(ids.map((id) => runAndKill(promote(id), env, tookMs * (0.7 + 0.5 * random()))));
    for (const { isKilled, code, output } of ended) {
      if (isKilled) killed++;
      else equal(code, 0, output);
    }
    using registry = new ServingRegistry(lake);
    for (const { servingId, runId } of registry.versions()) {
      equal(registry.resolve(servingId).spec.source.run_id, runId);
    }
    const promoted = new Set(registry.versions().map(({ runId }) => runId));
    equal(promoted.size, registry.versions().length, 'a run that was promoted again has one version');
    const history = registry.history('live');
    equal(registry.resolve('live').servingId, history.at(-1)?.toServingId);
  }
  equal((await runAndKill(promote(runs[0]!), env)).code, 0);
  using registry = new ServingRegistry(lake);
  equal(registry.resolve('live').spec.source.run_id, runs[0]);
  return `promote: ${killed} kills, ${registry.versions().length} versions, every one whole`;
}

/** Two lakes with the same session and dataset; the sweep of a spec is done in one of them, and took that long. */
export interface PreparedSweep {
  readonly killed: Lake;
  readonly reference: Lake;
  readonly spec: string;
  readonly tookMs: number;
}

const runWords = (spec: string, lake: Lake) => [binary, 'run', spec, '--lake-root', lake.root];

export async function prepareSweep(folder: string): Promise<PreparedSweep> {
  const reference = new Lake(join(folder, 'undisturbed'));
  const raw = reference.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const file = join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst');
  equal((await runAndKill([binary, 'synth', '--out', file, '--minutes', '2.2', '--rate', '300'], env)).code, 0);
  const write = (kind: string, text: string) => {
    mkdirSync(join(folder, kind));
    writeFileSync(join(folder, kind, 'faults.yaml'), text);
    return join(folder, kind, 'faults.yaml');
  };
  const pipeline = write(
    'pipelines',
    'name: faults\npipeline_code_version: 1\ncapture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", ' +
      'start_time: "09:25", end_time: "09:27"}\n',
  );
  write('serving', 'name: faults\npipeline: faults\nsignal: {name: derivative, params: {zscore_min_periods: 30}}\n');
  const spec = write('experiments', experiment);
  const generated = await runAndKill([binary, 'generate', pipeline, '--lake-root', reference.root], env);
  equal(generated.code, 0, generated.output);
  const killed = new Lake(join(folder, 'killed'));
  cpSync(reference.root, killed.root, { recursive: true });
  const undisturbed = await runAndKill(runWords(spec, reference), env);
  equal(undisturbed.code, 0, undisturbed.output);
  return { killed, reference, spec, tookMs: undisturbed.tookMs };
}

/** Every result as one text, the time of its making aside. */
async function results(lake: Lake): Promise<string[]> {
  using store = await ResultsStore.open(lake);
  return (await timelessRuns(store)).map((row) => JSON.stringify(row));
}
