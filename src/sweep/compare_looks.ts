import { present } from '../errors.ts';
import { type BestRun, type ResultsStore, type SweepSummary, sweepTrials } from '../lake/light.ts';
import type { FreshResult } from './fresh_result.ts';
import type { StoredSessions } from './judge_experiment.ts';
import { type Look, type Looks, lookAt } from './looks.ts';
import type { SweepSession } from './sweep_session.ts';

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
  const compared: Compared[] = [];
  for (const { sweepId, nSessions, sessionsJson } of sweeps) {
    const { sessions } = JSON.parse(sessionsJson ?? '{}') as StoredSessions;
    // Results of an older method have no sessions.
    if (nSessions === null || sessions === undefined) continue;
    compared.push({ sweepId, sessions, trialOf: await trialsOf(store, sweepId) });
  }
  const shown = compared.map(({ sessions, trialOf }) => ({ sessions, trialHashes: [...new Set(trialOf.values())] }));
  const looks = await lookAt(store, shown, look);
  const ofRun = new Map<string, RunLooks>();
  const ofSweep = new Map<string, number>();
  for (const [at, experiment] of compared.entries()) {
    const one = present(looks[at]);
    const most = [...one.ofTrial.values()].reduce((sofar, { times }) => Math.max(sofar, times), 0);
    ofSweep.set(experiment.sweepId, most);
    for (const [runId, of] of await looksOfRuns(store, experiment, runs, one)) ofRun.set(runId, of);
  }
  return { ofRun, ofSweep, unkept: looks.find(({ unkept }) => unkept !== null)?.unkept ?? null };
}

/** An experiment in a comparison, with the trial of each of its runs. */
interface Compared {
  readonly sweepId: string;
  readonly sessions: readonly SweepSession[];
  readonly trialOf: ReadonlyMap<string, string>;
}

async function trialsOf(store: ResultsStore, sweepId: string): Promise<Map<string, string>> {
  const trials = await sweepTrials(store, sweepId);
  return new Map(trials.map(({ runId, trialHash }) => [runId, trialHash]));
}

/** The looks at those of these runs that are an experiment's. */
async function looksOfRuns(
  store: ResultsStore,
  { sessions, trialOf }: Compared,
  compared: readonly Pick<BestRun, 'runId' | 'threshold'>[],
  { ofTrial }: Looks,
): Promise<Map<string, RunLooks>> {
  const runs = compared.flatMap(({ runId, threshold }) => {
    const trialHash = trialOf.get(runId);
    const looks = trialHash === undefined ? undefined : ofTrial.get(trialHash);
    return trialHash === undefined || looks === undefined ? [] : [{ runId, threshold, trialHash, looks }];
  });
  const grown = runs.flatMap(({ looks: { isFresh }, ...run }) => (isFresh.some(Boolean) ? [{ ...run, isFresh }] : []));
  const fresh = grown.length === 0 ? null : await (await import('./fresh_runs.ts')).freshOfRuns(store, sessions, grown);
  return new Map(runs.map(({ runId, looks }) => [runId, { times: looks.times, fresh: fresh?.get(runId) ?? null }]));
}
