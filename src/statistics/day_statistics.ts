import { type ClusterMean, clusterMean } from './cluster_mean.ts';
import type { ClusterSeries } from './cluster_sums.ts';

/** How the result of one trial is spread over its sessions. Nulls where there is nothing to say. */
export interface DayStatistics {
  /** Sessions whose net sum is above 0, and below 0. Zeros are in neither. */
  readonly positive: number;
  readonly negative: number;
  /** positive/(positive + negative). */
  readonly positiveShare: number | null;
  /** "Median day": one-sided sign test, P(at least as many positive when both are equally likely). Enters no verdict. */
  readonly medianDayP: number | null;
  /** Index and net sum, ticks, of the best and the worst session with trades; the first of equals. */
  readonly best: Day | null;
  readonly worst: Day | null;
  /** Share of the total net PnL that the best session contributes, and that the best 5 % of trades do; null when total ≤ 0. */
  readonly bestShare: number | null;
  readonly bestTradesShare: number | null;
  /** r without the best session, ticks a trade, and its estimate by the other sessions. */
  readonly meanWithoutBest: number | null;
  readonly withoutBest: ClusterMean | null;
  /** r of the first ⌊S/2⌋ sessions, and of the others. */
  readonly firstHalf: number | null;
  readonly secondHalf: number | null;
}

export interface Day {
  readonly session: number;
  readonly sum: number;
}

/**
 * Day statistics of a trial whose clusters are whole sessions, in order of time. `bestTradesSum` is the net PnL, ticks, of
 * the largest 5 % of its trades over all sessions.
 *
 * Source of the sign test: Dixon & Mood, JASA 41 (1946).
 */
export function dayStatistics(series: ClusterSeries, bestTradesSum: number): DayStatistics {
  const { sums, counts } = series;
  let [positive, negative, total] = [0, 0, 0];
  let best: Day | null = null;
  let worst: Day | null = null;
  for (let session = 0; session < sums.length; session++) {
    const sum = sums[session]!;
    total += sum;
    if (sum > 0) positive++;
    if (sum < 0) negative++;
    if (counts[session] === 0) continue;
    if (best === null || sum > best.sum) best = { session, sum };
    if (worst === null || sum < worst.sum) worst = { session, sum };
  }
  const days = positive + negative;
  const middle = Math.floor(sums.length / 2);
  const others = withoutSession(series, best?.session ?? -1);
  return {
    positive,
    negative,
    positiveShare: days === 0 ? null : positive / days,
    medianDayP: days === 0 ? null : signTest(positive, days),
    best,
    worst,
    bestShare: best !== null && total > 0 ? best.sum / total : null,
    bestTradesShare: total > 0 ? bestTradesSum / total : null,
    meanWithoutBest: meanBetween(others, 0, others.sums.length),
    withoutBest: clusterMean(others),
    firstHalf: meanBetween(series, 0, middle),
    secondHalf: meanBetween(series, middle, sums.length),
  };
}

/** One-sided sign test: P(X ≥ `positive`) for X binomial(`days`, 1/2), exact to rounding. */
export function signTest(positive: number, days: number): number {
  // From the smallest probability on; ln C(n, k) by sums of logarithms would do too, but ratios lose less.
  let logTerm = -days * Math.LN2;
  let sum = 0;
  for (let k = days; k >= positive; k--) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(k / (days - k + 1));
  }
  return Math.min(1, sum);
}

function withoutSession(series: ClusterSeries, left: number): ClusterSeries {
  const keep = (_: number, session: number) => session !== left;
  return { sums: series.sums.filter(keep), counts: Float64Array.from(series.counts).filter(keep), neighbours: null };
}

function meanBetween(series: ClusterSeries, from: number, to: number): number | null {
  let [total, trades] = [0, 0];
  for (let session = from; session < to; session++) {
    total += series.sums[session]!;
    trades += series.counts[session]!;
  }
  return trades === 0 ? null : total / trades;
}
