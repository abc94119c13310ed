import { flag as flags, mboWord as mboWords } from '../dbn/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { sideAsk as ask, sideBid as bid, OrderTable } from './order_table.ts';
import { PendingFills } from './pending_fills.ts';
import { PriceLevels } from './price_levels.ts';

/** What the last record did to the book; the fields of `Book` that hold its particulars are named at each. */
export const change = {
  /** Nothing. */
  none: 0,
  /** `newSide`, `newPrice`, `newSize`; where `displaced`, the old order of that id (`old…`) went first. */
  add: 1,
  /** `removed` of the order `old…` went; `fill` of it had been announced as executed. */
  cancel: 2,
  /** The order `old…` became `new…`; `fill` of it had been announced as executed. */
  modify: 3,
  /** Everything went. */
  clear: 4,
  /** Top-of-book add: the whole of `newSide` went, then `new…` came (`newSize` 0: the side is now empty). */
  replaceSide: 5,
} as const;

// A name that is imported or exported is looked up at every use; what is a module's alone is compiled in.
const kind = { ...change };
const flag = { ...flags };
const mboWord = { ...mboWords };
const sideBid = bid;
const sideAsk = ask;

const actionAdd = 65; // 'A'
const actionCancel = 67; // 'C'
const actionFill = 70; // 'F'
const actionModify = 77; // 'M'
const actionClear = 82; // 'R'
const sideCharBid = 66; // 'B'
const sideCharAsk = 65; // 'A'
const undefinedSize = 0xffffffff;

/** What the feed said that a sound and complete feed would not have said; all zero is a clean book. */
export interface BookCounters {
  /** Cancels and modifies of orders that are not in the book: a file without its snapshot, or lost records. */
  unknownCancel: number;
  unknownModify: number;
  /** Adds of an order id that was already resting. */
  duplicateAdd: number;
  /** Adds and modifies without a price, with a price that a double cannot hold exactly, without a size or side. */
  nullPrice: number;
  inexactPrice: number;
  nullSize: number;
  noSide: number;
  /** Announced executions (F). */
  fills: number;
  /** Those of orders that are not in the book, such as market orders in an auction. */
  fillUnknown: number;
  /** Those of resting orders that no cancel or modify of the same event time followed. */
  fillUnmatched: number;
  /** Events after which the book was still crossed or locked. */
  crossedAtLast: number;
  /** Records flagged F_MAYBE_BAD_BOOK. */
  maybeBadBook: number;
}

const noCounts: BookCounters = {
  unknownCancel: 0,
  unknownModify: 0,
  duplicateAdd: 0,
  nullPrice: 0,
  inexactPrice: 0,
  nullSize: 0,
  noSide: 0,
  fills: 0,
  fillUnknown: 0,
  fillUnmatched: 0,
  crossedAtLast: 0,
  maybeBadBook: 0,
};

/**
 * A limit order book of one instrument, kept from its MBO records (model.md §2).
 *
 * `apply` takes one record; the fields from `kind` on then say what changed, which is what flow is made from.
 * Prices are integers of 1e-9 in doubles.
 */
export class Book {
  readonly bids = new PriceLevels(1);
  readonly asks = new PriceLevels(-1);
  readonly orders = new OrderTable();
  readonly counters: BookCounters = { ...noCounts };
  /** From the first record with F_SNAPSHOT to one with F_LAST, or to the first without F_SNAPSHOT. */
  inSnapshot = false;

  kind: number = kind.none;
  displaced = false;
  oldSide = 0;
  oldPrice = 0;
  oldSize = 0;
  newSide = 0;
  newPrice = 0;
  newSize = 0;
  removed = 0;
  fill = 0;

  #pending = new PendingFills();
  #pendingNs = Number.NEGATIVE_INFINITY;
  #crossed = false;
  #maybeBad = false;

  /**
   * Applies the MBO record that starts at word `at`.
   * @param nowNs the event's time on the engine's clock; only equality with the last record's matters
   */
  apply(words: Uint32Array, at: number, nowNs: number): void {
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const action = (packed >>> 16) & 0xff;
    if (nowNs !== this.#pendingNs) this.#forgetFills(nowNs);
    this.kind = kind.none;
    this.inSnapshot = (packed & flag.snapshot) !== 0;
    if (action === actionAdd || action === actionCancel || action === actionModify || action === actionFill) {
      const idLo = words[at + mboWord.orderIdLo]! | 0;
      const idHi = words[at + mboWord.orderIdHi]! | 0;
      const found = this.orders.find(idLo, idHi);
      if (action === actionCancel) this.#cancel(found, idLo, idHi, words[at + mboWord.size]!);
      else if (action === actionFill) this.#announceFill(found, idLo, idHi, words[at + mboWord.size]!);
      else if (this.#readOrder(words, at, action, packed)) {
        if (action === actionModify) this.#modify(found, idLo, idHi);
        else if (packed & flag.tob) this.#replaceSide(idLo, idHi);
        else this.#add(found, idLo, idHi);
      }
    } else if (action === actionClear) {
      this.#clear();
    }
    if (packed & flag.maybeBadBook) {
      this.#maybeBad = true;
      this.counters.maybeBadBook++;
    }
    if (packed & (flag.last | flag.snapshot)) {
      this.#crossed = this.bids.best >= this.asks.best;
      if (packed & flag.last) {
        this.inSnapshot = false;
        if (this.#crossed) this.counters.crossedAtLast++;
      }
    }
  }

  /** Whether both sides have a price. */
  get twoSided(): boolean {
    return this.bids.length > 0 && this.asks.length > 0;
  }

  /** `book_valid` of model.md §2. */
  get valid(): boolean {
    return this.twoSided && !this.inSnapshot && !this.#crossed && !this.#maybeBad;
  }

  save(writer: StateWriter): void {
    this.orders.save(writer);
    this.bids.save(writer);
    this.asks.save(writer);
    this.#pending.save(writer);
    writer.array(
      Float64Array.of(this.#pendingNs, Number(this.#crossed), Number(this.#maybeBad), Number(this.inSnapshot)),
    );
    writer.array(Float64Array.from(Object.values(this.counters)));
  }

  restore(reader: StateReader): void {
    this.orders.restore(reader);
    this.bids.restore(reader);
    this.asks.restore(reader);
    this.#pending.restore(reader);
    const [pendingNs, crossed, maybeBad, inSnapshot] = reader.float64s();
    this.#pendingNs = pendingNs!;
    this.#crossed = crossed === 1;
    this.#maybeBad = maybeBad === 1;
    this.inSnapshot = inSnapshot === 1;
    const counts = reader.float64s();
    (Object.keys(noCounts) as (keyof BookCounters)[]).forEach((name, i) => {
      this.counters[name] = counts[i]!;
    });
  }

  /**
   * Reads the order `new…` of an add or modify; false where it is none that can rest. (Doubles travel in fields: as
   * arguments they would cost an allocation wherever a call is not inlined.)
   */
  #readOrder(words: Uint32Array, at: number, action: number, packed: number): boolean {
    const lo = words[at + mboWord.priceLo]!;
    const hi = words[at + mboWord.priceHi]! | 0;
    const size = words[at + mboWord.size]!;
    const price = hi * 4294967296 + lo;
    const sideChar = packed >>> 24;
    const side = sideChar === sideCharBid ? sideBid : sideChar === sideCharAsk ? sideAsk : 0;
    this.newSide = side;
    this.newPrice = price;
    this.newSize = size;
    if (Number.isSafeInteger(price) && size !== undefinedSize) {
      if (action === actionModify || (side !== 0 && size !== 0)) return true;
    }
    return this.#judgeOrder(lo, hi, action, packed);
  }

  /** Counts what is missing of the order `new…`; true where nothing is. */
  #judgeOrder(lo: number, hi: number, action: number, packed: number): boolean {
    const isAdd = action === actionAdd;
    if (hi === 0x7fffffff && lo === 0xffffffff) {
      this.newPrice = 0;
      this.newSize = 0;
      if (isAdd && packed & flag.tob && this.newSide !== 0) this.#replaceSide(0, 0);
      else this.counters.nullPrice++;
      return false;
    }
    if (this.newPrice - hi * 4294967296 !== lo) this.counters.inexactPrice++;
    else if (this.newSize === undefinedSize || (isAdd && this.newSize === 0)) this.counters.nullSize++;
    else if (isAdd && this.newSide === 0) this.counters.noSide++;
    else return true;
    return false;
  }

  /** Adds the order `new…`; `found` is its slot in the table, or the complement of the slot that it would take. */
  #add(found: number, idLo: number, idHi: number): void {
    this.displaced = found >= 0;
    const vacant = found >= 0 ? this.#displace(found, idLo, idHi) : found;
    this.orders.insert(vacant, idLo, idHi, this.newSide, this.newPrice, this.newSize);
    this.#levels(this.newSide).add(this.newPrice, this.newSize);
    this.kind = kind.add;
  }

  /** Removes the order of a duplicate id, and finds where a new one of that id goes. */
  #displace(slot: number, idLo: number, idHi: number): number {
    this.counters.duplicateAdd++;
    this.#remember(slot);
    this.#levels(this.oldSide).remove(this.oldPrice, this.oldSize);
    this.orders.remove(slot);
    return this.orders.find(idLo, idHi);
  }

  /** Makes an order what `new…` says. */
  #modify(slot: number, idLo: number, idHi: number): void {
    const fill = this.#pending.take(idLo, idHi);
    if (slot < 0) {
      this.counters.unknownModify++;
      if (this.newSide === 0) this.counters.noSide++;
      else if (this.newSize === 0) this.counters.nullSize++;
      else this.#add(slot, idLo, idHi);
      return;
    }
    this.#remember(slot);
    this.kind = kind.modify;
    this.fill = fill;
    // A side of 'N' says nothing of the side: the order keeps its own.
    if (this.newSide === 0) this.newSide = this.oldSide;
    const { newSize: size, newPrice: price } = this;
    const oldLevels = this.#levels(this.oldSide);
    if (size === 0) {
      // What has no quantity does not rest.
      this.kind = kind.cancel;
      this.removed = this.oldSize;
      oldLevels.remove(this.oldPrice, this.oldSize);
      this.orders.remove(slot);
    } else if (this.newSide === this.oldSide && price === this.oldPrice) {
      oldLevels.resize(price, size - this.oldSize);
      this.orders.setSize(slot, size);
    } else {
      oldLevels.remove(this.oldPrice, this.oldSize);
      this.#levels(this.newSide).add(price, size);
      this.orders.setSidePrice(slot, this.newSide, price);
      this.orders.setSize(slot, size);
    }
  }

  #cancel(slot: number, idLo: number, idHi: number, size: number): void {
    if (slot < 0) {
      this.counters.unknownCancel++;
      return;
    }
    this.#remember(slot);
    this.kind = kind.cancel;
    this.fill = this.#pending.take(idLo, idHi);
    this.removed = size < this.oldSize ? size : this.oldSize;
    if (this.removed === this.oldSize) {
      this.#levels(this.oldSide).remove(this.oldPrice, this.oldSize);
      this.orders.remove(slot);
    } else {
      this.#levels(this.oldSide).resize(this.oldPrice, -this.removed);
      this.orders.setSize(slot, this.oldSize - this.removed);
    }
  }

  #announceFill(found: number, idLo: number, idHi: number, size: number): void {
    this.counters.fills++;
    if (found < 0) this.counters.fillUnknown++;
    if (size === undefinedSize) this.counters.nullSize++;
    else this.#pending.add(idLo, idHi, size, found >= 0);
  }

  #clear(): void {
    this.orders.clear();
    this.bids.clear();
    this.asks.clear();
    this.#maybeBad = false;
    this.kind = kind.clear;
  }

  /** Top of book: the order `new…` takes the place of its whole side; without a size it leaves it empty. */
  #replaceSide(idLo: number, idHi: number): void {
    this.orders.removeSide(this.newSide);
    this.#levels(this.newSide).clear();
    this.displaced = false;
    // Top-of-book feeds name no orders: an id of 0 must not make one side displace the other.
    const hi = idLo === 0 && idHi === 0 ? ~this.newSide : idHi;
    if (this.newSize > 0) this.#add(this.orders.find(idLo, hi), idLo, hi);
    this.kind = kind.replaceSide;
  }

  #remember(slot: number): void {
    this.oldSide = this.orders.side(slot);
    this.oldPrice = this.orders.price(slot);
    this.oldSize = this.orders.size(slot);
  }

  #levels(side: number): PriceLevels {
    return side === sideBid ? this.bids : this.asks;
  }

  #forgetFills(nowNs: number): void {
    this.counters.fillUnmatched += this.#pending.open;
    this.#pending.clear();
    this.#pendingNs = nowNs;
  }
}
