import { activityFields, type BookActivity, sideAsk, sideBid } from '../engine/index.ts';

/*
 * The book of a bin as the channel `depth` carries it, little endian:
 *
 *   0  4 bytes  "SPB2"
 *   4  uint32   sequence number of the bin
 *   8  float64  best bid in ticks, NaN without bids
 *  16  float64  best ask in ticks, NaN without asks
 *  24  uint32   levels of bids, then uint32 levels of asks
 *  32  uint32   prices at which something happened in the bin, then uint32 trades
 *  40  float64  lowest of those prices in ticks, NaN without any
 *  48  float64  first, then float64 last price that traded, in ticks; NaN without trades
 *  64  levels of bids, then of asks, the best first: ticks from the level before (the first: 0) and size; of the first
 *      `maxOrderLevels` also the number of orders and the size of the largest
 *      prices, ascending: ticks from the price before (the first: 0); a byte with bit i for field i of `activityFields` that
 *      is not 0; those fields
 *
 * All numbers behind byte 64 but that byte are LEB128.
 */

export const depthMagic = 0x32425053;
export const depthHeadBytes = 64;
/** Levels of a side that are sent: those nearest to the best. */
export const maxDepthLevels = 2000;
/** Levels of a side, of which orders are counted. */
export const maxOrderLevels = 200;
/** A LEB128 of up to 2^53. */
export const maxVarintBytes = 8;

/** The levels of a side of a book, the best at depth 0. Prices in units of 1e-9. */
export interface DepthSide {
  readonly length: number;
  priceAt(depth: number): number;
  sizeAt(depth: number): number;
  countAt(depth: number): number;
}

/** What a depth frame is made of, as an engine that counts activity has it. */
export interface DepthBook {
  readonly bids: DepthSide;
  readonly asks: DepthSide;
}
/** What happened at the prices of a bin, and the sizes of orders (`BookActivity`). */
export interface DepthActivity
  extends Pick<BookActivity, 'tradeCount' | 'firstTradePrice' | 'lastTradePrice' | 'forEach'> {
  readonly orders: Pick<BookActivity['orders'], 'largest'>;
}

const levelBytes = 2 * (2 * maxDepthLevels + 2 * maxOrderLevels) * maxVarintBytes;
const priceBytes = 1 + (1 + activityFields.length) * maxVarintBytes;

/** Writes a bin's book again and again into the same memory. */
export class DepthFrameWriter {
  readonly #tickInt: number;
  #bytes = new Uint8Array(depthHeadBytes + levelBytes + 256 * priceBytes);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** `tickInt`: the tick size in units of 1e-9. */
  constructor(tickInt: number) {
    this.#tickInt = tickInt;
  }

  /** The frame of a bin; a view, valid until the next. Levels that round to the same tick are summed. */
  write(seq: number, { bids, asks }: DepthBook, activity: DepthActivity): Uint8Array<ArrayBuffer> {
    const prices = this.#byTick(activity);
    this.#reserve(depthHeadBytes + levelBytes + prices.length * priceBytes);
    const view = this.#view;
    view.setUint32(0, depthMagic, true);
    view.setUint32(4, seq, true);
    view.setFloat64(8, bids.length > 0 ? this.#tickOf(bids.priceAt(0)) : Number.NaN, true);
    view.setFloat64(16, asks.length > 0 ? this.#tickOf(asks.priceAt(0)) : Number.NaN, true);
    view.setUint32(32, prices.length, true);
    view.setUint32(36, activity.tradeCount, true);
    view.setFloat64(40, prices[0]?.[0] ?? Number.NaN, true);
    view.setFloat64(48, this.#tickOf(activity.firstTradePrice), true);
    view.setFloat64(56, this.#tickOf(activity.lastTradePrice), true);
    this.#at = depthHeadBytes;
    view.setUint32(24, this.#side(bids, sideBid, activity), true);
    view.setUint32(28, this.#side(asks, sideAsk, activity), true);
    this.#activity(prices);
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #tickOf(price: number): number {
    return Math.floor(price / this.#tickInt + 0.5);
  }

  /** Writes the levels of a side; returns how many. */
  #side(side: DepthSide, code: number, { orders }: DepthActivity): number {
    const { length } = side;
    let levels = 0;
    let last = length > 0 ? this.#tickOf(side.priceAt(0)) : 0;
    for (let depth = 0; depth < length && levels < maxDepthLevels; levels++) {
      const tick = this.#tickOf(side.priceAt(depth));
      let [size, count, largest] = [0, 0, 0];
      for (; depth < length && this.#tickOf(side.priceAt(depth)) === tick; depth++) {
        size += side.sizeAt(depth);
        if (levels >= maxOrderLevels) continue;
        count += side.countAt(depth);
        largest = Math.max(largest, orders.largest(code, side.priceAt(depth)));
      }
      this.#varint(Math.abs(tick - last));
      this.#varint(size);
      if (levels < maxOrderLevels) {
        this.#varint(count);
        this.#varint(largest);
      }
      last = tick;
    }
    return levels;
  }

  /** The prices at which something happened, in ticks, ascending, with their amounts. */
  #byTick(activity: DepthActivity): (readonly [tick: number, amounts: Float64Array])[] {
    const rows = new Map<number, Float64Array>();
    activity.forEach((price, amounts, from) => {
      const tick = this.#tickOf(price);
      const row = rows.get(tick) ?? new Float64Array(activityFields.length);
      rows.set(tick, row);
      for (let field = 0; field < row.length; field++) row[field] = (row[field] ?? 0) + (amounts[from + field] ?? 0);
    });
    return [...rows].sort(([a], [b]) => a - b);
  }

  #activity(prices: readonly (readonly [number, Float64Array])[]): void {
    let last = prices[0]?.[0] ?? 0;
    for (const [tick, amounts] of prices) {
      this.#varint(tick - last);
      last = tick;
      const maskAt = this.#at++;
      let mask = 0;
      amounts.forEach((amount, field) => {
        if (amount === 0) return;
        mask |= 1 << field;
        this.#varint(amount);
      });
      this.#bytes[maskAt] = mask;
    }
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    while (rest >= 128) {
      bytes[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    bytes[this.#at++] = rest;
  }
}
