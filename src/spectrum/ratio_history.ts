/**
 * The ratio c of every slot at the last bins, and its rolling means (model.md §6). Rings of `bins` values share one
 * position, bin number modulo length; bins are counted from 0. Slots that nothing was ever put into are all zero.
 */
export class RatioHistory {
  /** Bins that are remembered. */
  readonly bins: number;
  /** `[slot][bin % bins]`. */
  readonly values: Float64Array;
  readonly #windows: Int32Array;
  readonly #weights: Float64Array;

  /**
   * @param spanBins for how many bins back composites are asked for
   * @param windows bins of each rolling mean
   * @param weights of the means, which sum to 1
   */
  constructor(slots: number, spanBins: number, windows: readonly number[], weights: Float64Array) {
    this.bins = spanBins + Math.max(...windows);
    this.values = new Float64Array(slots * this.bins);
    this.#windows = Int32Array.from(windows);
    this.#weights = weights;
  }

  /**
   * The weighted mean of a slot's means over each window at a bin. Each sum is taken anew, oldest first: a running sum
   * would carry rounding along, which third differences over a bin multiply by a thousand and more.
   */
  compositeAt(slot: number, bin: number): number {
    const values = this.values;
    const windows = this.#windows;
    const weights = this.#weights;
    const ring = slot * this.bins;
    const end = ring + (bin % this.bins) + 1;
    let composite = 0;
    for (let i = 0; i < windows.length; i++) {
      const n = bin < windows[i]! ? bin + 1 : windows[i]!;
      let sum = 0;
      let at = end - n;
      if (at < ring) {
        for (let wrapped = at + this.bins; wrapped < ring + this.bins; wrapped++) sum += values[wrapped]!;
        at = ring;
      }
      for (; at < end; at++) sum += values[at]!;
      composite += weights[i]! * (sum / n);
    }
    return composite;
  }
}
