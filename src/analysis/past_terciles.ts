import { LogHistogram } from './log_histogram.ts';

/**
 * Tells whether a value is low (0), middle (1) or high (2) by the terciles of the values before it; −1 until there are
 * `fewest` of them. Nothing later than the value has a part in it. Values are kept to 1/1000.
 */
export class PastTerciles {
  readonly #fewest: number;
  readonly #past = new LogHistogram();
  /** Bins between looks at the terciles, which move slowly. */
  readonly #every: number;
  #terciles = [Number.NaN, Number.NaN];

  constructor(fewest: number, every = 50) {
    this.#fewest = fewest;
    this.#every = every;
  }

  /** Class of the next value, 0 or more, which then is of the past. */
  next(value: number): number {
    const known = this.#past.count;
    if (known >= this.#fewest && (known - this.#fewest) % this.#every === 0) {
      this.#terciles = [this.#past.quantile(1 / 3), this.#past.quantile(2 / 3)];
    }
    const scaled = value * 1000;
    this.#past.add(scaled);
    if (known < this.#fewest) return -1;
    return scaled <= this.#terciles[0]! ? 0 : scaled <= this.#terciles[1]! ? 1 : 2;
  }
}
