import { encodeHeartbeat } from '../../src/databento/live/control_records.ts';
import { encodeGapMark, type Gap, type RecordBatch, rtype } from '../../src/dbn/index.ts';
import { batchOf, type Mbo } from '../oracle/mbo.ts';

/** What a recording holds, in order: records, heartbeats by their ts_event, and marks of gaps. */
export type Recorded = Mbo | { readonly heartbeatNs: bigint } | { readonly gap: Gap };

/** The bytes of one item of a recording of DBN version 3. */
export function encodeRecorded(item: Recorded): Uint8Array {
  if ('gap' in item) return encodeGapMark(item.gap, 3, false);
  return 'heartbeatNs' in item ? encodeHeartbeat({ version: 3, tsNs: item.heartbeatNs }) : batchOf([item]).bytes;
}

/** Batches as a decoder gives them: of one type each. */
export function batchesOfRecorded(items: readonly Recorded[]): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let byteOffset = 0;
  for (let start = 0; start < items.length; ) {
    const isMbo = (item: Recorded | undefined): boolean => item !== undefined && 'orderId' in item;
    let end = start + 1;
    while (end < items.length && isMbo(items[end]) === isMbo(items[start])) end++;
    const parts = items.slice(start, end).map(encodeRecorded);
    const bytes = new Uint8Array(Buffer.concat(parts));
    const recordBytes = bytes.length / parts.length;
    batches.push({
      rtype: isMbo(items[start]) ? rtype.mbo : rtype.system,
      recordBytes,
      count: parts.length,
      bytes,
      words: new Uint32Array(bytes.buffer, 0, bytes.length / 4),
      byteOffset,
    });
    byteOffset += bytes.length;
    start = end;
  }
  return batches;
}
