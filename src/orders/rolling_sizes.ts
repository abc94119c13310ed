import type { StateReader, StateWriter } from '../state.ts';

/** Sizes below this are counted one by one in a histogram, others kept sorted: they are few. */
const histogramSizes = 65_536;

/**
 * The last `window` sizes and their percentile by nearest rank: the smallest size that at least the share of them does not exceed.
 * Exact; a size costs a few steps of a histogram, whose empty places a bitmap skips.
 */
export class RollingSizes {
  /** Sizes that are held, at most the window. */
  count = 0;
  readonly #share: number;
  readonly #ring: Float64Array;
  #next = 0;
  readonly #counts = new Int32Array(histogramSizes);
  readonly #used = new Uint32Array(histogramSizes / 32);
  /** Sizes beyond the histogram, ascending. */
  readonly #large: Float64Array;
  #largeCount = 0;
  /** A place of the histogram, and the number of sizes below it. */
  #place = 0;
  #below = 0;
  /** How many sizes may come, and as many leave, before the percentile can be at another place. */
  #steady = 0;

  constructor(window: number, share: number) {
    this.#share = share;
    this.#ring = new Float64Array(window);
    this.#large = new Float64Array(window);
  }

  /** Adds a whole size; the oldest leaves a full window. */
  add(size: number): void {
    const ring = this.#ring;
    if (this.count === ring.length) this.#remove(ring[this.#next]!);
    else this.count++;
    ring[this.#next] = size;
    this.#next = this.#next + 1 === ring.length ? 0 : this.#next + 1;
    this.#steady--;
    if (size >= histogramSizes) this.#insertLarge(size);
    else {
      if (this.#counts[size]!++ === 0) this.#used[size >>> 5]! |= 1 << (size & 31);
      if (size < this.#place) this.#below++;
    }
  }

  /** The percentile of the sizes that are held; there is at least one. */
  percentile(): number {
    if (this.#steady > 0) return this.#place;
    const rank = Math.ceil(this.#share * this.count);
    const inHistogram = this.count - this.#largeCount;
    if (rank > inHistogram) return this.#large[rank - inHistogram - 1]!;
    while (this.#below >= rank) {
      this.#place = this.#previous(this.#place);
      this.#below -= this.#counts[this.#place]!;
    }
    let own = this.#counts[this.#place]!;
    while (this.#below + own < rank) {
      this.#below += own;
      this.#place = this.#following(this.#place);
      own = this.#counts[this.#place]!;
    }
    this.#steady = Math.min(rank - this.#below, (this.#below + own - rank) >> 1);
    return this.#place;
  }

  /** The median by nearest rank; 0 without sizes. Walks the histogram from its start. */
  median(): number {
    const rank = Math.ceil(this.count / 2);
    const inHistogram = this.count - this.#largeCount;
    if (rank > inHistogram) return this.#large[rank - inHistogram - 1]!;
    let place = 0;
    for (let below = this.#counts[0]!; below < rank; below += this.#counts[place]!) place = this.#following(place);
    return place;
  }

  save(writer: StateWriter): void {
    const first = this.count < this.#ring.length ? 0 : this.#next;
    writer.array(Float64Array.from({ length: this.count }, (_, i) => this.#ring[(first + i) % this.#ring.length]!));
  }

  restore(reader: StateReader): void {
    this.clear();
    for (const size of reader.float64s()) this.add(size);
  }

  clear(): void {
    this.count = 0;
    this.#next = 0;
    this.#counts.fill(0);
    this.#used.fill(0);
    this.#largeCount = 0;
    this.#place = 0;
    this.#below = 0;
    this.#steady = 0;
  }

  #remove(size: number): void {
    if (size >= histogramSizes) {
      const at = this.#largeIndex(size);
      this.#large.copyWithin(at, at + 1, this.#largeCount--);
      return;
    }
    if (--this.#counts[size]! === 0) this.#used[size >>> 5]! &= ~(1 << (size & 31));
    if (size < this.#place) this.#below--;
  }

  #insertLarge(size: number): void {
    const at = this.#largeIndex(size);
    this.#large.copyWithin(at + 1, at, this.#largeCount++);
    this.#large[at] = size;
  }

  /** First index of a large size that is not below `size`. */
  #largeIndex(size: number): number {
    let lo = 0;
    let hi = this.#largeCount;
    while (lo < hi) {
      const middle = (lo + hi) >>> 1;
      if (this.#large[middle]! < size) lo = middle + 1;
      else hi = middle;
    }
    return lo;
  }

  /** The used place after `place`; there is one. */
  #following(place: number): number {
    const used = this.#used;
    let word = (place + 1) >>> 5;
    let bits = (used[word]! & (-1 << ((place + 1) & 31))) >>> 0;
    while (bits === 0) bits = used[++word]!;
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  /** The used place before `place`; there is one. */
  #previous(place: number): number {
    const used = this.#used;
    let word = (place - 1) >>> 5;
    let bits = (used[word]! & (0xffffffff >>> (31 - ((place - 1) & 31)))) >>> 0;
    while (bits === 0) bits = used[--word]!;
    return word * 32 + 31 - Math.clz32(bits);
  }
}
