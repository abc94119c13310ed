import { canonicalJson } from '../config/index.ts';
import { removeStaleTemporaries } from '../files/index.ts';
import { type DatasetSource, type Lake, type ResultRows, ResultsStore, SweepProgressFile } from '../lake/index.ts';
import { type SignalColumn, signalDefinition } from '../signals/index.ts';
import { loadDataset } from './dataset.ts';

import type { SweepPlan } from './plan.ts';
import { resultRows } from './result_rows.ts';
import { type CellFailure, runPool } from './sweep_pool.ts';
import { type SweepStatistics, sweepStatistics, type Trial } from './sweep_statistics.ts';

export interface RunSweepOptions {
  readonly lake: Lake;
  readonly plan: SweepPlan;
  /** The dataset's raw file, for signals that read the flow score. */
  readonly source: DatasetSource | null;
  readonly maxWorkers: number;
  /** Per cell. */
  readonly timeoutMs: number;
  readonly keepGoing: boolean;
  /** Run cells again that the results store has. */
  readonly force: boolean;
  readonly codeVersion: string;
  /** Wall clock, for the time of each result. */
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called before the first cell and after each. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with each part of results that was stored. */
  readonly onStored?: (rows: ResultRows) => void;
}

export interface SweepReport {
  readonly ran: number;
  /** Cells that the results store had already. */
  readonly skipped: number;
  readonly failures: readonly CellFailure[];
  /** Whether the sweep was ended before all cells were run. */
  readonly interrupted: boolean;
  /** Over all cells of the plan; null while some have no result. */
  readonly statistics: SweepStatistics | null;
}

/** Results wait at most this long before they are stored: a kill loses no more work than that. */
const storeIntervalMs = 2000;

/**
 * Runs the cells of a plan that have no result yet and stores what they give, as they give it; then stores the statistics
 * over the whole sweep. Killed at any moment and run again, it goes on where it was.
 *
 * @throws SWEEP_FAILED, and what `loadDataset` and `ResultsStore` throw
 */
export async function runSweep(options: RunSweepOptions): Promise<SweepReport> {
  const { lake, plan } = options;
  using store = await ResultsStore.open(lake);
  // What a sweep that was killed while it stored left behind.
  await removeStaleTemporaries(lake.results);
  const known = options.force ? new Set<string>() : await storedRuns(store, plan);
  const cells = plan.cells.flatMap((cell, number) => (known.has(cell.runId) ? [] : [number]));
  options.onProgress?.(0, cells.length);
  let failures: readonly CellFailure[] = [];
  let ran = 0;
  if (cells.length > 0) {
    const { runtime } = plan;
    const names: readonly SignalColumn[] = signalDefinition(plan.signalName).columns;
    const dataset = await loadDataset(lake, plan.datasetId, runtime.grid_radius_ticks, names);
    const shelf = new Shelf(store, options);
    const progress = new SweepProgressFile(lake, progressOf(plan, cells.length, options.now()), options.now);
    const stopped = new AbortController();
    const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
    try {
      failures = await runPool({
        plan,
        dataset,
        source: options.source,
        cells,
        maxWorkers: options.maxWorkers,
        timeoutMs: options.timeoutMs,
        keepGoing: options.keepGoing,
        signal,
        onResult: (number, result) => {
          ran++;
          const timestampUtc = options.now().toISOString();
          const provenance = { timestampUtc, codeVersion: options.codeVersion, binCount: dataset.binCount };
          shelf.put(resultRows(plan, plan.cells[number]!, result, provenance), () => stopped.abort());
          progress.update(ran);
          options.onProgress?.(ran, cells.length);
        },
      });
    } finally {
      await progress.remove();
      await shelf.close();
    }
  }
  const statistics = await wholeSweep(store, plan);
  if (statistics !== null && (ran > 0 || !(await hasStatistics(store, plan))))
    await store.append({ sweeps: [sweepRow(plan, statistics, options.now())] });
  return {
    ran,
    skipped: plan.cells.length - cells.length,
    failures,
    interrupted: ran + failures.length < cells.length,
    statistics,
  };
}

function progressOf(plan: SweepPlan, total: number, startedAt: Date) {
  return {
    sweep_id: plan.sweepId,
    experiment_name: plan.experimentName,
    dataset_id: plan.datasetId,
    signal_name: plan.signalName,
    total,
    skipped: plan.cells.length - total,
    started_utc: startedAt.toISOString(),
  };
}

/** Gathers rows and stores them together, one part at a time. */
class Shelf {
  readonly #store: ResultsStore;
  readonly #options: RunSweepOptions;
  #rows: { [T in 'runs_meta' | 'resolved' | 'runs' | 'trials']: NonNullable<ResultRows[T]>[number][] } = empty();
  #storing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #error: unknown;

  constructor(store: ResultsStore, options: RunSweepOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Takes a run's rows; `onError` is called when they could not be stored. */
  put(rows: ReturnType<typeof resultRows>, onError: () => void): void {
    this.#rows.runs_meta.push(...rows.runs_meta);
    this.#rows.resolved.push(...rows.resolved);
    this.#rows.runs.push(...rows.runs);
    this.#rows.trials.push(...rows.trials);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
      this.#storing.then(() => {
        if (this.#error !== undefined) onError();
      });
    }, storeIntervalMs);
  }

  /** Stores what is left. @throws what storing threw, now or before */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#storing;
    if (this.#error !== undefined) throw this.#error;
  }

  #flush(): void {
    if (this.#rows.runs_meta.length === 0) return;
    const rows: ResultRows = this.#rows;
    this.#rows = empty();
    this.#storing = this.#storing.then(async () => {
      if (this.#error !== undefined) return;
      try {
        await this.#store.append(rows);
        this.#options.onStored?.(rows);
      } catch (error) {
        this.#error = error;
      }
    });
  }
}

const empty = () => ({ runs_meta: [], resolved: [], runs: [], trials: [] });

async function storedRuns(store: ResultsStore, plan: SweepPlan): Promise<Set<string>> {
  const rows = await store.query('SELECT run_id FROM runs_meta WHERE experiment_name = $1', [plan.experimentName]);
  return new Set(rows.map((row) => row.run_id as string));
}

async function hasStatistics(store: ResultsStore, plan: SweepPlan): Promise<boolean> {
  return (await store.query('SELECT 1 FROM sweeps WHERE sweep_id = $1', [plan.sweepId])).length > 0;
}

/** The statistics over all cells of the plan; null while some have no result. */
async function wholeSweep(store: ResultsStore, plan: SweepPlan): Promise<SweepStatistics | null> {
  const wanted = new Map(plan.cells.map((cell) => [cell.runId, cell]));
  const rows = await store.query(
    `SELECT run_id, trial_hash, r.threshold, n_signals, n_periods, sharpe, skewness, kurtosis, t.* EXCLUDE (run_id, timestamp_utc, threshold)
     FROM runs_meta m JOIN runs r USING (run_id) JOIN trials t USING (run_id, threshold)
     WHERE m.experiment_name = $1 AND m.dataset_id = $2 ORDER BY run_id, r.threshold`,
    [plan.experimentName, plan.datasetId],
  );
  const trials = rows.filter((row) => wanted.has(row.run_id as string)).map(trialOf);
  if (new Set(trials.map((trial) => trial.runId)).size < wanted.size) return null;
  return sweepStatistics(trials, plan.evaluation.minSignals);
}

function trialOf(row: Record<string, unknown>): Trial {
  return {
    runId: row.run_id as string,
    trialHash: row.trial_hash as string,
    threshold: row.threshold as number,
    signals: row.n_signals as number,
    count: row.n_periods as number,
    sharpe: row.sharpe as number,
    skewness: row.skewness as number,
    kurtosis: row.kurtosis as number,
    blockSums: row.block_sums as number[],
    blockSquares: row.block_squares as number[],
    foldTrainCount: row.fold_train_n as number[],
    foldTrainNet: row.fold_train_net_ticks as number[],
    foldTestCount: row.fold_test_n as number[],
    foldTestTakeProfits: row.fold_test_tp as number[],
    foldTestGross: row.fold_test_gross_ticks as number[],
    foldTestNet: row.fold_test_net_ticks as number[],
  };
}

function sweepRow(plan: SweepPlan, statistics: SweepStatistics, now: Date): NonNullable<ResultRows['sweeps']>[number] {
  const { best, overfitting, walkForward } = statistics;
  return {
    sweep_id: plan.sweepId,
    timestamp_utc: now.toISOString(),
    experiment_name: plan.experimentName,
    dataset_id: plan.datasetId,
    signal_name: plan.signalName,
    n_runs: plan.cells.length,
    n_trials: statistics.trials,
    n_distinct_trials: statistics.distinctTrials,
    sharpe_variance: statistics.sharpeVariance,
    best_run_id: best?.trial.runId ?? null,
    best_threshold: best?.trial.threshold ?? null,
    best_sharpe: best?.trial.sharpe ?? null,
    best_deflated_sharpe: best?.deflatedSharpe ?? null,
    overfitting_probability: overfitting?.probability ?? null,
    overfitting_loss_probability: overfitting?.lossProbability ?? null,
    overfitting_splits: overfitting?.splits ?? null,
    walk_forward_json: walkForward === null ? null : canonicalJson(walkForward),
    plan_json: canonicalJson({ ...plan, cells: plan.cells.map((cell) => cell.runId) }),
  };
}
