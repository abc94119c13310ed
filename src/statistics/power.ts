import type { ClusterMean } from './cluster_mean.ts';
import { noncentralTCdf } from './noncentral_t.ts';
import { studentTQuantile } from './student_t.ts';

/** Probability with which an edge is to be found. */
const power = 0.8;

/** Numbers behind "S sessions could have shown `detectable`; you have `mean` (`low` to `high`); about `sessionsNeeded` would be needed". */
export interface Requirement {
  readonly sessions: number;
  /** Smallest true edge that would have been found with probability 0.8, ticks a trade (MDE). */
  readonly detectable: number;
  readonly mean: number;
  /** Ends of the interval of the mean; by blocks it is not symmetric. */
  readonly low: number;
  readonly high: number;
  /** Sessions at which an edge of `mean` would be found with probability 0.8; null for "none": mean ≤ 0. */
  readonly sessionsNeeded: number | null;
}

/**
 * Sensitivity of what was done on `sessions` sessions: an edge counts as found when the interval lies above 0. With n
 * sessions r has the variance V·S/n and, clusters being as they are, G_eff·n/S − 1 degrees of freedom.
 *
 * Source: power of the t-test from the noncentral t distribution; Bloom, "Minimum detectable effects", Evaluation Review
 * 19 (1995).
 */
export function requirement(estimate: ClusterMean, sessions: number): Requirement {
  const { mean, variance, df, low, high } = estimate;
  return {
    sessions,
    detectable: detectableShift(df) * Math.sqrt(variance),
    mean,
    low,
    high,
    sessionsNeeded: sessionsNeeded(estimate, sessions),
  };
}

/** The noncentrality δ at which t'(df, δ) exceeds the two-sided 5 % point of t(df) with probability 0.8. */
export function detectableShift(df: number): number {
  const critical = studentTQuantile(0.975, df);
  let low = 0;
  let high = 4 + 2 * critical;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (1 - noncentralTCdf(critical, df, middle) < power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The normal answer is exact to 1e-5 beyond this many. */
const manySessions = 1e6;
const normalShift = 1.959963984540054 + 0.8416212335729143;

function sessionsNeeded(estimate: ClusterMean, sessions: number): number | null {
  const { mean, variance, effectiveClusters } = estimate;
  if (mean <= 0) return null;
  const perSession = mean / Math.sqrt(variance * sessions);
  const asNormal = Math.ceil((normalShift / perSession) ** 2);
  if (asNormal > manySessions) return asNormal;
  const suffices = (n: number): boolean => {
    const df = (effectiveClusters * n) / sessions - 1;
    if (df < 1e-3) return false;
    const critical = studentTQuantile(0.975, df);
    return Number.isFinite(critical) && 1 - noncentralTCdf(critical, df, perSession * Math.sqrt(n)) >= power;
  };
  // Power grows with n: the smallest n that suffices lies above the normal answer's half.
  let low = 0;
  let high = Math.max(2, asNormal);
  while (!suffices(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}
