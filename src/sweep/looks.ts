import { contentHash } from '../config/light.ts';
import { SpymasterError } from '../errors.ts';
import { hasTrialSet, keptLooks, type ResultRows, type ResultsStore } from '../lake/light.ts';
import { overlaps, type SessionTime, sessionSet, sessionTimes } from './session_sets.ts';

/** What shows results. */
export type ShownBy = 'compare' | 'report' | 'page';

/** Results that are about to be shown: all trials of an experiment on its sessions. */
export interface ShownResults {
  readonly sessions: readonly SessionTime[];
  readonly trialHashes: readonly string[];
}

/** The looks at a trial, the one that is being taken included. */
export interface TrialLooks {
  readonly times: number;
  /** By session of the experiment, whether it was added after the trial was first shown. */
  readonly isFresh: readonly boolean[];
}

export interface Looks {
  /** By the trial's hash; a trial that nothing has shown is missing. */
  readonly ofTrial: ReadonlyMap<string, TrialLooks>;
  /** Why this look could not be kept; null where it was. */
  readonly unkept: string | null;
}

export const noLooks: Looks = { ofTrial: new Map(), unkept: null };

/** By whom results are shown, and when, ISO 8601 in UTC. */
export interface Look {
  readonly shownBy: ShownBy;
  readonly timestampUtc: string;
}

/**
 * Looks at results: keeps in the ledger that these trials were shown on these sessions, if that is so for the first time, and
 * gives the looks at each. All trials of an experiment count as shown where some are: those were chosen among all. A lake
 * that cannot be written to loses the look, and says so. Without `look` nothing is kept or counted.
 */
export async function lookAt(store: ResultsStore, shown: readonly ShownResults[], look: Look | null): Promise<Looks[]> {
  const read: Read[] = [];
  for (const results of shown) read.push(await earlierLooks(store, results));
  const rows: ResultRows[] = [];
  for (const [at, results] of shown.entries()) {
    if (look !== null && read[at]?.isNew) rows.push(await rowsOf(store, results, look));
  }
  let unkept: string | null = null;
  if (rows.length > 0) {
    try {
      await store.append({
        looks: rows.flatMap(({ looks = [] }) => looks),
        look_trials: rows.flatMap(({ look_trials = [] }) => look_trials),
      });
    } catch (error) {
      if (!(error instanceof SpymasterError && error.code === 'LAKE_NOT_WRITABLE')) throw error;
      unkept = `This look could not be kept, and the next will not count it: ${error.message}`;
    }
  }
  return shown.map((results, at) => ({
    ofTrial: looksOfTrials(results, read[at]?.earlier ?? new Map(), look !== null),
    unkept: read[at]?.isNew ? unkept : null,
  }));
}

interface Read {
  readonly earlier: Earlier;
  /** Whether some trial was not yet shown on these sessions. */
  readonly isNew: boolean;
}

type Earlier = ReadonlyMap<string, Awaited<ReturnType<typeof keptLooks>>[number]>;

async function earlierLooks(store: ResultsStore, { sessions, trialHashes }: ShownResults): Promise<Read> {
  const kept = await keptLooks(store, trialHashes, sessionSet(sessions).sessionsHash);
  const earlier = new Map(kept.map((one) => [one.trialHash, one]));
  return { earlier, isNew: trialHashes.some((hash) => earlier.get(hash)?.hasSet !== true) };
}

function looksOfTrials({ sessions, trialHashes }: ShownResults, earlier: Earlier, isLook: boolean) {
  const freshAfter = new Map<string, boolean[]>();
  const ofTrial = new Map<string, TrialLooks>();
  for (const hash of trialHashes) {
    const kept = earlier.get(hash);
    if (kept === undefined) {
      if (isLook) ofTrial.set(hash, { times: 1, isFresh: sessions.map(() => false) });
      continue;
    }
    const json = kept.firstSessionsJson;
    let isFresh = freshAfter.get(json);
    if (isFresh === undefined) {
      const first = sessionTimes(json);
      isFresh = sessions.map((session) => !first.some((one) => overlaps(one, session)));
      freshAfter.set(json, isFresh);
    }
    ofTrial.set(hash, { times: kept.times + (isLook && !kept.hasSet ? 1 : 0), isFresh });
  }
  return ofTrial;
}

async function rowsOf(
  store: ResultsStore,
  { sessions, trialHashes }: ShownResults,
  { shownBy, timestampUtc }: Look,
): Promise<ResultRows> {
  const sorted = [...new Set(trialHashes)].sort();
  const trialsHash = contentHash(sorted, 32);
  // Every day's look is at the same trials: they are listed once.
  const isKnown = await hasTrialSet(store, trialsHash);
  return {
    looks: [{ timestampUtc, shownBy, ...sessionSet(sessions), trialsHash }],
    look_trials: isKnown ? [] : sorted.map((trialHash) => ({ trialsHash, trialHash })),
  };
}
