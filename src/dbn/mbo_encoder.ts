import { assert } from '../errors.ts';
import { rtypeMbo } from './batch.ts';
import { wordUnits } from './codes.ts';

/** Bytes of an MBO record without `ts_out`. */
export const mboRecordBytes = 56;

/** An MBO record's fields, exact; times are UNIX nanoseconds, the price is in units of 1e-9. */
export interface MboFields {
  readonly publisherId: number;
  readonly instrumentId: number;
  readonly tsEvent: bigint;
  readonly orderId: bigint;
  readonly price: bigint;
  readonly size: number;
  readonly flags: number;
  readonly channelId: number;
  /** One ASCII character, such as `A`. */
  readonly action: string;
  /** One ASCII character: `A`, `B` or `N`. */
  readonly side: string;
  readonly tsRecv: bigint;
  readonly tsInDelta: number;
  readonly sequence: number;
}

/**
 * Writes MBO records one behind the other into the caller's buffer, which must start on a 4-byte boundary.
 *
 * `writeWords` allocates nothing; 64-bit values are two unsigned 32-bit words, low first (`lowWord` and `highWord` split
 * an integer number). Check `full` before each record, hand out `bytes`, then `reset`.
 */
export class MboEncoder {
  readonly #buffer: Uint8Array;
  readonly #words: Uint32Array;
  /** Records that were written since the last reset. */
  count = 0;
  /** Records that fit the buffer. */
  readonly capacity: number;

  constructor(buffer: Uint8Array) {
    assert(buffer.byteOffset % 4 === 0, 'MboEncoder buffer starts on a 4-byte boundary');
    this.#buffer = buffer;
    this.capacity = Math.floor(buffer.length / mboRecordBytes);
    this.#words = new Uint32Array(buffer.buffer, buffer.byteOffset, (this.capacity * mboRecordBytes) / 4);
  }

  get full(): boolean {
    return this.count === this.capacity;
  }

  /** A view of the records written so far; valid until `reset`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.count * mboRecordBytes);
  }

  reset(): void {
    this.count = 0;
  }

  /**
   * Writes one record from words, in the record's own order (see `mboWord`).
   *
   * `flagsChannelActionSide` is `packFlags(flags, channelId, action, side)`; `tsInDelta` may be negative.
   */
  writeWords(
    publisherId: number,
    instrumentId: number,
    tsEventLo: number,
    tsEventHi: number,
    orderIdLo: number,
    orderIdHi: number,
    priceLo: number,
    priceHi: number,
    size: number,
    flagsChannelActionSide: number,
    tsRecvLo: number,
    tsRecvHi: number,
    tsInDelta: number,
    sequence: number,
  ): void {
    assert(this.count < this.capacity, 'MboEncoder has room for another record');
    const words = this.#words;
    const at = this.count++ * 14;
    words[at] = 14 | (rtypeMbo << 8) | (publisherId << 16);
    words[at + 1] = instrumentId;
    words[at + 2] = tsEventLo;
    words[at + 3] = tsEventHi;
    words[at + 4] = orderIdLo;
    words[at + 5] = orderIdHi;
    words[at + 6] = priceLo;
    words[at + 7] = priceHi;
    words[at + 8] = size;
    words[at + 9] = flagsChannelActionSide;
    words[at + 10] = tsRecvLo;
    words[at + 11] = tsRecvHi;
    words[at + 12] = tsInDelta;
    words[at + 13] = sequence;
  }

  /** Writes one record from exact values; the convenient and slow way. */
  write(fields: MboFields): void {
    const { tsEvent, orderId, price, tsRecv } = fields;
    const action = fields.action.charCodeAt(0);
    const side = fields.side.charCodeAt(0);
    this.writeWords(
      fields.publisherId,
      fields.instrumentId,
      Number(tsEvent & 0xffff_ffffn),
      Number(tsEvent >> 32n),
      Number(orderId & 0xffff_ffffn),
      Number(orderId >> 32n),
      Number(price & 0xffff_ffffn),
      Number(price >> 32n),
      fields.size,
      packFlags(fields.flags, fields.channelId, action, side),
      Number(tsRecv & 0xffff_ffffn),
      Number(tsRecv >> 32n),
      fields.tsInDelta,
      fields.sequence,
    );
  }
}

/** The word that holds flags, channel id, and action and side as character codes. */
export function packFlags(flags: number, channelId: number, action: number, side: number): number {
  return (flags | (channelId << 8) | (action << 16) | (side << 24)) >>> 0;
}

/** Low 32 bits of an integer below 2^53 in size, negative ones in two's complement. */
export function lowWord(integer: number): number {
  return integer >>> 0;
}

/** High 32 bits of an integer below 2^53 in size, negative ones in two's complement. */
export function highWord(integer: number): number {
  return Math.floor(integer / wordUnits) >>> 0;
}
