import { canonicalJson, contentHash } from '../config/index.ts';
import { present } from '../errors.ts';
import {
  datesWithGone,
  goneOfSession,
  type ResultsStore,
  readUnitSums,
  runMeta,
  runMetas,
  runRows,
  sweepSummary,
  type UnitSession,
} from '../lake/index.ts';
import type { WalkForward } from '../statistics/index.ts';
import { compareEvidence, type Evidence, type ResultRow } from '../wire/index.ts';
import type { ExecutionSettings } from './execution/execution_terms.ts';
import { executionSentence } from './execution/execution_words.ts';
import { type ExperimentVerdict, experimentVerdict, sessionWalkForward } from './experiment_verdict.ts';
import { Family } from './family.ts';
import { type FoldWalkForward, foldWalkForward, type RunTrial } from './fold_walk_forward.ts';
import { type JudgedFamily, type JudgedTrial, judgeFamily } from './judge_family.ts';
import type { Judgement } from './plan.ts';
import { type ResolvedRun, type RunRow, runFoldRows, runThresholdRows } from './run_rows.ts';
import type { SweepSession } from './sweep_session.ts';
import { verdictHeadline, verdictSentence } from './verdict_text.ts';
import { countWalkForwards, type WalkForwardCount } from './walk_forward_count.ts';

/** An experiment as it is judged: its runs, and the sessions that they were evaluated on. */
export interface JudgedExperimentInput {
  /** Its row in `sweeps` but for the statistics. */
  readonly sweep: Pick<
    ResultRow<'sweeps'>,
    'sweepId' | 'experimentName' | 'datasetId' | 'signalName' | 'nRuns' | 'planJson' | 'sessionsJson'
  >;
  readonly runs: readonly RunRow[];
  /** The thresholds of its runs, by signal. */
  readonly thresholds: ReadonlyMap<string, readonly number[]>;
  /** Gives what each of the runs resolved to; it is long, and asked for when it is stored. */
  readonly resolved: () => Promise<Iterable<Resolved>>;
  readonly sessions: readonly SweepSession[];
  readonly judgement: Judgement;
  /** Absent: trades are filled at the mid. */
  readonly execution?: ExecutionSettings | undefined;
}

/** Everything that a run resolved to, as JSON. */
export type Resolved = Pick<ResultRow<'resolved'>, 'runId' | 'resolvedJson'>;

/** A trial of an experiment by the run and threshold that it belongs to. */
export interface RunTrialResult {
  readonly runId: string;
  readonly result: JudgedTrial;
}

/** Statistics over an experiment, with its family behind it. */
export interface ExperimentStatistics {
  readonly family: JudgedFamily;
  /** The experiment's own trials, in the order of its runs and their thresholds. */
  readonly trials: readonly RunTrialResult[];
  /** The experiment's trials that are left out, for results of them were deleted. */
  readonly goneTrials: number;
  /** The tested trial with the most evidence, which tables have on top; null when none is tested. */
  readonly best: RunTrialResult | null;
  readonly survivors: readonly RunTrialResult[];
  readonly foldWalkForward: FoldWalkForward | null;
  /** By sessions, over the experiment's own trials; its numbers of trials are places in `trials`. */
  readonly walkForward: WalkForward | null;
  readonly walkForwards: WalkForwardCount;
  readonly judged: ExperimentVerdict;
  /** What survives execution, the verdict's second line; null where trades are filled at the mid, and where nothing is tested. */
  readonly executed: string | null;
}

/** Loads all trials that were ever evaluated on any of these sessions. */
export async function loadFamily(store: ResultsStore, sessions: readonly SweepSession[]): Promise<Family> {
  const family = new Family(sessions);
  const named = sessions.map((session): UnitSession => ({ ...session, session: session.date }));
  const gone = await datesWithGone(
    store,
    sessions.map(({ date }) => date),
  );
  let complete = 0;
  const completeUntil = async (end: number) => {
    for (; complete < end; complete++) {
      const session = present(named[complete]);
      if (gone.has(session.session)) family.addGone(complete, await goneOfSession(store, session));
    }
  };
  await readUnitSums(store, named, family.lists, async (session, range) => {
    await completeUntil(session);
    family.add(session, range);
  });
  await completeUntil(named.length);
  return family;
}

/** Judges an experiment's runs within their family. */
export function experimentStatistics(
  family: Family,
  { runs, thresholds, sessions, judgement, execution }: JudgedExperimentInput,
  today: string,
  walkForwards: WalkForwardCount,
): ExperimentStatistics {
  const judged = judgeFamily(family, judgement);
  const results = new Map(judged.trials.map((result) => [result.trial, result]));
  let goneTrials = 0;
  const trials = runs.flatMap((run): RunTrialResult[] => {
    return (thresholds.get(run.signalName) ?? []).flatMap((threshold) => {
      const trial = family.find(run.trialHash, threshold);
      if (trial?.isGone) goneTrials++;
      return trial === null || trial.isGone ? [] : [{ runId: run.runId, result: present(results.get(trial)) }];
    });
  });
  const tested = trials
    .filter(({ result }) => result.pProfit !== null)
    .sort(
      (a, b) =>
        compareEvidence(evidenceOf(a), evidenceOf(b)) ||
        (a.runId < b.runId ? -1 : Number(a.runId > b.runId)) ||
        a.result.trial.threshold - b.result.trial.threshold,
    );
  const best = tested[0] ?? null;
  const survivors = tested.filter(({ result }) => result.survives === true);
  const walkForward = sessionWalkForward(
    trials.map(({ result }) => result.trial),
    sessions.length,
    judgement,
    walkForwards.number === 1,
  );
  return {
    walkForwards,
    goneTrials,
    family: judged,
    trials,
    best,
    survivors,
    walkForward,
    executed: execution === undefined ? null : executedLine(execution, survivors[0] ?? best),
    judged: experimentVerdict(
      { sessions: sessions.length, tested: judged.tested, judgement },
      best?.result ?? null,
      survivors[0]?.result ?? null,
      walkForward,
      today,
    ),
    foldWalkForward:
      sessions.length === 1
        ? foldWalkForward(
            trials.map(({ runId, result }): RunTrial => ({ runId, trial: result.trial })),
            judgement.costs,
            judgement.minSignals,
          )
        : null,
  };
}

function evidenceOf({ result }: RunTrialResult): Evidence {
  return [result.pAdjusted, result.qValue, result.net?.low ?? null, result.meanNet];
}

function executedLine(settings: ExecutionSettings, of: RunTrialResult | null): string | null {
  if (of === null || of.result.execution === null) return null;
  const { meanNet: mean, net, execution } = of.result;
  return executionSentence(settings, { execution, net: { mean, low: net?.low ?? null, high: net?.high ?? null } });
}

/** Stores an experiment's results as they stand within its family. */
async function storeStatistics(
  store: ResultsStore,
  input: JudgedExperimentInput,
  statistics: ExperimentStatistics,
  familyHash: string,
  timestampUtc: string,
): Promise<void> {
  const { runs, sessions, judgement } = input;
  const rowsOf = Map.groupBy(statistics.trials, ({ runId }) => runId);
  const resultsOf = ({ runId }: RunRow) => (rowsOf.get(runId) ?? []).map(({ result }) => result);
  // Folds lie inside a session.
  const hasFolds =
    sessions.length === 1 && statistics.trials.some(({ result: { trial } }) => (trial.folds()?.testN.length ?? 0) > 0);
  const resolved = await input.resolved();
  // Rows are made as they are written: of many runs they would take more memory than all else.
  await store.append({
    runs_meta: runs
      .values()
      .map((run) => ({ ...run, timestampUtc, nBins: resultsOf(run)[0]?.trial.total('bins') ?? 0 })),
    resolved: madeRows(resolved, ({ runId, resolvedJson }) => [{ runId, timestampUtc, resolvedJson }]),
    runs: madeRows(runs, (run) => runThresholdRows(run, sessions.length, resultsOf(run), timestampUtc)),
    trials: hasFolds ? madeRows(runs, (run) => runFoldRows(run, resultsOf(run), judgement.costs, timestampUtc)) : [],
    sweeps: [sweepRow(input, statistics, familyHash, timestampUtc)],
  });
}

function* madeRows<From, Row>(from: Iterable<From>, make: (one: From) => readonly Row[]): Generator<Row> {
  for (const one of from) yield* make(one);
}

function sweepRow(
  { sweep, sessions }: JudgedExperimentInput,
  statistics: ExperimentStatistics,
  familyHash: string,
  timestampUtc: string,
): ResultRow<'sweeps'> {
  const { family, trials, best, survivors, foldWalkForward, walkForward, walkForwards, judged, executed } = statistics;
  return {
    ...sweep,
    timestampUtc,
    nTrials: trials.length,
    nDistinctTrials: family.distinct,
    nSessions: sessions.length,
    nTested: family.tested,
    nSurvivors: survivors.length,
    familyHash,
    verdict: verdictHeadline(judged.verdict),
    verdictJson: canonicalJson({
      ...judged,
      sentence: judgedSentence(statistics),
      ...(executed !== null && { executed }),
    }),
    bestRunId: best?.runId ?? null,
    bestThreshold: best?.result.trial.threshold ?? null,
    bestSharpe: best?.result.moments.sharpe ?? null,
    bestDeflatedSharpe: best?.result.deflatedSharpe ?? null,
    luckSharpe: family.luckSharpe,
    spaP: family.spaP,
    overfittingProbability: family.overfitting?.probability ?? null,
    overfittingLossProbability: family.overfitting?.lossProbability ?? null,
    overfittingSplits: family.overfitting?.splits ?? null,
    sessionWalkForwardJson: walkForward === null ? null : canonicalJson(storedWalkForward(walkForward, walkForwards)),
    walkForwardJson: foldWalkForward === null ? null : canonicalJson(foldWalkForward),
  };
}

/** The numbers that decided a verdict, and what survives execution. */
export function judgedSentence({ judged, executed }: Pick<ExperimentStatistics, 'judged' | 'executed'>): string {
  const sentence = verdictSentence(judged.verdict);
  return executed === null ? sentence : `${sentence} ${executed}`;
}

/** Sessions as an experiment's row has them. */
export interface StoredSessions {
  readonly sessions?: readonly SweepSession[];
  readonly left_out?: readonly { readonly date: string; readonly reason: string }[];
  /** Dates that stay locked, and the times that they have been opened. */
  readonly holdout?: { readonly dates: readonly string[]; readonly openings: number };
}

/** A walk-forward over sessions as its experiment's row has it: net PnL in ticks a trade, and its interval. */
export interface StoredWalkForward {
  readonly testSessions: number;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Which of the walk-forwards that were tried on these sessions it is; absent in results of earlier releases. */
  readonly number?: number;
}

function storedWalkForward({ sums, mean, estimate }: WalkForward, { number }: WalkForwardCount): StoredWalkForward {
  return { testSessions: sums.length, mean, low: estimate?.low ?? null, high: estimate?.high ?? null, number };
}

/** Counts the changes of what the statistics of a family are: what was stored by another is judged anew. */
const method = 2;

/** Of everything that the statistics of an experiment depend on. */
function familyHash(
  family: Family,
  { runs, sessions, judgement }: JudgedExperimentInput,
  { number }: WalkForwardCount,
): string {
  const members = family.trials.map((trial) => `${trial.trialHash}/${trial.threshold}/${trial.tradesKey()}`).sort();
  const later = number === 1 ? {} : { walkForward: number };
  // A plan and the store have the same runs in different orders.
  return contentHash(
    { method, members, sessions, judgement, runs: runs.map(({ runId }) => runId).sort(), ...later },
    32,
  );
}

/**
 * Judges an experiment anew and stores it, unless its statistics are those of this very family and its rows were not written
 * since (`isStale`); gives them either way.
 */
export async function judgeExperiment(
  store: ResultsStore,
  input: JudgedExperimentInput,
  timestampUtc: string,
  isStale = false,
): Promise<ExperimentStatistics> {
  const family = await loadFamily(store, input.sessions);
  const walkForwards = await countWalkForwards(store, input.sessions, input.judgement, timestampUtc);
  const statistics = experimentStatistics(family, input, timestampUtc.slice(0, 10), walkForwards);
  const hash = familyHash(family, input, walkForwards);
  if (isStale || !(await isStored(store, input, hash))) {
    await storeStatistics(store, input, statistics, hash, timestampUtc);
  }
  return statistics;
}

/** Judges a stored experiment anew where its family is another by now; judging is what takes long, not the comparison. */
export async function rejudgeExperiment(
  store: ResultsStore,
  input: JudgedExperimentInput,
  timestampUtc: string,
): Promise<void> {
  const family = await loadFamily(store, input.sessions);
  const walkForwards = await countWalkForwards(store, input.sessions, input.judgement, timestampUtc);
  const hash = familyHash(family, input, walkForwards);
  if (await isStored(store, input, hash)) return;
  const statistics = experimentStatistics(family, input, timestampUtc.slice(0, 10), walkForwards);
  await storeStatistics(store, input, statistics, hash, timestampUtc);
}

async function isStored(store: ResultsStore, { sweep }: JudgedExperimentInput, hash: string): Promise<boolean> {
  return (await sweepSummary(store, sweep.sweepId))?.familyHash === hash;
}

/** What is stored of an experiment, ready to be judged anew; null for results of an older method. */
export async function storedExperiment(store: ResultsStore, sweepId: string): Promise<JudgedExperimentInput | null> {
  const sweep = await sweepSummary(store, sweepId);
  if (sweep === null || sweep.nSessions === null) return null;
  const runs = await runRows(store, sweepId);
  const resolvedOf = new Map<string, ResolvedRun>();
  for (const [signalName, [first]] of Map.groupBy(runs, (run) => run.signalName)) {
    const meta = await runMeta(store, present(first).runId);
    if (meta !== null) resolvedOf.set(signalName, JSON.parse(meta.resolvedJson) as ResolvedRun);
  }
  const [first] = resolvedOf.values();
  if (first === undefined) return null;
  const thresholds = new Map(resolvedOf.entries().map(([signal, { thresholds }]) => [signal, thresholds.values]));
  const resolved = () => runMetas(store, sweepId);
  const { sessions, judgement, execution } = first;
  return { sweep, runs, thresholds, resolved, sessions, judgement, execution };
}
