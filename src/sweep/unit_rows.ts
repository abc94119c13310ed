import type { Tally } from '../evaluation/index.ts';
import type { ResultRow } from '../wire/index.ts';
import type { CellResult, ThresholdResult } from './cell_runner.ts';
import type { Cell, SweepPlan } from './plan.ts';
import { type SweepSession, unitId } from './sweep_session.ts';

type UnitRow = ResultRow<'units'>;

/** The rows of a cell in one session: one a threshold. */
export function unitRows(
  plan: SweepPlan,
  cell: Cell,
  session: SweepSession,
  result: CellResult,
  provenance: { readonly timestampUtc: string; readonly binCount: number },
): UnitRow[] {
  const { evaluation } = plan;
  const key = {
    unitId: unitId(session, cell.trialHash),
    timestampUtc: provenance.timestampUtc,
    trialHash: cell.trialHash,
    signalName: plan.signalName,
    datasetId: session.datasetId,
    session: session.date,
    symbol: session.symbol,
    symbolRoot: session.symbolRoot,
    captureWindow: session.window,
    startUtc: session.startUtc,
    endUtc: session.endUtc,
    maxHoldBins: evaluation.maxHoldBins,
    nBins: provenance.binCount,
    nBinsJudged: Math.max(0, provenance.binCount - evaluation.warmupBins),
    cellWidthMs: plan.runtime.cell_width_ms,
  };
  return result.thresholds.map((one) => ({ ...key, ...thresholdValues(one) }));
}

function thresholdValues(one: ThresholdResult) {
  const { sums, largest, timing } = one;
  return {
    threshold: one.threshold,
    tradesHash: one.tradesHash,
    nSignals: one.count,
    nLong: one.longs,
    nBlocks: one.blocks.count,
    block: [...sums.block],
    blockLong: [...sums.longs],
    blockShort: [...sums.shorts],
    blockTp: [...sums.takeProfits],
    blockSl: [...sums.stopLosses],
    blockWinners: [...sums.winners],
    blockLosers: [...sums.losers],
    blockLongGross: [...sums.longGross],
    blockShortGross: [...sums.shortGross],
    blockLongSpread: [...sums.longSpread],
    blockShortSpread: [...sums.shortSpread],
    orderPriceTicks: one.orderPriceTicks,
    laterGross: one.laterGrossHalfTicks,
    laterSpread: one.laterSpreadHalfTicks,
    largestN: largest.count,
    largestGross: largest.grossHalfTicks,
    largestSpread: largest.spreadHalfTicks,
    hours: one.hours,
    medianTimeToOutcomeMs: one.medianTimeToOutcomeMs,
    nOpenAtEnd: one.openAtEnd,
    nInvalidExit: one.invalidExit,
    nOverlapping: one.overlapping,
    nInvalidBook: one.invalidBook,
    nCooling: one.cooling,
    shiftT: timing?.observed ?? null,
    shiftMean: timing?.mean ?? null,
    shiftVariance: timing?.variance ?? null,
    pShift: timing?.pTiming ?? null,
    foldTrainN: perFold(one.foldTrain, 'count'),
    foldTrainGross: perFold(one.foldTrain, 'grossHalfTicks'),
    foldTrainSpread: perFold(one.foldTrain, 'spreadHalfTicks'),
    foldTestN: perFold(one.foldTest, 'count'),
    foldTestTp: perFold(one.foldTest, 'takeProfits'),
    foldTestSl: perFold(one.foldTest, 'stopLosses'),
    foldTestGross: perFold(one.foldTest, 'grossHalfTicks'),
    foldTestSpread: perFold(one.foldTest, 'spreadHalfTicks'),
    executionJson: one.executionJson ?? null,
  };
}

function perFold(tallies: readonly Tally[], name: keyof Tally): number[] {
  return tallies.map((tally) => tally[name]);
}
