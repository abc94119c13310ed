import { Book, change, type PriceLevels, sideAsk, sideBid } from '../book/index.ts';
import { action as actions, flag as flags, mboWord as mboWords, undefinedOrderSize } from '../dbn/index.ts';
import { assert } from '../errors.ts';
import { Agenda, appointment } from './agenda.ts';
import { Contacts } from './contacts.ts';
import { displayedWithin, type ExecutionCounters, priceOf, topOfBookError } from './feed.ts';
import { FillRows } from './fill_rows.ts';
import { FrontShare } from './front_share.ts';
import { LastTrade } from './last_trade.ts';
import type { OrderWatcher } from './order_watcher.ts';
import {
  believableLevelSizes,
  fillReason,
  isWithin,
  type OurOrder,
  type OurOrders,
  orderKind,
  outcome,
} from './our_orders.ts';
import { PriorityQueues } from './priority_queues.ts';
import { RealOrders } from './real_orders.ts';
import { indexOfStamp, RestingOrders } from './resting_orders.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const action = { ...actions };
const flag = { ...flags };
const mboWord = { ...mboWords };
const kind = { ...change };

/**
 * Follows orders of ours through the queues of one instrument by the rules of docs/fills.md, one record after another.
 *
 * Real orders do not see ours, and ours do not see each other. An order of ours has its place by the stamp that it took when it
 * came to rest: a real order is ahead while it stands at that price with an earlier stamp. Cancels and adds of others therefore
 * cost nothing; only executions and ends of events look at our orders.
 */
export class ExecutionPass {
  readonly book = new Book();
  readonly fills = new FillRows();
  readonly frontShare = new FrontShare();
  readonly counters: ExecutionCounters = { unknownExecutions: 0, ownExecutions: 0, tradesWithoutOrders: 0 };
  /** Mid of the last event that left the book valid, kept for a watcher; NaN before the first. */
  lastMid = Number.NaN;
  readonly #ours: OurOrders;
  readonly #queues = new PriorityQueues();
  readonly #resting: readonly [bids: RestingOrders, asks: RestingOrders];
  readonly #contacts: readonly [bids: Contacts, asks: Contacts];
  readonly #realOrders: RealOrders;
  /** Arrived without a market; those that have left are still listed. */
  #waiting: number[] = [];

  readonly #agenda = new Agenda();
  #watcher: OrderWatcher | null = null;

  #clockNs = Number.NEGATIVE_INFINITY;
  /** Running number of the event, up to F_LAST; orders of ours arrive between events. */
  #event = 0;
  #inEvent = false;
  /** Whether it is between two events. */
  #isBetween = false;
  #afterSnapshot = false;
  readonly #trade = new LastTrade();

  constructor(ours: OurOrders) {
    this.#ours = ours;
    this.#resting = [new RestingOrders(ours, 1), new RestingOrders(ours, -1)];
    this.#contacts = [new Contacts(ours, this.#queues, sideBid), new Contacts(ours, this.#queues, sideAsk)];
    this.#realOrders = new RealOrders(this.book, this.#queues, this.frontShare, this.#contacts);
    for (let order = 0; order < ours.count; order++) this.#enlist(order);
  }

  /** Time of the last record; −Infinity before the first. */
  get clockNs(): number {
    return this.#clockNs;
  }

  /** Whether the last record leaves its event open. */
  get isInEvent(): boolean {
    return this.#inEvent;
  }

  /** Number of the event that is under way; 0 between two events. */
  get event(): number {
    return this.#isBetween ? 0 : this.#event;
  }

  /** Calls `watcher` from now on. */
  watch(watcher: OrderWatcher): void {
    this.#watcher = watcher;
  }

  /** Adds an order whose decision has not come yet; gives its number. */
  add(order: OurOrder): number {
    const added = this.#ours.add(order);
    this.#enlist(added);
    return added;
  }

  /** Adds an order that arrives at this moment, between two events; gives its number. */
  place(order: OurOrder): number {
    const added = this.#ours.add(order);
    this.#arrive(added);
    return added;
  }

  /** Calls the watcher at `timeNs`, between two events; `isWithdrawal`: before the orders that arrive at that time. */
  callAt(timeNs: number, number: number, isWithdrawal: boolean): void {
    this.#agenda.add(timeNs, isWithdrawal ? appointment.withdrawal : appointment.call, number);
  }

  /**
   * Applies the MBO record that starts at word `at`; all records are of one instrument of one publisher.
   * @param nowNs its time since the origin of our orders' times; never before that of the record before
   * @throws SCHEMA_MISMATCH for a record of a top-of-book feed
   */
  apply(words: Uint32Array, at: number, nowNs: number): void {
    assert(nowNs >= this.#clockNs, 'the clock of the records never runs backwards');
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const code = (packed >>> 16) & 0xff;
    const isSnapshot = (packed & flag.snapshot) !== 0;
    if ((packed & flag.tob) !== 0 && code === action.add) throw topOfBookError();
    if (!this.#inEvent) this.#beginEvent(nowNs, isSnapshot);
    this.#clockNs = nowNs;
    this.book.apply(words, at, nowNs);
    if (this.book.kind === kind.clear || (isSnapshot && this.book.emptied)) this.#clear();
    const idLo = words[at + mboWord.orderIdLo]! | 0;
    const idHi = words[at + mboWord.orderIdHi]! | 0;
    if (code === action.fill) this.#execute(words, at, idLo, idHi, packed >>> 24);
    else if (code === action.trade) this.#noteTrade(words, at, idLo, idHi, packed >>> 24);
    else this.#realOrders.follow(idLo, idHi, this.#event);
    if ((packed & flag.last) !== 0 && !isSnapshot) this.#endEvent(nowNs);
    this.#inEvent = (packed & (flag.last | flag.snapshot)) === 0;
    this.#afterSnapshot = isSnapshot;
  }

  /** Records were lost: the book is not known until a snapshot or clear, and what rested of ours is gone. */
  lose(): void {
    this.book.lose();
    this.#clear();
    this.#inEvent = false;
    this.#afterSnapshot = false;
  }

  /** Ends the records. What arrived up to the last event's time is in the market; the rest never arrives. */
  finish(): void {
    this.frontShare.endEvent();
    this.counters.tradesWithoutOrders = this.#trade.end();
    if (this.#inEvent) return;
    this.#isBetween = true;
    if (this.book.valid) this.lastMid = this.#mid();
    if (this.#afterSnapshot && this.book.valid) this.#enterWaiting(this.#clockNs);
    // Times are whole nanoseconds.
    this.#advance(this.#clockNs + 1);
  }

  /** Displayed quantity that is before a resting order of ours now. */
  aheadOf(order: number): number {
    const { side, price, stamp } = this.#ours;
    return this.#queues.quantity(side[order]!, price[order]!, stamp[order]!);
  }

  #beginEvent(nowNs: number, isSnapshot: boolean): void {
    this.#event++;
    this.frontShare.endEvent();
    this.#isBetween = true;
    if (this.#watcher !== null && this.book.valid) this.lastMid = this.#mid();
    if (this.#afterSnapshot && !isSnapshot && this.book.valid) this.#enterWaiting(this.#clockNs);
    this.#advance(nowNs);
    this.#isBetween = false;
  }

  /** What the agenda has before `untilNs`. */
  #advance(untilNs: number): void {
    while (this.#agenda.nextNs < untilNs) {
      const { nextNs, nextKind, nextNumber } = this.#agenda;
      this.#agenda.drop();
      if (nextKind === appointment.decision) this.#decide(nextNumber);
      else if (nextKind === appointment.arrival) this.#arrive(nextNumber);
      else if (nextKind === appointment.expiry) this.cancel(nextNumber);
      else this.#watcher?.called(nextNumber, nextNs);
    }
  }

  #enlist(order: number): void {
    const { arrivalNs, decisionNs, expiryNs, kind } = this.#ours;
    if (kind[order] === orderKind.join) this.#agenda.add(decisionNs[order]!, appointment.decision, order);
    this.#agenda.add(arrivalNs[order]!, appointment.arrival, order);
    if (Number.isFinite(expiryNs[order])) this.#agenda.add(expiryNs[order]!, appointment.expiry, order);
  }

  #arrive(order: number): void {
    if (this.#ours.outcome[order] === outcome.refused) return;
    if (this.book.valid) this.#enter(order, this.#ours.arrivalNs[order]!);
    else this.#wait(order);
  }

  /** Chooses the price of a join. */
  #decide(order: number): void {
    const { price, side, outcome: state } = this.#ours;
    if (!this.book.valid) state[order] = outcome.refused;
    else if (side[order] === sideBid) price[order] = this.book.bids.best + price[order]!;
    else price[order] = this.book.asks.best - price[order]!;
  }

  #wait(order: number): void {
    this.#ours.outcome[order] = outcome.waiting;
    this.#ours.delayed[order] = 1;
    this.#waiting.push(order);
  }

  #enterWaiting(tsNs: number): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const order of waiting) if (this.#ours.outcome[order] === outcome.waiting) this.#enter(order, tsNs);
  }

  /** An order meets a valid book: it takes what is displayed within its limit, and its rest stands behind its level. */
  #enter(order: number, tsNs: number): void {
    const ours = this.#ours;
    const side = ours.side[order]!;
    const limit = ours.limit(order);
    const other = this.#otherLevels(side);
    const takes = isWithin(other.best, side, limit);
    const ahead = takes ? 0 : this.#queues.quantity(side, limit, Number.POSITIVE_INFINITY);
    ours.outcome[order] = outcome.resting;
    ours.arrivalMid[order] = this.#mid();
    ours.aheadAtArrival[order] = ahead;
    ours.tooLarge[order] = ours.size[order]! * believableLevelSizes > (takes ? other.sizeAt(0) : ahead) ? 1 : 0;
    const wanted = ours.left;
    for (let depth = 0; wanted[order]! > 0 && depth < other.length; depth++) {
      if (!isWithin(other.priceAt(depth), side, limit)) break;
      this.#fill(order, tsNs, other.priceAt(depth), other.sizeAt(depth), fillReason.take);
    }
    if (wanted[order]! > 0) {
      if (ours.kind[order] !== orderKind.market) {
        ours.stamp[order] = ++this.#queues.lastStamp;
        this.#resting[side - 1]!.add(order);
      }
      if (takes && ours.withoutMet[order] === 0) this.#contacts[side - 1]!.open(order, limit);
    }
    this.#watcher?.entered(order, tsNs);
  }

  /** Cancels what is left of an order, between two events. */
  cancel(order: number): void {
    const { outcome: state, left, size, endMid } = this.#ours;
    if (state[order] === outcome.waiting) state[order] = outcome.refused;
    if (state[order] !== outcome.resting) return;
    this.#remove(order);
    state[order] = left[order] === size[order] ? outcome.missed : outcome.partial;
    endMid[order] = this.#mid();
  }

  #noteTrade(words: Uint32Array, at: number, idLo: number, idHi: number, sideChar: number): void {
    this.counters.tradesWithoutOrders = this.#trade.note(idLo, idHi, sideChar);
    if (!this.#trade.isWithoutSide) this.#tellTrade(words, at);
  }

  #tellTrade(words: Uint32Array, at: number): void {
    if (this.#watcher === null) return;
    const price = priceOf(words, at);
    if (!Number.isNaN(price)) this.#watcher.traded(price, this.#clockNs);
  }

  /** An execution: of an order in the book, at its own price. */
  #execute(words: Uint32Array, at: number, idLo: number, idHi: number, sideChar: number): void {
    const node = this.#queues.find(idLo, idHi);
    const size = words[at + mboWord.size]!;
    this.#trade.execute();
    if (this.#trade.isWithoutSide) this.#tellTrade(words, at);
    if (node < 0) {
      this.counters.unknownExecutions++;
      return;
    }
    if (this.#trade.isOwn(idLo, idHi, sideChar)) {
      this.counters.ownExecutions++;
      return;
    }
    if (size === 0 || size === undefinedOrderSize) return;
    const displayed = Math.max(0, this.#queues.size(node) - this.#queues.executed(node, this.#event));
    this.#queues.execute(node, size, this.#event);
    this.frontShare.execute(this.#queues, node, this.#event);
    this.#contacts[this.#queues.side(node) === sideAsk ? 0 : 1].note(node, Math.max(0, displayed - size));
    const price = priceOf(words, at);
    if (!Number.isNaN(price)) this.#fillByExecution(node, price, size, Math.max(0, size - displayed));
  }

  /** Fills what rests on the side of the executed order; `hidden` is the part beyond what that order displayed. */
  #fillByExecution(node: number, price: number, size: number, hidden: number): void {
    const resting = this.#resting[this.#queues.side(node) - 1]!;
    const key = resting.keyOf(price);
    if (resting.bestKey < key) return;
    const { levels } = resting;
    const { price: limit, stamp: stamps } = this.#ours;
    // Filled orders leave, and empty levels with them; those at lower indices keep theirs.
    for (let at = levels.length - 1; at >= 0 && levels[at]!.key > key; at--) {
      for (const order of [...levels[at]!.orders]) {
        this.#fill(order, this.#clockNs, limit[order]!, size, fillReason.through);
      }
    }
    const orders = resting.levelAt(key)?.orders;
    if (orders === undefined) return;
    // An order that rests at another price than it is executed at stands before none of ours here.
    const stamp = this.#queues.price(node) === price ? this.#queues.stamp(node) : Number.POSITIVE_INFINITY;
    const behind = indexOfStamp(orders, stamps, stamp);
    const filled = hidden > 0 ? [...orders] : orders.slice(0, behind);
    filled.forEach((order, place) => {
      if (place < behind) this.#fill(order, this.#clockNs, price, size, fillReason.queue);
      else this.#fill(order, this.#clockNs, price, hidden, fillReason.hidden);
    });
  }

  #endEvent(nowNs: number): void {
    const isCrossed = this.book.bids.best >= this.book.asks.best;
    for (const side of [sideBid, sideAsk]) {
      const contacts = this.#contacts[side - 1]!;
      if (!contacts.isEmpty) contacts.settle();
      if (!isCrossed) this.#meet(side, nowNs);
    }
    if (this.#waiting.length > 0 && this.book.valid) this.#enterWaiting(nowNs);
    this.#watcher?.eventEnded(nowNs);
  }

  /** The other side displays orders in reach of ours: each contract fills an order of ours once. */
  #meet(side: number, nowNs: number): void {
    const ours = this.#ours;
    const contacts = this.#contacts[side - 1]!;
    if (!contacts.isEmpty) {
      contacts.takeFresh((order, price, quantity) => {
        const isMarket = ours.kind[order] === orderKind.market;
        this.#fill(order, nowNs, price, quantity, isMarket ? fillReason.take : fillReason.met);
      });
    }
    const resting = this.#resting[side - 1]!;
    const other = this.#otherLevels(side);
    const otherKey = resting.keyOf(other.best);
    for (let at = resting.levels.length - 1; at >= 0 && resting.levels[at]!.key >= otherKey; at--) {
      const orders = resting.levels[at]!.orders.filter((order) => !contacts.has(order) && ours.withoutMet[order] === 0);
      if (orders.length === 0) continue;
      const limit = ours.price[orders[0]!]!;
      const displayed = displayedWithin(other, side, limit);
      for (const order of orders) {
        this.#fill(order, nowNs, limit, displayed, fillReason.met);
        if (ours.left[order]! > 0) contacts.open(order, limit);
      }
    }
  }

  /** Gives an order of ours up to `quantity`. */
  #fill(order: number, tsNs: number, price: number, quantity: number, reason: number): void {
    const { left, outcome: state } = this.#ours;
    const size = Math.min(left[order]!, quantity);
    // What two reasons offer in one event may be more than is left.
    if (size === 0) return;
    this.fills.add(order, tsNs, price, size, reason);
    left[order]! -= size;
    if (left[order] === 0) {
      this.#remove(order);
      state[order] = outcome.filled;
    }
    this.#watcher?.filled(order, tsNs, price, size, reason);
  }

  #remove(order: number): void {
    const side = this.#ours.side[order]!;
    if (this.#ours.stamp[order]! > 0) this.#resting[side - 1]!.remove(order);
    if (this.#contacts[side - 1]!.has(order)) this.#contacts[side - 1]!.close(order);
  }

  /** The book was emptied: what rested of ours is gone, what waits goes on waiting. */
  #clear(): void {
    this.frontShare.endEvent();
    this.#queues.clear();
    const gone: number[] = [];
    for (const side of [sideBid, sideAsk]) {
      const resting = this.#resting[side - 1]!;
      const contacts = this.#contacts[side - 1]!;
      const restless = contacts.orders.filter((order) => this.#ours.kind[order] === orderKind.market);
      gone.push(...restless, ...resting.levels.flatMap(({ orders }) => orders));
      resting.clear();
      contacts.clear();
    }
    for (const order of gone) this.#ours.outcome[order] = outcome.cleared;
    if (gone.length > 0) this.#watcher?.cleared(gone, this.#clockNs);
  }

  #otherLevels(side: number): PriceLevels {
    return side === sideBid ? this.book.asks : this.book.bids;
  }

  #mid(): number {
    return (this.book.bids.best + this.book.asks.best) / 2;
  }
}
