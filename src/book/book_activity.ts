import { action, flag, mboWord, side as sides, undefinedOrderSize } from '../dbn/index.ts';
import { type Book, change } from './book.ts';
import { OrderSizes } from './order_sizes.ts';
import { sideBid } from './order_table.ts';

/** What is counted at each price, in this order. */
export const activityFields = ['bidAdded', 'bidPulled', 'askAdded', 'askPulled', 'bought', 'sold', 'unsided'] as const;
const fieldCount = activityFields.length;
const [bidAdded, askAdded, bought, sold, unsided] = [0, 2, 4, 5, 6];

/**
 * What happened at each price since the last `clear`: size that was added and that was pulled (cancelled or moved away, not
 * executed) on either side, as the model counts them (model.md §3), and size that traded, of T records at their own price: bought
 * (the aggressor was a buyer), sold, and without a side. Records of a snapshot count nothing.
 */
export class BookActivity {
  readonly orders: OrderSizes;
  /** Trades: executions of one aggressor at one time; and the prices of the first and last, NaN without one. */
  tradeCount = 0;
  firstTradePrice = Number.NaN;
  lastTradePrice = Number.NaN;
  readonly #book: Book;
  readonly #rows = new Map<number, number>();
  #amounts = new Float64Array(64 * fieldCount);
  /** The aggressor of the last T. */
  #idLo = 0;
  #idHi = 0;
  #timeLo = 0;
  #timeHi = 0;
  #side = 0;

  constructor(book: Book) {
    this.#book = book;
    this.orders = new OrderSizes(book);
  }

  /** Begins to count anew. */
  clear(): void {
    if (this.#rows.size > 0) {
      this.#amounts.fill(0, 0, this.#rows.size * fieldCount);
      this.#rows.clear();
    }
    this.tradeCount = 0;
    this.firstTradePrice = Number.NaN;
    this.lastTradePrice = Number.NaN;
    this.#idLo = 0;
    this.#idHi = 0;
    this.#timeLo = 0;
    this.#timeHi = 0;
    this.#side = 0;
  }

  /** Takes in what the book's last record, at word `at`, did. */
  follow(words: Uint32Array, at: number): void {
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const isSnapshot = (packed & flag.snapshot) !== 0;
    this.orders.follow(isSnapshot);
    if (isSnapshot) return;
    if (((packed >>> 16) & 0xff) === action.trade) this.#trade(words, at, packed >>> 24);
    else this.#change();
  }

  /** Takes in what a record from before the session, or a loss of records, made of the book: nothing is counted. */
  pass(isSnapshot: boolean): void {
    this.orders.follow(isSnapshot);
  }

  /** Calls `visit` for every price at which something happened; `amounts` has `activityFields` from `from` on. */
  forEach(visit: (price: number, amounts: Float64Array, from: number) => void): void {
    for (const [price, row] of this.#rows) visit(price, this.#amounts, row * fieldCount);
  }

  #change(): void {
    const { kind, removed, fill, oldSide, oldPrice, oldSize, newSide, newPrice, newSize } = this.#book;
    if (kind === change.add || kind === change.replaceSide) {
      if (newSize > 0) this.#count(newPrice, newSide, newSize, 0);
    } else if (kind === change.cancel) {
      this.#count(oldPrice, oldSide, 0, removed - Math.min(fill, removed));
    } else if (kind === change.modify) {
      const rest = oldSize - Math.min(fill, oldSize);
      if (newSide === oldSide && newPrice === oldPrice) {
        this.#count(oldPrice, oldSide, Math.max(0, newSize - rest), Math.max(0, rest - newSize));
      } else {
        this.#count(oldPrice, oldSide, 0, rest);
        this.#count(newPrice, newSide, newSize, 0);
      }
    }
  }

  #count(price: number, side: number, added: number, pulled: number): void {
    if (added === 0 && pulled === 0) return;
    const at = this.#rowOf(price) + (side === sideBid ? bidAdded : askAdded);
    this.#amounts[at]! += added;
    this.#amounts[at + 1]! += pulled;
  }

  #trade(words: Uint32Array, at: number, side: number): void {
    const size = words[at + mboWord.size]!;
    const price = (words[at + mboWord.priceHi]! | 0) * 4294967296 + words[at + mboWord.priceLo]!;
    if (size === undefinedOrderSize || size === 0 || !Number.isSafeInteger(price)) return;
    this.#amounts[this.#rowOf(price) + (side === sides.bid ? bought : side === sides.ask ? sold : unsided)]! += size;
    if (this.#opensTrade(words, at, side)) this.tradeCount++;
    if (Number.isNaN(this.firstTradePrice)) this.firstTradePrice = price;
    this.lastTradePrice = price;
  }

  /** Whether a T is the first of its aggressor: of an order id, or where there is none of a side, at one time. */
  #opensTrade(words: Uint32Array, at: number, side: number): boolean {
    const idLo = words[at + mboWord.orderIdLo]!;
    const idHi = words[at + mboWord.orderIdHi]!;
    const timeLo = words[at + mboWord.tsEventLo]!;
    const timeHi = words[at + mboWord.tsEventHi]!;
    const isSame =
      timeLo === this.#timeLo &&
      timeHi === this.#timeHi &&
      idLo === this.#idLo &&
      idHi === this.#idHi &&
      (idLo !== 0 || idHi !== 0 || side === this.#side);
    this.#idLo = idLo;
    this.#idHi = idHi;
    this.#timeLo = timeLo;
    this.#timeHi = timeHi;
    this.#side = side;
    return !isSame;
  }

  /** Where the amounts of a price begin. */
  #rowOf(price: number): number {
    const known = this.#rows.get(price);
    if (known !== undefined) return known * fieldCount;
    const row = this.#rows.size;
    this.#rows.set(price, row);
    if ((row + 1) * fieldCount > this.#amounts.length) {
      const larger = new Float64Array(this.#amounts.length * 2);
      larger.set(this.#amounts);
      this.#amounts = larger;
    }
    return row * fieldCount;
  }
}
