import { canonicalJson, sha256Hex } from '../../config/index.ts';
import { notNull, present } from '../../errors.ts';
import { summarizeTrades, type Trades, tradeResult, walkForwardFolds } from '../../evaluation/index.ts';
import { isFifo } from '../../replay/index.ts';
import type { SessionTerms, ThresholdResult } from '../cell_runner.ts';
import type { SweepPlan } from '../plan.ts';
import { type ExecutedFiring, type ExecutedTrade, executedTrades, type RunExits, wantedOf } from './executed_trades.ts';
import type { FollowedPosition, FollowedPositions } from './follow_positions.ts';
import { blockedSums, moveSum, type UnitExecution } from './unit_execution.ts';

/** The positions of all firings of a cell, and of others. */
export interface ExecutedPositions {
  readonly withMet: FollowedPositions;
  readonly withoutMet: FollowedPositions;
  readonly exits: RunExits;
}

/** What a cell was evaluated with and on. */
export interface EvaluatedAt {
  readonly plan: Omit<SweepPlan, 'cells'>;
  /** 1 where a signal may fire, bin by bin. */
  readonly tradable: Uint8Array;
  readonly terms: SessionTerms;
}

/** The firings of a result at the mid. */
export function cellFirings({ tradeList }: ThresholdResult): ExecutedFiring[] {
  const list = present(tradeList);
  return Array.from({ length: list.length / 3 }, (_, at) => ({
    bin: present(list[3 * at]),
    side: Math.floor(present(list[3 * at + 2]) / 4) - 1,
  }));
}

/** A result in the real book, in place of that at the mid, which stands beside it. */
export function executedThreshold(
  mid: ThresholdResult,
  { plan, tradable, terms }: EvaluatedAt,
  executed: ExecutedPositions,
): ThresholdResult {
  const { blocks, tradeList: _, ...rest } = mid;
  const { warmupBins, maxHoldBins, folds, embargoBins } = plan.evaluation;
  const { exits } = executed;
  const firings = cellFirings(mid);
  const tradesOf = (positions: FollowedPositions) => {
    const followed = firings.map((firing): FollowedPosition => notNull(positions.find(wantedOf(firing, exits))));
    const all = executedTrades(firings, followed, positions.market.last, exits.tickInt);
    return { all, trades: tradesOfExecuted(all, exits.binNs, tradable.length) };
  };
  const { all, trades } = tradesOf(executed.withMet);
  const rules = {
    cellWidthMs: plan.runtime.cell_width_ms,
    startOfDayMs: terms.startOfDayMs,
    folds: walkForwardFolds(warmupBins, tradable.length, folds, maxHoldBins, embargoBins),
  };
  const { tradeList, ...summary } = summarizeTrades(trades, blocks, rules, tradable);
  const missed = all.filter(({ outcome }) => outcome === 'missed');
  const filled = all.filter(({ quantity }) => quantity > 0);
  const unit: UnitExecution = {
    orders: all.length,
    missed: missed.length,
    partial: all.filter(({ outcome }) => outcome === 'partial').length,
    contracts: filled.reduce((sum, { quantity }) => sum + quantity, 0),
    tooLarge: all.filter(({ isTooLarge }) => isTooLarge).length,
    mid: midSums(mid, present(plan.execution).size),
    withoutMet: blockedSums(blocks, tradesOf(executed.withoutMet).trades),
    afterFill: moveSum(filled),
    afterMiss: moveSum(missed),
    frontShare: executed.withMet.market.frontShare,
    ...(!isFifo(executed.withMet.market) && { notFifo: true as const }),
  };
  // Trials with equal lists and equal gains traded the same.
  const listed = canonicalJson([plan.execution, [...tradeList], [...trades.grossHalfTicks]]);
  return {
    ...rest,
    ...summary,
    blocks,
    laterGrossHalfTicks: 0,
    laterSpreadHalfTicks: 0,
    tradesHash: sha256Hex(new TextEncoder().encode(listed)).slice(0, 32),
    executionJson: canonicalJson(unit),
  };
}

/** Trades in the real book; money is of all contracts, and the spread is in the prices. */
function tradesOfExecuted(all: readonly ExecutedTrade[], binNs: number, bins: number): Trades {
  const places = all.flatMap(({ quantity }, at) => (quantity > 0 ? [at] : []));
  const count = places.length;
  const column = (value: (trade: ExecutedTrade) => number) => Int32Array.from(places, (at) => value(present(all[at])));
  const binAt = (tsNs: number) => Math.max(0, Math.min(bins - 1, Math.floor(tsNs / binNs)));
  const resultOf = ({ reason }: ExecutedTrade) =>
    reason === 'takeProfit' ? tradeResult.takeProfit : reason === 'stop' ? tradeResult.stopLoss : tradeResult.timeout;
  return {
    count,
    firingBin: column(({ bin }) => bin),
    side: Int8Array.from(places, (at) => present(all[at]).side),
    entryBin: column(({ entryNs }) => binAt(entryNs)),
    exitBin: column(({ reason, exitNs }) => (reason === 'sessionEnd' ? bins - 1 : binAt(exitNs))),
    result: Int8Array.from(places, (at) => resultOf(present(all[at]))),
    grossHalfTicks: column(({ gainTicks }) => Math.round(2 * gainTicks)),
    spreadHalfTicks: new Int32Array(count),
    orderPriceTicks: Float64Array.from(places, (at) => present(all[at]).gainTicks),
  };
}

/** The result at the mid by block, both sides together; money is of all contracts, as in the real book. */
function midSums({ sums }: ThresholdResult, size: number): UnitExecution['mid'] {
  const both = (long: Int32Array, short: Int32Array) => Array.from(long, (value, at) => value + present(short[at]));
  return {
    block: [...sums.block],
    n: both(sums.longs, sums.shorts),
    gross: both(sums.longGross, sums.shortGross).map((half) => size * half),
    spread: both(sums.longSpread, sums.shortSpread).map((half) => size * half),
  };
}
