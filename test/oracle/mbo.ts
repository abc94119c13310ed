import { MboEncoder, type MboFields, mboRecordBytes, type RecordBatch, rtypeMbo } from '../../src/dbn/index.ts';

/** An MBO record as the oracles read it: exact values, nothing packed. */
export type Mbo = Pick<
  MboFields,
  'instrumentId' | 'tsEvent' | 'tsRecv' | 'orderId' | 'price' | 'size' | 'flags' | 'action' | 'side'
> & {
  /** 1 where it is left out. */
  readonly publisherId?: number;
  /** 0 where it is left out. */
  readonly sequence?: number;
};

export const undefinedPrice = 2n ** 63n - 1n;
export const undefinedTime = 2n ** 64n - 1n;
export const undefinedSize = 2 ** 32 - 1;

/** Record `index` of a batch of MBO records; a copy. */
export function readMbo(batch: RecordBatch, index: number): Mbo {
  const at = index * batch.recordBytes;
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset + at, mboRecordBytes);
  return {
    publisherId: view.getUint16(2, true),
    instrumentId: view.getUint32(4, true),
    tsEvent: view.getBigUint64(8, true),
    orderId: view.getBigUint64(16, true),
    price: view.getBigInt64(24, true),
    size: view.getUint32(32, true),
    flags: view.getUint8(36),
    action: String.fromCharCode(view.getUint8(38)),
    side: String.fromCharCode(view.getUint8(39)),
    tsRecv: view.getBigUint64(40, true),
    sequence: view.getUint32(52, true),
  };
}

/** One batch that holds `records`, in memory of its own. */
export function batchOf(records: readonly Mbo[]): RecordBatch {
  const bytes = new Uint8Array(records.length * mboRecordBytes);
  const encoder = new MboEncoder(bytes);
  for (const record of records) encoder.write({ publisherId: 1, sequence: 0, ...record, channelId: 0, tsInDelta: 0 });
  return {
    rtype: rtypeMbo,
    recordBytes: mboRecordBytes,
    count: records.length,
    bytes,
    words: new Uint32Array(bytes.buffer),
    byteOffset: 0,
  };
}

/** A record in one line, for messages. */
export function describeMbo(record: Mbo): string {
  const { action, side, orderId, price, size, flags, tsEvent } = record;
  return `${action}${side} id ${orderId} price ${price} size ${size} flags ${flags} at ${tsEvent}`;
}
