import { away, opposite, type Side } from './book.ts';
import type { Cause } from './clock.ts';
import type { Exchange } from './exchange.ts';
import { ParentOrders } from './parents.ts';
import type { PlantedEdge } from './planted_edge.ts';
import type { Profile } from './profile.ts';
import { QueueFlow } from './queue_flow.ts';
import type { Random } from './random.ts';
import { drawSize } from './tables.ts';

/** Levels next to the touch that always hold an order, so that a move never finds a gap. */
const keepLevels = 20;
/** A planted event adds orders at levels next to one touch, and thins levels of the other side to one order each. */
const addedOrders = 16;
const addedSize = 20;
const addedLevels = 4;
const withdrawnLevels = 8;

/**
 * The market of `null`: the mid is a martingale whatever one knows of the flow; and of `edge`, which is `null` and a
 * planted edge.
 *
 * The spread is one tick, always. Ordinary events never empty a best queue nor improve on it, so they move no price. A
 * price move is one atomic event: an aggressor takes the whole best queue and its remainder becomes the new best of its
 * own side, so the mid moves by exactly one tick. Its direction is a coin that nothing before it has touched, and
 * everything else is symmetric in the sides; only the moves' timing clusters.
 */
export class MartingaleFlow {
  readonly #queues: QueueFlow;
  readonly #random: Random;
  readonly #coin: Random;
  readonly #parents: ParentOrders;
  readonly #profile: Profile;
  readonly #moveShare: number;
  readonly #edge: PlantedEdge | null;
  /** Side whose kept levels may have a gap at their far end since the last move; −1: none. */
  #gapSide = -1;
  /** Orders that the present planted event has added. */
  #added = 0;

  weight = 1;
  records = 1;

  /** @param coin - decides directions of moves and nothing else */
  constructor(exchange: Exchange, profile: Profile, random: Random, coin: Random, edge: PlantedEdge | null) {
    this.#queues = new QueueFlow(exchange, random, keepLevels);
    this.#random = random;
    this.#coin = coin;
    this.#parents = new ParentOrders(random);
    this.#profile = profile;
    this.#edge = edge;
    this.#moveShare = profile.fairStepTicks * profile.fairStepTicks;
  }

  /** News without a direction: only the clock speeds up. */
  shock(): void {}

  step(timeNs: number, cause: Cause, level: number): void {
    const random = this.#random;
    const queues = this.#queues;
    queues.depth = this.#profile.touchDepth / Math.sqrt(Math.min(Math.max(level, 0.3), 4));
    this.weight = 1;
    this.records = 1;
    if (this.#fillGap(timeNs) || this.#followEdge(timeNs)) return;
    if (random.unit() < this.#moveShare) {
      this.#move(timeNs, (this.#coin.u32() >>> 31) as Side);
      return;
    }
    const near = cause === 'machine' || (cause === 'reaction' && random.unit() < 0.5);
    while (!this.#tryEvent(timeNs, near)) {}
    this.weight = (queues.distance < 2 ? 1 : 0.5) + (this.records > 1 ? 1.5 : 0);
  }

  #tryEvent(timeNs: number, near: boolean): boolean {
    const random = this.#random;
    const queues = this.#queues;
    const side = random.below(2) as Side;
    const kind = random.unit();
    if (kind < 0.45) return !(this.#edge?.keepsAway(side) ?? false) && queues.tryAdd(timeNs, side, near);
    if (kind < 0.81) return queues.tryCancel(timeNs, side, near, false);
    if (kind < 0.86) return queues.tryResize(timeNs, side, near);
    if (kind < 0.95) return queues.tryReprice(timeNs, side, near, false);
    return this.#trade(timeNs, this.#parents.draw());
  }

  /** A trade that leaves something of the best queue. */
  #trade(timeNs: number, taker: Side): boolean {
    const { exchange, book } = this.#queues;
    const shown = book.volume[book.best[opposite(taker)]!]!;
    if (shown < 2) return false;
    this.records = exchange.take(timeNs, taker, Math.min(drawSize(this.#random), shown - 1), 1, 0);
    this.#parents.traded(taker);
    this.#queues.distance = 0;
    return true;
  }

  /** What the planted edge does at this event; false: nothing. */
  #followEdge(timeNs: number): boolean {
    const edge = this.#edge;
    if (edge === null) return false;
    if (edge.withdraws(timeNs)) {
      if (this.#build(timeNs, opposite(edge.side)) || this.#withdraw(timeNs, edge.side)) return true;
      this.#added = 0;
      edge.endWithdrawal(timeNs);
    }
    if (!edge.moves(timeNs)) return false;
    this.#move(timeNs, edge.taker);
    return true;
  }

  /** Adds the next order of a planted event; false: all are there. */
  #build(timeNs: number, side: Side): boolean {
    if (this.#added === addedOrders) return false;
    const { exchange, book } = this.#queues;
    exchange.add(timeNs, side, book.best[side]! + away(side) * (this.#added % addedLevels), addedSize, 0);
    this.#added++;
    return true;
  }

  /** Cancels the last order of the level nearest to the touch that has more than one; false: there is none. */
  #withdraw(timeNs: number, side: Side): boolean {
    const { exchange, book } = this.#queues;
    for (let distance = 0; distance < withdrawnLevels; distance++) {
      const level = book.best[side]! + away(side) * distance;
      if (book.count[level]! < 2) continue;
      exchange.cancel(timeNs, book.fromTail(level, 0));
      return true;
    }
    return false;
  }

  #move(timeNs: number, taker: Side): void {
    const { exchange, book } = this.#queues;
    const resting = opposite(taker);
    const quantity = book.quantityAt(book.best[resting]!);
    this.records = exchange.take(timeNs, taker, quantity, 1, drawSize(this.#random));
    this.weight = 4;
    this.#gapSide = resting;
  }

  #fillGap(timeNs: number): boolean {
    if (this.#gapSide < 0) return false;
    const side = this.#gapSide as Side;
    this.#gapSide = -1;
    const level = this.#queues.book.best[side]! + away(side) * (keepLevels - 1);
    if (this.#queues.book.count[level]! > 0) return false;
    this.#queues.add(timeNs, side, level);
    return true;
  }
}
