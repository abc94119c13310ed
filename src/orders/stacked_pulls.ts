import { type Book, type PriceLevels, sideBid } from '../book/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import { GrowingRing } from './growing_ring.ts';
import type { OrderEventParams } from './params.ts';

/** Of the best prices at a time: time, the worst of them, their displayed quantity. */
const bookFields = 3;
/** Of a pull: time, price, quantity, since when the order had been at its price, id low, id high, sequence. */
const pullFields = 7;

/**
 * Quantity pulled from what the best prices of one side displayed a moment ago. Ends of events leave what the best prices
 * displayed, pulls their order; both are kept for that moment. Orders beyond the best prices cost a comparison.
 */
export class StackedPulls {
  readonly #params: OrderEventParams;
  readonly #side: number;
  /** +1 where higher prices are better (bids), −1 where lower ones are: comparing takes no branch on the side. */
  readonly #sign: 1 | -1;
  readonly #books = new GrowingRing(bookFields);
  readonly #pulls = new GrowingRing(pullFields);
  /** Quantity of all pulls that are held: no fewer than those of the best prices. */
  #pulled = 0;
  #hasNew = false;
  #lastNs = Number.NEGATIVE_INFINITY;
  /** What the best prices last displayed. */
  #worst = Number.NaN;
  #displayed = 0;
  /** Whether the best prices may display something else since then, from which price on they do, and by how much more. */
  #isChanged = false;
  #from = Number.NaN;
  #more = 0;
  /**
   * The worst of the best prices, and the least that they displayed: in a time of at least the moment, and in the one before.
   * They bound those of every book that still counts.
   */
  #boundsNs = Number.NEGATIVE_INFINITY;
  #reach = Number.NaN;
  #reachBefore = Number.NaN;
  #least = 0;
  #leastBefore = 0;

  constructor(params: OrderEventParams, side: number) {
    this.#params = params;
    this.#side = side;
    this.#sign = side === sideBid ? 1 : -1;
  }

  /** A price displays `more` than before, or less. */
  change(price: number, more: number): void {
    if (this.#isBeyond(price, this.#from)) return;
    this.#isChanged = true;
    this.#more += more;
  }

  /** Quantity of the order `old…` of the book left its price without an execution, at `nowNs`. */
  pull(book: Book, nowNs: number, size: number, lo: number, hi: number, sequence: number): void {
    this.#hasNew = true;
    const { oldPrice } = book;
    if (this.#isBeyond(oldPrice, this.#reach) && this.#isBeyond(oldPrice, this.#reachBefore)) return;
    const at = this.#pulls.push();
    const { values } = this.#pulls;
    values[at] = nowNs;
    values[at + 1] = oldPrice;
    values[at + 2] = size;
    values[at + 3] = book.oldSinceNs;
    values[at + 4] = lo;
    values[at + 5] = hi;
    values[at + 6] = sequence;
    this.#pulled += size;
  }

  /** Ends an event. */
  endEvent(nowNs: number, levels: PriceLevels, rows: OrderEventRows): void {
    if (this.#hasNew) this.#look(nowNs, rows);
    this.#hasNew = false;
    if (this.#isChanged) this.#keepBook(nowNs, levels);
  }

  clear(): void {
    this.#books.clear();
    this.#pulls.clear();
    this.#pulled = 0;
    this.#hasNew = false;
    this.#worst = Number.NaN;
    this.#displayed = 0;
    this.#isChanged = false;
    this.#from = Number.NaN;
    this.#more = 0;
    this.#reach = Number.NaN;
    this.#reachBefore = Number.NaN;
    this.#least = 0;
    this.#leastBefore = 0;
  }

  save(writer: StateWriter): void {
    const books = this.#books;
    // How long books stay is a matter of room: a state has none but those that count.
    if (books.length > 0) this.#forgetBooks(books.values[books.at(books.length - 1)]! - this.#params.stackedNs);
    books.save(writer);
    this.#pulls.save(writer);
    const last = [this.#pulled, Number(this.#hasNew), this.#lastNs, this.#worst, this.#displayed];
    const near = [Number(this.#isChanged), this.#from, this.#more];
    const bounds = [this.#boundsNs, this.#reach, this.#reachBefore, this.#least, this.#leastBefore];
    writer.array(Float64Array.of(...last, ...near, ...bounds));
  }

  restore(reader: StateReader): void {
    this.#books.restore(reader);
    this.#pulls.restore(reader);
    const [pulled, hasNew, lastNs, worst, displayed, ...near] = reader.float64s();
    const [isChanged, from, more, boundsNs, reach, reachBefore, least, leastBefore] = near;
    this.#pulled = pulled!;
    this.#hasNew = hasNew === 1;
    this.#lastNs = lastNs!;
    this.#worst = worst!;
    this.#displayed = displayed!;
    this.#isChanged = isChanged === 1;
    this.#from = from!;
    this.#more = more!;
    this.#boundsNs = boundsNs!;
    this.#reach = reach!;
    this.#reachBefore = reachBefore!;
    this.#least = least!;
    this.#leastBefore = leastBefore!;
  }

  /** Whether a price is worse than another; it never is where that is NaN. */
  #isBeyond(price: number, other: number): boolean {
    return (price - other) * this.#sign < 0;
  }

  #keepBook(nowNs: number, levels: PriceLevels): void {
    const { stackedLevels, stackedNs } = this.#params;
    this.#isChanged = false;
    const count = Math.min(stackedLevels, levels.length);
    const worst = count === 0 ? Number.NaN : levels.priceAt(count - 1);
    let displayed = this.#displayed + this.#more;
    // With the same worst price, of as many as there may be, all that changed is between it and the best.
    if (worst !== this.#from) {
      displayed = 0;
      for (let depth = 0; depth < count; depth++) displayed += levels.sizeAt(depth);
    }
    this.#more = 0;
    this.#from = count < stackedLevels ? Number.NaN : worst;
    if (nowNs - this.#boundsNs >= stackedNs) {
      this.#boundsNs = nowNs;
      this.#reachBefore = this.#reach;
      this.#reach = this.#worst;
      this.#leastBefore = this.#least;
      this.#least = this.#displayed;
    }
    if (count > 0 && !this.#isBeyond(this.#reach, worst)) this.#reach = worst;
    if (displayed < this.#least) this.#least = displayed;
    if (displayed === this.#displayed && worst === this.#worst) return;
    this.#displayed = displayed;
    this.#worst = worst;
    const books = this.#books;
    if (books.isFull) this.#forgetBooks(nowNs - stackedNs);
    const at = books.push();
    books.values[at] = nowNs;
    books.values[at + 1] = worst;
    books.values[at + 2] = displayed;
  }

  /** Forgets all books before the one that the best prices showed at a time. */
  #forgetBooks(fromNs: number): void {
    const books = this.#books;
    while (books.length > 1 && books.values[books.at(1)]! <= fromNs) books.shift();
  }

  #look(nowNs: number, rows: OrderEventRows): void {
    const { stackedNs, stackedShare } = this.#params;
    if (this.#pulled < stackedShare * Math.min(this.#least, this.#leastBefore)) return;
    const fromNs = nowNs - stackedNs;
    const pulls = this.#pulls;
    const { values } = pulls;
    while (pulls.length > 0 && values[pulls.at(0)]! <= fromNs) {
      this.#pulled -= values[pulls.at(0) + 2]!;
      pulls.shift();
    }
    const books = this.#books;
    this.#forgetBooks(fromNs);
    if (books.length === 0 || nowNs - this.#lastNs < stackedNs) return;
    const book = books.at(0);
    const displayed = books.values[book + 2]!;
    if (!(books.values[book]! <= fromNs) || displayed === 0 || this.#pulled < stackedShare * displayed) return;
    const worst = books.values[book + 1]!;
    let pulled = 0;
    for (let i = 0; i < pulls.length; i++)
      if (this.#counts(pulls.at(i), fromNs, worst)) pulled += values[pulls.at(i) + 2]!;
    if (pulled < stackedShare * displayed) return;
    this.#lastNs = nowNs;
    this.#write(nowNs, fromNs, worst, pulled, rows);
    rows.detail(0, displayed);
    rows.detail(1, pulled / displayed);
    rows.detail(2, worst);
  }

  /** Whether a pull is of an order that the best prices displayed at the start. */
  #counts(at: number, fromNs: number, worst: number): boolean {
    const { values } = this.#pulls;
    return values[at + 3]! <= fromNs && !this.#isBeyond(values[at + 1]!, worst);
  }

  #write(nowNs: number, fromNs: number, worst: number, pulled: number, rows: OrderEventRows): void {
    const pulls = this.#pulls;
    const { values } = pulls;
    let best = worst;
    rows.begin(orderEventCode.stackedPull, nowNs, fromNs, this.#side, worst, pulled, 0);
    const row = rows.count - 1;
    for (let i = 0; i < pulls.length; i++) {
      const at = pulls.at(i);
      if (!this.#counts(at, fromNs, worst)) continue;
      rows.orderId(values[at + 4]!, values[at + 5]!);
      rows.sequence(values[at + 6]!);
      const price = values[at + 1]!;
      if (this.#isBeyond(best, price)) best = price;
      let isNew = true;
      for (let j = 0; j < i && isNew; j++) {
        const other = pulls.at(j);
        isNew = values[other + 1] !== price || !this.#counts(other, fromNs, worst);
      }
      if (isNew) rows.levels[row]!++;
    }
    rows.price[row] = best;
  }
}
