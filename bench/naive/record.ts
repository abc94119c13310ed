import { decodeMetadata } from '../../src/dbn/index.ts';

/** An MBO record as most programs would hold it. */
export interface MboRecord {
  tsEvent: bigint;
  tsRecv: bigint;
  orderId: bigint;
  price: bigint;
  size: number;
  flags: number;
  action: string;
  side: string;
}

/** One object a record, read field by field. */
export function* decodeRecords(bytes: Uint8Array): Generator<MboRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const metadataBytes = 8 + view.getUint32(4, true);
  decodeMetadata(bytes.subarray(0, metadataBytes));
  for (let at = metadataBytes; at < bytes.length; at += bytes[at]! * 4) {
    yield {
      tsEvent: view.getBigUint64(at + 8, true),
      tsRecv: view.getBigUint64(at + 40, true),
      orderId: view.getBigUint64(at + 16, true),
      price: view.getBigInt64(at + 24, true),
      size: view.getUint32(at + 32, true),
      flags: view.getUint8(at + 36),
      action: String.fromCharCode(view.getUint8(at + 38)),
      side: String.fromCharCode(view.getUint8(at + 39)),
    };
  }
}
