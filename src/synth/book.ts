import { assert } from '../errors.ts';

/** Sides are numbers here: 0 bid, 1 ask. `away(side)` is the direction of worse prices. */
export type Side = 0 | 1;

export function away(side: Side): number {
  return side === 0 ? -1 : 1;
}

export function opposite(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** No order: the end of a queue. */
export const none = -1;

/**
 * The market's own order book: a first-in-first-out queue of orders at each of `levels` ticks.
 *
 * Orders live in slots of parallel arrays, queues are links between slots. Levels and sides are indices, prices are the
 * caller's. An order has a displayed size and, an iceberg, a hidden rest that refills `peak` at a time.
 */
export class QueueBook {
  readonly levels: number;
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** Orders per level. */
  readonly count: Int32Array;
  /** Displayed contracts per level. */
  readonly volume: Int32Array;
  /** Best level per side. */
  readonly best: Int32Array;
  /** Orders per side. */
  readonly orders = new Int32Array(2);

  id = new Float64Array(4096);
  level = new Int32Array(4096);
  size = new Int32Array(4096);
  hidden = new Int32Array(4096);
  peak = new Int32Array(4096);
  next = new Int32Array(4096);
  previous = new Int32Array(4096);
  side = new Uint8Array(4096);
  /** 1 for an order that only its owner changes: the flow leaves it alone. */
  owned = new Uint8Array(4096);
  #free = none;
  #used = 0;

  constructor(levels: number) {
    this.levels = levels;
    this.head = new Int32Array(levels).fill(none);
    this.tail = new Int32Array(levels).fill(none);
    this.count = new Int32Array(levels);
    this.volume = new Int32Array(levels);
    this.best = Int32Array.of(-1, levels);
  }

  /** Adds an order behind the queue of its level and returns its slot. */
  insert(side: Side, level: number, id: number, size: number, hidden = 0): number {
    assert(level >= 0 && level < this.levels, 'an order is on the grid');
    const slot = this.#take();
    this.id[slot] = id;
    this.size[slot] = size;
    this.hidden[slot] = hidden;
    this.peak[slot] = size;
    this.side[slot] = side;
    this.owned[slot] = 0;
    this.orders[side]!++;
    this.#link(slot, level);
    if (side === 0 ? level > this.best[0]! : level < this.best[1]!) this.best[side] = level;
    return slot;
  }

  /** Takes an order away; its slot's fields can be read until the next insert. */
  remove(slot: number): void {
    const side = this.side[slot] as Side;
    this.#unlink(slot);
    this.orders[side]!--;
    this.next[slot] = this.#free;
    this.#free = slot;
    this.#settleBest(side, this.level[slot]!);
  }

  /** Moves an order behind the queue of a level of its own side. */
  move(slot: number, level: number): void {
    const side = this.side[slot] as Side;
    const from = this.level[slot]!;
    this.#unlink(slot);
    this.#link(slot, level);
    if (side === 0 ? level > this.best[0]! : level < this.best[1]!) this.best[side] = level;
    else this.#settleBest(side, from);
  }

  /** Changes the displayed size in place: the order keeps its turn. */
  resize(slot: number, size: number): void {
    this.volume[this.level[slot]!]! += size - this.size[slot]!;
    this.size[slot] = size;
  }

  /** The order that is `steps` before the last of a level's queue. */
  fromTail(level: number, steps: number): number {
    let slot = this.tail[level]!;
    for (let i = 0; i < steps; i++) slot = this.previous[slot]!;
    return slot;
  }

  /** Contracts of a level, hidden ones included. */
  quantityAt(level: number): number {
    let quantity = this.volume[level]!;
    for (let slot = this.head[level]!; slot !== none; slot = this.next[slot]!) quantity += this.hidden[slot]!;
    return quantity;
  }

  #link(slot: number, level: number): void {
    const last = this.tail[level]!;
    this.level[slot] = level;
    this.previous[slot] = last;
    this.next[slot] = none;
    if (last === none) this.head[level] = slot;
    else this.next[last] = slot;
    this.tail[level] = slot;
    this.count[level]!++;
    this.volume[level]! += this.size[slot]!;
  }

  #unlink(slot: number): void {
    const level = this.level[slot]!;
    const before = this.previous[slot]!;
    const after = this.next[slot]!;
    if (before === none) this.head[level] = after;
    else this.next[before] = after;
    if (after === none) this.tail[level] = before;
    else this.previous[after] = before;
    this.count[level]!--;
    this.volume[level]! -= this.size[slot]!;
  }

  #settleBest(side: Side, touched: number): void {
    if (touched !== this.best[side] || this.count[touched]! > 0) return;
    const step = away(side);
    let level = touched;
    while (level >= 0 && level < this.levels && this.count[level] === 0) level += step;
    this.best[side] = level;
  }

  #take(): number {
    const slot = this.#free;
    if (slot !== none) {
      this.#free = this.next[slot]!;
      return slot;
    }
    if (this.#used === this.id.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const double = <T extends Int32Array | Float64Array | Uint8Array>(array: T, wider: T): T => {
      wider.set(array);
      return wider;
    };
    const capacity = 2 * this.id.length;
    this.id = double(this.id, new Float64Array(capacity));
    this.side = double(this.side, new Uint8Array(capacity));
    this.owned = double(this.owned, new Uint8Array(capacity));
    this.level = double(this.level, new Int32Array(capacity));
    this.size = double(this.size, new Int32Array(capacity));
    this.hidden = double(this.hidden, new Int32Array(capacity));
    this.peak = double(this.peak, new Int32Array(capacity));
    this.next = double(this.next, new Int32Array(capacity));
    this.previous = double(this.previous, new Int32Array(capacity));
  }
}
