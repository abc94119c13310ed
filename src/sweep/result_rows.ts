import { canonicalJson } from '../config/index.ts';
import type { Tally, ThresholdResult } from '../evaluation/index.ts';
import type { ResultRow, ResultTable } from '../wire/index.ts';
import type { CellResult } from './cell_runner.ts';
import { type Cell, cellRuntime, type SweepPlan } from './plan.ts';

/** What a result row says of its making besides the plan. */
export interface Provenance {
  readonly timestampUtc: string;
  readonly codeVersion: string;
  readonly binCount: number;
}

/** The rows of a run, by table. */
export type RunRows = { readonly [T in Exclude<ResultTable, 'sweeps'>]: readonly ResultRow<T>[] };

type Key = Pick<ResultRow<'runs'>, 'runId' | 'timestampUtc'>;

/** A run's rows for the results store. */
export function resultRows(plan: SweepPlan, cell: Cell, result: CellResult, provenance: Provenance): RunRows {
  const { evaluation, projection, thresholds } = plan;
  const { codeVersion } = provenance;
  const { commissionTicks, slippageTicks } = evaluation;
  const key = { runId: cell.runId, timestampUtc: provenance.timestampUtc };
  const resolvedJson = canonicalJson({ runtime: cellRuntime(plan, cell), projection, evaluation, thresholds });
  return {
    runs_meta: [
      { ...key, ...settingsOf(plan, cell), nBins: provenance.binCount, codeVersion, elapsedMs: result.elapsedMs },
    ],
    resolved: [{ ...key, resolvedJson }],
    runs: result.thresholds.map((one) => thresholdRow(key, one)),
    trials: result.thresholds.map((one) => trialRow(key, one, commissionTicks + slippageTicks)),
  };
}
type Made = 'nBins' | 'codeVersion' | 'elapsedMs';

function settingsOf(plan: SweepPlan, cell: Cell): Omit<ResultRow<'runs_meta'>, keyof Key | Made> {
  const { evaluation } = plan;
  return {
    configHash: cell.configHash,
    trialHash: cell.trialHash,
    sweepId: plan.sweepId,
    experimentName: plan.experimentName,
    servingSpecName: plan.servingSpecName,
    datasetId: plan.datasetId,
    signalName: plan.signalName,
    signalParamsJson: canonicalJson(cell.parameters),
    scoringJson: canonicalJson(cell.scoring),
    cooldownBins: cell.cooldownBins,
    evalTpTicks: cell.tpTicks,
    evalSlTicks: cell.slTicks,
    evalMaxHoldBins: evaluation.maxHoldBins,
    evalWarmupBins: evaluation.warmupBins,
    evalTickSize: evaluation.tickSize,
    evalMinSignals: evaluation.minSignals,
    commissionTicks: evaluation.commissionTicks,
    slippageTicks: evaluation.slippageTicks,
    thresholdKind: plan.thresholds.kind,
    cellWidthMs: plan.runtime.cell_width_ms,
  };
}

/** A threshold's numbers; those that are named as their column go over as they are. */
function thresholdRow(key: Key, one: ThresholdResult): ResultRow<'runs'> {
  return {
    ...one,
    ...key,
    nSignals: one.count,
    nUp: one.ups,
    nDown: one.downs,
    nOverlapping: one.overlapping,
    nInvalidBook: one.invalidBook,
    nCooling: one.cooling,
    nPeriods: one.periods,
  };
}

function trialRow(key: Key, one: ThresholdResult, costTicks: number): ResultRow<'trials'> {
  return {
    ...key,
    threshold: one.threshold,
    blockSums: [...one.blockSums],
    blockSquares: [...one.blockSquares],
    foldTrainN: perFold(one.foldTrain, 'count'),
    foldTrainNetTicks: netPerFold(one.foldTrain, costTicks),
    foldTestN: perFold(one.foldTest, 'count'),
    foldTestTp: perFold(one.foldTest, 'takeProfits'),
    foldTestSl: perFold(one.foldTest, 'stopLosses'),
    foldTestGrossTicks: perFold(one.foldTest, 'midGainTicks'),
    foldTestNetTicks: netPerFold(one.foldTest, costTicks),
  };
}

function perFold(tallies: readonly Tally[], name: keyof Tally): number[] {
  return tallies.map((tally) => tally[name]);
}

function netPerFold(tallies: readonly Tally[], costTicks: number): number[] {
  return tallies.map(({ midGainTicks, count }) => midGainTicks - count * costTicks);
}
