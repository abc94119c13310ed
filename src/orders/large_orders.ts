import { type Book, sideBid } from '../book/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { largeOrderChange, orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import type { OrderEventParams } from './params.ts';
import { RollingSizes } from './rolling_sizes.ts';

/** Orders that are large against the last adds, near the best price. */
export class LargeOrders {
  readonly #tickInt: number;
  readonly #params: OrderEventParams;
  readonly #adds: RollingSizes;

  constructor(tickInt: number, params: OrderEventParams) {
    this.#tickInt = tickInt;
    this.#params = params;
    this.#adds = new RollingSizes(params.addWindow, params.percentile);
  }

  /** Median of the last adds; 0 before the first. */
  medianAdd(): number {
    return this.#adds.median();
  }

  /** An add, after `look` was asked of it. */
  add(size: number): void {
    this.#adds.add(size);
  }

  /**
   * Writes the order `new…` of a book where it is large.
   * @param how `largeOrderChange`
   * @returns whether it was large at its add, and so near that its leaving would be a fast pull
   */
  look(
    book: Book,
    how: number,
    isRemainder: boolean,
    lo: number,
    hi: number,
    nowNs: number,
    sequence: number,
    rows: OrderEventRows,
  ): boolean {
    const { newSide, newPrice, newSize } = book;
    if (this.#adds.count < this.#params.addMinimum) return false;
    const threshold = this.#adds.percentile();
    if (newSize < threshold) return false;
    const best = newSide === sideBid ? book.bids.best : book.asks.best;
    const ticks = Math.round(Math.abs(best - newPrice) / this.#tickInt);
    if (ticks > this.#params.largeOrderTicks) return false;
    rows.begin(orderEventCode.largeOrder, nowNs, nowNs, newSide, newPrice, newSize, 1);
    rows.orderId(lo, hi);
    rows.sequence(sequence);
    rows.detail(0, how);
    rows.detail(1, isRemainder ? 1 : 0);
    rows.detail(2, ticks);
    rows.detail(3, threshold);
    return how === largeOrderChange.added && ticks <= this.#params.fastPullTicks;
  }

  save(writer: StateWriter): void {
    this.#adds.save(writer);
  }

  restore(reader: StateReader): void {
    this.#adds.restore(reader);
  }
}
