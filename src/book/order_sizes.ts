import type { Book } from './book.ts';
import { change } from './book.ts';
import { sideBid } from './order_table.ts';

/** Orders of each size, by price. */
type SizesByPrice = Map<number, Map<number, number>>;

/**
 * The sizes of the orders that rest at each price, to tell the largest. Made from the book when it is asked first, and again after
 * a snapshot or clear; between, it follows the book's changes.
 */
export class OrderSizes {
  readonly #book: Book;
  readonly #bids: SizesByPrice = new Map();
  readonly #asks: SizesByPrice = new Map();
  #isCurrent = false;

  constructor(book: Book) {
    this.#book = book;
  }

  /** Takes in what the last record changed; `isSnapshot`: it was part of a snapshot, which may have emptied the book. */
  follow(isSnapshot: boolean): void {
    if (!this.#isCurrent) return;
    const book = this.#book;
    if (isSnapshot || book.kind === change.clear || book.kind === change.replaceSide) {
      this.#isCurrent = false;
      return;
    }
    if (book.kind === change.none) return;
    if (book.kind !== change.add || book.displaced) this.#count(book.oldSide, book.oldPrice, book.oldSize, -1);
    if (book.kind === change.cancel) {
      if (book.removed < book.oldSize) this.#count(book.oldSide, book.oldPrice, book.oldSize - book.removed, 1);
    } else {
      this.#count(book.newSide, book.newPrice, book.newSize, 1);
    }
  }

  /** Size of the largest order at a price of a side; 0 where none rests. */
  largest(side: number, price: number): number {
    if (!this.#isCurrent) this.#make();
    const sizes = this.#of(side).get(price);
    let largest = 0;
    if (sizes !== undefined) for (const size of sizes.keys()) if (size > largest) largest = size;
    return largest;
  }

  #make(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#book.orders.forEach((_lo, _hi, side, price, size) => {
      this.#count(side, price, size, 1);
    });
    this.#isCurrent = true;
  }

  #of(side: number): SizesByPrice {
    return side === sideBid ? this.#bids : this.#asks;
  }

  #count(side: number, price: number, size: number, by: 1 | -1): void {
    const prices = this.#of(side);
    let sizes = prices.get(price);
    if (sizes === undefined) {
      sizes = new Map();
      prices.set(price, sizes);
    }
    const count = (sizes.get(size) ?? 0) + by;
    if (count > 0) sizes.set(size, count);
    else if (sizes.size > 1) sizes.delete(size);
    else prices.delete(price);
  }
}
