import type { StateReader, StateWriter } from '../state.ts';

/** Exponential moving average that starts at its first value. */
export class Ema {
  value = 0;
  count = 0;
  readonly #alpha: number;

  /** `alpha` is the share of the newest value, 0 < alpha ≤ 1; a span of n bins is 2/(n + 1). */
  constructor(alpha: number) {
    this.#alpha = alpha;
  }

  push(value: number): number {
    this.value = this.count === 0 ? value : this.#alpha * value + (1 - this.#alpha) * this.value;
    this.count++;
    return this.value;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.value, this.count));
  }

  restore(reader: StateReader): void {
    const [value, count] = reader.float64s();
    this.value = value!;
    this.count = count!;
  }
}

/** The last `length` values of a series. */
export class History {
  count = 0;
  readonly #ring: Float64Array;

  constructor(length: number) {
    this.#ring = new Float64Array(length);
  }

  get isFull(): boolean {
    return this.count >= this.#ring.length;
  }

  push(value: number): void {
    this.#ring[this.count % this.#ring.length] = value;
    this.count++;
  }

  /** The value pushed `age` values before the last one; `age` < length, and that many were pushed. */
  past(age: number): number {
    return this.#ring[(this.count - 1 - age) % this.#ring.length]!;
  }

  save(writer: StateWriter): void {
    writer.number(this.count);
    writer.array(this.#ring);
  }

  restore(reader: StateReader): void {
    this.count = reader.number();
    this.#ring.set(reader.float64s());
  }
}

/**
 * Slope per bin of the least-squares line through the last `window` values of `history`, which must hold as many.
 * Summed afresh each time: running sums would drift.
 */
export function leastSquaresSlope(history: History, window: number): number {
  const centre = (window - 1) / 2;
  let slope = 0;
  for (let age = window - 1; age >= 0; age--) slope += (centre - age) * history.past(age);
  return slope / ((window * (window * window - 1)) / 12);
}
