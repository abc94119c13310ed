import { type Firings, findFirings } from '../signals/index.ts';
import {
  breakEvenRate,
  circularShiftPValue,
  randomSource,
  returnMoments,
  wilsonInterval,
} from '../statistics/index.ts';
import type { Fold } from './folds.ts';
import type { Market } from './market.ts';
import { type Outcomes, tradeResult } from './outcomes.ts';
import { cutPeriods, type Periods, periodOf } from './periods.ts';

/** Trading rules that scores are evaluated by, apart from thresholds. Ticks and bins as in `ExperimentSpec.eval`. */
export interface EvaluationRules {
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly maxHoldBins: number;
  readonly warmupBins: number;
  readonly cooldownBins: number;
  /** Cost of a round trip in ticks: commission and slippage. */
  readonly costTicks: number;
  readonly cellWidthMs: number;
  readonly folds: readonly Fold[];
}

/** Firings of a stretch of bins, by how they ended. */
export interface Tally {
  readonly count: number;
  readonly takeProfits: number;
  readonly stopLosses: number;
  /** Ticks over all firings before costs, when orders fill at their prices and at the mid of the exit. */
  readonly gainTicks: number;
  readonly midGainTicks: number;
}

/** One threshold of a run: every number that the results store keeps of it. Null stands for "not defined". */
export interface ThresholdResult extends Tally {
  readonly threshold: number;
  readonly ups: number;
  readonly downs: number;
  readonly tpRate: number | null;
  readonly slRate: number | null;
  readonly timeoutRate: number | null;
  /** Wilson 95 % interval of `tpRate`. */
  readonly tpRateLow: number;
  readonly tpRateHigh: number;
  /** The `tpRate` that would earn nothing after costs if no trade timed out. */
  readonly breakEvenRate: number;
  readonly meanPnlTicks: number | null;
  readonly meanNetPnlTicks: number | null;
  /** At the mid of the exit, before costs. */
  readonly meanMidPnlTicks: number | null;
  readonly eventsPerHour: number;
  readonly medianTimeToOutcomeMs: number | null;
  /** Firings while a trade of an earlier one was still open. */
  readonly overlapping: number;
  readonly invalidBook: number;
  readonly cooling: number;
  /** Against circularly shifted firing times, of the mean PnL at the mid. */
  readonly pValue: number | null;
  /** Of net PnL at the mid, summed per period of at least `maxHoldBins`; `periods` is 0 when the data is too short. */
  readonly periods: number;
  readonly sharpe: number;
  readonly skewness: number;
  readonly kurtosis: number;
  /** Sums of periods' net PnL and of its square per block, for cross-validation over a sweep. */
  readonly blockSums: Float64Array;
  readonly blockSquares: Float64Array;
  readonly foldTrain: readonly Tally[];
  readonly foldTest: readonly Tally[];
}

/** Random shifts behind a p-value: enough to tell 0.0005, few for a signal that is plainly nothing. */
export const shiftLimits = { maxShifts: 1999, minExceedances: 20 };

/**
 * Judges a series of scores at one threshold (`thresholds`: one value, or one per bin for a threshold that adapts to
 * the past). `threshold` names it in the result, `seed` fixes the random shifts.
 */
export function evaluate(
  scores: Float64Array,
  threshold: number,
  thresholds: Float64Array,
  market: Market,
  rules: EvaluationRules,
  seed: number,
): ThresholdResult {
  const { tpTicks, slTicks, costTicks, cellWidthMs, warmupBins } = rules;
  const { outcomes } = market;
  const firings = findFirings(scores, thresholds, market.tradable, warmupBins, rules.cooldownBins);
  const all = tally(firings, outcomes, 0, scores.length);
  const { count } = all;
  const rate = (part: number) => (count === 0 ? null : part / count);
  const interval = wilsonInterval(all.takeProfits, count);
  const hours = (Math.max(0, scores.length - warmupBins) * cellWidthMs) / 3_600_000;
  const ups = firings.sides.reduce((sum, side) => sum + (side === 1 ? 1 : 0), 0);
  return {
    ...all,
    threshold,
    ups,
    downs: count - ups,
    tpRate: rate(all.takeProfits),
    slRate: rate(all.stopLosses),
    timeoutRate: rate(count - all.takeProfits - all.stopLosses),
    tpRateLow: interval.low,
    tpRateHigh: interval.high,
    breakEvenRate: breakEvenRate(tpTicks, slTicks, costTicks),
    meanPnlTicks: rate(all.gainTicks),
    meanNetPnlTicks: rate(all.gainTicks - count * costTicks),
    meanMidPnlTicks: rate(all.midGainTicks),
    eventsPerHour: hours === 0 ? 0 : count / hours,
    ...durations(firings, outcomes, cellWidthMs),
    invalidBook: firings.invalidBookCount,
    cooling: firings.coolingCount,
    pValue: shiftPValue(firings, market, rules.maxHoldBins, seed),
    ...periodReturns(firings, outcomes, costTicks, cutPeriods(warmupBins, scores.length, rules.maxHoldBins)),
    foldTrain: rules.folds.map((f) => tally(firings, outcomes, f.trainFrom, f.trainTo)),
    foldTest: rules.folds.map((f) => tally(firings, outcomes, f.testFrom, f.testTo)),
  };
}

function tally(firings: Firings, outcomes: Outcomes, from: number, to: number): Tally {
  let count = 0;
  let takeProfits = 0;
  let stopLosses = 0;
  let gainTicks = 0;
  let midGainTicks = 0;
  firings.bins.forEach((bin, index) => {
    if (bin < from || bin >= to) return;
    const side = firings.sides[index] === 1 ? outcomes.up : outcomes.down;
    count++;
    if (side.result[bin] === tradeResult.takeProfit) takeProfits++;
    else if (side.result[bin] === tradeResult.stopLoss) stopLosses++;
    gainTicks += side.gainTicks[bin]!;
    midGainTicks += side.midGainTicks[bin]!;
  });
  return { count, takeProfits, stopLosses, gainTicks, midGainTicks };
}

function durations(
  firings: Firings,
  outcomes: Outcomes,
  cellWidthMs: number,
): Pick<ThresholdResult, 'medianTimeToOutcomeMs' | 'overlapping'> {
  const count = firings.bins.length;
  const lengths = new Int32Array(count);
  let overlapping = 0;
  let openUntil = -1;
  for (let index = 0; index < count; index++) {
    const bin = firings.bins[index]!;
    const exitBin = (firings.sides[index] === 1 ? outcomes.up : outcomes.down).exitBin[bin]!;
    lengths[index] = exitBin - bin;
    if (bin < openUntil) overlapping++;
    openUntil = Math.max(openUntil, exitBin);
  }
  lengths.sort();
  const middle = count >> 1;
  const medianBins = count % 2 === 1 ? lengths[middle]! : (lengths[middle - 1]! + lengths[middle]!) / 2;
  return { medianTimeToOutcomeMs: count === 0 ? null : medianBins * cellWidthMs, overlapping };
}

function shiftPValue(firings: Firings, market: Market, minShift: number, seed: number): number | null {
  const { positionOf, positions, gainUp, gainDown } = market;
  const at = (side: number) => firings.bins.filter((_, i) => firings.sides[i] === side).map((bin) => positionOf[bin]!);
  const shifted = { upAt: at(1), downAt: at(-1), gainUp, gainDown, positions };
  const pValue = circularShiftPValue(shifted, minShift, shiftLimits, randomSource(seed));
  return Number.isNaN(pValue) ? null : pValue;
}

type PeriodNumbers = 'periods' | 'sharpe' | 'skewness' | 'kurtosis' | 'blockSums' | 'blockSquares';

function periodReturns(
  firings: Firings,
  outcomes: Outcomes,
  costTicks: number,
  periods: Periods,
): Pick<ThresholdResult, PeriodNumbers> {
  const returns = new Float64Array(periods.count);
  if (periods.count > 0) {
    firings.bins.forEach((bin, index) => {
      const { midGainTicks } = firings.sides[index] === 1 ? outcomes.up : outcomes.down;
      returns[periodOf(periods, bin)]! += midGainTicks[bin]! - costTicks;
    });
  }
  const blockSums = new Float64Array(periods.blocks);
  const blockSquares = new Float64Array(periods.blocks);
  const perBlock = periods.count / periods.blocks;
  returns.forEach((value, period) => {
    blockSums[Math.floor(period / perBlock)]! += value;
    blockSquares[Math.floor(period / perBlock)]! += value * value;
  });
  const { sharpe, skewness, kurtosis } = returnMoments(returns);
  return { periods: periods.count, sharpe, skewness, kurtosis, blockSums, blockSquares };
}
