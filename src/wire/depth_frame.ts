import { SpymasterError } from '../errors.ts';

/*
 * The book of a bin as the channel `depth` carries it, little endian:
 *
 *   0  4 bytes  "SPBD"
 *   4  uint32   sequence number of the bin
 *   8  float64  best bid in ticks, NaN without bids
 *  16  float64  best ask in ticks, NaN without asks
 *  24  uint32   levels of bids, then uint32 levels of asks
 *  32  levels of bids, then of asks, the best first: ticks from the level before (the first: 0) and size, both LEB128
 */

const magic = 0x44425053;
const headBytes = 32;
/** Levels of a side that are sent: those nearest to the best. */
export const maxDepthLevels = 2000;
/** A LEB128 of up to 2^53. */
const maxVarintBytes = 8;

/** The levels of a side of a book, the best at depth 0. Prices in units of 1e-9. */
export interface DepthSide {
  readonly length: number;
  priceAt(depth: number): number;
  sizeAt(depth: number): number;
}

/** Writes a bin's book again and again into the same memory. */
export class DepthFrameWriter {
  readonly #tickInt: number;
  readonly #bytes = new Uint8Array(headBytes + 2 * maxDepthLevels * 2 * maxVarintBytes);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** `tickInt`: the tick size in units of 1e-9. */
  constructor(tickInt: number) {
    this.#tickInt = tickInt;
  }

  /** The frame of a bin; a view, valid until the next. Levels that round to the same tick are summed. */
  write(seq: number, bids: DepthSide, asks: DepthSide): Uint8Array<ArrayBuffer> {
    const view = this.#view;
    view.setUint32(0, magic, true);
    view.setUint32(4, seq, true);
    view.setFloat64(8, bids.length > 0 ? this.#tickOf(bids.priceAt(0)) : Number.NaN, true);
    view.setFloat64(16, asks.length > 0 ? this.#tickOf(asks.priceAt(0)) : Number.NaN, true);
    this.#at = headBytes;
    view.setUint32(24, this.#side(bids), true);
    view.setUint32(28, this.#side(asks), true);
    return this.#bytes.subarray(0, this.#at);
  }

  #tickOf(price: number): number {
    return Math.floor(price / this.#tickInt + 0.5);
  }

  /** Writes the levels of a side; returns how many. */
  #side(side: DepthSide): number {
    const { length } = side;
    if (length === 0) return 0;
    let levels = 0;
    let last = this.#tickOf(side.priceAt(0));
    let tick = last;
    let size = side.sizeAt(0);
    for (let depth = 1; depth < length; depth++) {
      const next = this.#tickOf(side.priceAt(depth));
      if (next === tick) {
        size += side.sizeAt(depth);
        continue;
      }
      this.#varint(Math.abs(tick - last));
      this.#varint(size);
      if (++levels === maxDepthLevels) return levels;
      last = tick;
      tick = next;
      size = side.sizeAt(depth);
    }
    this.#varint(Math.abs(tick - last));
    this.#varint(size);
    return levels + 1;
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

/** The levels of a side: ticks and sizes, the best first. */
export interface DepthLevels {
  readonly ticks: Float64Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
}

/** The book at the end of a bin, the levels nearest to the best. */
export interface DepthFrame {
  readonly seq: number;
  readonly bids: DepthLevels;
  readonly asks: DepthLevels;
}

/** Whether a binary message is a depth frame; an Arrow frame begins otherwise. */
export function isDepthFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === magic;
}

/** Reads a depth frame. Throws PROTOCOL for bytes that are none. */
export function decodeDepthFrame(bytes: Uint8Array): DepthFrame {
  if (!isDepthFrame(bytes) || bytes.length < headBytes) throw broken('a head of 32 bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = { bytes, at: headBytes };
  const frame = {
    seq: view.getUint32(4, true),
    bids: levels(reader, view.getFloat64(8, true), view.getUint32(24, true), -1),
    asks: levels(reader, view.getFloat64(16, true), view.getUint32(28, true), 1),
  };
  if (reader.at !== bytes.length) throw broken(`${reader.at} bytes`);
  return frame;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function levels(reader: Reader, best: number, count: number, direction: 1 | -1): DepthLevels {
  if (count > maxDepthLevels || count > 0 !== Number.isFinite(best))
    throw broken(`up to ${maxDepthLevels} levels a side`);
  const ticks = new Float64Array(count);
  const sizes = new Float64Array(count);
  let tick = best;
  for (let index = 0; index < count; index++) {
    tick += direction * varint(reader);
    ticks[index] = tick;
    sizes[index] = varint(reader);
  }
  return { ticks, sizes };
}

function varint(reader: Reader): number {
  let value = 0;
  for (let place = 0, scale = 1; place < maxVarintBytes; place++, scale *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw broken('all levels that its head counts');
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
  throw broken('numbers of at most 8 bytes');
}

function broken(expected: string): SpymasterError {
  return new SpymasterError('PROTOCOL', `The stream broke its contract: expected a depth frame with ${expected}.`, {
    field: 'depth',
  });
}
