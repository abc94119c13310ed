import { activityFields } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { depthHeadBytes, depthMagic, maxDepthLevels, maxOrderLevels, maxVarintBytes } from './depth_frame.ts';

/** The levels of a side, the best first: ticks and sizes; of the first `maxOrderLevels`, number of orders and size of the largest. */
export interface DepthLevels {
  readonly ticks: Float64Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly orders: Float64Array<ArrayBuffer>;
  readonly largest: Float64Array<ArrayBuffer>;
}

/** Sizes by price, ascending: of price i, `activityFields` from `i * activityFields.length` on. */
export interface PriceActivity {
  readonly ticks: Float64Array<ArrayBuffer>;
  readonly amounts: Float64Array<ArrayBuffer>;
}

/** The book at the end of a bin, the levels nearest to the best; and what happened at its prices in the bin. */
export interface DepthFrame {
  readonly seq: number;
  readonly bids: DepthLevels;
  readonly asks: DepthLevels;
  readonly activity: PriceActivity;
  readonly tradeCount: number;
  /** In ticks; NaN without trades. */
  readonly firstTradeTick: number;
  readonly lastTradeTick: number;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** Whether a binary message is a depth frame; an Arrow frame begins otherwise. */
export function isDepthFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === depthMagic;
}

/** Reads a depth frame. Throws PROTOCOL for bytes that are none. */
export function decodeDepthFrame(bytes: Uint8Array): DepthFrame {
  if (!isDepthFrame(bytes) || bytes.length < depthHeadBytes) throw broken(`a head of ${depthHeadBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = { bytes, at: depthHeadBytes };
  const frame = {
    seq: view.getUint32(4, true),
    bids: levels(reader, view.getFloat64(8, true), view.getUint32(24, true), -1),
    asks: levels(reader, view.getFloat64(16, true), view.getUint32(28, true), 1),
    activity: activity(reader, view.getFloat64(40, true), view.getUint32(32, true)),
    tradeCount: view.getUint32(36, true),
    firstTradeTick: view.getFloat64(48, true),
    lastTradeTick: view.getFloat64(56, true),
  };
  if (reader.at !== bytes.length) throw broken(`${reader.at} bytes`);
  return frame;
}

function levels(reader: Reader, best: number, count: number, direction: 1 | -1): DepthLevels {
  if (count > maxDepthLevels || count > 0 !== Number.isFinite(best)) {
    throw broken(`up to ${maxDepthLevels} levels a side`);
  }
  const counted = Math.min(count, maxOrderLevels);
  const [ticks, sizes] = [new Float64Array(count), new Float64Array(count)];
  const [orders, largest] = [new Float64Array(counted), new Float64Array(counted)];
  let tick = best;
  for (let index = 0; index < count; index++) {
    tick += direction * varint(reader);
    ticks[index] = tick;
    sizes[index] = varint(reader);
    if (index >= counted) continue;
    orders[index] = varint(reader);
    largest[index] = varint(reader);
  }
  return { ticks, sizes, orders, largest };
}

function activity(reader: Reader, lowest: number, count: number): PriceActivity {
  // A price takes two bytes at least: a count that the bytes cannot hold must not allocate.
  if (count * 2 > reader.bytes.length - reader.at || count > 0 !== Number.isFinite(lowest)) {
    throw broken('all prices that its head counts');
  }
  const fields = activityFields.length;
  const ticks = new Float64Array(count);
  const amounts = new Float64Array(count * fields);
  let tick = lowest;
  for (let index = 0; index < count; index++) {
    tick += varint(reader);
    ticks[index] = tick;
    const mask = reader.bytes[reader.at++] ?? 0;
    for (let field = 0; field < fields; field++) {
      if ((mask & (1 << field)) !== 0) amounts[index * fields + field] = varint(reader);
    }
  }
  return { ticks, amounts };
}

function varint(reader: Reader): number {
  let value = 0;
  for (let place = 0, scale = 1; place < maxVarintBytes; place++, scale *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw broken('all numbers that its head counts');
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
