import { canonicalJson } from '../config/index.ts';
import { present } from '../errors.ts';
import { removeStaleTemporaries } from '../files/index.ts';
import {
  datasetSource,
  type Lake,
  type ResultRows,
  ResultsStore,
  type RunMeta,
  readManifest,
  runMetas,
  type SweepProgressFile,
  storedUnitIds,
  sweepSummary,
  sweepsOnSessions,
} from '../lake/index.ts';
import { type SignalColumn, signalDefinition } from '../signals/index.ts';
import { loadDataset } from './dataset.ts';
import { Family } from './family.ts';
import {
  type ExperimentStatistics,
  type JudgedExperimentInput,
  judgeExperiment,
  rejudgeExperiment,
  type StoredSessions,
  storedExperiment,
} from './judge_experiment.ts';
import { readsFlowScore, type SweepPlan } from './plan.ts';
import { ResultBuffer } from './result_buffer.ts';
import { metaRows, runMetaOf, thresholdRows } from './run_rows.ts';
import { type CellFailure, runPool } from './sweep_pool.ts';
import { type SweepSession, sessionOf, unitId } from './sweep_session.ts';
import { familyClusters, trialResults } from './trial_result.ts';
import { unitRows } from './unit_rows.ts';

export interface RunSweepOptions {
  readonly lake: Lake;
  /** Plans of one experiment, one a signal, with one sweep id. */
  readonly plans: readonly SweepPlan[];
  /** Datasets of the sessions to sweep, in the order of their dates; each with its window where it is not the dataset's own. */
  readonly datasets: readonly { readonly datasetId: string; readonly window?: string | undefined }[];
  /** Sessions that were asked for and are not among the datasets, with the reasons, to be stored with the results. */
  readonly leftOut?: readonly object[];
  /** Dates that stay locked, and whether they were opened for this run; absent without a holdout. */
  readonly holdout?: { readonly dates: readonly string[]; readonly isOpened: boolean } | undefined;
  readonly maxWorkers: number;
  /** Per cell and session. */
  readonly timeoutMs: number;
  readonly keepGoing: boolean;
  /** Evaluate units again that the results store has. */
  readonly force: boolean;
  readonly codeVersion: string;
  /** Wall clock, for the time of each result. */
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Tells other processes how far the sweep is. */
  readonly progress?: SweepProgressFile;
  /** Called before the first unit and after each. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A cell that failed in one session. */
export interface UnitFailure extends CellFailure {
  readonly plan: SweepPlan;
  readonly session: SweepSession;
}

export interface SweepReport {
  readonly sessions: readonly SweepSession[];
  /** Different trials times sessions. */
  readonly units: number;
  /** Units that were evaluated: cells times sessions. */
  readonly ran: number;
  /** Units that the results store had already. */
  readonly skipped: number;
  readonly failures: readonly UnitFailure[];
  /** Whether the sweep was ended before all units were evaluated. */
  readonly interrupted: boolean;
  /** Over all cells and sessions; null while some cell has no result. */
  readonly statistics: ExperimentStatistics | null;
}

/** A session, a plan, and the numbers of the plan's cells that have no result in the session. */
interface Share {
  readonly plan: SweepPlan;
  readonly session: SweepSession;
  readonly cells: readonly number[];
}

/**
 * Evaluates the units of plans that have no result yet, session by session, and stores what they give, as they give it; then
 * judges the experiment over all its sessions, and anew every other that shares one of them. Killed at any moment and run
 * again, it goes on where it was.
 *
 * @throws SWEEP_FAILED, and what `loadDataset` and `ResultsStore` throw
 */
export async function runSweep(options: RunSweepOptions): Promise<SweepReport> {
  const { lake, plans, force } = options;
  using store = await ResultsStore.open(lake);
  // What a sweep that was killed while it stored left behind.
  await removeStaleTemporaries(lake.results);
  const sessions: SweepSession[] = [];
  for (const { datasetId, window } of options.datasets)
    sessions.push(sessionOf(await readManifest(lake, datasetId), window));
  const known = force
    ? new Set<string>()
    : await storedUnitIds(
        store,
        sessions.map(({ datasetId }) => datasetId),
      );
  const shares = sessions.flatMap((session) =>
    plans.map((plan): Share => {
      const cells = plan.cells.flatMap((cell, number) => (known.has(unitId(session, cell.trialHash)) ? [] : [number]));
      return { plan, session, cells: firstOfEachTrial(plan, cells) };
    }),
  );
  const total = shares.reduce((sum, { cells }) => sum + cells.length, 0);
  const trials = plans.reduce((sum, plan) => sum + firstOfEachTrial(plan, [...plan.cells.keys()]).length, 0);
  const all = sessions.length * trials;
  options.onProgress?.(0, total);
  const failures: UnitFailure[] = [];
  let ran = 0;
  const dataset_id = present(sessions[0]).datasetId;
  if (total > 0) {
    options.progress?.begin({ phase: 'cells', total, skipped: all - total, dataset_id });
    const buffer = new ResultBuffer(store);
    try {
      for (const share of shares) {
        if (share.cells.length === 0 || options.signal?.aborted) continue;
        failures.push(
          ...(await runShare(options, sessions, share, buffer, () => {
            ran++;
            options.progress?.update(ran);
            options.onProgress?.(ran, total);
          })),
        );
      }
    } finally {
      await buffer.close();
    }
  }
  const interrupted = ran + failures.length < total;
  if (!interrupted) options.progress?.begin({ phase: 'judging', total: 1, skipped: 0, dataset_id });
  // Reading all results takes a while, and cells without one leave no statistics anyway.
  const statistics = interrupted ? null : await judgeAll(store, options, sessions, failures, ran > 0);
  return { sessions, units: all, ran, skipped: all - total, failures, interrupted, statistics };
}

/** Of cells that are one trial, the first. */
function firstOfEachTrial(plan: SweepPlan, cells: readonly number[]): number[] {
  const seen = new Set<string>();
  return cells.filter((number) => {
    const { trialHash } = present(plan.cells[number]);
    if (seen.has(trialHash)) return false;
    seen.add(trialHash);
    return true;
  });
}

/** Runs cells in one session. */
async function runShare(
  options: RunSweepOptions,
  sessions: readonly SweepSession[],
  { plan, session, cells }: Share,
  buffer: ResultBuffer,
  onDone: () => void,
): Promise<UnitFailure[]> {
  const { lake, codeVersion } = options;
  const { runtime } = plan;
  const definition = signalDefinition(plan.signalName);
  const names: readonly SignalColumn[] = definition.columns;
  const dataset = await loadDataset(lake, session.datasetId, runtime.grid_radius_ticks, names);
  const stopped = new AbortController();
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  const isOnly = sessions.length === 1;
  const cellsOf = Map.groupBy(plan.cells, ({ trialHash }) => trialHash);
  const failures = await runPool({
    plan: { ...plan, runtime: { ...runtime, symbol: session.symbol } },
    dataset,
    terms: { startOfDayMs: session.startOfDayMs, isOnly },
    source: readsFlowScore(definition) ? await datasetSource(lake, session.datasetId) : null,
    cells,
    maxWorkers: options.maxWorkers,
    timeoutMs: options.timeoutMs,
    keepGoing: options.keepGoing,
    signal,
    onResult: (number, result) => {
      const timestampUtc = options.now().toISOString();
      const cell = present(plan.cells[number]);
      const units = unitRows(plan, cell, session, result, { timestampUtc, binCount: dataset.binCount });
      const provenance = { timestampUtc, codeVersion, binCount: dataset.binCount, elapsedMs: result.elapsedMs };
      const same = present(cellsOf.get(cell.trialHash));
      const runs = isOnly ? same.map((one) => runMetaOf(plan, sessions, one, provenance)) : [];
      buffer.put({ units, ...unjudgedRows(plan, session, runs, units) }, () => stopped.abort());
      onDone();
    },
  });
  return failures.map((failure) => ({ ...failure, plan, session }));
}

/** Rows of runs on one session from their units, to be seen while the sweep goes on. */
function unjudgedRows(
  plan: SweepPlan,
  session: SweepSession,
  runs: readonly RunMeta[],
  units: ReturnType<typeof unitRows>,
): ResultRows {
  const { costs } = plan.judgement;
  const family = new Family([session]);
  family.add(0, units);
  const { trials } = family;
  const results = trialResults(family, trials, familyClusters(family, trials, costs), costs);
  const made = runs.map((run) => thresholdRows(run, 1, results, run.timestampUtc));
  return {
    ...metaRows(runs),
    runs: made.flatMap(({ runs }) => runs),
    trials: made.flatMap(({ trials }) => trials),
  };
}

/** Judges the experiment, and anew those that share a session with it: their families have grown. */
async function judgeAll(
  store: ResultsStore,
  { plans, codeVersion, now, leftOut = [], holdout }: RunSweepOptions,
  sessions: readonly SweepSession[],
  failures: readonly UnitFailure[],
  hasRun: boolean,
): Promise<ExperimentStatistics | null> {
  const { sweepId, experimentName, judgement } = present(plans[0]);
  const stored = new Map((await runMetas(store, sweepId)).map((run) => [run.runId, run]));
  const timestampUtc = laterThan(stored.values(), now());
  const runs = plans.flatMap((plan) =>
    plan.cells.map((cell): RunMeta => {
      const before = stored.get(cell.runId);
      const provenance = { timestampUtc, codeVersion, binCount: before?.nBins ?? 0, elapsedMs: before?.elapsedMs ?? 0 };
      return runMetaOf(plan, sessions, cell, provenance);
    }),
  );
  const locked =
    holdout === undefined
      ? {}
      : { holdout: { dates: holdout.dates, openings: (await openingsOf(store, sweepId)) + Number(holdout.isOpened) } };
  const input: JudgedExperimentInput = {
    sweep: {
      sweepId,
      experimentName,
      datasetId: present(sessions[0]).datasetId,
      signalName: signalsText(plans),
      nRuns: runs.length,
      planJson: canonicalJson(plans.map((plan) => ({ ...plan, cells: plan.cells.map((cell) => cell.runId) }))),
      sessionsJson: canonicalJson({ sessions, left_out: leftOut, ...locked }),
    },
    runs,
    sessions,
    judgement,
  };
  if (failures.length > 0 && sessions.length === 1) return null;
  const statistics = await judgeExperiment(store, input, timestampUtc, hasRun || holdout?.isOpened === true);
  const dates = sessions.map(({ date }) => date);
  for (const otherId of await sweepsOnSessions(store, dates)) {
    if (otherId === sweepId) continue;
    const other = await storedExperiment(store, otherId);
    if (other !== null) await rejudgeExperiment(store, other, timestampUtc);
  }
  return statistics;
}

/** Times that the holdout of an experiment has been opened before. */
async function openingsOf(store: ResultsStore, sweepId: string): Promise<number> {
  const sweep = await sweepSummary(store, sweepId);
  const { holdout } = JSON.parse(sweep?.sessionsJson ?? '{}') as StoredSessions;
  return holdout?.openings ?? 0;
}

/** The time, or a millisecond after the last of these runs where the clock says less: the newest rows of a run are shown. */
function laterThan(runs: Iterable<RunMeta>, now: Date): string {
  let timeMs = now.getTime();
  for (const { timestampUtc } of runs) timeMs = Math.max(timeMs, Date.parse(timestampUtc) + 1);
  return new Date(timeMs).toISOString();
}

/** The signals of an experiment, as its row names them. */
function signalsText(plans: readonly SweepPlan[]): string {
  return plans.map(({ signalName }) => signalName).join(', ');
}
