import { away, type QueueBook, type Side } from './book.ts';
import type { Exchange } from './exchange.ts';
import type { Random } from './random.ts';
import { depthShape, drawSize, nearDistance, wideDistance } from './tables.ts';

/** A side never gets thinner than this by cancels. */
const fewestOrders = 120;
const icebergShare = 0.015;

/**
 * Queue-reactive flow of limit orders (Huang, Lehalle & Rosenbaum 2015): at each distance from the best price, orders
 * arrive less where the queue is long already, and leave the more the longer it is.
 *
 * Each `try…` draws a place and thins by the queue found there: false means that nothing happened, draw anew. A level
 * nearer than `keepLevels` ticks to the touch is never emptied by cancels or modifies.
 */
export class QueueFlow {
  readonly exchange: Exchange;
  readonly book: QueueBook;
  readonly #random: Random;
  readonly #keepLevels: number;
  /** Contracts that a queue near the touch settles at. */
  depth = 10;
  /** Distance from the touch of what happened last, in ticks. */
  distance = 0;

  constructor(exchange: Exchange, random: Random, keepLevels: number) {
    this.exchange = exchange;
    this.book = exchange.book;
    this.#random = random;
    this.#keepLevels = keepLevels;
  }

  /** @param near - a fast reaction, close to the touch */
  tryAdd(timeNs: number, side: Side, near: boolean): boolean {
    const distance = (near ? nearDistance : wideDistance).draw(this.#random);
    const level = this.#levelAt(side, distance);
    const room = this.depth * depthShape[distance]!;
    if (this.#random.unit() * (room + this.book.volume[level]!) >= room) return false;
    this.add(timeNs, side, level);
    this.distance = distance;
    return true;
  }

  /** A new order of drawn size, an iceberg now and then. */
  add(timeNs: number, side: Side, level: number): void {
    const random = this.#random;
    const size = drawSize(random);
    const iceberg = random.unit() < icebergShare;
    this.exchange.add(timeNs, side, level, size, iceberg ? size * (2 + random.below(12)) : 0);
  }

  /** @param atTouch - the best queue, whatever the table says */
  tryCancel(timeNs: number, side: Side, near: boolean, atTouch: boolean): boolean {
    const slot = this.#drawOrder(side, near, atTouch);
    if (slot < 0) return false;
    this.exchange.cancel(timeNs, slot);
    return true;
  }

  tryResize(timeNs: number, side: Side, near: boolean): boolean {
    const slot = this.#drawOrder(side, near, false);
    if (slot < 0) return false;
    const shown = this.book.size[slot]!;
    const size =
      this.#random.unit() < 0.6 && shown > 1 ? shown - 1 - this.#random.below(shown - 1) : drawSize(this.#random);
    if (size === shown) return false;
    this.exchange.resize(timeNs, slot, size);
    return true;
  }

  /** Moves an order to `level`, or, without one, to a place of its own side near the touch. */
  tryReprice(timeNs: number, side: Side, near: boolean, atTouch: boolean, level = -1): boolean {
    const best = this.book.best[side]!;
    const slot = this.#drawOrder(side, near, atTouch);
    if (slot < 0) return false;
    const to = level >= 0 ? level : best + away(side) * nearDistance.draw(this.#random);
    if (to === this.book.level[slot]) return false;
    this.exchange.reprice(timeNs, slot, to);
    return true;
  }

  /** An order that leaves its place, the likelier the longer its queue; late comers leave first. −1: none this time. */
  #drawOrder(side: Side, near: boolean, atTouch: boolean): number {
    const { book } = this;
    const random = this.#random;
    const distance = atTouch ? 0 : (near ? nearDistance : wideDistance).draw(random);
    const level = this.#levelAt(side, distance);
    const count = book.count[level]!;
    const volume = book.volume[level]!;
    if (count === 0 || (count === 1 && distance < this.#keepLevels) || book.orders[side]! <= fewestOrders) return -1;
    if (random.unit() * (volume + 0.5 * this.depth * depthShape[distance]!) >= volume) return -1;
    const u = random.unit();
    const slot = book.fromTail(level, Math.floor(count * u * u));
    if (book.owned[slot] === 1) return -1;
    this.distance = distance;
    return slot;
  }

  #levelAt(side: Side, distance: number): number {
    return this.book.best[side]! + away(side) * distance;
  }
}
