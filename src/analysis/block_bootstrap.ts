import { randomSource } from '../statistics/index.ts';

/** An estimate and what the data does not contradict at 95 %; NaN where it is not defined. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer blocks with anything in them than this give no interval: too little is known of how the estimate varies. */
export const fewestBlocks = 10;
const draws = 999;

/**
 * Intervals of ratios of two sums over the same blocks of time, by the block bootstrap: whole blocks are drawn with
 * replacement, so dependence within a block is kept whatever it is; blocks must be long against it. The draws are made
 * once; the same seed gives the same intervals.
 *
 * Source: Carlstein, "The use of subseries values for estimating the variance of a general statistic from a stationary
 * sequence", Ann. Statist. 14 (1986); percentile interval: Efron & Tibshirani (1993), §13.3.
 */
export class BlockBootstrap {
  readonly #blocks: number;
  /** Blocks drawn, `#blocks` a draw. */
  readonly #drawn: Uint32Array;

  constructor(blocks: number, seed: number) {
    const random = randomSource(seed);
    this.#blocks = blocks;
    this.#drawn = new Uint32Array(blocks < fewestBlocks ? 0 : draws * blocks);
    for (let i = 0; i < this.#drawn.length; i++) this.#drawn[i] = random.below(blocks);
  }

  /** Σ numerators / Σ denominators, with its 95 % percentile interval; both have an element a block. */
  ratio(numerators: Float64Array, denominators: Float64Array): Estimate {
    const total = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0);
    const value = total(numerators) / total(denominators);
    const known = denominators.reduce((count, each) => count + (each === 0 ? 0 : 1), 0);
    if (known < fewestBlocks) return { value, low: Number.NaN, high: Number.NaN };
    const ratios = new Float64Array(draws);
    for (let draw = 0, at = 0; draw < draws; draw++) {
      let numerator = 0;
      let denominator = 0;
      for (const end = at + this.#blocks; at < end; at++) {
        const block = this.#drawn[at]!;
        numerator += numerators[block]!;
        denominator += denominators[block]!;
      }
      // Ten blocks or more are never all missed in practice; a draw that misses them says nothing.
      ratios[draw] = denominator === 0 ? value : numerator / denominator;
    }
    ratios.sort();
    return { value, low: ratios[Math.floor(0.025 * draws)]!, high: ratios[Math.ceil(0.975 * draws) - 1]! };
  }
}

/**
 * Sums over consecutive blocks of bins, `width` sums a block, at most `maxBlocks` of them: when there would be more,
 * neighbours are merged and blocks are twice as long. So memory is bounded, and long sessions get long blocks.
 */
export class BlockSums {
  readonly width: number;
  readonly #maxBlocks: number;
  readonly #sums: Float64Array;
  #blockBins: number;
  #bins = 0;

  /** @param maxBlocks even */
  constructor(width: number, minBlockBins: number, maxBlocks = 128) {
    this.width = width;
    this.#blockBins = minBlockBins;
    this.#maxBlocks = maxBlocks;
    this.#sums = new Float64Array(width * maxBlocks);
  }

  /** Takes the next bin, and gives the sums of its block to add to: a view, valid until the next call. */
  next(): Float64Array {
    if (this.#bins === this.#maxBlocks * this.#blockBins) this.#merge();
    const block = Math.floor(this.#bins++ / this.#blockBins);
    return this.#sums.subarray(block * this.width, (block + 1) * this.width);
  }

  get blockBins(): number {
    return this.#blockBins;
  }

  get blocks(): number {
    return Math.ceil(this.#bins / this.#blockBins);
  }

  /** One of the sums per block in [from, to); a copy. */
  column(index: number, from = 0, to = this.blocks): Float64Array {
    return Float64Array.from(
      { length: Math.max(0, to - from) },
      (_, i) => this.#sums[(from + i) * this.width + index]!,
    );
  }

  #merge(): void {
    const { width } = this;
    const half = this.#maxBlocks / 2;
    for (let block = 0; block < half; block++) {
      for (let i = 0; i < width; i++) {
        this.#sums[block * width + i] = this.#sums[2 * block * width + i]! + this.#sums[(2 * block + 1) * width + i]!;
      }
    }
    this.#sums.fill(0, half * width);
    this.#blockBins *= 2;
  }
}
