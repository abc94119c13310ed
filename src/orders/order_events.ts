import { sideAsk as ask, type Book, sideBid as bid, change } from '../book/index.ts';
import { action as actions, flag as flags, mboWord as mboWords } from '../dbn/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Absorption } from './absorption.ts';
import { BestPrices } from './best_prices.ts';
import { icebergState, largeOrderChange, orderEventCode } from './event_kinds.ts';
import { OrderEventRows } from './event_rows.ts';
import { ExecutionRecord } from './execution_record.ts';
import { Icebergs } from './icebergs.ts';
import { LargeOrders } from './large_orders.ts';
import { orderMark } from './order_marks.ts';
import type { OrderEventParams } from './params.ts';
import { Replacements } from './replacements.ts';
import { StackedPulls } from './stacked_pulls.ts';
import { TradeGroup } from './trade_group.ts';
import { TradeRows } from './trade_rows.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const action = { ...actions };
const flag = { ...flags };
const mboWord = { ...mboWords };
const kind = { ...change };
const code = { ...orderEventCode };
const mark = { ...orderMark };
const sideBid = bid;
const sideAsk = ask;

/**
 * Tells what single orders and aggressors did (docs/order-events.md), from the records of one instrument and the book that they
 * make. Deterministic and incremental: the same records give the same rows, however they are cut.
 *
 * `apply` takes every record after the book did; rows collect in `rows` until their reader clears them. An event is known at its
 * end (F_LAST), those of a feed without aggressor ids once their nanosecond has passed: `passTime` says that it has.
 */
export class OrderEvents {
  readonly rows = new OrderEventRows();
  readonly #params: OrderEventParams;
  readonly #group = new TradeGroup();
  readonly #execution = new ExecutionRecord();
  readonly #tradeRows: TradeRows;
  readonly #largeOrders: LargeOrders;
  readonly #icebergs = new Icebergs();
  readonly #replacements: Replacements;
  readonly #absorption: Absorption;
  readonly #bestPrices: BestPrices;
  readonly #bidPulls: StackedPulls;
  readonly #askPulls: StackedPulls;
  #nowNs = Number.NEGATIVE_INFINITY;
  /** Trades without ids go on until their nanosecond is over. */
  #groupIsOpen = false;
  /** Marks of the order that the record takes away or changes. */
  #oldMarks = 0;

  constructor(tickInt: number, params: OrderEventParams) {
    this.#params = params;
    this.#tradeRows = new TradeRows(params);
    this.#largeOrders = new LargeOrders(tickInt, params);
    this.#replacements = new Replacements(params);
    this.#absorption = new Absorption(params);
    this.#bestPrices = new BestPrices(params);
    this.#bidPulls = new StackedPulls(params, sideBid);
    this.#askPulls = new StackedPulls(params, sideAsk);
  }

  /**
   * Takes the MBO record that starts at word `at`, which `book` has applied.
   * @param nowNs the time of the record; it never runs backwards
   */
  apply(book: Book, words: Uint32Array, at: number, nowNs: number): void {
    if (nowNs !== this.#nowNs) this.passTime(nowNs);
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const isSnapshot = (packed & flag.snapshot) !== 0;
    if (isSnapshot) this.applyBefore(book);
    else {
      const changed = book.kind;
      if (changed === kind.add) this.#add(book, words, at);
      else if (changed === kind.cancel) this.#cancel(book, words, at);
      else if (changed === kind.modify) this.#modify(book, words, at);
      else if (changed === kind.clear) this.clear();
      else this.#trade(book, words, at, packed);
    }
    if ((packed & flag.last) !== 0 && !isSnapshot) this.#endEvent(book);
  }

  /** Takes a record of a snapshot or from before the session, which `book` has applied: nothing is told. */
  applyBefore(book: Book): void {
    if (book.emptied || book.kind === kind.clear) this.clear();
  }

  /** Says that no record before `nowNs` comes any more; ends trades that have no other end. */
  passTime(nowNs: number): void {
    if (this.#groupIsOpen) this.#endTrades();
    this.#nowNs = nowNs;
  }

  /** Ends the records: what has no other end ends here. */
  finish(): void {
    if (!this.#group.isEmpty) this.#endTrades();
  }

  /** The book was emptied, or lost. */
  clear(): void {
    if (!this.#group.isEmpty) this.#endTrades();
    this.#icebergs.clear();
    this.#replacements.clear();
    this.#absorption.clear();
    this.#bestPrices.clear();
    this.#bidPulls.clear();
    this.#askPulls.clear();
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.#nowNs, this.rows.nextEvent, Number(this.#groupIsOpen)));
    for (const part of this.#parts()) part.save(writer);
  }

  /** Goes on from a state that `save` wrote; parameters must be the same, and rows of before are not part of it. */
  restore(reader: StateReader): void {
    const [nowNs, nextEvent, groupIsOpen] = reader.float64s();
    this.#nowNs = nowNs!;
    this.rows.nextEvent = nextEvent!;
    this.#groupIsOpen = groupIsOpen === 1;
    for (const part of this.#parts()) part.restore(reader);
  }

  #parts(): readonly { save(writer: StateWriter): void; restore(reader: StateReader): void }[] {
    return [
      this.#group,
      this.#tradeRows,
      this.#largeOrders,
      this.#icebergs,
      this.#replacements,
      this.#absorption,
      this.#bestPrices,
      this.#bidPulls,
      this.#askPulls,
    ];
  }

  #trade(book: Book, words: Uint32Array, at: number, packed: number): void {
    const code = (packed >>> 16) & 0xff;
    if (code !== action.trade && code !== action.fill) return;
    const execution = this.#execution;
    if (!execution.read(words, at)) return;
    const { idLo: lo, idHi: hi, price, size, sequence } = execution;
    const group = this.#group;
    if (code === action.trade) {
      if (Number.isNaN(price)) return;
      const { side } = execution;
      if (this.#groupIsOpen && !group.goesOn(lo, hi, side)) this.#endTrades();
      group.trade(lo, hi, side, price, size, book.orders.find(lo, hi) >= 0, sequence);
      return;
    }
    const { slot } = book;
    if (slot < 0) return;
    const isOwn = group.find(lo, hi) >= 0;
    const side = book.orders.side(slot);
    const restPrice = book.orders.price(slot);
    group.fill(lo, hi, isOwn ? 0 : side, restPrice, size, sequence);
    if (isOwn) return;
    book.orders.setMarks(slot, book.orders.marks(slot) | mark.executed);
    this.#absorption.execute(this.#nowNs, side, Number.isNaN(price) ? restPrice : price, size, lo, hi, sequence);
  }

  #add(book: Book, words: Uint32Array, at: number): void {
    const { newSide, newSize } = book;
    const lo = words[at + mboWord.orderIdLo]! | 0;
    const hi = words[at + mboWord.orderIdHi]! | 0;
    const now = this.#nowNs;
    const sequence = words[at + mboWord.sequence]!;
    this.#pullsOf(newSide).change(book.newPrice, newSize);
    if (book.displaced) {
      this.#pullsOf(book.oldSide).change(book.oldPrice, -book.oldSize);
      this.#oldMarks = book.oldMarks;
      this.#leaves(book, lo, hi, icebergState.cancelled, sequence);
    }
    // A modify of an unknown order is an add to the book, but tells nothing new.
    if (((words[at + mboWord.flagsChannelActionSide]! >>> 16) & 0xff) !== action.add) return;
    const aggressor = this.#group.trades > 0 ? this.#group.find(lo, hi) : -1;
    if (aggressor >= 0) this.#group.remainder[aggressor] = newSize;
    const isNear = this.#largeOrders.look(
      book,
      largeOrderChange.added,
      aggressor >= 0,
      lo,
      hi,
      now,
      sequence,
      this.rows,
    );
    if (isNear) book.orders.setMarks(book.slot, mark.largeNear);
    if (aggressor < 0) this.#replace(book, lo, hi, sequence);
    this.#largeOrders.add(newSize);
  }

  /** An added order may take the place of one that was just executed. */
  #replace(book: Book, lo: number, hi: number, sequence: number): void {
    const { newSide, newPrice, newSize, orders, slot } = book;
    const { replaceMinimumSize, replaceMedians } = this.#params;
    if (newSize < replaceMinimumSize) return;
    const entry = this.#replacements.replacedBy(this.#nowNs, newSide, newPrice, newSize);
    if (entry < 0 || newSize < this.#largeOrders.medianAdd() * replaceMedians) return;
    orders.setMarks(slot, orders.marks(slot) | mark.chained);
    this.#replacements.replace(entry, this.#nowNs, lo, hi, sequence, this.rows);
  }

  #cancel(book: Book, words: Uint32Array, at: number): void {
    const { oldSide, fill } = book;
    const isWhole = book.removed === book.oldSize;
    const lo = words[at + mboWord.orderIdLo]! | 0;
    const hi = words[at + mboWord.orderIdHi]! | 0;
    const sequence = words[at + mboWord.sequence]!;
    this.#pullsOf(oldSide).change(book.oldPrice, -book.removed);
    this.#oldMarks = book.oldMarks;
    const isOwn = this.#group.find(lo, hi) >= 0;
    if (fill > 0 && !isOwn) {
      this.#executes(book, lo, hi, sequence);
      if (isWhole) this.#leaves(book, lo, hi, icebergState.executed, sequence);
      return;
    }
    // A cancel in a trade's event is a self-match that the exchange prevented.
    if (isOwn || this.#group.isEmpty) this.#pull(book, lo, hi, book.removed, isWhole, sequence);
    if (isWhole) this.#leaves(book, lo, hi, icebergState.cancelled, sequence);
  }

  #modify(book: Book, words: Uint32Array, at: number): void {
    const { oldSide, oldSize, newSide, newSize, fill } = book;
    const lo = words[at + mboWord.orderIdLo]! | 0;
    const hi = words[at + mboWord.orderIdHi]! | 0;
    const sequence = words[at + mboWord.sequence]!;
    this.#pullsOf(oldSide).change(book.oldPrice, -oldSize);
    this.#pullsOf(newSide).change(book.newPrice, newSize);
    this.#oldMarks = book.oldMarks;
    const aggressor = this.#group.trades > 0 ? this.#group.find(lo, hi) : -1;
    if (aggressor >= 0) this.#group.remainder[aggressor] = newSize;
    const isExecuted = fill > 0 && aggressor < 0;
    const moves = newSide !== oldSide || book.newPrice !== book.oldPrice;
    if (isExecuted) this.#executes(book, lo, hi, sequence);
    if (moves) {
      if (!isExecuted && (aggressor >= 0 || this.#group.isEmpty)) {
        this.#pull(book, lo, hi, oldSize, true, sequence);
      }
      this.#leaves(book, lo, hi, icebergState.cancelled, sequence);
    }
    if (!moves && newSize <= oldSize) return;
    const how = moves ? largeOrderChange.moved : largeOrderChange.grown;
    this.#largeOrders.look(book, how, aggressor >= 0, lo, hi, this.#nowNs, sequence, this.rows);
  }

  /** A resting order was executed, and the record says what it displays now: maybe more than it displayed before. */
  #executes(book: Book, lo: number, hi: number, sequence: number): void {
    const { kind: changed, oldSide, oldPrice, oldSize, newSide, newPrice, newSize, fill, removed } = book;
    const isCancel = changed === kind.cancel;
    const stays = isCancel ? removed < oldSize : newSide === oldSide && newPrice === oldPrice;
    const displayed = isCancel ? oldSize - removed : newSize;
    const isRefill = !isCancel && stays && newSize > Math.max(0, oldSize - fill);
    const isKnown = (this.#oldMarks & mark.iceberg) !== 0;
    if (!isKnown && !isRefill && fill <= oldSize) {
      if (isCancel && removed === oldSize) this.#fullyExecuted(book, lo, hi, sequence);
      return;
    }
    if (!isKnown) {
      this.#oldMarks |= mark.iceberg;
      if (stays) book.orders.setMarks(book.slot, this.#oldMarks);
      this.#icebergs.begin(lo, hi, this.#nowNs);
    }
    this.#icebergs.execute(lo, hi, fill, isRefill);
    // An order that leaves is told by its leaving.
    if (!stays) return;
    this.#icebergs.write(this.rows, lo, hi, this.#nowNs, oldSide, oldPrice, displayed, icebergState.resting);
    this.#proveFills(lo, hi, sequence);
  }

  #fullyExecuted(book: Book, lo: number, hi: number, sequence: number): void {
    const { oldEntrySize: size, oldSide, oldPrice } = book;
    if (size < this.#params.replaceMinimumSize) return;
    const isChained = (this.#oldMarks & mark.chained) !== 0;
    this.#replacements.executed(this.#nowNs, oldSide, oldPrice, size, lo, hi, sequence, isChained);
    this.#oldMarks &= ~mark.chained;
  }

  /** The order `old…` leaves its price: what hangs on it ends. */
  #leaves(book: Book, lo: number, hi: number, how: number, sequence: number): void {
    if ((this.#oldMarks & mark.iceberg) !== 0) {
      this.#icebergs.write(this.rows, lo, hi, this.#nowNs, book.oldSide, book.oldPrice, 0, how);
      this.#proveFills(lo, hi, sequence);
    }
    if ((this.#oldMarks & mark.chained) !== 0) this.#replacements.left(lo, hi);
  }

  /** Quantity of the order `old…` leaves its price without an execution. */
  #pull(book: Book, lo: number, hi: number, size: number, isWhole: boolean, sequence: number): void {
    const now = this.#nowNs;
    this.#pullsOf(book.oldSide).pull(book, now, size, lo, hi, sequence);
    if (!isWhole || (this.#oldMarks & (mark.largeNear | mark.executed)) !== mark.largeNear) return;
    const { oldSide, oldPrice, oldSinceNs } = book;
    if (now - oldSinceNs > this.#params.fastPullNs) return;
    this.rows.begin(code.fastPull, now, oldSinceNs, oldSide, oldPrice, book.oldEntrySize, 1);
    this.rows.orderId(lo, hi);
    this.rows.sequence(sequence);
    this.rows.detail(0, now - oldSinceNs);
  }

  /** Adds to the current row the executions of an order in this event, and the record that follows them. */
  #proveFills(lo: number, hi: number, sequence: number): void {
    const group = this.#group;
    for (let i = 0; i < group.fills; i++) {
      if (group.fillLo[i] === lo && group.fillHi[i] === hi) this.rows.sequence(group.fillSequence[i]!);
    }
    this.rows.sequence(sequence);
  }

  #pullsOf(side: number): StackedPulls {
    return side === sideBid ? this.#bidPulls : this.#askPulls;
  }

  #endEvent(book: Book): void {
    const now = this.#nowNs;
    const { rows } = this;
    this.#bidPulls.endEvent(now, book.bids, rows);
    this.#askPulls.endEvent(now, book.asks, rows);
    this.#bestPrices.endEvent(now, book, this.#group, this.#absorption, rows);
    if (this.#group.isEmpty) return;
    this.#absorption.endEvent(now, book.bids.best, book.asks.best, rows);
    if (this.#group.hasNoIds) this.#groupIsOpen = true;
    else this.#endTrades();
  }

  /** Writes the trades of the event, and forgets them. */
  #endTrades(): void {
    this.#groupIsOpen = false;
    const group = this.#group;
    this.#tradeRows.write(group, this.#nowNs, this.rows);
    group.clear();
  }
}
