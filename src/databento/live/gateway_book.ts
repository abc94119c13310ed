import { action, flag, mboWord, type RecordBatch, side, undefinedPriceWords, wordUnits } from '../../dbn/index.ts';

/** One resting order: its last record that gave it its place in the queue, and its size now. */
interface Order {
  readonly words: Uint32Array;
  size: number;
}

/** One instrument of one publisher. */
interface InstrumentBook {
  readonly key: number;
  /** First word, channel and sequence number of its last record. */
  readonly last: { header: number; channel: number; sequence: number };
  readonly instrumentId: number;
  /** In order of priority: an order that loses its place goes to the end. */
  readonly orders: Map<bigint, Order>;
}

/** Books of the instruments of a stream, kept order by order for the snapshots of the gateway. */
export class SnapshotBooks {
  readonly #wants: (instrumentId: number) => boolean;
  /** By publisher × 2³² + instrument. */
  readonly #books = new Map<number, InstrumentBook>();
  /** The book of the last record: most streams have one. */
  #current: InstrumentBook | null = null;

  constructor(wants: (instrumentId: number) => boolean) {
    this.#wants = wants;
  }

  /** Applies the record of an MBO batch that starts at word `at`. */
  apply({ words }: RecordBatch, at: number): void {
    const instrumentId = words[at + mboWord.instrumentId] ?? 0;
    if (!this.#wants(instrumentId)) return;
    const { last, orders } = this.#bookOf(words[at] ?? 0, instrumentId);
    const packed = words[at + mboWord.flagsChannelActionSide] ?? 0;
    last.channel = packed & 0xff00;
    last.sequence = words[at + mboWord.sequence] ?? 0;
    const size = words[at + mboWord.size] ?? 0;
    const kind = (packed >>> 16) & 0xff;
    if (kind === action.clear) clear(orders, packed >>> 24);
    if (kind !== action.add && kind !== action.cancel && kind !== action.modify) return;
    const id = (BigInt(words[at + mboWord.orderIdHi] ?? 0) << 32n) | BigInt(words[at + mboWord.orderIdLo] ?? 0);
    if (kind === action.cancel) {
      const order = orders.get(id);
      if (order === undefined) return;
      order.size -= size;
      if (order.size <= 0) orders.delete(id);
      return;
    }
    const record = words.slice(at, at + 14);
    if (kind === action.modify) modify(orders, id, record, size);
    else {
      if ((packed & flag.tob) !== 0) clear(orders, packed >>> 24);
      orders.delete(id);
      if (size > 0) orders.set(id, { words: record, size });
    }
  }

  #bookOf(header: number, instrumentId: number): InstrumentBook {
    const current = this.#current;
    const key = (header >>> 16) * wordUnits + instrumentId;
    if (current !== null && current.key === key) return current;
    let book = this.#books.get(key);
    if (book === undefined) {
      const last = { header: withoutTsOut(header), channel: 0, sequence: 0 };
      book = { key, last, instrumentId, orders: new Map() };
      this.#books.set(key, book);
    }
    this.#current = book;
    return book;
  }

  /**
   * The snapshot of every book that is wanted, one behind the other: R, then an add for each order in order of priority, all
   * with F_SNAPSHOT and F_BAD_TS_RECV, the last with F_LAST, and all with the snapshot's time as `ts_recv`. MBO records without `ts_out`.
   * @param tsNs the snapshot's time, UNIX nanoseconds
   * @param known instruments that have a snapshot even without any record so far, and their publisher
   */
  snapshot(tsNs: bigint, known: Iterable<number>, publisherId: number): Uint8Array {
    const seen = new Set([...this.#books.values()].map((book) => book.instrumentId));
    for (const instrumentId of known) {
      if (seen.has(instrumentId)) continue;
      this.#bookOf(14 | (160 << 8) | (publisherId << 16), instrumentId);
    }
    const all = [...this.#books.values()];
    const count = all.reduce((sum, { orders }) => sum + 1 + orders.size, 0);
    const out = new Uint32Array(count * 14);
    let at = 0;
    for (const book of all) {
      out.set(clearRecord(book, tsNs), at);
      for (const { words, size } of book.orders.values()) {
        at += 14;
        out.set(words, at);
        out[at + mboWord.header] = withoutTsOut(words[mboWord.header] ?? 0);
        out[at + mboWord.size] = size;
        out[at + mboWord.tsInDelta] = 0;
        const packed = (words[mboWord.flagsChannelActionSide] ?? 0) & 0xff00_ff00;
        out[at + mboWord.flagsChannelActionSide] = packed | (action.add << 16) | snapshotFlags;
        setTime(out, at + mboWord.tsRecvLo, tsNs);
      }
      out[at + mboWord.flagsChannelActionSide] = (out[at + mboWord.flagsChannelActionSide] ?? 0) | flag.last;
      at += 14;
    }
    return new Uint8Array(out.buffer);
  }
}

const snapshotFlags = flag.snapshot | flag.badTsRecv;

/** Removes the orders of a side, or all where the side is none. */
function clear(orders: Map<bigint, Order>, of: number): void {
  if (of === side.none) orders.clear();
  else for (const [id, { words }] of orders) if (sideOf(words) === of) orders.delete(id);
}

function sideOf(words: Uint32Array): number {
  return (words[mboWord.flagsChannelActionSide] ?? 0) >>> 24;
}

/** Another price or a larger size costs the place in the queue; a smaller size does not. An unknown order is added. */
function modify(orders: Map<bigint, Order>, id: bigint, record: Uint32Array, size: number): void {
  const order = orders.get(id);
  const { priceLo, priceHi } = mboWord;
  const keepsPlace =
    order !== undefined &&
    order.words[priceLo] === record[priceLo] &&
    order.words[priceHi] === record[priceHi] &&
    sideOf(order.words) === sideOf(record) &&
    size <= order.size;
  if (keepsPlace && size > 0) order.size = size;
  else {
    orders.delete(id);
    if (size > 0) orders.set(id, { words: record, size });
  }
}

/** The record that empties a book: channel and sequence number as in its last record. */
function clearRecord({ last, instrumentId }: InstrumentBook, tsNs: bigint): Uint32Array {
  const words = new Uint32Array(14);
  words[mboWord.header] = last.header;
  words[mboWord.instrumentId] = instrumentId;
  words[mboWord.priceLo] = undefinedPriceWords.lo;
  words[mboWord.priceHi] = undefinedPriceWords.hi;
  words[mboWord.flagsChannelActionSide] = snapshotFlags | last.channel | (action.clear << 16) | (side.none << 24);
  words[mboWord.sequence] = last.sequence;
  setTime(words, mboWord.tsEventLo, tsNs);
  setTime(words, mboWord.tsRecvLo, tsNs);
  return words;
}

/** The first word of a record, with the length of one that has no send time. */
function withoutTsOut(header: number): number {
  return ((header & 0xffff_ff00) | 14) >>> 0;
}

function setTime(words: Uint32Array, at: number, ns: bigint): void {
  words[at] = Number(ns & 0xffff_ffffn);
  words[at + 1] = Number(ns >> 32n);
}
