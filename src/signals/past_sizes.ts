import { insertSorted, replaceSorted } from '../spectrum/light.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Thresholds } from './signal.ts';

/** Thresholds of scores that come from outside, and may be of any size: each is judged by its own past. */
export const ownPastThresholds: Thresholds = {
  kind: 'past_percentile',
  values: [80, 90, 95, 98, 99],
  windowBins: 3000,
};

/** Part of the window that must have passed before the first percentile. */
const warmShare = 0.1;

/** The sizes of the last `windowBins` scores of a signal, sorted: percentiles of the past, without sorting anything. */
export class PastSizes {
  readonly #windowBins: number;
  readonly #enough: number;
  readonly #sorted: Float64Array;
  /** In the order in which they came. */
  readonly #ring: Float64Array;
  #bins = 0;

  constructor(windowBins: number) {
    this.#windowBins = windowBins;
    this.#enough = Math.max(2, Math.ceil(windowBins * warmShare));
    this.#sorted = new Float64Array(windowBins);
    this.#ring = new Float64Array(windowBins);
  }

  /**
   * A percentile of the sizes in the window, by linear interpolation between the nearest two. NaN until a tenth of the
   * window has passed, and where it is 0: a threshold of 0 would be crossed at every bin.
   */
  percentile(percent: number): number {
    const count = Math.min(this.#bins, this.#windowBins);
    if (count < this.#enough) return Number.NaN;
    const sorted = this.#sorted;
    const position = ((count - 1) * percent) / 100;
    const below = Math.floor(position);
    const above = Math.min(below + 1, count - 1);
    const value = sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
    return value > 0 ? value : Number.NaN;
  }

  /** Takes the next bin's score. */
  push(score: number): void {
    const size = Math.abs(score);
    const at = this.#bins % this.#windowBins;
    if (this.#bins < this.#windowBins) insertSorted(this.#sorted, 0, this.#bins, size);
    else replaceSorted(this.#sorted, 0, this.#windowBins, this.#ring[at]!, size);
    this.#ring[at] = size;
    this.#bins++;
  }

  save(writer: StateWriter): void {
    writer.number(this.#bins);
    writer.array(this.#ring);
  }

  restore(reader: StateReader): void {
    this.#bins = reader.number();
    this.#ring.set(reader.float64s());
    const count = Math.min(this.#bins, this.#windowBins);
    this.#sorted.set(this.#ring);
    this.#sorted.subarray(0, count).sort();
  }
}

/**
 * Thresholds that adapt to the past alone: at each bin, percentiles of the |score| of the `windowBins` bins before it,
 * itself not included. One series per percentile, one element a bin; NaN where `PastSizes.percentile` is.
 */
export function pastPercentiles(
  scores: Float64Array,
  percentiles: readonly number[],
  windowBins: number,
): Float64Array[] {
  const past = new PastSizes(windowBins);
  const series = percentiles.map(() => new Float64Array(scores.length));
  for (let bin = 0; bin < scores.length; bin++) {
    for (let index = 0; index < percentiles.length; index++) series[index]![bin] = past.percentile(percentiles[index]!);
    past.push(scores[bin]!);
  }
  return series;
}
