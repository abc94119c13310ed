import type { StateReader, StateWriter } from '../../state.ts';

/** Sums over trades since a moment: volume delta, also by size of the trades, and volume-weighted price. */
export class TradeSums {
  volume = 0;
  /** Cumulative volume delta: bought less sold. */
  cvd = 0;
  /** The same by class of the trades' sizes. */
  readonly cvdBySize = new Float64Array(4);
  trades = 0;
  /** Orders that were cancelled, in whole or in part. */
  cancels = 0;
  readonly #tickInt: number;
  readonly #sizeBounds: readonly number[];
  /** The first price: distances from it are few ticks, whose sums are exact. */
  #base = 0;
  #sum = 0;
  #squares = 0;

  constructor(tickInt: number, sizeBounds: readonly number[]) {
    this.#tickInt = tickInt;
    this.#sizeBounds = sizeBounds;
  }

  clear(): void {
    this.volume = 0;
    this.cvd = 0;
    this.cvdBySize.fill(0);
    this.trades = 0;
    this.cancels = 0;
    this.#sum = 0;
    this.#squares = 0;
  }

  /** Takes one T. `side`: 1 bought, 2 sold, 0 neither. */
  add(price: number, side: number, size: number): void {
    if (this.volume === 0) this.#base = price;
    const ticks = (price - this.#base) / this.#tickInt;
    this.volume += size;
    this.#sum += ticks * size;
    this.#squares += ticks * ticks * size;
    if (side === 1) this.cvd += size;
    else if (side === 2) this.cvd -= size;
  }

  /** Takes a whole trade, the executions of one aggressor, that `add` has taken one by one. */
  endTrade(side: number, size: number): void {
    this.trades++;
    if (side === 0) return;
    let of = 0;
    while (of < this.#sizeBounds.length && size >= this.#sizeBounds[of]!) of++;
    this.cvdBySize[of]! += side === 1 ? size : -size;
  }

  /** Volume-weighted average price, an integer of 1e-9 or between two; NaN without volume. */
  get vwapInt(): number {
    return this.volume === 0 ? Number.NaN : this.#base + (this.#sum / this.volume) * this.#tickInt;
  }

  /** Volume-weighted standard deviation from it, in units of 1e-9; NaN without volume. */
  get deviationInt(): number {
    const mean = this.#sum / this.volume;
    return Math.sqrt(Math.max(0, this.#squares / this.volume - mean * mean)) * this.#tickInt;
  }

  save(writer: StateWriter): void {
    const { volume, cvd, trades, cancels } = this;
    writer.array(Float64Array.of(volume, cvd, trades, cancels, this.#base, this.#sum, this.#squares));
    writer.array(this.cvdBySize.slice());
  }

  restore(reader: StateReader): void {
    const [volume, cvd, trades, cancels, base, sum, squares] = reader.float64s();
    this.volume = volume!;
    this.cvd = cvd!;
    this.trades = trades!;
    this.cancels = cancels!;
    this.#base = base!;
    this.#sum = sum!;
    this.#squares = squares!;
    this.cvdBySize.set(reader.float64s());
  }
}
