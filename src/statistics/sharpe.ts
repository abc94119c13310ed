import { normalCdf, normalQuantile } from './normal.ts';

/** Moments of a series of returns; `kurtosis` is 3 for a normal distribution (not excess). */
export interface ReturnMoments {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation with n − 1. */
  readonly deviation: number;
  readonly skewness: number;
  readonly kurtosis: number;
  /** mean / deviation, per period (not annualised); 0 when the returns do not vary. */
  readonly sharpe: number;
}

/** Moments of `returns`, one value a period. */
export function returnMoments(returns: Float64Array): ReturnMoments {
  const count = returns.length;
  let mean = 0;
  for (const value of returns) mean += value / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (const value of returns) {
    const d = value - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const variance = second / count;
  const flat = count < 2 || variance <= 1e-18 * (1 + mean * mean);
  if (flat) return { count, mean: count === 0 ? 0 : mean, deviation: 0, skewness: 0, kurtosis: 3, sharpe: 0 };
  const deviation = Math.sqrt(second / (count - 1));
  return {
    count,
    mean,
    deviation,
    skewness: third / count / variance ** 1.5,
    kurtosis: fourth / count / (variance * variance),
    sharpe: mean / deviation,
  };
}

/** Input of the probabilistic Sharpe ratio; `sharpe` is per period, `count` is the number of periods. */
export type SharpeEstimate = Pick<ReturnMoments, 'count' | 'sharpe' | 'skewness' | 'kurtosis'>;

/**
 * Probability that the true Sharpe ratio exceeds `benchmark` (both per period), given skewed and fat-tailed returns.
 * NaN with fewer than two periods.
 *
 * Source: Bailey & López de Prado, "The Sharpe ratio efficient frontier", J. of Risk 15 (2012), eq. 11.
 */
export function probabilisticSharpeRatio(estimate: SharpeEstimate, benchmark: number): number {
  const { count, sharpe, skewness, kurtosis } = estimate;
  if (count < 2) return Number.NaN;
  const variance = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  return normalCdf(((sharpe - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(Math.max(variance, 1e-12)));
}

const eulerMascheroni = 0.5772156649015329;

/**
 * The best Sharpe ratio that `trials` strategies without any skill are expected to show, when their estimates vary by
 * `sharpeVariance` (per period).
 *
 * Source: Bailey & López de Prado, "The deflated Sharpe ratio", J. of Portfolio Management 40 (2014), appendix 1.
 */
export function expectedBestSharpe(trials: number, sharpeVariance: number): number {
  if (trials < 2) return 0;
  const deviation = Math.sqrt(sharpeVariance);
  const low = normalQuantile(1 - 1 / trials);
  const high = normalQuantile(1 - 1 / (trials * Math.E));
  return deviation * ((1 - eulerMascheroni) * low + eulerMascheroni * high);
}
