import {
  action,
  flag as flags,
  isUndefinedPrice,
  mboWord as mboWords,
  side as sides,
  undefinedOrderSize,
} from '../dbn/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { sideAsk as ask, sideBid as bid, marksOf, OrderTable, sinceNsOf } from './order_table.ts';
import { PendingFills } from './pending_fills.ts';
import { PriceLevels } from './price_levels.ts';

/** Effect of the last record on the book; each names the fields of `Book` that hold its particulars. */
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

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const kind = { ...change };
const flag = { ...flags };
const mboWord = { ...mboWords };
const sideBid = bid;
const sideAsk = ask;

const { add: actionAdd, cancel: actionCancel, fill: actionFill, modify: actionModify, clear: actionClear } = action;
const { bid: sideCharBid, ask: sideCharAsk } = sides;
const undefinedSize = undefinedOrderSize;

/** Feed anomaly counters; all zero, `fills` aside, for a clean and complete feed. */
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

const counterNames = Object.keys(noCounts) as (keyof BookCounters)[];

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
  counters: BookCounters = { ...noCounts };
  /** Of the records that `applyBefore` took. */
  countersBefore: BookCounters = { ...noCounts };
  /** From the first record with F_SNAPSHOT to one with F_LAST, or to the first without F_SNAPSHOT. */
  inSnapshot = false;
  /** After a record with F_SNAPSHOT: it began a snapshot, and what rested before is gone. A clear says so by its `kind`. */
  emptied = false;

  kind: number = kind.none;
  displaced = false;
  oldSide = 0;
  oldPrice = 0;
  oldSize = 0;
  /** The size with which the order `old…` came to its price, as its owner has changed it there since. */
  oldEntrySize = 0;
  newSide = 0;
  newPrice = 0;
  newSize = 0;
  removed = 0;
  fill = 0;
  /** Where `orders` has the order `new…`, what a cancel left, or the order that was executed; valid until the next record. */
  slot = -1;

  #pending = new PendingFills();
  #pendingNs = Number.NEGATIVE_INFINITY;
  #oldSinceLo = 0;
  #oldSinceHi = 0;
  /** Pending fills of the records that `applyBefore` took, which no other record may take. */
  #pendingBefore = new PendingFills();
  #pendingBeforeNs = Number.NEGATIVE_INFINITY;
  #crossed = false;
  /** Since the book was last emptied by a snapshot or clear, the feed said that it may be wrong, or it was lost. */
  #maybeBad = false;
  /** Whether the record before had F_SNAPSHOT, and the ts_recv that all records of its snapshot share. */
  #afterSnapshot = false;
  #snapshotLo = 0;
  #snapshotHi = 0;

  /**
   * Applies the MBO record that starts at word `at`.
   * @param nowNs the event's time on the engine's clock
   */
  apply(words: Uint32Array, at: number, nowNs: number): void {
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const action = (packed >>> 16) & 0xff;
    if (nowNs !== this.#pendingNs) this.#forgetFills(nowNs);
    this.kind = kind.none;
    if (packed & flag.snapshot) {
      this.#readSnapshot(words, at, action);
    } else {
      this.inSnapshot = false;
      this.#afterSnapshot = false;
    }
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

  /**
   * Applies a record from before the session's window: it acts on the book, but its anomalies are counted apart in
   * `countersBefore`, and fills that it announces reach no record that `apply` takes.
   * @param tsNs the record's own time
   */
  applyBefore(words: Uint32Array, at: number, tsNs: number): void {
    this.#setAside();
    this.apply(words, at, tsNs);
    this.#setAside();
  }

  /** Empties the book because its records were lost: it is not valid until a snapshot or clear says what rests. */
  lose(): void {
    this.#clear();
    this.#pending.clear();
    this.#pendingBefore.clear();
    this.inSnapshot = false;
    this.#afterSnapshot = false;
    this.#crossed = false;
    this.#maybeBad = true;
  }

  /** Since when the order `old…` was at its price, on the clock of `nowNs`. */
  get oldSinceNs(): number {
    return sinceNsOf(this.#oldSinceHi, this.#oldSinceLo);
  }

  /** The marks that readers gave the order `old…`. */
  get oldMarks(): number {
    return marksOf(this.#oldSinceHi);
  }

  /** Whether both sides have a price. */
  get twoSided(): boolean {
    return this.bids.length > 0 && this.asks.length > 0;
  }

  /** `book_valid` of model.md §2. */
  get valid(): boolean {
    return this.twoSided && !this.inSnapshot && !this.#crossed && !this.#maybeBad;
  }

  /** Records so far that a sound feed would not have; announced executions and crossed books are none. */
  get anomalyCount(): number {
    const { fills: _fills, crossedAtLast: _crossed, ...anomalies } = this.counters;
    return Object.values(anomalies).reduce((sum, count) => sum + count, 0);
  }

  save(writer: StateWriter): void {
    this.orders.save(writer);
    this.bids.save(writer);
    this.asks.save(writer);
    this.#pending.save(writer);
    this.#pendingBefore.save(writer);
    writer.array(
      Float64Array.of(
        this.#pendingNs,
        this.#pendingBeforeNs,
        Number(this.#crossed),
        Number(this.#maybeBad),
        Number(this.inSnapshot),
        Number(this.#afterSnapshot),
        this.#snapshotLo,
        this.#snapshotHi,
      ),
    );
    writer.array(Float64Array.from(counterNames, (name) => this.counters[name]));
    writer.array(Float64Array.from(counterNames, (name) => this.countersBefore[name]));
  }

  restore(reader: StateReader): void {
    this.orders.restore(reader);
    this.bids.restore(reader);
    this.asks.restore(reader);
    this.#pending.restore(reader);
    this.#pendingBefore.restore(reader);
    const [pendingNs, pendingBeforeNs, crossed, maybeBad, inSnapshot, afterSnapshot, snapshotLo, snapshotHi] =
      reader.float64s();
    this.#pendingNs = pendingNs!;
    this.#pendingBeforeNs = pendingBeforeNs!;
    this.#crossed = crossed === 1;
    this.#maybeBad = maybeBad === 1;
    this.inSnapshot = inSnapshot === 1;
    this.#afterSnapshot = afterSnapshot === 1;
    this.#snapshotLo = snapshotLo!;
    this.#snapshotHi = snapshotHi!;
    for (const counters of [this.counters, this.countersBefore]) {
      const counts = reader.float64s();
      counterNames.forEach((name, i) => {
        counters[name] = counts[i]!;
      });
    }
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
    if (isUndefinedPrice(lo, hi)) {
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
    this.slot = this.orders.insert(vacant, idLo, idHi, this.newSide, this.newPrice, this.newSize, this.#pendingNs);
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
    this.slot = slot;
    this.kind = kind.modify;
    this.fill = fill;
    // A side of 'N' says nothing of the side: the order keeps its own.
    if (this.newSide === 0) this.newSide = this.oldSide;
    const { newSize: size, newPrice: price } = this;
    const oldLevels = this.#levels(this.oldSide);
    if (size === 0) {
      // A zero-size order leaves the book.
      this.kind = kind.cancel;
      this.removed = this.oldSize;
      oldLevels.remove(this.oldPrice, this.oldSize);
      this.orders.remove(slot);
    } else if (this.newSide === this.oldSide && price === this.oldPrice) {
      oldLevels.resize(price, size - this.oldSize);
      this.orders.setSize(slot, size);
      if (fill === 0) this.orders.setEntrySize(slot, this.oldEntrySize + size - this.oldSize);
    } else {
      oldLevels.remove(this.oldPrice, this.oldSize);
      this.#levels(this.newSide).add(price, size);
      this.orders.place(slot, this.newSide, price, size, this.#pendingNs);
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
      if (this.fill === 0) this.orders.setEntrySize(slot, this.oldEntrySize - this.removed);
      this.slot = slot;
    }
  }

  #announceFill(found: number, idLo: number, idHi: number, size: number): void {
    this.counters.fills++;
    this.slot = found;
    if (found < 0) this.counters.fillUnknown++;
    if (size === undefinedSize) this.counters.nullSize++;
    else this.#pending.add(idLo, idHi, size, found >= 0);
  }

  #clear(): void {
    this.#empty();
    this.kind = kind.clear;
  }

  #empty(): void {
    this.orders.clear();
    this.bids.clear();
    this.asks.clear();
    this.#maybeBad = false;
  }

  /** A snapshot is the whole book: its first record empties what was there, with or without a clear (model.md §2). */
  #readSnapshot(words: Uint32Array, at: number, action: number): void {
    const lo = words[at + mboWord.tsRecvLo]!;
    const hi = words[at + mboWord.tsRecvHi]!;
    const begins = !this.#afterSnapshot || lo !== this.#snapshotLo || hi !== this.#snapshotHi;
    this.emptied = begins && action !== actionClear;
    if (this.emptied) this.#empty();
    this.inSnapshot = true;
    this.#afterSnapshot = true;
    this.#snapshotLo = lo;
    this.#snapshotHi = hi;
  }

  /** Exchanges counters and pending fills with those of the records before the session. */
  #setAside(): void {
    const { counters } = this;
    const pending = this.#pending;
    const pendingNs = this.#pendingNs;
    this.counters = this.countersBefore;
    this.#pending = this.#pendingBefore;
    this.#pendingNs = this.#pendingBeforeNs;
    this.countersBefore = counters;
    this.#pendingBefore = pending;
    this.#pendingBeforeNs = pendingNs;
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
    this.oldEntrySize = this.orders.entrySize(slot);
    this.#oldSinceLo = this.orders.sinceLo(slot);
    this.#oldSinceHi = this.orders.sinceHi(slot);
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
