import { plural } from '../format.ts';
import type { ExperimentStatistics, RunTrialResult } from './judge_experiment.ts';
import type { SweepPlan } from './plan.ts';
import type { RunRow } from './run_rows.ts';

/** A plan as an experiment's row has it: its cells are the ids of its runs, or the number of very many. */
type StoredPlan = Pick<SweepPlan, 'signalName' | 'axes'> & { readonly cells: readonly string[] | number };

/**
 * What is sound about an experiment and yet not what one would expect of it, a sentence each: signals that never fired, axes
 * whose values all gave the same trades, trials whose results are gone. `sweepWarnings` says what of it is known beforehand.
 */
export function experimentNotes(
  planJson: string,
  runs: readonly RunRow[],
  { trials, goneTrials }: Pick<ExperimentStatistics, 'trials' | 'goneTrials'>,
): string[] {
  const stored = JSON.parse(planJson) as StoredPlan | readonly StoredPlan[];
  const trialsOf = Map.groupBy(trials, ({ runId }) => runId);
  const runsOf = Map.groupBy(runs, ({ signalName }) => signalName);
  const notes = [stored].flat().flatMap((plan) => {
    const own = runsOf.get(plan.signalName) ?? [];
    const tried = own.flatMap(({ runId }) => trialsOf.get(runId) ?? []);
    if (tried.length === 0) return [];
    if (tried.every(({ result }) => result.signals === 0)) {
      return [`${plan.signalName} fired at none of ${plural(tried.length, 'trial')}.`];
    }
    return inertAxes(plan, own, trialsOf);
  });
  if (goneTrials === 0) return notes;
  const gone = `The results of ${plural(goneTrials, 'trial')} of this experiment are incomplete: some were deleted. Run it again.`;
  return [...notes, gone];
}

/** The axes of which every value gave the same trades, whatever the others were. */
function inertAxes(
  { axes, signalName }: StoredPlan,
  own: readonly RunRow[],
  trialsOf: ReadonlyMap<string, readonly RunTrialResult[]>,
): string[] {
  const runs = own.flatMap((run) => {
    const trials = trialsOf.get(run.runId);
    return trials === undefined ? [] : [{ settings: settingsOf(run), trades: tradesOf(trials) }];
  });
  return axes.flatMap(({ name, values }) => {
    const others = Map.groupBy(runs, ({ settings }) => JSON.stringify({ ...settings, [name]: undefined }));
    // A parameter that follows from the axis by default differs too: then nothing is said.
    const isInert = [...others.values()].every(
      (alike) => alike.length === values.length && new Set(alike.map(({ trades }) => trades)).size === 1,
    );
    if (!isInert) return [];
    return [`${name} changes nothing: all ${values.length} values gave the same trades of ${signalName}.`];
  });
}

/** What sweeps can vary of a run, by the names of their axes. */
function settingsOf(run: RunRow): Record<string, unknown> {
  const named = (prefix: string, json: string) =>
    Object.entries(JSON.parse(json) as object).map(([key, value]) => [`${prefix}.${key}`, value] as const);
  return {
    ...Object.fromEntries([...named('scoring', run.scoringJson), ...named(run.signalName, run.signalParamsJson)]),
    'eval.tp_ticks': run.evalTpTicks,
    'eval.sl_ticks': run.evalSlTicks,
    'eval.cooldown_bins': run.cooldownBins,
  };
}

const tradesOf = (trials: readonly RunTrialResult[]) =>
  trials.map(({ result: { trial } }) => `${trial.threshold} ${trial.tradesKey()}`).join();
