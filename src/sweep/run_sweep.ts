import { canonicalJson } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { removeStaleTemporaries } from '../files/index.ts';
import {
  type DatasetSource,
  datasetSource,
  type Lake,
  type ResultRows,
  ResultsStore,
  readManifest,
  runRows,
  type SweepProgressFile,
  storedUnitIds,
  sweepSummary,
  sweepsOnSessions,
  unitSums,
} from '../lake/index.ts';
import type { SignalColumn } from '../signals/index.ts';
import { loadDataset, type SharedDataset } from './dataset.ts';
import { PassStore } from './execution/pass_store.ts';
import { SessionCells } from './execution/run_cells.ts';
import { Family } from './family.ts';
import {
  type ExperimentStatistics,
  type JudgedExperimentInput,
  judgeExperiment,
  type Resolved,
  rejudgeExperiment,
  type StoredSessions,
  storedExperiment,
} from './judge_experiment.ts';
import { needsSource } from './needs_source.ts';
import { type Cell, maxHashedCells, type SweepPlan, signalsText } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import { ResultBuffer } from './result_buffer.ts';
import { type Provenance, type RunRow, resolvedJsonOf, runFoldRows, runRowOf, runThresholdRows } from './run_rows.ts';
import { placeOf, type SweepSession, sessionOf, unitId } from './sweep_session.ts';
import { SweepTally, type UnitFailure } from './sweep_tally.ts';
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
  /** Told, in a sentence, of what was found damaged and is made anew. */
  readonly notice?: (text: string) => void;
  /** Tells other processes how far the sweep is. */
  readonly progress?: SweepProgressFile;
  /** Called before the first unit and after each; the total shrinks by units that turn out to have results. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SweepReport {
  /** Those that could be read. */
  readonly sessions: readonly SweepSession[];
  /** Sessions whose dataset could not be read, and why. */
  readonly leftOut: readonly { readonly date: string; readonly reason: string }[];
  /** Different trials times sessions. */
  readonly units: number;
  /** Units that were evaluated: cells times sessions. */
  readonly ran: number;
  /** Units that the results store had already. */
  readonly skipped: number;
  /** The first thousand units that failed. */
  readonly failures: readonly UnitFailure[];
  /** Units that failed. */
  readonly failed: number;
  /** Whether the sweep was ended before all units were evaluated. */
  readonly interrupted: boolean;
  /** Over all cells and sessions; null while some cell has no result. */
  readonly statistics: ExperimentStatistics | null;
}

/** What is read of a session for a plan. */
interface Loaded {
  readonly dataset: SharedDataset;
  /** For signals that read the flow score, and for firings that are sent to the real book. */
  readonly source: DatasetSource | null;
}

/** A plan, and the numbers of its cells that have no result in the session. */
interface Share extends Loaded {
  readonly plan: SweepPlan;
  readonly cells: readonly number[];
}

/** Trials of a plan that are hashed, compared with the store and run together: what is held of a plan is a batch at most. */
const batchTrials = 10_000;

/** After an interruption the units that have results are still counted where there are at most this many. */
const countedUnits = 100_000;

/**
 * Evaluates the units of plans that have no result yet, session by session, and stores what they give, as they give it; then
 * judges the experiment over all its sessions, and anew every other that shares one of them. Killed at any moment and run
 * again, it goes on where it was. Of several sessions, one whose dataset cannot be read is left out and named.
 *
 * @throws SWEEP_FAILED, and what `loadDataset` and `ResultsStore` throw
 */
export async function runSweep(options: RunSweepOptions): Promise<SweepReport> {
  const { lake, plans, signal } = options;
  using store = await ResultsStore.open(lake);
  // What a sweep that was killed while it stored left behind.
  await removeStaleTemporaries(lake.results);
  await removeStaleTemporaries(lake.ledger);
  const given: SweepSession[] = [];
  const lost = new Map<SweepSession, SpymasterError>();
  for (const { datasetId, window } of options.datasets)
    given.push(sessionOf(await readManifest(lake, datasetId), window));
  const trials = plans.reduce((sum, plan) => sum + plan.cells.trialCount, 0);
  const tally = new SweepTally(options, present(given[0]).datasetId, given.length * trials);
  const buffer = new ResultBuffer(store);
  const known = new KnownUnits(store, given, trials);
  try {
    for (const [index, session] of given.entries()) {
      if (signal?.aborted && tally.units > countedUnits) break;
      const ids = options.force ? new Set<string>() : await known.of(index);
      const error = await runSession(options, given, session, ids, buffer, tally);
      if (error === null) continue;
      if (given.length === 1) throw error;
      lost.set(session, error);
    }
  } finally {
    await buffer.close();
  }
  tally.end();
  const sessions = given.filter((session) => !lost.has(session));
  const [first] = lost.values();
  if (sessions.length === 0 && first !== undefined) throw first;
  const leftOut = Array.from(lost, ([{ date }, error]) => ({ date, reason: error.message }));
  const { units, ran, skipped, failures, failed } = tally;
  const interrupted = signal?.aborted === true && ran + skipped + failed < units;
  const dataset_id = present(given[0]).datasetId;
  if (!interrupted) options.progress?.begin({ phase: 'judging', total: 1, skipped: 0, dataset_id });
  // Reading all results takes a while, and cells without one leave no statistics anyway.
  const statistics = interrupted
    ? null
    : await judgeAll(
        store,
        { ...options, leftOut: [...(options.leftOut ?? []), ...leftOut] },
        sessions,
        failed,
        ran > 0,
      );
  return { sessions, leftOut, units, ran, skipped, failures, failed, interrupted, statistics };
}

/** Ids of units that have results, asked of the store for as many sessions at once as have a million units of the sweep. */
class KnownUnits {
  readonly #store: ResultsStore;
  readonly #dates: readonly string[];
  readonly #together: number;
  #group = -1;
  #ids: ReadonlySet<string> = new Set();

  constructor(store: ResultsStore, sessions: readonly SweepSession[], trials: number) {
    this.#store = store;
    this.#dates = sessions.map(({ date }) => date);
    this.#together = Math.max(1, Math.floor(1_000_000 / trials));
  }

  /** Those of a session, by its number, among others. */
  async of(session: number): Promise<ReadonlySet<string>> {
    const group = Math.floor(session / this.#together);
    if (group !== this.#group) {
      const start = group * this.#together;
      this.#ids = await storedUnitIds(this.#store, this.#dates.slice(start, start + this.#together));
      this.#group = group;
    }
    return this.#ids;
  }
}

/** Where the cells of a session run, and where their results go. */
interface SessionRun {
  readonly session: SweepSession;
  readonly sessions: readonly SweepSession[];
  readonly cells: SessionCells;
  readonly buffer: ResultBuffer;
  readonly tally: SweepTally;
  /** Ends the session's cells. */
  readonly stop: () => void;
}

/** Runs the cells of all plans that have no result in a session; gives the error of a dataset that cannot be read. */
async function runSession(
  options: RunSweepOptions,
  sessions: readonly SweepSession[],
  session: SweepSession,
  known: ReadonlySet<string>,
  buffer: ResultBuffer,
  tally: SweepTally,
): Promise<SpymasterError | null> {
  const stopped = new AbortController();
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  const cells = new SessionCells(new PassStore(options.lake, options.notice ?? (() => {})), signal);
  try {
    return await runPlans(options, { session, sessions, cells, buffer, tally, stop: () => stopped.abort() }, known);
  } finally {
    // One pass for the firings of all plans, also of those that ran before one failed.
    await cells.settle();
  }
}

async function runPlans(
  options: RunSweepOptions,
  run: SessionRun,
  known: ReadonlySet<string>,
): Promise<SpymasterError | null> {
  const { lake, plans } = options;
  const { session, tally } = run;
  let settled = 0;
  for (const plan of plans) {
    const { trialCount } = plan.cells;
    let loaded: Loaded | null = null;
    for (let start = 0; start < trialCount; start += batchTrials) {
      if (options.signal?.aborted && tally.units > countedUnits) return null;
      const cells: number[] = [];
      const end = Math.min(trialCount, start + batchTrials);
      for (let number = start; number < end; number++) {
        if (!known.has(unitId(session, plan.cells.at(number).trialHash))) cells.push(number);
      }
      tally.skip(end - start - cells.length);
      settled += end - start;
      if (cells.length === 0 || options.signal?.aborted) continue;
      tally.show(0);
      const definition = planSignal(plan);
      const names: readonly SignalColumn[] = definition.columns;
      try {
        loaded ??= {
          dataset: await loadDataset(lake, session.datasetId, plan.runtime.grid_radius_ticks, names),
          source: needsSource(plan) ? await datasetSource(lake, session.datasetId) : null,
        };
      } catch (error) {
        if (!(error instanceof SpymasterError)) throw error;
        const all = plans.reduce((sum, { cells }) => sum + cells.trialCount, 0);
        tally.leaveOut(all - settled + cells.length);
        return error;
      }
      tally.fail(await runShare(options, run, { plan, ...loaded, cells }));
    }
  }
  return null;
}

/** Runs cells in one session. */
async function runShare(
  { codeVersion, now, maxWorkers, timeoutMs, keepGoing }: RunSweepOptions,
  { session, sessions, cells: runner, buffer, tally, stop }: SessionRun,
  { plan, dataset, source, cells }: Share,
): Promise<UnitFailure[]> {
  const { runtime } = plan;
  const { binCount } = dataset;
  const isOnly = sessions.length === 1;
  const failures = await runner.run({
    plan: { ...plan, runtime: { ...runtime, symbol: session.symbol } },
    ...{ dataset, source, cells, maxWorkers, timeoutMs, keepGoing },
    terms: { startOfDayMs: session.startOfDayMs, date: session.date, place: placeOf(session), isOnly },
    relieve: () => buffer.relieve(),
    onResult: (number, result) => {
      const timestampUtc = now().toISOString();
      const units = unitRows(plan, plan.cells.at(number), session, result, { timestampUtc, binCount });
      const provenance = { timestampUtc, codeVersion, binCount, elapsedMs: result.elapsedMs };
      const rows = isOnly ? unjudgedRows(plan, session, plan.cells.ofTrial(number), units, provenance) : {};
      buffer.put({ units, ...rows }, stop);
      tally.show(1);
    },
  });
  return failures.map((failure) => ({ ...failure, plan, session }));
}

/** Rows of runs on one session from their units, to be seen while the sweep goes on. */
function unjudgedRows(
  plan: SweepPlan,
  session: SweepSession,
  cells: readonly Cell[],
  units: ReturnType<typeof unitRows>,
  provenance: Provenance,
): ResultRows {
  const { costs } = plan.judgement;
  const { timestampUtc } = provenance;
  const family = new Family([session]);
  family.add(0, { units: unitSums(units), from: 0, to: units.length });
  const { trials } = family;
  const results = trialResults(trials, familyClusters(family, trials, costs), costs, 1);
  const runs = cells.map((cell) => runRowOf(plan, [session], cell, provenance));
  return {
    runs_meta: runs,
    resolved: cells.map((cell) => {
      return { runId: cell.runId, timestampUtc, resolvedJson: resolvedJsonOf(plan, [session], cell) };
    }),
    runs: runs.flatMap((run) => runThresholdRows(run, 1, results, timestampUtc)),
    trials: runs.flatMap((run) => runFoldRows(run, results, costs, timestampUtc)),
  };
}

/** Judges the experiment, and anew those that share a session with it: their families have grown. */
async function judgeAll(
  store: ResultsStore,
  { plans, codeVersion, now, leftOut = [], holdout }: RunSweepOptions,
  sessions: readonly SweepSession[],
  failed: number,
  hasRun: boolean,
): Promise<ExperimentStatistics | null> {
  const { sweepId, experimentName, judgement, execution } = present(plans[0]);
  const stored = new Map((await runRows(store, sweepId)).map((run) => [run.runId, run]));
  const timestampUtc = laterThan(stored.values(), now());
  const runs = plans.flatMap((plan) =>
    Array.from(plan.cells, (cell): RunRow => {
      const before = stored.get(cell.runId);
      const provenance = { timestampUtc, codeVersion, binCount: before?.nBins ?? 0, elapsedMs: before?.elapsedMs ?? 0 };
      return runRowOf(plan, sessions, cell, provenance);
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
      planJson: canonicalJson(plans.map(storedPlan)),
      sessionsJson: canonicalJson({ sessions, left_out: leftOut, ...locked }),
    },
    runs,
    thresholds: new Map(plans.map(({ signalName, thresholds }) => [signalName, thresholds.values])),
    resolved: async () => resolvedJsons(plans, sessions),
    sessions,
    judgement,
    execution,
  };
  if (failed > 0 && sessions.length === 1) return null;
  // Units that a version without a ledger stored.
  await store.completeLedger();
  const statistics = await judgeExperiment(store, input, timestampUtc, hasRun || holdout?.isOpened === true);
  const dates = sessions.map(({ date }) => date);
  const isShared = ({ date }: SweepSession) => dates.includes(date);
  for (const otherId of await sweepsOnSessions(store, dates)) {
    if (otherId === sweepId) continue;
    const other = await storedExperiment(store, otherId);
    // The same trial on other days leaves this family as it was.
    if (other?.sessions.some(isShared)) await rejudgeExperiment(store, other, timestampUtc);
  }
  return statistics;
}

/** What the cells of plans resolve to, one after another. */
function* resolvedJsons(plans: readonly SweepPlan[], sessions: readonly SweepSession[]): Generator<Resolved> {
  for (const plan of plans) {
    for (const cell of plan.cells) yield { runId: cell.runId, resolvedJson: resolvedJsonOf(plan, sessions, cell) };
  }
}

/** Times that the holdout of an experiment has been opened before. */
async function openingsOf(store: ResultsStore, sweepId: string): Promise<number> {
  const sweep = await sweepSummary(store, sweepId);
  const { holdout } = JSON.parse(sweep?.sessionsJson ?? '{}') as StoredSessions;
  return holdout?.openings ?? 0;
}

/** The time, or a millisecond after the last of these runs where the clock says less: the newest rows of a run are shown. */
function laterThan(runs: Iterable<RunRow>, now: Date): string {
  let timeMs = now.getTime();
  for (const { timestampUtc } of runs) timeMs = Math.max(timeMs, Date.parse(timestampUtc) + 1);
  return new Date(timeMs).toISOString();
}

/** A plan as its experiment's row has it: with the ids of its cells, or their number where they are many. */
function storedPlan(plan: SweepPlan) {
  const { cells } = plan;
  return { ...plan, cells: cells.length <= maxHashedCells ? Array.from(cells, ({ runId }) => runId) : cells.length };
}
