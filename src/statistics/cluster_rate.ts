import { clusterMoments } from './cluster_mean.ts';
import type { ClusterSeries } from './cluster_sums.ts';
import { studentTQuantile } from './student_t.ts';

/** A share of trades with what variation between clusters says about it. */
export interface ClusterRate {
  readonly trades: number;
  readonly rate: number;
  /** Independent trades that would tell as much. */
  readonly effectiveTrades: number;
  /** Interval at 95 % confidence: 0 ≤ low ≤ rate ≤ high ≤ 1. */
  readonly low: number;
  readonly high: number;
}

/**
 * Rate of an outcome among trades, where `sums` of the series holds the trades with that outcome in each cluster and
 * `counts` all of them. Null with fewer than two clusters that have trades.
 *
 * Wilson's interval with the effective number of trades min(n, p(1 − p)/V), V as in `clusterMean`, and the quantile of
 * t(G_eff − 1) in place of the normal one. At a rate of 0 or 1, where V says nothing, each effective cluster counts once.
 *
 * Source: Korn & Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated
 * from survey data", Survey Methodology 24 (1998); Wilson, JASA 22 (1927).
 */
export function clusterRate(series: ClusterSeries): ClusterRate | null {
  const moments = clusterMoments(series);
  if (moments === null) return null;
  const { trades, mean: rate, variance, effectiveClusters } = moments;
  const certain = rate <= 0 || rate >= 1;
  const independent = certain ? effectiveClusters : (rate * (1 - rate)) / variance;
  const effectiveTrades = Math.min(trades, independent);
  const t = studentTQuantile(0.975, effectiveClusters - 1);
  const widening = (t * t) / effectiveTrades;
  if (!Number.isFinite(widening)) return { trades, rate, effectiveTrades, low: 0, high: 1 };
  const centre = (rate + widening / 2) / (1 + widening);
  const half =
    (t / (1 + widening)) * Math.sqrt((rate * (1 - rate)) / effectiveTrades + widening / (4 * effectiveTrades));
  const low = rate <= 0 ? 0 : Math.max(0, centre - half);
  return { trades, rate, effectiveTrades, low, high: rate >= 1 ? 1 : Math.min(1, centre + half) };
}
