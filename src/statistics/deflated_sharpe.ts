import { expectedBestSharpe, probabilisticSharpeRatio, returnMoments } from './sharpe.ts';
import { testedRule } from './tested.ts';

/** Deflated Sharpe ratio of a trial, and the numbers that it is made of; Sharpe ratios are per cluster. */
export interface DeflatedSharpe {
  /** Probability that the true Sharpe ratio exceeds `benchmark`. */
  readonly probability: number;
  readonly sharpe: number;
  /** SR0. */
  readonly benchmark: number;
}

/**
 * Deflated Sharpe ratio of the net PnL `sums` of all T clusters, 0 where a cluster has no trades. `benchmark` is SR0 of
 * `signFlipTests`: neither a count of trials nor the spread of their Sharpe ratios, which costs widen, enters. Null when
 * T < 10 or the clusters do not vary.
 *
 * Source: Bailey & López de Prado, "The deflated Sharpe ratio", J. of Portfolio Management 40 (2014), eq. 2.
 */
export function deflatedSharpe(sums: Float64Array, benchmark: number): DeflatedSharpe | null {
  if (sums.length < testedRule.minClusters) return null;
  const moments = returnMoments(sums);
  if (moments.deviation === 0) return null;
  return { probability: probabilisticSharpeRatio(moments, benchmark), sharpe: moments.sharpe, benchmark };
}

/**
 * The number of independent trials for which the paper's formula gives the benchmark SR0, with 1/(T − 1) as the variance
 * of one trial's Sharpe ratio over `clusters` = T when nothing is true. At least 1; a real number.
 *
 * Source: Bailey & López de Prado (2014), appendix 1, solved for N.
 */
export function equivalentTrials(benchmark: number, clusters: number): number {
  const variance = 1 / (clusters - 1);
  const above = (logN: number) => expectedBestSharpe(Math.exp(logN), variance) > benchmark;
  // The formula holds from two trials on; below, one is as good an answer as any.
  let low = Math.LN2;
  if (above(low)) return 1;
  // 1/N is a probability that 1 − 1/N must still hold.
  let high = 34;
  if (!above(high)) return Math.exp(high);
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (above(middle)) high = middle;
    else low = middle;
  }
  return Math.exp(low);
}
