import { clusterMean } from './cluster_mean.ts';
import { assertClusterSums, type ClusterSums, seriesOf } from './cluster_sums.ts';
import { randomSource } from './random.ts';
import { drawSigns, SignFlips } from './sign_flip_draws.ts';
import { skewCorrectedT } from './skew_corrected_t.ts';
import { studentZ, studentZBound } from './student_z.ts';
import { testedRule } from './tested.ts';

/** What random signs say about the whole family of trials. */
export interface SignFlipTests {
  readonly draws: number;
  /** z = Φ⁻¹(1 − p) of each trial; NaN for trials without p-value. */
  readonly z: Float64Array;
  /** Romano–Wolf step-down p-value of each trial, family-wise; NaN for trials without p-value. */
  readonly adjusted: Float64Array;
  /** Trials with an adjusted p-value below 0.05. */
  readonly survivors: readonly number[];
  /** Hansen's p-value that the best of all is no better than nothing; null when no trial has a p-value. */
  readonly spa: number | null;
  /** SR0: mean over the draws of the largest Sharpe ratio, per cluster, of any trial. */
  readonly benchmarkSharpe: number;
}

/** A family-wise error that is called small. */
const level = 0.05;
/** A draw that gives back the data differs from it by rounding, and must count as equal. */
const tie = 1e-9;

/**
 * Multiple testing of r > 0 by randomisation: each draw multiplies all sums of a cluster, of all trials together, by the
 * same random sign, so that nothing is true and the trials stay as alike as they are. Estimates and errors are computed
 * anew in each draw; compared are z = Φ⁻¹(1 − p) with p from each trial's own t(G_eff − 1), lest trials with few effective
 * clusters rule the maximum. Trials where `tested` is 0 take part in the benchmark of the Sharpe ratio alone. Null with
 * fewer than ten clusters. The order of the trials changes nothing.
 *
 * Source: Romano & Wolf, "Exact and approximate stepdown methods for multiple hypothesis testing", JASA 100 (2005);
 * Canay, Romano & Shaikh, Econometrica 85 (2017), for few clusters; Cameron, Gelbach & Miller, Rev. Econ. Stat. 90 (2008),
 * with the null imposed; Hansen, "A test for superior predictive ability", J. Bus. Econ. Stat. 23 (2005).
 */
export function signFlipTests(data: ClusterSums, tested: Uint8Array, seed: number, draws = 2000): SignFlipTests | null {
  assertClusterSums(data);
  const { trials, clusters } = data;
  if (clusters < testedRule.minClusters) return null;
  const signs = drawSigns(clusters, draws, data.neighbours !== null, randomSource(seed));
  const flips = new SignFlips(signs);
  const sharpe = new LargestSharpe(clusters, draws);
  const z = new Float64Array(trials).fill(Number.NaN);
  const df = new Float64Array(trials);
  const relevant = new Uint8Array(trials);
  const order: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const estimate = tested[trial] === 1 ? clusterMean(seriesOf(data, trial)) : null;
    if (estimate === null) {
      flips.runTotals(data, trial);
      sharpe.add(flips.total, seriesOf(data, trial).sums);
      continue;
    }
    order.push(trial);
    df[trial] = estimate.df;
    const t = skewCorrectedT(estimate.mean / Math.sqrt(estimate.variance), estimate.skew);
    z[trial] = studentZ(t, estimate.df);
    relevant[trial] = z[trial]! >= -Math.sqrt(2 * Math.log(Math.log(estimate.clusters))) ? 1 : 0;
  }
  // From the worst to the best: the maxima over those not yet rejected grow from trial to trial.
  order.sort((a, b) => z[a]! - z[b]!);
  const best = order.at(-1);
  // Where all lose, the best is still the one that is judged.
  if (best !== undefined) relevant[best] = 1;
  const largest = new Float64Array(draws).fill(Number.NEGATIVE_INFINITY);
  const largestRelevant = new Float64Array(draws).fill(Number.NEGATIVE_INFINITY);
  const adjusted = new Float64Array(trials).fill(Number.NaN);
  for (const trial of order) {
    flips.run(data, trial);
    sharpe.add(flips.total, seriesOf(data, trial).sums);
    raise(largest, flips.t, df[trial]!);
    if (relevant[trial] === 1) raise(largestRelevant, flips.t, df[trial]!);
    adjusted[trial] = exceedance(largest, z[trial]!);
  }
  for (let rank = order.length - 2; rank >= 0; rank--) {
    const [better, trial] = [order[rank + 1]!, order[rank]!];
    adjusted[trial] = Math.max(adjusted[trial]!, adjusted[better]!);
  }
  return {
    draws,
    z,
    adjusted,
    survivors: order.filter((trial) => adjusted[trial]! < level).sort((a, b) => a - b),
    spa: best === undefined ? null : exceedance(largestRelevant, z[best]!),
    benchmarkSharpe: sharpe.mean(),
  };
}

/**
 * The same with no adjusted p-value below the trial's own, and no SPA below the smallest of those: with 3 to 9 sessions the
 * own is the larger of two, by blocks and by sessions, and random signs know the blocks alone.
 *
 * @param pValues - p_profit of each trial; NaN for trials without
 */
export function boundByOwn(tests: SignFlipTests, pValues: Float64Array): SignFlipTests {
  const adjusted = tests.adjusted.map((p, trial) => Math.max(p, pValues[trial]!));
  const smallest = pValues.reduce((least, p) => (p < least ? p : least), 1);
  return {
    ...tests,
    adjusted,
    survivors: tests.survivors.filter((trial) => adjusted[trial]! < level),
    spa: tests.spa === null ? null : Math.max(tests.spa, smallest),
  };
}

/** Raises each draw's maximum to this trial's z where that is larger. The exact z is computed only where it may be. */
function raise(largest: Float64Array, t: Float64Array, df: number): void {
  for (let draw = 0; draw < t.length; draw++) {
    const limit = largest[draw]!;
    // z never exceeds a positive t.
    if ((limit >= 0 && t[draw]! <= limit) || studentZBound(t[draw]!, df) <= limit) continue;
    const z = studentZ(t[draw]!, df);
    if (z > limit) largest[draw] = z;
  }
}

function exceedance(largest: Float64Array, z: number): number {
  let count = 1;
  for (let draw = 0; draw < largest.length; draw++) if (largest[draw]! >= z - tie * (1 + Math.abs(z))) count++;
  return count / (largest.length + 1);
}

/**
 * The largest Sharpe ratio of any trial in each draw. A Sharpe ratio grows with the signed sum over the root of the sum of
 * squares, which signs leave alone; so the maximum is taken of that.
 */
class LargestSharpe {
  readonly #clusters: number;
  readonly #largest: Float64Array;

  constructor(clusters: number, draws: number) {
    this.#clusters = clusters;
    this.#largest = new Float64Array(draws).fill(Number.NEGATIVE_INFINITY);
  }

  add(totals: Float64Array, sums: Float64Array): void {
    let size = 0;
    for (let c = 0; c < sums.length; c++) size += sums[c]! * sums[c]!;
    const factor = size > 0 ? 1 / Math.sqrt(size) : 0;
    // All clusters equal: no deviation, no Sharpe ratio.
    const flat = this.#clusters * (1 - 1e-12);
    for (let draw = 0; draw < totals.length; draw++) {
      const ratio = totals[draw]! * factor;
      if (ratio > this.#largest[draw]! && ratio * ratio < flat) this.#largest[draw] = ratio;
    }
  }

  mean(): number {
    const T = this.#clusters;
    let sum = 0;
    for (const ratio of this.#largest) {
      if (ratio > Number.NEGATIVE_INFINITY) sum += ratio / T / Math.sqrt((1 - (ratio * ratio) / T) / (T - 1));
    }
    return sum / this.#largest.length;
  }
}
