import type { StateReader, StateWriter } from '../state.ts';

/** Levels looked at one by one from the best before a binary search: most orders arrive near the touch. */
const linearSteps = 12;

/**
 * The price levels of one side, worst first, best last, so that the busy end of the arrays is the cheap one.
 * Prices are integers of 1e-9 in doubles; sizes are sums of order sizes.
 */
export class PriceLevels {
  length = 0;
  /** +1: the highest price is best (bids); −1: the lowest is (asks). */
  readonly #sign: 1 | -1;
  #keys = new Float64Array(64);
  #sizes = new Float64Array(64);
  #counts = new Int32Array(64);

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  /** The best price; NaN when the side is empty. */
  get best(): number {
    return this.length === 0 ? Number.NaN : this.#keys[this.length - 1]! * this.#sign;
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

  /** Adds an order. */
  add(price: number, size: number): void {
    const key = price * this.#sign;
    const at = this.#lowerBound(key);
    if (at < this.length && this.#keys[at] === key) {
      this.#sizes[at]! += size;
      this.#counts[at]!++;
      return;
    }
    if (this.length === this.#keys.length) this.#grow();
    for (let i = this.length; i > at; i--) {
      this.#keys[i] = this.#keys[i - 1]!;
      this.#sizes[i] = this.#sizes[i - 1]!;
      this.#counts[i] = this.#counts[i - 1]!;
    }
    this.#keys[at] = key;
    this.#sizes[at] = size;
    this.#counts[at] = 1;
    this.length++;
  }

  /** Changes the size of an order that stays at its price. */
  resize(price: number, change: number): void {
    this.#sizes[this.#lowerBound(price * this.#sign)]! += change;
  }

  /** Takes an order of `size` away; its level goes with its last order. */
  remove(price: number, size: number): void {
    const at = this.#lowerBound(price * this.#sign);
    this.#sizes[at]! -= size;
    if (--this.#counts[at]! > 0) return;
    const end = --this.length;
    for (let i = at; i < end; i++) {
      this.#keys[i] = this.#keys[i + 1]!;
      this.#sizes[i] = this.#sizes[i + 1]!;
      this.#counts[i] = this.#counts[i + 1]!;
    }
  }

  clear(): void {
    this.length = 0;
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
  }

  /** First index whose key is not below `key`. */
  #lowerBound(key: number): number {
    const keys = this.#keys;
    let hi = this.length;
    const stop = hi > linearSteps ? hi - linearSteps : 0;
    while (hi > stop && keys[hi - 1]! >= key) hi--;
    if (hi > stop || hi === 0) return hi;
    let lo = 0;
    while (lo < hi) {
      const middle = (lo + hi) >>> 1;
      if (keys[middle]! < key) lo = middle + 1;
      else hi = middle;
    }
    return lo;
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
