import { assert } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';

/**
 * 32-bit words per slot: id low, id high, price (float64, two words), size, the size with which the order came to its price, and
 * when it came: 58 bits of nanoseconds, below them four marks and the side. The words are signed, ids too: small integers to the
 * machine, where unsigned ones may not be.
 */
const slotWords = 8;
const sideBits = 3;
const markShift = 2;
const markBits = 15;
const sinceShift = 6;

/** Side words of an order. */
export const sideBid = 1;
export const sideAsk = 2;

const timeUnits = 2 ** 32;
/** High words of times end here, 4.5 years from the origin. */
const sinceEnd = 2 ** 25;

/** Nanoseconds, from the origin that the times of the table have. */
export function sinceNsOf(sinceHi: number, sinceLo: number): number {
  return (sinceHi >> sinceShift) * timeUnits + (sinceLo >>> 0);
}

export function marksOf(sinceHi: number): number {
  return (sinceHi >> markShift) & markBits;
}

/** The low bits of an id's hash are where it belongs, the high ones its tag. */
function hashOf(idLo: number, idHi: number): number {
  let h = Math.imul(idLo ^ Math.imul(idHi, 0x85ebca6b), 0x9e3779b1);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d);
}

/** An odd byte: 0 is the tag of a free slot. */
function tagOf(hash: number): number {
  return (hash >>> 24) | 1;
}

/**
 * Resting orders by 64-bit id (two signed words): open addressing with linear probing. An order is one cache line of an interleaved
 * buffer, and a tag of one byte in another: which slots are free, and nearly always which one has the order, is known from the
 * nearest cache before that line is there. Slots move when orders leave: a slot number is valid until the next insert or remove.
 */
export class OrderTable {
  count = 0;
  #mask: number;
  #words: Int32Array;
  #prices: Float64Array;
  /** What `tagOf` says of each slot's order; 0 where there is none. */
  #tags: Uint8Array;

  constructor(capacity = 4096) {
    assert(capacity > 0 && (capacity & (capacity - 1)) === 0, 'the capacity of an order table is a power of two');
    this.#mask = capacity - 1;
    this.#words = new Int32Array(capacity * slotWords);
    this.#prices = new Float64Array(this.#words.buffer);
    this.#tags = new Uint8Array(capacity);
  }

  /** The slot of an order; without one, the bitwise complement (negative) of the free slot that it would take. */
  find(idLo: number, idHi: number): number {
    const words = this.#words;
    const mask = this.#mask;
    const tags = this.#tags;
    const hash = hashOf(idLo, idHi);
    const tag = tagOf(hash);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = tags[slot]!;
      if (found === 0) return ~slot;
      const at = slot * slotWords;
      if (found === tag && words[at] === idLo && words[at + 1] === idHi) return slot;
    }
  }

  /**
   * Adds an order whose id is not in the table; `found` is what `find` says of it.
   * @param sinceNs since when it is at its price, where the table keeps times
   * @returns its slot
   */
  insert(found: number, idLo: number, idHi: number, side: number, price: number, size: number, sinceNs = 0): number {
    assert(found < 0, 'an inserted order id is not in the table yet');
    const isFull = (this.count + 1) * 3 > this.#mask + 1;
    if (isFull) this.#grow();
    const slot = isFull ? ~this.find(idLo, idHi) : ~found;
    const words = this.#words;
    const at = slot * slotWords;
    assert(this.#tags[slot] === 0 && side !== 0, 'an order is inserted into a free slot, on a side');
    this.#tags[slot] = tagOf(hashOf(idLo, idHi));
    words[at] = idLo;
    words[at + 1] = idHi;
    this.place(slot, side, price, size, sinceNs);
    this.count++;
    return slot;
  }

  /** Gives an order a price of a side, to which it comes with a size. */
  place(slot: number, side: number, price: number, size: number, sinceNs: number): void {
    const words = this.#words;
    const at = slot * slotWords;
    this.#prices[slot * 4 + 1] = price;
    words[at + 4] = size;
    words[at + 5] = size;
    const units = Math.floor(sinceNs / timeUnits);
    const hi = units < -sinceEnd ? -sinceEnd : units < sinceEnd ? units : sinceEnd - 1;
    words[at + 6] = sinceNs - hi * timeUnits;
    words[at + 7] = (hi << sinceShift) | side;
  }

  /** Frees a slot and closes the gap that it leaves in its probe run. */
  remove(slot: number): void {
    const words = this.#words;
    const mask = this.#mask;
    const tags = this.#tags;
    assert(tags[slot] !== 0, 'a removed slot holds an order');
    let gap = slot;
    for (let next = (gap + 1) & mask; tags[next] !== 0; next = (next + 1) & mask) {
      const home = hashOf(words[next * slotWords]!, words[next * slotWords + 1]!) & mask;
      // An order may move back only if its home is not past the gap (cyclically).
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        const from = next * slotWords;
        const to = gap * slotWords;
        for (let word = 0; word < slotWords; word++) words[to + word] = words[from + word]!;
        tags[gap] = tags[next]!;
        gap = next;
      }
    }
    tags[gap] = 0;
    this.count--;
  }

  side(slot: number): number {
    return this.#words[slot * slotWords + 7]! & sideBits;
  }

  size(slot: number): number {
    return this.#words[slot * slotWords + 4]! >>> 0;
  }

  price(slot: number): number {
    return this.#prices[slot * 4 + 1]!;
  }

  setSize(slot: number, size: number): void {
    this.#words[slot * slotWords + 4] = size;
  }

  /** Since when the order is at its price, and its marks: what `sinceNsOf` and `marksOf` read. */
  sinceLo(slot: number): number {
    return this.#words[slot * slotWords + 6]!;
  }

  sinceHi(slot: number): number {
    return this.#words[slot * slotWords + 7]!;
  }

  /** The size with which the order came to its price, as its owner has changed it there since: executions leave it. */
  entrySize(slot: number): number {
    return this.#words[slot * slotWords + 5]! >>> 0;
  }

  /** Takes any whole number; a size is at least 0 and below 2^32. */
  setEntrySize(slot: number, size: number): void {
    this.#words[slot * slotWords + 5] = Math.min(Math.max(size, 0), 0xffff_ffff);
  }

  /** Bits that a reader put at the order, `markBits` at most; none when it comes to a price. */
  marks(slot: number): number {
    return marksOf(this.#words[slot * slotWords + 7]!);
  }

  setMarks(slot: number, marks: number): void {
    const at = slot * slotWords + 7;
    this.#words[at] = (this.#words[at]! & ~(markBits << markShift)) | (marks << markShift);
  }

  clear(): void {
    if (this.count > 0) this.#tags.fill(0);
    this.count = 0;
  }

  /** Frees every order of a side. */
  removeSide(side: number): void {
    const kept = new OrderTable(this.#mask + 1);
    this.#copyTo(kept, (slot) => this.side(slot) !== side);
    this.#become(kept);
  }

  /** Calls `visit` for each order, in no particular order. */
  forEach(visit: (idLo: number, idHi: number, side: number, price: number, size: number) => void): void {
    const words = this.#words;
    for (let slot = 0, at = 0; at < words.length; slot++, at += slotWords) {
      if (this.#tags[slot] === 0) continue;
      visit(words[at]!, words[at + 1]!, this.side(slot), this.price(slot), this.size(slot));
    }
  }

  /** Saves the orders from a free slot on around the table: put back in that order, each finds its old slot again. */
  save(writer: StateWriter): void {
    const words = this.#words;
    const packed = new Int32Array(this.count * slotWords);
    let free = 0;
    while (this.#tags[free] !== 0) free++;
    let at = 0;
    for (let i = 1; i <= this.#mask; i++) {
      const slot = (free + i) & this.#mask;
      if (this.#tags[slot] === 0) continue;
      const from = slot * slotWords;
      packed.set(words.subarray(from, from + slotWords), at);
      at += slotWords;
    }
    writer.number(this.#mask + 1);
    writer.array(packed);
  }

  restore(reader: StateReader): void {
    this.#become(new OrderTable(reader.number()));
    const packed = reader.int32s();
    for (let at = 0; at < packed.length; at += slotWords) this.#takeSlot(packed, at);
  }

  #grow(): void {
    const larger = new OrderTable((this.#mask + 1) * 2);
    this.#copyTo(larger, () => true);
    this.#become(larger);
  }

  /** Copies the orders that `wanted` chooses by their slots. */
  #copyTo(other: OrderTable, wanted: (slot: number) => boolean): void {
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#tags[slot] !== 0 && wanted(slot)) other.#takeSlot(this.#words, slot * slotWords);
    }
  }

  /** Adds the order whose words begin at `from` of `words`. */
  #takeSlot(words: Int32Array, from: number): void {
    const found = this.find(words[from]!, words[from + 1]!);
    assert(found < 0 && this.count < this.#mask, 'a copied order is not in the table yet, and finds room there');
    const at = ~found * slotWords;
    for (let word = 0; word < slotWords; word++) this.#words[at + word] = words[from + word]!;
    this.#tags[~found] = tagOf(hashOf(words[from]!, words[from + 1]!));
    this.count++;
  }

  #become(other: OrderTable): void {
    this.count = other.count;
    this.#mask = other.#mask;
    this.#words = other.#words;
    this.#prices = other.#prices;
    this.#tags = other.#tags;
  }
}
