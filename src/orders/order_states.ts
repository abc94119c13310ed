import { OrderTable, sideAsk, sideBid } from '../book/index.ts';
import type { StateReader, StateWriter } from '../state.ts';

/** Bits of an order's flags; the lowest two are its side. */
export const orderFlag = {
  /** It was large at its add, and near the best price. */
  largeNear: 4,
  /** It was executed at its price. */
  executed: 8,
  /** It is an iceberg of the table of icebergs. */
  iceberg: 16,
  /** It is the last order of a chain of replacements. */
  chained: 32,
} as const;

/**
 * What is remembered of each resting order beyond the book: since when it rests at its price, the size that it came with, and
 * flags.
 */
export class OrderStates {
  #table = new OrderTable();

  /** The slot of an order, valid until the next change of the table; negative without one. */
  find(idLo: number, idHi: number): number {
    return this.#table.find(idLo, idHi);
  }

  /** Adds an order that `found`, the result of `find`, does not know, or makes a known one new. */
  set(found: number, idLo: number, idHi: number, side: number, sinceNs: number, size: number): void {
    if (found >= 0) {
      this.#table.setSidePrice(found, side, sinceNs);
      this.#table.setSize(found, size);
    } else this.#table.insert(found, idLo, idHi, side, sinceNs, size);
  }

  remove(slot: number): void {
    this.#table.remove(slot);
  }

  sinceNs(slot: number): number {
    return this.#table.price(slot);
  }

  /** The size with which the order came to its price. */
  size(slot: number): number {
    return this.#table.size(slot);
  }

  flags(slot: number): number {
    return this.#table.side(slot);
  }

  flag(slot: number, bits: number): void {
    this.#table.setSidePrice(slot, this.#table.side(slot) | bits, this.#table.price(slot));
  }

  unflag(slot: number, bits: number): void {
    this.#table.setSidePrice(slot, this.#table.side(slot) & ~bits, this.#table.price(slot));
  }

  clear(): void {
    this.#table.clear();
  }

  save(writer: StateWriter): void {
    this.#table.save(writer);
  }

  restore(reader: StateReader): void {
    this.#table = new OrderTable();
    this.#table.restore(reader);
  }
}

/** The side that is not `side`. */
export function otherSide(side: number): number {
  return side === sideBid ? sideAsk : side === sideAsk ? sideBid : 0;
}
