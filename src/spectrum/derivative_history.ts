import { insertSorted, replaceSorted } from './sorted_window.ts';

/**
 * Sorted runs that are at most so many bins behind are brought up to date bin by bin, which is cheaper than sorting:
 * when spot wavers, slots leave the scored window and come back soon.
 */
const catchUpBins = 32;
/** Slots beyond those scored at once whose sorted runs are kept meanwhile. */
const leftSlots = 64;

/**
 * d1, d2, d3 of every slot at the last bins, and sorted, for the slots that are scored, those of the z-score's window.
 * Bins are counted from 0.
 */
export class DerivativeHistory {
  /** Bins that are remembered: the window, and those before it that sorted runs may still have to let go. */
  readonly bins: number;
  /** `[bin % bins][slot][derivative]`: what a bin writes is one run of memory. */
  readonly values: Float64Array;
  /** Ascending values of slots at `sortedRuns`, a run of `window` for each derivative. */
  readonly sorted: Float64Array;
  readonly #slots: number;
  readonly #window: number;
  readonly #sortedSlots: number;
  /** Whose runs lie at an index (slot modulo `sortedSlots`), and how many bins they have seen. */
  readonly #owner: Int32Array;
  readonly #seen: Float64Array;

  /** @param scoredSlots the most slots whose runs are asked for at one bin */
  constructor(slots: number, scoredSlots: number, window: number) {
    this.#slots = slots;
    this.#window = window;
    this.bins = window + catchUpBins;
    this.values = new Float64Array(this.bins * slots * 3);
    this.#sortedSlots = scoredSlots + leftSlots;
    this.sorted = new Float64Array(this.#sortedSlots * 3 * window);
    this.#owner = new Int32Array(this.#sortedSlots).fill(-1);
    this.#seen = new Float64Array(this.#sortedSlots);
  }

  /** Where the derivatives of a bin start in `values`. */
  rowOf(bin: number): number {
    return (bin % this.bins) * this.#slots * 3;
  }

  /** Brings the runs of a slot up to date after `bins` bins, and returns where the first of them starts in `sorted`. */
  sortedRuns(slot: number, bins: number): number {
    const index = slot % this.#sortedSlots;
    const from = index * 3 * this.#window;
    const behind = this.#owner[index] === slot ? bins - this.#seen[index]! : bins;
    if (behind > catchUpBins) this.#sort(slot, from, bins);
    else for (let bin = bins - behind; bin < bins; bin++) this.#advance(slot, from, bin);
    this.#owner[index] = slot;
    this.#seen[index] = bins;
    return from;
  }

  /** Moves the slots of every bin by `move`, which is given one bin's values and their number per slot. */
  recentre(move: (values: Float64Array, perSlot: number) => void): void {
    const rowLength = this.#slots * 3;
    for (let at = 0; at < this.values.length; at += rowLength) move(this.values.subarray(at, at + rowLength), 3);
    this.#owner.fill(-1);
  }

  /** The window of some slots after `bins` bins: `[slot][derivative][bin % window]`. */
  pack(slots: Int32Array, bins: number): Float64Array {
    const packed = new Float64Array(slots.length * 3 * this.#window);
    this.#eachPacked(slots, bins, (packedAt, at) => {
      packed[packedAt] = this.values[at]!;
    });
    return packed;
  }

  /** Takes what `pack` gave; only a new history can. */
  unpack(slots: Int32Array, bins: number, packed: Float64Array): void {
    this.#eachPacked(slots, bins, (packedAt, at) => {
      this.values[at] = packed[packedAt]!;
    });
  }

  #eachPacked(slots: Int32Array, bins: number, visit: (packedAt: number, at: number) => void): void {
    const window = this.#window;
    for (let bin = Math.max(bins - window, 0); bin < bins; bin++) {
      const row = this.rowOf(bin);
      for (let i = 0; i < slots.length; i++) {
        for (let d = 0; d < 3; d++) visit((i * 3 + d) * window + (bin % window), row + slots[i]! * 3 + d);
      }
    }
  }

  #sort(slot: number, from: number, bins: number): void {
    const window = this.#window;
    const { sorted, values } = this;
    const count = bins < window ? bins : window;
    for (let i = 0; i < count; i++) {
      const at = this.rowOf(bins - 1 - i) + slot * 3;
      sorted[from + i] = values[at]!;
      sorted[from + window + i] = values[at + 1]!;
      sorted[from + 2 * window + i] = values[at + 2]!;
    }
    for (let run = from; run < from + 3 * window; run += window) sorted.subarray(run, run + count).sort();
  }

  /** Takes a bin into runs that end before it. */
  #advance(slot: number, from: number, bin: number): void {
    const window = this.#window;
    const { sorted, values } = this;
    const newest = this.rowOf(bin) + slot * 3;
    if (bin < window) {
      for (let d = 0; d < 3; d++) insertSorted(sorted, from + d * window, bin, values[newest + d]!);
      return;
    }
    const oldest = this.rowOf(bin - window) + slot * 3;
    for (let d = 0; d < 3; d++) {
      replaceSorted(sorted, from + d * window, window, values[oldest + d]!, values[newest + d]!);
    }
  }
}
