import { type Book, change, OrderTable } from '../../book/index.ts';
import type { StateReader, StateWriter } from '../../state.ts';

/** Times are summed in microseconds, so that the sums of a side stay whole numbers below 2^53. */
const unitNs = 1000;

// V8 reads an imported binding through a module cell and inlines a module-local const.
const kind = { ...change };

/** Number of resting orders of each side, and how long they have rested at their price on average. */
export class OrderAges {
  /** Since when each order rests at its price, where the table has a price. */
  #since = new OrderTable();
  /** By side, 1 and 2. */
  readonly #count = new Float64Array(3);
  readonly #sum = new Float64Array(3);

  /** Takes in what the book's last record made of the order of an id. */
  follow(book: Book, idLo: number, idHi: number, isSnapshot: boolean, nowNs: number): void {
    if (isSnapshot && book.emptied) this.clear();
    const changed = book.kind;
    if (changed === kind.none) return;
    if (changed === kind.add) this.#put(idLo, idHi, book.newSide, nowNs);
    else if (changed === kind.cancel) {
      if (book.removed === book.oldSize) this.#remove(this.#since.find(idLo, idHi));
    } else if (changed === kind.modify) {
      if (book.newSide !== book.oldSide || book.newPrice !== book.oldPrice) this.#put(idLo, idHi, book.newSide, nowNs);
    } else if (changed === kind.clear) this.clear();
    else this.#replaceSide(book, idLo, idHi, nowNs);
  }

  clear(): void {
    this.#since.clear();
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
    this.#since.save(writer);
    writer.array(this.#count.slice());
    writer.array(this.#sum.slice());
  }

  restore(reader: StateReader): void {
    this.#since = new OrderTable();
    this.#since.restore(reader);
    this.#count.set(reader.float64s());
    this.#sum.set(reader.float64s());
  }

  #put(idLo: number, idHi: number, side: number, nowNs: number): void {
    const found = this.#since.find(idLo, idHi);
    const since = Math.floor(nowNs / unitNs);
    if (found >= 0) {
      this.#leave(found);
      this.#since.setSidePrice(found, side, since);
    } else this.#since.insert(found, idLo, idHi, side, since, 1);
    this.#count[side]!++;
    this.#sum[side]! += since;
  }

  #remove(slot: number): void {
    if (slot < 0) return;
    this.#leave(slot);
    this.#since.remove(slot);
  }

  #leave(slot: number): void {
    const side = this.#since.side(slot);
    this.#count[side]!--;
    this.#sum[side]! -= this.#since.price(slot);
  }

  /** Top of book: one order takes the place of its side, under the id that the book gives it. */
  #replaceSide(book: Book, idLo: number, idHi: number, nowNs: number): void {
    const side = book.newSide;
    this.#since.removeSide(side);
    this.#count[side] = 0;
    this.#sum[side] = 0;
    if (book.newSize > 0) this.#put(idLo, idLo === 0 && idHi === 0 ? ~side : idHi, side, nowNs);
  }
}
