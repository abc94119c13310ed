import type { StateReader, StateWriter } from '../state.ts';
import { PastSizes } from './past_sizes.ts';

/** Side to which a signal fires: 1 up, −1 down, 0 neither. */
export type Side = -1 | 0 | 1;

/** Threshold of the score: a fixed value, or a percentile of the |score| in a rolling window of past bins. */
export type FiringThreshold =
  | { readonly kind: 'score'; readonly value: number }
  | { readonly kind: 'past_percentile'; readonly percentile: number; readonly windowBins: number };

/** When a signal fires. */
export interface FiringRule {
  readonly threshold: FiringThreshold;
  /** Bins before the first firing. */
  readonly warmupBins: number;
  /** Bins that must lie between two firings. */
  readonly cooldownBins: number;
}

/**
 * Finds, a bin at a time, where a score crosses ±threshold from neutral or from the other side: not before `warmupBins`,
 * not on a bin that is not tradable, and at least `cooldownBins` after the last firing.
 *
 * A bin whose threshold is not a number fires nothing and counts as neutral. A crossing that may not fire is not made up
 * for later: the score must leave and cross again.
 */
export class Crossings {
  /** Crossings that fired nothing because the book was not valid or had no mid. */
  invalidBookCount = 0;
  /** Crossings that fired nothing because the last firing was too recent. */
  coolingCount = 0;
  readonly #warmupBins: number;
  readonly #cooldownBins: number;
  #bin = 0;
  #side: Side = 0;
  #lastFired = Number.NEGATIVE_INFINITY;

  constructor(warmupBins: number, cooldownBins: number) {
    this.#warmupBins = warmupBins;
    this.#cooldownBins = cooldownBins;
  }

  /** Takes the next bin, and says to which side it fires. */
  next(score: number, threshold: number, tradable: boolean): Side {
    const bin = this.#bin++;
    const side = score >= threshold ? 1 : score <= -threshold ? -1 : 0;
    if (side === this.#side) return 0;
    this.#side = side;
    if (side === 0 || bin < this.#warmupBins) return 0;
    if (!tradable) this.invalidBookCount++;
    else if (bin - this.#lastFired < this.#cooldownBins) this.coolingCount++;
    else {
      this.#lastFired = bin;
      return side;
    }
    return 0;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.invalidBookCount, this.coolingCount, this.#bin, this.#side, this.#lastFired));
  }

  restore(reader: StateReader): void {
    const [invalidBook, cooling, bin, side, lastFired] = reader.float64s();
    this.invalidBookCount = invalidBook!;
    this.coolingCount = cooling!;
    this.#bin = bin!;
    this.#side = side as Side;
    this.#lastFired = lastFired!;
  }
}

/** A rule at work on a stream of scores; `findFirings` gives the same of scores that are all there. */
export class Firing {
  /** Threshold of the last bin; NaN where there is none yet. */
  threshold = Number.NaN;
  readonly #rule: FiringThreshold;
  readonly #past: PastSizes | null;
  readonly #crossings: Crossings;

  constructor({ threshold, warmupBins, cooldownBins }: FiringRule) {
    this.#rule = threshold;
    this.#past = threshold.kind === 'past_percentile' ? new PastSizes(threshold.windowBins) : null;
    this.#crossings = new Crossings(warmupBins, cooldownBins);
  }

  /** Takes the next bin's score, and says to which side it fires; `tradable`: the book is valid and has a mid. */
  next(score: number, tradable: boolean): Side {
    const rule = this.#rule;
    this.threshold = rule.kind === 'score' ? rule.value : this.#past!.percentile(rule.percentile);
    this.#past?.push(score);
    return this.#crossings.next(score, this.threshold, tradable);
  }

  save(writer: StateWriter): void {
    writer.number(this.threshold);
    this.#past?.save(writer);
    this.#crossings.save(writer);
  }

  restore(reader: StateReader): void {
    this.threshold = reader.number();
    this.#past?.restore(reader);
    this.#crossings.restore(reader);
  }
}

/** Where a signal fires: bins in order, and the side of each (1 up, −1 down). Arrays are copies of exact length. */
export interface Firings {
  readonly bins: Int32Array;
  readonly sides: Int8Array;
  /** As in `Crossings`. */
  readonly invalidBookCount: number;
  readonly coolingCount: number;
}

/**
 * Finds the firings of a whole series of scores by the rules of `Crossings`, on bins that `tradable` marks with 1.
 * `thresholds` holds one value for all bins or one per bin.
 */
export function findFirings(
  scores: Float64Array,
  thresholds: Float64Array,
  tradable: Uint8Array,
  warmupBins: number,
  cooldownBins: number,
): Firings {
  const crossings = new Crossings(warmupBins, cooldownBins);
  const bins: number[] = [];
  const sides: number[] = [];
  const perBin = thresholds.length > 1;
  for (let bin = 0; bin < scores.length; bin++) {
    const side = crossings.next(scores[bin]!, thresholds[perBin ? bin : 0]!, tradable[bin] === 1);
    if (side === 0) continue;
    bins.push(bin);
    sides.push(side);
  }
  const { invalidBookCount, coolingCount } = crossings;
  return { bins: Int32Array.from(bins), sides: Int8Array.from(sides), invalidBookCount, coolingCount };
}
