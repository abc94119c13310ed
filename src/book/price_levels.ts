import { assert } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';

/**
 * The price levels of one side, worst first, best last, so that the busy end of the arrays is the cheap one.
 * Prices are integers of 1e-9 in doubles; sizes are sums of order sizes.
 */
export class PriceLevels {
  length = 0;
  /** The best price; NaN when the side is empty. */
  best = Number.NaN;
  /** +1: the highest price is best (bids); −1: the lowest is (asks). */
  readonly #sign: 1 | -1;
  /** The smallest difference between neighbouring levels so far. */
  #gap = Number.POSITIVE_INFINITY;
  #keys = new Float64Array(64);
  #sizes = new Float64Array(64);
  #counts = new Int32Array(64);

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  /** Price of the level `depth` places from the best (0 is the best); `depth` < `length`. */
  priceAt(depth: number): number {
    return this.#keys[this.length - 1 - depth]! * this.#sign;
  }

  /** Sum of the order sizes of that level. */
  sizeAt(depth: number): number {
    return this.#sizes[this.length - 1 - depth]!;
  }

  /** Number of orders of that level. */
  countAt(depth: number): number {
    return this.#counts[this.length - 1 - depth]!;
  }

  /** Adds an order of `size` at `price`, opening its level if it is the first there. */
  add(price: number, size: number): void {
    assert(price - price === 0 && size > 0, 'a resting order has a price and a size');
    const key = price * this.#sign;
    const at = this.#lowerBound(key);
    if (at < this.length && this.#keys[at] === key) {
      this.#sizes[at]! += size;
      this.#counts[at]!++;
    } else {
      this.#open(at);
      this.#keys[at] = key;
      this.#sizes[at] = size;
      this.#noteLevel(at);
    }
  }

  /** Changes the size of an order that stays at its price. */
  resize(price: number, change: number): void {
    const at = this.#levelAt(price);
    this.#sizes[at]! += change;
    assert(this.#sizes[at]! > 0, 'a level with orders has a size');
  }

  /** Removes an order of `size`; its level closes with its last order. */
  remove(price: number, size: number): void {
    const at = this.#levelAt(price);
    this.#sizes[at]! -= size;
    assert(this.#sizes[at]! >= 0, 'a level holds the size of the order that leaves it');
    if (--this.#counts[at]! === 0) this.#close(at);
  }

  /** Index of the level at `price`, which must exist: a wrong price must not change a neighbouring level. */
  #levelAt(price: number): number {
    const key = price * this.#sign;
    const at = this.#lowerBound(key);
    assert(at < this.length && this.#keys[at] === key, 'a resting order has a level at its price');
    return at;
  }

  /** Makes room for a level at `at`. */
  #open(at: number): void {
    if (this.length === this.#keys.length) this.#grow();
    const keys = this.#keys;
    const sizes = this.#sizes;
    const counts = this.#counts;
    for (let i = this.length; i > at; i--) {
      keys[i] = keys[i - 1]!;
      sizes[i] = sizes[i - 1]!;
      counts[i] = counts[i - 1]!;
    }
    counts[at] = 1;
    this.length++;
  }

  #close(at: number): void {
    const keys = this.#keys;
    const sizes = this.#sizes;
    const counts = this.#counts;
    const end = --this.length;
    if (at === end) this.best = end === 0 ? Number.NaN : keys[end - 1]! * this.#sign;
    for (let i = at; i < end; i++) {
      keys[i] = keys[i + 1]!;
      sizes[i] = sizes[i + 1]!;
      counts[i] = counts[i + 1]!;
    }
  }

  clear(): void {
    this.length = 0;
    this.best = Number.NaN;
  }

  save(writer: StateWriter): void {
    writer.array(this.#keys.subarray(0, this.length));
    writer.array(this.#sizes.subarray(0, this.length));
    writer.array(this.#counts.subarray(0, this.length));
  }

  restore(reader: StateReader): void {
    const keys = reader.float64s();
    while (this.#keys.length < keys.length) this.#grow();
    this.#keys.set(keys);
    this.#sizes.set(reader.float64s());
    this.#counts.set(reader.int32s());
    this.length = keys.length;
    this.best = Number.NaN;
    for (let at = 0; at < this.length; at++) this.#noteLevel(at);
  }

  /**
   * First index whose key is not below `key`: a binary search that starts near the best. Levels lie at least `#gap` apart,
   * so the index is at most (best − key) / gap below the best; exact when no level is missing in between.
   */
  #lowerBound(key: number): number {
    const keys = this.#keys;
    const hi = this.length;
    if (hi === 0 || keys[hi - 1]! < key) return hi;
    const places = (keys[hi - 1]! - key) / this.#gap;
    const lo = places < hi ? hi - 1 - (places | 0) : 0;
    return keys[lo]! < key ? search(keys, lo, hi, key) : lo;
  }

  /** Notes the new level at `at`: whether it is the best, and how close its neighbours are. */
  #noteLevel(at: number): void {
    const keys = this.#keys;
    if (at === this.length - 1) this.best = keys[at]! * this.#sign;
    if (at > 0 && keys[at]! - keys[at - 1]! < this.#gap) this.#gap = keys[at]! - keys[at - 1]!;
    if (at + 1 < this.length && keys[at + 1]! - keys[at]! < this.#gap) this.#gap = keys[at + 1]! - keys[at]!;
  }

  #grow(): void {
    const capacity = this.#keys.length * 2;
    const larger = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#keys = larger(this.#keys, new Float64Array(capacity));
    this.#sizes = larger(this.#sizes, new Float64Array(capacity));
    this.#counts = larger(this.#counts, new Int32Array(capacity));
  }
}

/** First index in [lo, hi) whose key is not below `key`, or `hi`. */
function search(keys: Float64Array, lo: number, hi: number, key: number): number {
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (keys[middle]! < key) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
