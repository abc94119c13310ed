import { Book, change, type PriceLevels, sideAsk, sideBid } from '../book/index.ts';
import {
  action as actions,
  flag as flags,
  isUndefinedPrice,
  mboWord as mboWords,
  undefinedOrderSize,
} from '../dbn/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import { Contacts } from './contacts.ts';
import { FillRows } from './fill_rows.ts';
import { FrontShare } from './front_share.ts';
import { LastTrade } from './last_trade.ts';
import { believableLevelSizes, fillReason, type OurOrders, orderKind, outcome } from './our_orders.ts';
import { losesPlace } from './priority.ts';
import { PriorityQueues } from './priority_queues.ts';
import { indexOfStamp, RestingOrders } from './resting_orders.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const action = { ...actions };
const flag = { ...flags };
const mboWord = { ...mboWords };
const kind = { ...change };

/** Executions and trades that fill nothing. */
export interface ExecutionCounters {
  /** Of orders that are not in the book. */
  unknownExecutions: number;
  /** Of an aggressor that had been resting and was moved through the spread. */
  ownExecutions: number;
  /** Trades that no execution of an order followed, such as Nasdaq's hidden ones. */
  tradesWithoutOrders: number;
}

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
  readonly #ours: OurOrders;
  readonly #queues = new PriorityQueues();
  readonly #resting: readonly [bids: RestingOrders, asks: RestingOrders];
  readonly #contacts: readonly [bids: Contacts, asks: Contacts];
  /** Arrived without a market; those that have left are still listed. */
  #waiting: number[] = [];

  readonly #byDecision: Int32Array;
  readonly #byArrival: Int32Array;
  readonly #byExpiry: Int32Array;
  #decided = 0;
  #arrived = 0;
  #expired = 0;

  #clockNs = Number.NEGATIVE_INFINITY;
  /** Running number of the event, up to F_LAST; orders of ours arrive between events. */
  #event = 0;
  #inEvent = false;
  #afterSnapshot = false;
  readonly #trade = new LastTrade();

  constructor(ours: OurOrders) {
    this.#ours = ours;
    this.#resting = [new RestingOrders(ours, 1), new RestingOrders(ours, -1)];
    this.#contacts = [new Contacts(ours, this.#queues, sideAsk, 1), new Contacts(ours, this.#queues, sideBid, -1)];
    const joins = ours.sortedBy(ours.decisionNs).filter((order) => ours.kind[order] === orderKind.join);
    this.#byDecision = joins;
    this.#byArrival = ours.sortedBy(ours.arrivalNs);
    this.#byExpiry = ours.sortedBy(ours.expiryNs);
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
    else if (code === action.trade) this.counters.tradesWithoutOrders = this.#trade.note(idLo, idHi, packed >>> 24);
    else this.#follow(idLo, idHi);
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
    if (this.#afterSnapshot && !isSnapshot && this.book.valid) this.#enterWaiting(this.#clockNs);
    this.#advance(nowNs);
  }

  /** Decisions, arrivals and cancels before `untilNs`; between two events their own order makes no difference. */
  #advance(untilNs: number): void {
    const { arrivalNs, decisionNs, expiryNs, outcome: state } = this.#ours;
    const { count } = this.#ours;
    for (; this.#decided < this.#byDecision.length; this.#decided++) {
      const order = this.#byDecision[this.#decided]!;
      if (decisionNs[order]! >= untilNs) break;
      this.#decide(order);
    }
    for (; this.#arrived < count; this.#arrived++) {
      const order = this.#byArrival[this.#arrived]!;
      if (arrivalNs[order]! >= untilNs) break;
      if (state[order] === outcome.refused) continue;
      if (this.book.valid) this.#enter(order, arrivalNs[order]!);
      else this.#wait(order);
    }
    for (; this.#expired < count; this.#expired++) {
      const order = this.#byExpiry[this.#expired]!;
      if (expiryNs[order]! >= untilNs) break;
      this.#expire(order);
    }
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
    const takes = this.#isWithin(other.best, side, limit);
    const ahead = takes ? 0 : this.#queues.quantity(side, limit, Number.POSITIVE_INFINITY);
    ours.outcome[order] = outcome.resting;
    ours.arrivalMid[order] = this.#mid();
    ours.aheadAtArrival[order] = ahead;
    ours.tooLarge[order] = ours.size[order]! * believableLevelSizes > (takes ? other.sizeAt(0) : ahead) ? 1 : 0;
    for (let depth = 0; depth < other.length && this.#isWithin(other.priceAt(depth), side, limit); depth++) {
      this.#fill(order, tsNs, other.priceAt(depth), other.sizeAt(depth), fillReason.take);
      if (ours.left[order] === 0) return;
    }
    if (ours.kind[order] !== orderKind.market) {
      ours.stamp[order] = ++this.#queues.lastStamp;
      this.#resting[side - 1]!.add(order);
    }
    if (takes) this.#contacts[side - 1]!.open(order, limit);
  }

  #expire(order: number): void {
    const { outcome: state, left, size, endMid } = this.#ours;
    if (state[order] === outcome.waiting) state[order] = outcome.refused;
    if (state[order] !== outcome.resting) return;
    this.#remove(order);
    state[order] = left[order] === size[order] ? outcome.missed : outcome.partial;
    endMid[order] = this.#mid();
  }

  /** An execution: of an order in the book, at its own price. */
  #execute(words: Uint32Array, at: number, idLo: number, idHi: number, sideChar: number): void {
    const node = this.#queues.find(idLo, idHi);
    const size = words[at + mboWord.size]!;
    this.#trade.execute();
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
    this.#watch(this.#queues.side(node)).note(node, Math.max(0, displayed - size));
    const priceHi = words[at + mboWord.priceHi]! | 0;
    const priceLo = words[at + mboWord.priceLo]!;
    const price = priceHi * 4294967296 + priceLo;
    const isKnown = !isUndefinedPrice(priceLo, priceHi) && price - priceHi * 4294967296 === priceLo;
    if (isKnown) this.#fillByExecution(node, price, size, Math.max(0, size - displayed));
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

  /** Brings the queues to where the book is. */
  #follow(idLo: number, idHi: number): void {
    const queues = this.#queues;
    const { kind: changed, displaced, newSide, newPrice, newSize, oldSide, oldPrice, oldSize } = this.book;
    if (changed === kind.add) {
      if (displaced) this.#leave(queues.find(idLo, idHi), false);
      const node = queues.add(idLo, idHi, newSide, newPrice, newSize);
      this.#watch(newSide).note(node, newSize);
      return;
    }
    if (changed !== kind.cancel && changed !== kind.modify) return;
    const node = queues.find(idLo, idHi);
    if (changed === kind.cancel) {
      const left = oldSize - this.book.removed;
      if (left === 0) this.#leave(node, true);
      else this.#keep(node, left);
    } else if (newSide !== oldSide || newPrice !== oldPrice) {
      if (newSide !== oldSide) this.#watch(oldSide).note(node, 0);
      queues.move(node, newSide, newPrice, newSize);
      this.#keep(node, newSize);
    } else {
      const executed = queues.executed(node, this.#event);
      if (losesPlace(oldSize, newSize, executed)) queues.move(node, newSide, newPrice, newSize);
      this.#keep(node, newSize);
    }
  }

  #leave(node: number, isCancel: boolean): void {
    this.frontShare.leave(this.#queues, node, this.#event, isCancel);
    this.#watch(this.#queues.side(node)).note(node, 0);
    this.#queues.remove(node);
  }

  #keep(node: number, size: number): void {
    this.#queues.resize(node, size);
    this.#queues.settle(node);
    this.#watch(this.#queues.side(node)).note(node, size);
  }

  #endEvent(nowNs: number): void {
    const isCrossed = this.book.bids.best >= this.book.asks.best;
    for (const side of [sideBid, sideAsk]) {
      const contacts = this.#contacts[side - 1]!;
      if (!contacts.isEmpty) contacts.settle();
      if (!isCrossed) this.#meet(side, nowNs);
    }
    if (this.#waiting.length > 0 && this.book.valid) this.#enterWaiting(nowNs);
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
      const orders = resting.levels[at]!.orders.filter((order) => !contacts.has(order));
      for (const order of orders) {
        const limit = ours.price[order]!;
        this.#fill(order, nowNs, limit, this.#displayedWithin(side, limit), fillReason.met);
        if (ours.left[order]! > 0) contacts.open(order, limit);
      }
    }
  }

  /** Quantity that the side other than `side` displays at `limit` or better. */
  #displayedWithin(side: number, limit: number): number {
    const other = this.#otherLevels(side);
    let sum = 0;
    for (let depth = 0; depth < other.length && this.#isWithin(other.priceAt(depth), side, limit); depth++) {
      sum += other.sizeAt(depth);
    }
    return sum;
  }

  /** Gives an order of ours up to `quantity`. */
  #fill(order: number, tsNs: number, price: number, quantity: number, reason: number): void {
    const { left, outcome: state } = this.#ours;
    const size = Math.min(left[order]!, quantity);
    // What two reasons offer in one event may be more than is left.
    if (size === 0) return;
    this.fills.add(order, tsNs, price, size, reason);
    left[order]! -= size;
    if (left[order]! > 0) return;
    this.#remove(order);
    state[order] = outcome.filled;
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
    for (const side of [sideBid, sideAsk]) {
      const resting = this.#resting[side - 1]!;
      const contacts = this.#contacts[side - 1]!;
      for (const order of contacts.orders) this.#ours.outcome[order] = outcome.cleared;
      for (const { orders } of resting.levels) for (const order of orders) this.#ours.outcome[order] = outcome.cleared;
      resting.clear();
      contacts.clear();
    }
  }

  /** Orders of ours that watch the real orders of `side`: those of the other side. */
  #watch(side: number): Contacts {
    return side === sideAsk ? this.#contacts[0] : this.#contacts[1];
  }

  #otherLevels(side: number): PriceLevels {
    return side === sideBid ? this.book.asks : this.book.bids;
  }

  #isWithin(price: number, side: number, limit: number): boolean {
    return side === sideBid ? price <= limit : price >= limit;
  }

  #mid(): number {
    return (this.book.bids.best + this.book.asks.best) / 2;
  }
}

function topOfBookError(): SpymasterError {
  return new SpymasterError(
    'SCHEMA_MISMATCH',
    'Cannot follow orders through the queue: the records are of a top-of-book feed (F_TOB), which names no orders ' +
      'behind the best price. Give a file of schema mbo that holds every order.',
  );
}
