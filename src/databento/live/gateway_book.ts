import { action, flag, mboWord, type RecordBatch, side, undefinedPriceWords } from '../../dbn/index.ts';

/** One resting order: its last record that gave it its place in the queue, and its size now. */
interface Order {
  readonly words: Uint32Array;
  size: number;
}

/** Books of the instruments of a stream, kept order by order for the snapshots of the gateway. */
export class SnapshotBooks {
  readonly #wants: (instrumentId: number) => boolean;
  /** By publisher and instrument; orders in order of priority: one that loses its place goes to the end. */
  readonly #books = new Map<string, { readonly header: Uint32Array; readonly orders: Map<bigint, Order> }>();

  constructor(wants: (instrumentId: number) => boolean) {
    this.#wants = wants;
  }

  /** Applies the record of an MBO batch that starts at word `at`. */
  apply({ words }: RecordBatch, at: number): void {
    const instrumentId = words[at + mboWord.instrumentId] ?? 0;
    if (!this.#wants(instrumentId)) return;
    const record = words.slice(at, at + 14);
    const key = `${(record[0] ?? 0) >>> 16} ${instrumentId}`;
    const book = this.#books.get(key);
    const orders = book?.orders ?? new Map<bigint, Order>();
    this.#books.set(key, { header: record, orders });
    const packed = record[mboWord.flagsChannelActionSide] ?? 0;
    const id = (BigInt(record[mboWord.orderIdHi] ?? 0) << 32n) | BigInt(record[mboWord.orderIdLo] ?? 0);
    const size = record[mboWord.size] ?? 0;
    switch ((packed >>> 16) & 0xff) {
      case action.clear:
        clear(orders, packed >>> 24);
        return;
      case action.add:
        if ((packed & flag.tob) !== 0) clear(orders, packed >>> 24);
        orders.delete(id);
        if (size > 0) orders.set(id, { words: record, size });
        return;
      case action.cancel: {
        const order = orders.get(id);
        if (order === undefined) return;
        order.size -= size;
        if (order.size <= 0) orders.delete(id);
        return;
      }
      case action.modify:
        modify(orders, id, record, size);
    }
  }

  /**
   * The snapshot of every book that is wanted, one behind the other: R, then an add for each order in order of priority, all
   * with F_SNAPSHOT and F_BAD_TS_RECV, the last with F_LAST, and all with the snapshot's time as `ts_recv`. MBO records without `ts_out`.
   * @param tsNs the snapshot's time, UNIX nanoseconds
   * @param known instruments that have a snapshot even without any record so far, and their publisher
   */
  snapshot(tsNs: bigint, known: Iterable<number>, publisherId: number): Uint8Array {
    for (const instrumentId of known) {
      const isThere = [...this.#books.keys()].some((key) => key.endsWith(` ${instrumentId}`));
      const header = new Uint32Array(14);
      header[mboWord.header] = 14 | (160 << 8) | (publisherId << 16);
      header[mboWord.instrumentId] = instrumentId;
      if (!isThere) this.#books.set(`${publisherId} ${instrumentId}`, { header, orders: new Map() });
    }
    const all = [...this.#books.values()];
    const count = all.reduce((sum, { orders }) => sum + 1 + orders.size, 0);
    const out = new Uint32Array(count * 14);
    let at = 0;
    for (const { header, orders } of all) {
      out.set(clearRecord(header, tsNs), at);
      for (const { words, size } of orders.values()) {
        at += 14;
        out.set(words, at);
        out[at + mboWord.header] = withoutTsOut(words);
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

/** The record that empties a book: header and channel as in its last record. */
function clearRecord(last: Uint32Array, tsNs: bigint): Uint32Array {
  const words = new Uint32Array(14);
  words[mboWord.header] = withoutTsOut(last);
  words[mboWord.instrumentId] = last[mboWord.instrumentId] ?? 0;
  words[mboWord.priceLo] = undefinedPriceWords.lo;
  words[mboWord.priceHi] = undefinedPriceWords.hi;
  const channel = (last[mboWord.flagsChannelActionSide] ?? 0) & 0xff00;
  words[mboWord.flagsChannelActionSide] = snapshotFlags | channel | (action.clear << 16) | (side.none << 24);
  words[mboWord.sequence] = last[mboWord.sequence] ?? 0;
  setTime(words, mboWord.tsEventLo, tsNs);
  setTime(words, mboWord.tsRecvLo, tsNs);
  return words;
}

/** The first word of a record, with the length of one that has no send time. */
function withoutTsOut(words: Uint32Array): number {
  return ((words[mboWord.header] ?? 0) & 0xffff_ff00) | 14;
}

function setTime(words: Uint32Array, at: number, ns: bigint): void {
  words[at] = Number(ns & 0xffff_ffffn);
  words[at + 1] = Number(ns >> 32n);
}
