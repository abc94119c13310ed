import { type Book, change } from '../../book/index.ts';
import type { StateReader, StateWriter } from '../../state.ts';

/** Times are summed in microseconds, so that the sums of a side stay whole numbers below 2^53. */
const unitNs = 1000;

// V8 reads an imported binding through a module cell and inlines a module-local const.
const kind = { ...change };

/** Number of resting orders of each side, and how long they have rested at their price on average. */
export class OrderAges {
  /** By side, 1 and 2. */
  readonly #count = new Float64Array(3);
  readonly #sum = new Float64Array(3);

  /** Takes in what the book's last record, of time `nowNs`, made of an order. */
  follow(book: Book, isSnapshot: boolean, nowNs: number): void {
    if (isSnapshot && book.emptied) this.clear();
    const { kind: changed, oldSide, newSide } = book;
    if (changed === kind.none) return;
    if (changed === kind.add) {
      if (book.displaced) this.#leave(book);
      this.#come(newSide, nowNs);
    } else if (changed === kind.cancel) {
      if (book.removed === book.oldSize) this.#leave(book);
    } else if (changed === kind.modify) {
      if (newSide === oldSide && book.newPrice === book.oldPrice) return;
      this.#leave(book);
      this.#come(newSide, nowNs);
    } else if (changed === kind.clear) this.clear();
    else {
      // Top of book: one order, or none, takes the place of its side.
      this.#count[newSide] = 0;
      this.#sum[newSide] = 0;
      if (book.newSize > 0) this.#come(newSide, nowNs);
    }
  }

  clear(): void {
    this.#count.fill(0);
    this.#sum.fill(0);
  }

  count(side: number): number {
    return this.#count[side]!;
  }

  /** Milliseconds; NaN without orders. */
  meanAgeMs(side: number, nowNs: number): number {
    return (Math.floor(nowNs / unitNs) - this.#sum[side]! / this.#count[side]!) / 1000;
  }

  save(writer: StateWriter): void {
    writer.array(this.#count.slice());
    writer.array(this.#sum.slice());
  }

  restore(reader: StateReader): void {
    this.#count.set(reader.float64s());
    this.#sum.set(reader.float64s());
  }

  #come(side: number, nowNs: number): void {
    this.#count[side]!++;
    this.#sum[side]! += Math.floor(nowNs / unitNs);
  }

  #leave(book: Book): void {
    this.#count[book.oldSide]!--;
    this.#sum[book.oldSide]! -= Math.floor(book.oldSinceNs / unitNs);
  }
}
