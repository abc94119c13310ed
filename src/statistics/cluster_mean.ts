import type { ClusterSeries } from './cluster_sums.ts';
import { skewCorrectedT, uncorrectedT } from './skew_corrected_t.ts';
import { studentTQuantile, studentTSurvival } from './student_t.ts';

/** Net PnL per trade, with what variation between clusters says about it. */
export interface ClusterMean {
  /** Σ n. */
  readonly trades: number;
  /** r = Σ y/Σ n, ticks a trade. */
  readonly mean: number;
  /** V, the variance of r, above 0. */
  readonly variance: number;
  /** Σ e³/(Σ e²)^(3/2) by blocks, by which t is corrected; 0 by sessions. */
  readonly skew: number;
  /** G: clusters with trades. */
  readonly clusters: number;
  /** G_eff = (Σ n)²/Σ n²: as many clusters of equal size tell as much. */
  readonly effectiveClusters: number;
  /** Degrees of freedom of the interval and of `pProfit`: G_eff − 1. */
  readonly df: number;
  /** Interval at 95 % confidence, ticks a trade. */
  readonly low: number;
  readonly high: number;
  /** One-sided p-value of r > 0; below 0.025 exactly when `low` is above 0. */
  readonly pProfit: number;
}

/**
 * Mean net PnL per trade with a cluster-robust interval; null where nothing can be said of its error: fewer than two
 * clusters with trades, no variation between them, or so few effective ones that the interval is unbounded.
 *
 * V = G/(G − 1)·[Σ e² + max(0, 2·Σ e_c·e_{c+1})]/(Σ n)², e = y − r·n, the second term over neighbouring blocks only.
 *
 * By blocks, t is corrected for the skewness of e (`skewCorrectedT`): a stop-loss five times the take-profit puts a few
 * large losses into few blocks. Ten sessions or so do not know their skewness well enough to gain by that.
 *
 * Source: ratio estimator of cluster samples, Cochran, "Sampling techniques" (1977), §9A; Liang & Zeger, Biometrika 73
 * (1986); neighbours as Newey & West, Econometrica 55 (1987), at lag 1 with full weight; effective number of clusters
 * after Kish (1965) and Carter, Schnepel & Steigerwald, Rev. Econ. Stat. 99 (2017).
 */
export function clusterMean(series: ClusterSeries): ClusterMean | null {
  const moments = clusterMoments(series);
  if (moments === null) return null;
  const { trades, mean, variance, skew, clusters, effectiveClusters } = moments;
  const df = effectiveClusters - 1;
  const error = Math.sqrt(variance);
  const t = studentTQuantile(0.975, df);
  if (!(variance > 0 && Number.isFinite(t * error))) return null;
  const pProfit = studentTSurvival(skewCorrectedT(mean / error, skew), df);
  const low = mean - uncorrectedT(t, skew) * error;
  const high = mean - uncorrectedT(-t, skew) * error;
  return { trades, mean, variance, skew, clusters, effectiveClusters, df, low, high, pProfit };
}

/** What `clusterMoments` finds; `variance` is 0 when clusters do not differ. */
export type ClusterMoments = Pick<
  ClusterMean,
  'trades' | 'mean' | 'variance' | 'skew' | 'clusters' | 'effectiveClusters'
>;

/** Estimate and variance without a distribution; null with fewer than two clusters that have trades. */
export function clusterMoments(series: ClusterSeries): ClusterMoments | null {
  const { sums, counts, neighbours } = series;
  let trades = 0;
  let squaredCounts = 0;
  let total = 0;
  let size = 0;
  let clusters = 0;
  for (let c = 0; c < sums.length; c++) {
    const n = counts[c]!;
    if (n === 0) continue;
    clusters++;
    trades += n;
    squaredCounts += n * n;
    total += sums[c]!;
    size += sums[c]! * sums[c]!;
  }
  if (clusters < 2) return null;
  const mean = total / trades;
  let squares = 0;
  let cubes = 0;
  let products = 0;
  let last = 0;
  for (let c = 0; c < sums.length; c++) {
    const e = sums[c]! - mean * counts[c]!;
    squares += e * e;
    cubes += e * e * e;
    if (c > 0 && neighbours !== null && neighbours[c - 1] === 1) products += last * e;
    last = e;
  }
  // Deviations of the order of rounding are none: equal clusters give exactly 0.
  const spread = squares <= 1e-20 * size ? 0 : squares + Math.max(0, 2 * products);
  const variance = ((clusters / (clusters - 1)) * spread) / (trades * trades);
  const skew = neighbours === null || spread === 0 ? 0 : cubes / squares ** 1.5;
  return { trades, mean, variance, skew, clusters, effectiveClusters: (trades * trades) / squaredCounts };
}

/**
 * The answer for 3 to 9 sessions, too few to stand on alone: of the estimates by blocks and by sessions the one with the
 * wider interval, with the larger of their p-values. Null when either is null.
 */
export function widerMean(byBlocks: ClusterMean | null, bySessions: ClusterMean | null): ClusterMean | null {
  if (byBlocks === null || bySessions === null) return null;
  const wider = bySessions.high - bySessions.low >= byBlocks.high - byBlocks.low ? bySessions : byBlocks;
  return { ...wider, pProfit: Math.max(byBlocks.pProfit, bySessions.pProfit) };
}
