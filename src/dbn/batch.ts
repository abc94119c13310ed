/**
 * A run of consecutive records that share one rtype and one length, as they lie in the stream.
 *
 * `bytes`, `words` and `floats64`-style views belong to the decoder: they are valid until the decoder is called again.
 * Record `i` starts at word `i * (recordBytes / 4)` of `words`. Words are little-endian, as DBN and every platform
 * that this runs on are.
 */
export interface RecordBatch {
  /** Record type of every record of the run (160 is MBO). */
  readonly rtype: number;
  /** Bytes from one record to the next: the header's length byte × 4. MBO is 56, or 64 with `ts_out`. */
  readonly recordBytes: number;
  /** Number of whole records. */
  readonly count: number;
  /** The records; length `count * recordBytes`, starting on a 4-byte boundary of its buffer. */
  readonly bytes: Uint8Array;
  /** The same memory as unsigned 32-bit words; length `count * recordBytes / 4`. */
  readonly words: Uint32Array;
  /** Offset of the first record in the decompressed stream, metadata included. */
  readonly byteOffset: number;
}

/** Records of a batch, `count` of them from record `start` on; views into the same memory. */
export function sliceBatch(batch: RecordBatch, start: number, count: number): RecordBatch {
  if (count === batch.count) return batch;
  const { rtype, recordBytes } = batch;
  const from = start * recordBytes;
  const to = from + count * recordBytes;
  return {
    rtype,
    recordBytes,
    count,
    bytes: batch.bytes.subarray(from, to),
    words: batch.words.subarray(from / 4, to / 4),
    byteOffset: batch.byteOffset + from,
  };
}

/** rtype of market-by-order records. */
export const rtypeMbo = 160;

/**
 * Word offsets (4 bytes each) of an MBO record's fields, for kernels that read `RecordBatch.words`.
 * 64-bit fields have a low and a high word. `flagsChannelActionSide` packs flags | channelId << 8 | action << 16 |
 * side << 24; `header` packs length | rtype << 8 | publisherId << 16.
 */
export const mboWord = {
  header: 0,
  instrumentId: 1,
  tsEventLo: 2,
  tsEventHi: 3,
  orderIdLo: 4,
  orderIdHi: 5,
  priceLo: 6,
  priceHi: 7,
  size: 8,
  flagsChannelActionSide: 9,
  tsRecvLo: 10,
  tsRecvHi: 11,
  tsInDelta: 12,
  sequence: 13,
} as const;

/** Bits of the flags byte. */
export const flag = {
  /** Last record of an event for its instrument. */
  last: 128,
  /** Top-of-book message, not an individual order. */
  tob: 64,
  /** Record of a snapshot, not of live order flow. */
  snapshot: 32,
  /** Aggregated price level, not an individual order. */
  mbp: 16,
  /** `ts_recv` is unreliable. */
  badTsRecv: 8,
  /** An unrecoverable gap was seen: the book may be wrong. */
  maybeBadBook: 4,
  /** Meaning depends on the publisher. */
  publisherSpecific: 2,
} as const;
