import { present } from '../errors.ts';
import { type BestRun, type ResultsStore, type SweepSummary, unitsOf } from '../lake/index.ts';
import { Family, type FamilyTrial } from './family.ts';
import { type FreshResult, freshResults } from './fresh_result.ts';
import { type JudgedExperimentInput, loadFamily, storedExperiment } from './judge_experiment.ts';
import { type Look, type Looks, lookAt } from './looks.ts';
import { unitId } from './sweep_session.ts';

/** The looks at a run's trial, and its result on the sessions that were added after the first. */
export interface RunLooks {
  readonly times: number;
  readonly fresh: FreshResult | null;
}

/** Looks at a comparison: at every trial of the experiments in it, for its runs were chosen among all. */
export interface ComparisonLooks {
  /** By run, at the threshold that stands for it; a run of an older method has none. */
  readonly ofRun: ReadonlyMap<string, RunLooks>;
  /** By sweep, the most of any of its trials. */
  readonly ofSweep: ReadonlyMap<string, number>;
  readonly unkept: string | null;
}

/** Keeps that a comparison was shown, and gives the looks at its runs. */
export async function lookAtComparison(
  store: ResultsStore,
  {
    runs,
    sweeps,
  }: { readonly runs: readonly Pick<BestRun, 'runId' | 'threshold'>[]; readonly sweeps: readonly SweepSummary[] },
  look: Look | null,
): Promise<ComparisonLooks> {
  const inputs: JudgedExperimentInput[] = [];
  for (const { sweepId } of sweeps) {
    const input = await storedExperiment(store, sweepId);
    if (input !== null) inputs.push(input);
  }
  const shown = inputs.map(({ sessions, runs: all }) => ({
    sessions,
    trialHashes: [...new Set(all.map(({ trialHash }) => trialHash))],
  }));
  const looks = await lookAt(store, shown, look);
  const ofRun = new Map<string, RunLooks>();
  const ofSweep = new Map<string, number>();
  for (const [at, input] of inputs.entries()) {
    const one = present(looks[at]);
    const most = [...one.ofTrial.values()].reduce((sofar, { times }) => Math.max(sofar, times), 0);
    ofSweep.set(input.sweep.sweepId, most);
    for (const [runId, of] of await looksOfRuns(store, input, runs, one)) ofRun.set(runId, of);
  }
  return { ofRun, ofSweep, unkept: looks.find(({ unkept }) => unkept !== null)?.unkept ?? null };
}

/** The looks at those of these runs that are an experiment's. */
async function looksOfRuns(
  store: ResultsStore,
  input: JudgedExperimentInput,
  compared: readonly Pick<BestRun, 'runId' | 'threshold'>[],
  { ofTrial }: Looks,
): Promise<Map<string, RunLooks>> {
  const hashes = new Map(input.runs.map(({ runId, trialHash }) => [runId, trialHash]));
  const runs = compared.flatMap(({ runId, threshold }) => {
    const trialHash = hashes.get(runId);
    const looks = trialHash === undefined ? undefined : ofTrial.get(trialHash);
    return trialHash === undefined || looks === undefined ? [] : [{ runId, threshold, trialHash, looks }];
  });
  const grown = runs.filter(({ looks }) => looks.isFresh.some(Boolean));
  const family = await familyOf(store, input, [...new Set(grown.map(({ trialHash }) => trialHash))]);
  const found = grown.flatMap(({ runId, threshold, trialHash, looks }) => {
    const trial: FamilyTrial | null = family.find(trialHash, threshold);
    return trial === null || trial.isGone ? [] : [{ runId, trial, isFresh: looks.isFresh }];
  });
  const results = freshResults(family, found, input.judgement.costs);
  const fresh = new Map(found.map(({ runId }, at) => [runId, results[at] ?? null]));
  return new Map(runs.map(({ runId, looks }) => [runId, { times: looks.times, fresh: fresh.get(runId) ?? null }]));
}

/** These trials; with all of their family where blocks are the clusters, for these are as many as its longest hold allows. */
async function familyOf(
  store: ResultsStore,
  { sessions }: JudgedExperimentInput,
  trialHashes: readonly string[],
): Promise<Family> {
  const family = new Family(sessions);
  if (trialHashes.length === 0) return family;
  if (!family.isBySessions) return await loadFamily(store, sessions);
  const sessionOf = new Map(
    sessions.flatMap((session, at) => trialHashes.map((hash) => [unitId(session, hash), at] as const)),
  );
  const units = await unitsOf(store, [...sessionOf.keys()]);
  for (const [session, of] of Map.groupBy(units, (unit) => present(sessionOf.get(unit.unitId)))) {
    family.add(session, of);
  }
  return family;
}
