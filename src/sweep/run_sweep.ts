import { canonicalJson } from '../config/index.ts';
import { present } from '../errors.ts';
import { removeStaleTemporaries } from '../files/index.ts';
import {
  type DatasetSource,
  evaluationTimes,
  hasStatistics,
  type Lake,
  type ResultRows,
  ResultsStore,
  SweepProgressFile,
  type TrialRow,
  trialRows,
} from '../lake/index.ts';
import { type SignalColumn, signalDefinition } from '../signals/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { loadDataset } from './dataset.ts';
import type { SweepPlan } from './plan.ts';
import { ResultBuffer } from './result_buffer.ts';
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
  const known = options.force ? new Map() : await evaluationTimes(store, { experiment: plan.experimentName });
  const cells = plan.cells.flatMap((cell, number) => (known.has(cell.runId) ? [] : [number]));
  options.onProgress?.(0, cells.length);
  let failures: readonly CellFailure[] = [];
  let ran = 0;
  if (cells.length > 0) {
    const { runtime } = plan;
    const names: readonly SignalColumn[] = signalDefinition(plan.signalName).columns;
    const dataset = await loadDataset(lake, plan.datasetId, runtime.grid_radius_ticks, names);
    const buffer = new ResultBuffer(store, options.onStored);
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
          buffer.put(resultRows(plan, present(plan.cells[number]), result, provenance), () => stopped.abort());
          progress.update(ran);
          options.onProgress?.(ran, cells.length);
        },
      });
    } finally {
      await progress.remove();
      await buffer.close();
    }
  }
  const interrupted = ran + failures.length < cells.length;
  // Reading all results takes a while, and cells without one leave no statistics anyway.
  const statistics = interrupted ? null : await wholeSweep(store, plan);
  if (statistics !== null && (ran > 0 || !(await hasStatistics(store, plan.sweepId))))
    await store.append({ sweeps: [sweepRow(plan, statistics, options.now())] });
  return {
    ran,
    skipped: plan.cells.length - cells.length,
    failures,
    interrupted,
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

/** The statistics over all cells of the plan; null while some have no result. */
async function wholeSweep(store: ResultsStore, plan: SweepPlan): Promise<SweepStatistics | null> {
  const wanted = new Set(plan.cells.map((cell) => cell.runId));
  const rows = await trialRows(store, plan.experimentName, plan.datasetId);
  const trials = rows.filter((row) => wanted.has(row.runId)).map(trialOf);
  if (new Set(trials.map((trial) => trial.runId)).size < wanted.size) return null;
  return sweepStatistics(trials, plan.evaluation.minSignals);
}

function trialOf({ nSignals: signals, nPeriods: count, ...row }: TrialRow): Trial {
  return {
    ...row,
    signals,
    count,
    foldTrainCount: row.foldTrainN,
    foldTrainNet: row.foldTrainNetTicks,
    foldTestCount: row.foldTestN,
    foldTestTakeProfits: row.foldTestTp,
    foldTestGross: row.foldTestGrossTicks,
    foldTestNet: row.foldTestNetTicks,
  };
}

function sweepRow(plan: SweepPlan, statistics: SweepStatistics, now: Date): ResultRow<'sweeps'> {
  const { best, overfitting, walkForward } = statistics;
  return {
    sweepId: plan.sweepId,
    timestampUtc: now.toISOString(),
    experimentName: plan.experimentName,
    datasetId: plan.datasetId,
    signalName: plan.signalName,
    nRuns: plan.cells.length,
    nTrials: statistics.trials,
    nDistinctTrials: statistics.distinctTrials,
    sharpeVariance: statistics.sharpeVariance,
    bestRunId: best?.trial.runId ?? null,
    bestThreshold: best?.trial.threshold ?? null,
    bestSharpe: best?.trial.sharpe ?? null,
    bestDeflatedSharpe: best?.deflatedSharpe ?? null,
    overfittingProbability: overfitting?.probability ?? null,
    overfittingLossProbability: overfitting?.lossProbability ?? null,
    overfittingSplits: overfitting?.splits ?? null,
    walkForwardJson: walkForward === null ? null : canonicalJson(walkForward),
    planJson: canonicalJson({ ...plan, cells: plan.cells.map((cell) => cell.runId) }),
  };
}
