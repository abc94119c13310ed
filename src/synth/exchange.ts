import { action } from '../dbn/index.ts';
import { none, opposite, type QueueBook, type Side } from './book.ts';
import type { Aggressor, OwnOrder } from './execution.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import { StopBook } from './stop_book.ts';
import { maxEventRecords, type Tape } from './tape.ts';

/** Most orders that one aggressor fills: T, F and C or M of each, and what goes with them, fit an event. */
const maxFills = Math.floor(maxEventRecords / 4);

/** Prices that a triggered stop takes at most: its protection. */
const stopLevels = 3;

/**
 * A matching engine with price-time priority: applies each request to the book and writes it as the feed would.
 *
 * Every method but the reading ones is one event at `timeNs` (nanoseconds since the tape's origin).
 */
export class Exchange {
  readonly book: QueueBook;
  readonly #tape: Tape;
  readonly #random: Random;
  #lastOrderId: number;

  /** Fills of the aggressor at work: the order, where it was and what it showed before, the quantity, whether it is gone. */
  readonly #fillSlot = new Int32Array(maxFills);
  readonly #fillId = new Float64Array(maxFills);
  readonly #fillLevel = new Int32Array(maxFills);
  readonly #fillShown = new Int32Array(maxFills);
  readonly #fillSize = new Int32Array(maxFills);
  readonly #fillGone = new Uint8Array(maxFills);
  /** 1 where hidden quantity came to light. */
  readonly #fillRevealed = new Uint8Array(maxFills);
  #fills = 0;
  /** Aggressors of the last event with executions. */
  #aggressors: Aggressor[] = [];
  readonly #stops = new StopBook();
  /** Orders that their owners watch, by slot. */
  readonly #own = new Map<number, OwnOrder>();
  readonly #ledger: Ledger | null;

  constructor(book: QueueBook, tape: Tape, random: Random, lastOrderId: number, ledger: Ledger | null) {
    this.book = book;
    this.#tape = tape;
    this.#random = random;
    this.#lastOrderId = lastOrderId;
    this.#ledger = ledger;
  }

  /** Time and sequence of the last event's last record. */
  get eventNs(): number {
    return this.#tape.eventNs;
  }

  get sequence(): number {
    return this.#tape.sequence;
  }

  /** Aggressors of the last event with executions, in their order. */
  get aggressors(): readonly Aggressor[] {
    return this.#aggressors;
  }

  /** A stop order, which the feed does not show: a trade at `level` or beyond makes it an aggressor on `taker`'s side. */
  placeStop(taker: Side, level: number, size: number): void {
    this.#stops.add({ id: this.#nextOrderId(), taker, level, size });
  }

  /** `add` of an order that its owner watches, and that nobody else changes. */
  addOwn(timeNs: number, side: Side, level: number, size: number): OwnOrder {
    const slot = this.add(timeNs, side, level, size, 0);
    this.book.owned[slot] = 1;
    const own: OwnOrder = {
      ...{ id: this.book.id[slot]!, side, level, slot, size, addedNs: this.eventNs, addSequence: this.sequence },
      ...{ executed: 0, executedNs: 0, executedSequence: 0, isGone: false, whenExecuted: null },
    };
    this.#own.set(slot, own);
    return own;
  }

  /** A new limit order that does not cross; its slot in the book. */
  add(timeNs: number, side: Side, level: number, size: number, hidden: number): number {
    const id = this.#nextOrderId();
    const slot = this.book.insert(side, level, id, size, hidden);
    this.#tape.openEvent(timeNs);
    this.#tape.write(action.add, side, level, size, id, true);
    this.#ledger?.ends(this.eventNs, this.sequence);
    return slot;
  }

  /** The whole order goes: the exchange knows no partial cancel. */
  cancel(timeNs: number, slot: number): void {
    const { book } = this;
    this.#tape.openEvent(timeNs);
    this.#tape.write(action.cancel, book.side[slot] as Side, book.level[slot]!, book.size[slot]!, book.id[slot]!, true);
    this.#removed(slot);
    book.remove(slot);
    this.#ledger?.ends(this.eventNs, this.sequence);
  }

  /** A new displayed size: less keeps the order's turn, more loses it. */
  resize(timeNs: number, slot: number, size: number): void {
    const { book } = this;
    const grows = size > book.size[slot]!;
    book.resize(slot, size);
    book.peak[slot] = size;
    if (grows) book.move(slot, book.level[slot]!);
    this.#writeModify(timeNs, slot);
  }

  /** A new price that does not cross; the order queues anew. */
  reprice(timeNs: number, slot: number, level: number): void {
    this.book.move(slot, level);
    this.#ledger?.left(this.book.id[slot]!);
    this.#writeModify(timeNs, slot);
  }

  /**
   * A marketable order: fills resting orders in price-time order through at most `levels` prices; what is left then is
   * cancelled. With `restSize` > 0 (and one level, which `size` must empty) that much more rests at the level's price. An order
   * of the aggressor's owner, `selfMatch`, is cancelled first: self-match prevention; something else must be there to fill.
   *
   * @returns number of records
   */
  take(
    timeNs: number,
    taker: Side,
    size: number,
    levels: number,
    restSize: number,
    selfMatch: OwnOrder | null = null,
  ): number {
    const before = this.#tape.records;
    const resting = opposite(taker);
    const id = this.#nextOrderId();
    const level = this.book.best[resting]!;
    this.#tape.openEvent(timeNs);
    const ownSize = selfMatch === null ? 0 : this.book.size[selfMatch.slot]!;
    if (selfMatch !== null) {
      this.#removed(selfMatch.slot);
      this.book.remove(selfMatch.slot);
    }
    this.#begin();
    this.#match(taker, id, size, levels, 'market');
    this.#triggerStops(taker);
    this.#tape.nextPacket();
    // An event's book changes come bids first: a buyer's remainder precedes the cancels of what it filled.
    if (restSize > 0 && taker === 0) this.#tape.write(action.add, taker, level, restSize, id, false);
    this.#writeFilled(resting, selfMatch === null && (restSize === 0 || taker === 0));
    if (selfMatch !== null) {
      this.#tape.write(action.cancel, resting, selfMatch.level, ownSize, selfMatch.id, true);
    }
    if (restSize > 0 && taker === 1) this.#tape.write(action.add, taker, level, restSize, id, true);
    if (restSize > 0) this.book.insert(taker, level, id, restSize);
    this.#tell();
    return this.#tape.records - before;
  }

  /**
   * A resting order that its owner moves through the spread, filled whole at the opposite best level, which must hold as
   * much: its own fill is at the trade's price and side, its cancel at its old price.
   *
   * @returns number of records
   */
  takeWithResting(timeNs: number, slot: number): number {
    const before = this.#tape.records;
    const { book } = this;
    const taker = book.side[slot] as Side;
    const resting = opposite(taker);
    const id = book.id[slot]!;
    const size = book.size[slot]!;
    const from = book.level[slot]!;
    const at = book.best[resting]!;
    this.#removed(slot);
    book.remove(slot);
    this.#tape.openEvent(timeNs);
    this.#begin();
    this.#match(taker, id, size, 1, 'modified');
    this.#tape.write(action.fill, taker, at, size, id, false);
    this.#triggerStops(taker);
    this.#tape.nextPacket();
    if (taker === 0) this.#tape.write(action.cancel, taker, from, size, id, false);
    this.#writeFilled(resting, taker === 0);
    if (taker === 1) this.#tape.write(action.cancel, taker, from, size, id, true);
    this.#tell();
    return this.#tape.records - before;
  }

  #begin(): void {
    this.#fills = 0;
    this.#aggressors = [];
  }

  /** Fills up to `size` of the book and writes a T and its Fs per price; the fills stay in the scratch arrays. */
  #match(taker: Side, id: number, size: number, levels: number, type: Aggressor['type']): void {
    const { book } = this;
    const resting = opposite(taker);
    const by: Aggressor = { id, taker, type, size: 0, levels: [], fillIds: [], sequence: this.#tape.sequence };
    let left = size;
    for (let visited = 0; visited < levels && left > 0 && book.orders[resting]! > 1; visited++) {
      const level = book.best[resting]!;
      const first = this.#fills;
      const filled = this.#matchLevel(level, left);
      if (filled === 0) break;
      left -= filled;
      by.size += filled;
      by.levels.push(level);
      this.#tape.write(action.trade, taker, level, filled, id, false);
      for (let i = first; i < this.#fills; i++) {
        by.fillIds.push(this.#fillId[i]!);
        this.#tape.write(action.fill, resting, level, this.#fillSize[i]!, this.#fillId[i]!, false);
      }
      if (book.count[level]! > 0) break;
    }
    if (by.size > 0) this.#aggressors.push(by);
  }

  /** Stop orders that the event's last trade triggers become aggressors of it, each in a packet of its own. */
  #triggerStops(taker: Side): void {
    const last = (): number => this.#aggressors.at(-1)?.levels.at(-1) ?? none;
    for (let level = last(); level !== none; level = last()) {
      const stop = this.#fills > maxFills / 2 ? null : this.#stops.trigger(taker, level);
      if (stop === null) break;
      this.#tape.nextPacket();
      this.#match(taker, stop.id, stop.size, stopLevels, 'stop');
    }
    if (this.#aggressors.length > 1) this.#mergeFills();
  }

  /** An order that several aggressors filled has one change of the book. */
  #mergeFills(): void {
    let kept = 0;
    for (let i = 0; i < this.#fills; i++) {
      let to = 0;
      while (to < kept && this.#fillId[to] !== this.#fillId[i]) to++;
      if (to < kept) {
        this.#fillSize[to]! += this.#fillSize[i]!;
        this.#fillGone[to] = this.#fillGone[i]!;
        this.#fillRevealed[to]! |= this.#fillRevealed[i]!;
        continue;
      }
      kept++;
      const columns = [this.#fillSlot, this.#fillId, this.#fillLevel, this.#fillShown, this.#fillSize];
      for (const column of [...columns, this.#fillGone, this.#fillRevealed]) column[to] = column[i]!;
    }
    this.#fills = kept;
  }

  /** Tells the ledger of the event's executions. */
  #tell(): void {
    const ledger = this.#ledger;
    if (ledger === null) return;
    const orders = Array.from({ length: this.#fills }, (_, i) => ({
      id: this.#fillId[i]!,
      level: this.#fillLevel[i]!,
      size: this.#fillSize[i]!,
      shown: this.#fillShown[i]!,
      isRevealed: this.#fillRevealed[i] === 1,
      isGone: this.#fillGone[i] === 1,
    }));
    ledger.executed({ tsNs: this.eventNs, sequence: this.sequence, aggressors: this.#aggressors, orders });
  }

  /** An order is about to leave the book by its owner's will. */
  #removed(slot: number): void {
    this.#ledger?.left(this.book.id[slot]!);
    this.#forgetOwn(slot);
  }

  #forgetOwn(slot: number): OwnOrder | undefined {
    const own = this.#own.get(slot);
    if (own === undefined) return undefined;
    own.isGone = true;
    this.#own.delete(slot);
    return own;
  }

  /** Fills a level's queue in turn; an iceberg's refill goes to the back and may be met again. Returns the quantity. */
  #matchLevel(level: number, size: number): number {
    const { book } = this;
    const first = this.#fills;
    let left = size;
    let refills = 0;
    while (left > 0 && book.count[level]! > 0) {
      const slot = book.head[level]!;
      const i = this.#fillOf(slot, refills > 0 ? first : this.#fills);
      if (i === none) break;
      const shown = book.size[slot]!;
      const quantity = Math.min(left, shown);
      left -= quantity;
      this.#fillSize[i]! += quantity;
      this.#executeOwn(slot, quantity);
      if (quantity < shown) {
        book.resize(slot, shown - quantity);
      } else if (book.hidden[slot]! > 0) {
        const refill = Math.min(book.peak[slot]!, book.hidden[slot]!);
        book.hidden[slot]! -= refill;
        book.resize(slot, refill);
        book.move(slot, level);
        this.#fillRevealed[i] = 1;
        refills++;
      } else {
        this.#fillGone[i] = 1;
        const own = this.#forgetOwn(slot);
        book.remove(slot);
        own?.whenExecuted?.();
      }
    }
    return size - left;
  }

  /** The fill of an order among those from `first` on, a new one when it has none; `none` when the event is full. */
  #fillOf(slot: number, first: number): number {
    for (let i = first; i < this.#fills; i++) if (this.#fillSlot[i] === slot) return i;
    if (this.#fills === maxFills) return none;
    const i = this.#fills++;
    const { book } = this;
    this.#fillSlot[i] = slot;
    this.#fillId[i] = book.id[slot]!;
    this.#fillLevel[i] = book.level[slot]!;
    this.#fillShown[i] = book.size[slot]!;
    this.#fillSize[i] = 0;
    this.#fillGone[i] = 0;
    this.#fillRevealed[i] = 0;
    return i;
  }

  #executeOwn(slot: number, quantity: number): void {
    const own = this.#own.get(slot);
    if (own === undefined) return;
    own.executed += quantity;
    own.executedNs = this.eventNs;
    own.executedSequence = this.sequence;
  }

  /** The book record after fills: C of the whole displayed order, or M to the size displayed now. */
  #writeFilled(side: Side, endsEvent: boolean): void {
    const tape = this.#tape;
    const lastFill = this.#fills - 1;
    for (let i = 0; i <= lastFill; i++) {
      const gone = this.#fillGone[i] === 1;
      const size = gone ? this.#fillShown[i]! : this.book.size[this.#fillSlot[i]!]!;
      const code = gone ? action.cancel : action.modify;
      tape.write(code, side, this.#fillLevel[i]!, size, this.#fillId[i]!, endsEvent && i === lastFill);
    }
  }

  #writeModify(timeNs: number, slot: number): void {
    const { book } = this;
    this.#tape.openEvent(timeNs);
    this.#tape.write(action.modify, book.side[slot] as Side, book.level[slot]!, book.size[slot]!, book.id[slot]!, true);
    this.#ledger?.ends(this.eventNs, this.sequence);
  }

  /** Order ids rise; orders for other instruments take some in between. */
  #nextOrderId(): number {
    this.#lastOrderId += 1 + (this.#random.u32() & 7);
    return this.#lastOrderId;
  }
}
