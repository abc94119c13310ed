import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRuntimeConfig, type PublishedServingSpec } from '../../src/config/index.ts';
import { type Lake, ResultsStore, ServingRegistry, SpecFiles } from '../../src/lake/index.ts';
import { promoteRun, type SweepPlan } from '../../src/sweep/index.ts';
import { runExperiment } from '../../src/sweep/run_experiment.ts';
import {
  findUserSignal,
  loadSignal,
  registerUserSignals,
  storeCheck,
  writeNewSignal,
} from '../../src/user_signals/index.ts';
import { twoDays, writeTwoDays } from './two_days_lake.ts';

export const userSignalInstrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 };
export const now = () => '2026-02-07T00:00:00.000Z';

/** Writes two synthetic days, a signal of the user's, `my_signal`, and an experiment of it, `mine`. */
export async function specifyUserSignal(lake: Lake): Promise<void> {
  await writeTwoDays(lake);
  mkdirSync(lake.signals, { recursive: true });
  await writeNewSignal(lake.signals, 'my_signal');
  writeFileSync(
    join(lake.specs('serving'), 'mine.yaml'),
    'name: mine\npipeline: two_days\nsignal: {name: my_signal}\n',
  );
  writeFileSync(
    join(lake.specs('experiments'), 'mine.yaml'),
    `name: mine
serving: mine
sessions: {dates: [${twoDays.join(', ')}], contract: fixed}
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: 50, cooldown_bins: 5, min_signals: 2}
sweep: {per_signal: {my_signal: {far_ticks: [3, 5], window_bins: [100]}}}
`,
  );
}

/** Lets the signal draw its own score, of every second bin, as a series. */
export function drawUserSeries(lake: Lake): void {
  const path = join(lake.signals, 'my_signal.ts');
  const drawn = "series: [{ name: 'score', about: 'the score itself' }],\n  create(";
  writeFileSync(
    path,
    readFileSync(path, 'utf8')
      .replace('return z.count', 'if (z.count % 2 === 0) series[0] = score;\n        return z.count')
      .replace('({ v_add: add })', '({ v_add: add }, series)')
      .replace('create(', drawn),
  );
}

/** Takes the signal's present file as checked and runs its experiment. */
export async function runUserSignal(lake: Lake): Promise<SweepPlan> {
  const { source } = await findUserSignal({ lake }, 'my_signal');
  await storeCheck(lake, source.hash, { passed: true, checked_at_utc: now(), dataset_id: null, code_version: 'test' });
  await registerUserSignals({ lake });
  const path = join(lake.specs('experiments'), 'mine.yaml');
  const experiment = await new SpecFiles(lake, userSignalInstrument).anyExperiment(path);
  const { plans } = await runExperiment({
    ...{ lake, experiment, defaultWorkers: 1, memoryBytes: 4e9, keepGoing: false, force: false, codeVersion: 'test' },
    now: () => new Date(),
    notice: () => {},
  });
  await loadSignal(source);
  return plans[0] as SweepPlan;
}

/** Publishes a run of `mine` under an alias. */
export async function promoteUserSignal(lake: Lake, runId: string, alias: string): Promise<PublishedServingSpec> {
  using store = await ResultsStore.open(lake);
  await promoteRun({ lake, store, experimentName: 'mine', runId, alias, now });
  using registry = new ServingRegistry(lake);
  return registry.resolve(alias).spec;
}
