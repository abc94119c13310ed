import { present } from '../errors.ts';
import { type ResultsStore, runMeta, unitSumsOf } from '../lake/index.ts';
import { Family, type FamilyTrial } from './family.ts';
import { type FreshResult, freshResults } from './fresh_result.ts';
import { loadFamily } from './judge_experiment.ts';
import type { ResolvedRun } from './run_rows.ts';
import { type SweepSession, unitId } from './sweep_session.ts';

/** A run at a threshold, of a trial that was shown before. */
export interface GrownRun {
  readonly runId: string;
  readonly threshold: number;
  readonly trialHash: string;
  /** By session of the experiment, whether it was added after the trial was first shown. */
  readonly isFresh: readonly boolean[];
}

/** The results of an experiment's runs on the sessions that were added after they were first shown, by run; without those that have none. */
export async function freshOfRuns(
  store: ResultsStore,
  sessions: readonly SweepSession[],
  runs: readonly GrownRun[],
): Promise<ReadonlyMap<string, FreshResult | null>> {
  const family = await familyOf(store, sessions, [...new Set(runs.map(({ trialHash }) => trialHash))]);
  const found = runs.flatMap(({ runId, threshold, trialHash, isFresh }) => {
    const trial: FamilyTrial | null = family.find(trialHash, threshold);
    return trial === null || trial.isGone ? [] : [{ runId, trial, isFresh }];
  });
  const [first] = found;
  const meta = first === undefined ? null : await runMeta(store, first.runId);
  const results =
    meta === null ? [] : freshResults(family, found, (JSON.parse(meta.resolvedJson) as ResolvedRun).judgement.costs);
  return new Map(found.map(({ runId }, at) => [runId, results[at] ?? null]));
}

/** These trials; with all of their family where blocks are the clusters, for these are as many as its longest hold allows. */
async function familyOf(
  store: ResultsStore,
  sessions: readonly SweepSession[],
  trialHashes: readonly string[],
): Promise<Family> {
  const family = new Family(sessions);
  if (!family.isBySessions) return await loadFamily(store, sessions);
  const sessionOf = new Map(
    sessions.flatMap((session, at) => trialHashes.map((hash) => [unitId(session, hash), at] as const)),
  );
  for (const { units, from, to } of await unitSumsOf(store, [...sessionOf.keys()])) {
    for (let row = from; row < to; row++) {
      family.add(present(sessionOf.get(present(units.unitId[row]))), { units, from: row, to: row + 1 });
    }
  }
  return family;
}
