import { assert } from '../errors.ts';
import type { RatioHistory } from './ratio_history.ts';
import { madToSigma } from './rolling_robust_z.ts';
import { insertSorted, madAt, medianSorted, nearestFrom, replaceSorted3 } from './sorted_window.ts';

/**
 * A history behind by at most this share of the window is caught up bin by bin, which is cheaper than rebuilding it: when
 * spot wavers, slots leave the scored window and return soon.
 */
const catchUpShare = 0.2;
/** Slots beyond those scored at once whose histories are kept meanwhile. */
const leftSlots = 64;
/** A scale at or below this counts as none. */
const scaleFloor = 1e-9;
/** A derivative at a bin takes composites up to so many bins before it. */
const differenceBins = 3;

/** How many bins back a history of `window` bins asks for composites. */
export function compositeBins(window: number): number {
  return window + differenceBins;
}

/**
 * Composite, d1, d2 and d3 of the scored slots (model.md §6), with the values of the last `window` bins both by time and
 * sorted. A slot's history is rebuilt on demand from its ratios, which are kept for every slot; the result is bit-equal to
 * following every slot all the time. Bins are counted from 0.
 */
export class DerivativeHistory {
  /** Composite, d1, d2, d3 of the last bin, at `place * 4`. */
  readonly latest: Float64Array;
  /** Ascending values of the window, a run of `window` for each derivative, from `place * 3 * window` on. */
  readonly #sorted: Float64Array;
  /** Last result of `nearestFrom` for each run. */
  readonly #nearest: Int32Array;
  /** The same values by time: `[place][derivative][bin % window]`. */
  readonly #recent: Float64Array;
  readonly #ratios: RatioHistory;
  readonly #window: number;
  readonly #binS: number;
  readonly #places: number;
  /** Which slot has a place (slot modulo `#places`), and how many bins its history has seen. */
  readonly #owner: Int32Array;
  readonly #seen: Float64Array;

  /**
   * @param ratios of at least `compositeBins(window)` bins
   * @param scoredSlots the most slots that are followed at one bin
   * @param binS seconds between bins
   */
  constructor(ratios: RatioHistory, scoredSlots: number, window: number, binS: number) {
    this.#ratios = ratios;
    this.#window = window;
    this.#binS = binS;
    this.#places = scoredSlots + leftSlots;
    this.latest = new Float64Array(this.#places * 4);
    this.#sorted = new Float64Array(this.#places * 3 * window);
    this.#recent = new Float64Array(this.#places * 3 * window);
    this.#nearest = new Int32Array(this.#places * 3);
    this.#owner = new Int32Array(this.#places).fill(-1);
    this.#seen = new Float64Array(this.#places);
  }

  /** Brings a slot up to date after `bins` bins, and returns its place. */
  follow(slot: number, bins: number): number {
    const place = slot % this.#places;
    assert(this.#owner[place] !== slot || this.#seen[place]! <= bins, 'a history never runs ahead of its bins');
    const behind = this.#owner[place] === slot ? bins - this.#seen[place]! : bins;
    if (behind > this.#window * catchUpShare) this.#begin(slot, place, bins);
    else for (let bin = bins - behind; bin < bins; bin++) this.#advance(slot, place, bin);
    this.#owner[place] = slot;
    this.#seen[place] = bins;
    return place;
  }

  /** Forgets whose histories they are, for slots that got new numbers. */
  forget(): void {
    this.#owner.fill(-1);
  }

  /**
   * The robust z-score of the last value of a derivative (0, 1, 2) against the window, itself included; 0 where there is
   * no scale. `bins` as `follow` was given it.
   */
  zScoreAt(place: number, derivative: number, bins: number): number {
    const sorted = this.#sorted;
    const run = place * 3 + derivative;
    const from = run * this.#window;
    const count = bins < this.#window ? bins : this.#window;
    const median = medianSorted(sorted, from, count);
    const nearest = nearestFrom(sorted, from, count, median, this.#nearest[run]!);
    this.#nearest[run] = nearest;
    const scale = madToSigma * madAt(sorted, nearest, count, median);
    return scale > scaleFloor ? (this.latest[place * 4 + 1 + derivative]! - median) / scale : 0;
  }

  #begin(slot: number, place: number, bins: number): void {
    const window = this.#window;
    const from = place * 3 * window;
    const first = bins > window ? bins - window : 0;
    // The slot's previous values enter the first differences and are gone after as many bins as there are orders.
    for (let bin = Math.max(first - differenceBins, 0); bin < bins; bin++) {
      this.#differentiate(slot, place, bin);
      if (bin < first) continue;
      for (let d = 0; d < 3; d++) this.#recent[from + d * window + (bin % window)] = this.latest[place * 4 + 1 + d]!;
    }
    this.#sorted.set(this.#recent.subarray(from, from + 3 * window), from);
    for (let d = 0; d < 3; d++) this.#sorted.subarray(from + d * window, from + d * window + bins - first).sort();
  }

  /** Takes a bin into a history that ends before it. */
  #advance(slot: number, place: number, bin: number): void {
    const window = this.#window;
    const { latest } = this;
    const sorted = this.#sorted;
    const recent = this.#recent;
    this.#differentiate(slot, place, bin);
    const d1 = latest[place * 4 + 1]!;
    const d2 = latest[place * 4 + 2]!;
    const d3 = latest[place * 4 + 3]!;
    const run1 = place * 3 * window;
    const run2 = run1 + window;
    const run3 = run2 + window;
    const at = bin % window;
    if (bin < window) {
      insertSorted(sorted, run1, bin, d1);
      insertSorted(sorted, run2, bin, d2);
      insertSorted(sorted, run3, bin, d3);
    } else {
      replaceSorted3(sorted, run1, window, recent[run1 + at]!, recent[run2 + at]!, recent[run3 + at]!, d1, d2, d3);
    }
    recent[run1 + at] = d1;
    recent[run2 + at] = d2;
    recent[run3 + at] = d3;
  }

  /** Goes on from the bin before `bin` to `bin`. */
  #differentiate(slot: number, place: number, bin: number): void {
    const latest = this.latest;
    const binS = this.#binS;
    const at = place * 4;
    const composite = this.#ratios.compositeAt(slot, bin);
    const d1 = bin === 0 ? 0 : (composite - latest[at]!) / binS;
    const d2 = bin === 0 ? 0 : (d1 - latest[at + 1]!) / binS;
    const d3 = bin === 0 ? 0 : (d2 - latest[at + 2]!) / binS;
    latest[at] = composite;
    latest[at + 1] = d1;
    latest[at + 2] = d2;
    latest[at + 3] = d3;
  }
}
