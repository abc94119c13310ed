import { assert } from '../errors.ts';
import { type ClusterSums, seriesOf } from './cluster_sums.ts';
import type { RandomSource } from './random.ts';
import { skewCorrectedT } from './skew_corrected_t.ts';

/** Clusters whose signed sums are looked up together: a table of 2^8 entries replaces eight multiplications. */
const group = 8;
const patterns = 1 << group;

/** Random signs for every cluster, the same for all trials: bit 1 of a pattern stands for +1, bit 0 for −1. */
export interface SignDraws {
  readonly draws: number;
  readonly clusters: number;
  /** The pattern of eight clusters in a draw, at (group of clusters)·draws + draw. */
  readonly signs: Uint8Array;
  /** The same of the products s_c·s_{c+1}; null without neighbours. */
  readonly products: Uint8Array | null;
}

/** Draws the signs, draw after draw, a bit for each cluster. */
export function drawSigns(clusters: number, draws: number, withNeighbours: boolean, random: RandomSource): SignDraws {
  const groups = Math.ceil(clusters / group);
  const signs = new Uint8Array(groups * draws);
  const products = withNeighbours ? new Uint8Array(groups * draws) : null;
  for (let draw = 0; draw < draws; draw++) {
    for (let first = 0; first < groups; first += 4) {
      const bits = random.below(2 ** 32);
      for (let at = first; at < Math.min(groups, first + 4); at++) {
        signs[at * draws + draw] = bits >>> (group * (at - first));
      }
    }
    if (products === null) continue;
    for (let at = 0; at < groups; at++) {
      const own = signs[at * draws + draw]!;
      const next = at + 1 < groups ? signs[(at + 1) * draws + draw]! : 0;
      products[at * draws + draw] = ~(own ^ ((own >>> 1) | (next << (group - 1))));
    }
  }
  return { draws, clusters, signs, products };
}

/** Scratch space and results of one trial under all draws, reused from trial to trial. */
export class SignFlips {
  /** Σ s·y of each draw. */
  readonly total: Float64Array;
  /** t* of each draw, after `run`, corrected for skewness by blocks: ±Infinity where the clusters of a draw do not vary. */
  readonly t: Float64Array;
  readonly #draws: SignDraws;
  readonly #weighted: Float64Array;
  readonly #crossed: Float64Array;
  readonly #multiplied: Float64Array;
  readonly #cubed: Float64Array;
  readonly #squaredWeights: Float64Array;
  readonly #table = new Float64Array(patterns);

  constructor(draws: SignDraws) {
    this.#draws = draws;
    this.total = new Float64Array(draws.draws);
    this.t = new Float64Array(draws.draws);
    this.#weighted = new Float64Array(draws.draws);
    this.#crossed = new Float64Array(draws.draws);
    this.#multiplied = new Float64Array(draws.draws);
    this.#cubed = new Float64Array(draws.draws);
    this.#squaredWeights = new Float64Array(draws.draws);
  }

  /** Only `total`, of trial `trial`. */
  runTotals(data: ClusterSums, trial: number): void {
    this.#signedSums(seriesOf(data, trial).sums, this.#draws.signs, this.total);
  }

  /**
   * `total` and `t` of trial `trial`. With e = s·y − r*·n and r* = Σ s·y/Σ n,
   * Σ e² = Σ y² − 2r*·Σ s·y·n + r*²·Σ n², and Σ e_c·e_{c+1} and Σ e³ split likewise: a draw costs a few signed sums.
   */
  run(data: ClusterSums, trial: number): void {
    const { sums, counts, neighbours } = seriesOf(data, trial);
    const { signs, products, clusters } = this.#draws;
    assert(
      sums.length === clusters && (neighbours === null) === (products === null),
      'the draws are of other clusters',
    );
    let trades = 0;
    let active = 0;
    let size = 0;
    let squaredCounts = 0;
    let countProducts = 0;
    let sizes = 0;
    let cubedCounts = 0;
    const weighted = new Float64Array(clusters);
    const crossed = new Float64Array(clusters);
    const multiplied = new Float64Array(clusters);
    const cubed = new Float64Array(clusters);
    const squaredWeights = new Float64Array(clusters);
    for (let c = 0; c < clusters; c++) {
      const [y, n] = [sums[c]!, counts[c]!];
      trades += n;
      if (n > 0) active++;
      size += y * y;
      squaredCounts += n * n;
      weighted[c] = y * n;
      cubed[c] = y * y * y;
      squaredWeights[c] = y * n * n;
      sizes += y * y * n;
      cubedCounts += n * n * n;
      if (neighbours === null || neighbours[c] !== 1) continue;
      countProducts += n * counts[c + 1]!;
      crossed[c]! += y * counts[c + 1]!;
      crossed[c + 1]! += sums[c + 1]! * n;
      multiplied[c] = y * sums[c + 1]!;
    }
    this.#signedSums(sums, signs, this.total);
    this.#signedSums(weighted, signs, this.#weighted);
    if (products !== null) {
      this.#signedSums(crossed, signs, this.#crossed);
      this.#signedSums(multiplied, products, this.#multiplied);
      this.#signedSums(cubed, signs, this.#cubed);
      this.#signedSums(squaredWeights, signs, this.#squaredWeights);
    }
    const scale = active / (active - 1);
    for (let draw = 0; draw < this.t.length; draw++) {
      const total = this.total[draw]!;
      const r = total / trades;
      const squares = size - 2 * r * this.#weighted[draw]! + r * r * squaredCounts;
      const pairs = this.#multiplied[draw]! - r * this.#crossed[draw]! + r * r * countProducts;
      // Deviations of the order of rounding are none.
      const spread = squares <= 1e-13 * size ? 0 : squares + Math.max(0, 2 * pairs);
      const t = total === 0 ? 0 : total / Math.sqrt(scale * spread);
      this.t[draw] = t;
      if (products === null || spread === 0) continue;
      const mixed = r * (r * this.#squaredWeights[draw]! - sizes);
      const cubes = this.#cubed[draw]! + 3 * mixed - r ** 3 * cubedCounts;
      this.t[draw] = skewCorrectedT(t, cubes / squares ** 1.5);
    }
  }

  /** Σ ± values per draw, eight clusters at a time. */
  #signedSums(values: Float64Array, bits: Uint8Array, out: Float64Array): void {
    const draws = out.length;
    const table = this.#table;
    out.fill(0);
    for (let first = 0, from = 0; first < values.length; first += group, from += draws) {
      const size = Math.min(group, values.length - first);
      let lowest = 0;
      for (let c = first; c < first + size; c++) lowest -= values[c]!;
      table[0] = lowest;
      for (let bit = 0; bit < group; bit++) {
        const twice = bit < size ? 2 * values[first + bit]! : 0;
        for (let at = 1 << bit, end = 2 << bit; at < end; at++) table[at] = table[at - (1 << bit)]! + twice;
      }
      for (let draw = 0; draw < draws; draw++) out[draw]! += table[bits[from + draw]!]!;
    }
  }
}
