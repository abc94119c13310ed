import type { StateReader, StateWriter } from '../state.ts';
import { insertSorted, madSorted, medianSorted, replaceSorted } from './sorted_window.ts';

/** MAD × this estimates the standard deviation of a normal sample. */
export const madToSigma = 1.4826;

export interface RobustZOptions {
  /** Values that count, the current one included. */
  window: number;
  /** Below this number of values z is 0. */
  minPeriods: number;
  /** A scale (1.4826·MAD) at or below this counts as none. */
  scaleFloor: number;
  /** Fallback without a scale: z is 0, or the plain z-score (population standard deviation; 0 below the floor). */
  withoutScale: 'zero' | 'standard';
}

/** Robust z-score of each value of a series against its last `window` values, itself included (model.md §6, §8). */
export class RollingRobustZ {
  /** Values pushed so far. */
  count = 0;
  readonly #options: RobustZOptions;
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;

  constructor(options: RobustZOptions) {
    this.#options = options;
    this.#ring = new Float64Array(options.window);
    this.#sorted = new Float64Array(options.window);
  }

  /** Takes the next value and gives its z-score. */
  push(value: number): number {
    const { window, minPeriods, scaleFloor, withoutScale } = this.#options;
    const at = this.count % window;
    if (this.count < window) insertSorted(this.#sorted, 0, this.count, value);
    else replaceSorted(this.#sorted, 0, window, this.#ring[at]!, value);
    this.#ring[at] = value;
    this.count++;
    if (this.count < minPeriods) return 0;
    const n = Math.min(this.count, window);
    const median = medianSorted(this.#sorted, 0, n);
    const scale = madToSigma * madSorted(this.#sorted, 0, n, median);
    if (scale > scaleFloor) return (value - median) / scale;
    return withoutScale === 'zero' ? 0 : this.#standardZ(value, n, scaleFloor);
  }

  save(writer: StateWriter): void {
    writer.number(this.count);
    writer.array(this.#ring);
  }

  restore(reader: StateReader): void {
    this.count = reader.number();
    this.#ring.set(reader.float64s());
    const n = Math.min(this.count, this.#options.window);
    this.#sorted.set(this.#ring);
    this.#sorted.subarray(0, n).sort();
  }

  #standardZ(value: number, n: number, floor: number): number {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += this.#ring[i]!;
    const mean = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (this.#ring[i]! - mean) ** 2;
    const std = Math.sqrt(squares / n);
    return std > floor ? (value - mean) / std : 0;
  }
}
