import { assert } from '../errors.ts';

/** The average price of fills, exactly: prices are summed as distances from the first. */
export class AveragePrice {
  quantity = 0;
  /** Price of the first fill, an integer of 1e-9. */
  #base = 0;
  /** Sum of size × distance from the base. */
  #moment = 0;

  add(price: number, size: number): void {
    if (this.quantity === 0) this.#base = price;
    this.quantity += size;
    this.#moment += (price - this.#base) * size;
    // A mid may lie between two integers.
    assert(Number.isSafeInteger(2 * this.#moment), 'sums of prices are exact');
  }

  /** In 1e-9 price units; NaN without a fill. */
  get price(): number {
    return this.#base + this.#moment / this.quantity;
  }

  /** Sum over the fills of size × distance from `price`. */
  momentFrom(price: number): number {
    return this.#moment + (this.#base - price) * this.quantity;
  }

  /** The average moved by a distance, rounded up or down to a multiple of `tick`; all in 1e-9 price units. */
  levelAt(distance: number, tick: number, isUp: boolean): number {
    const odd = ((this.#base % tick) + tick) % tick;
    const unit = tick * this.quantity;
    const moment = this.#moment + (odd + distance) * this.quantity;
    const rest = ((moment % unit) + unit) % unit;
    const ticks = (moment - rest) / unit + (isUp && rest > 0 ? 1 : 0);
    return this.#base - odd + ticks * tick;
  }
}
