import { SpymasterError } from '../errors.ts';
import { schemas, stypes, undefinedTimestamp } from './codes.ts';
import { datasetBytes, type Metadata, symbolCstrLenV1 } from './metadata.ts';
import { MetadataReader, maxMetadataBytes } from './metadata_decode.ts';

/** Bytes of the skippable frame's header, and of DBZ's fixed fields behind it. */
const frameHeaderBytes = 8;
const fixedBytes = 96;

/** True when a file starts as legacy DBZ does: a zstd skippable frame that holds "DBZ". Needs its first 12 bytes. */
export function isDbz(head: Uint8Array): boolean {
  if (head.length < 12) return false;
  const isSkippable = head[0]! >>> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
  return isSkippable && head[8] === 0x44 && head[9] === 0x42 && head[10] === 0x5a;
}

/** Bytes of the first frame, header included, of a file for which `isDbz` holds. Throws DBN_CORRUPT. */
export function dbzFrameBytes(head: Uint8Array): number {
  const size = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(4, true);
  if (size < fixedBytes || size > maxMetadataBytes) {
    throw new SpymasterError(
      'DBN_CORRUPT',
      `Cannot decode DBZ metadata at byte 4: expected a frame of ${fixedBytes} to ${maxMetadataBytes} bytes, got ${size}.`,
      { byteOffset: 4, size },
    );
  }
  return frameHeaderBytes + size;
}

/** The part of DBZ metadata's frame that is compressed by itself: lists and mappings. */
export function dbzCompressedLists(frame: Uint8Array): Uint8Array {
  return frame.subarray(frameHeaderBytes + fixedBytes);
}

/**
 * Decodes DBZ metadata from its whole frame and its decompressed lists. The records, of version 1, are in the zstd frames
 * that follow.
 *
 * Throws DBN_UNSUPPORTED or DBN_CORRUPT with the byte offset (in the decompressed lists, where it says so).
 */
export function decodeDbzMetadata(frame: Uint8Array, lists: Uint8Array): Metadata {
  if (frame[11] !== 1) {
    throw new SpymasterError(
      'DBN_UNSUPPORTED',
      `Cannot decode DBZ metadata at byte 11: expected version 1, got ${frame[11]}.`,
      { byteOffset: 11 },
    );
  }
  const reader = new MetadataReader(frame, 12);
  const dataset = reader.cstr(datasetBytes, 'dataset');
  const schema = reader.name(schemas, reader.u16(), 2, 'schema');
  const start = reader.u64();
  const end = reader.u64();
  const limit = reader.u64();
  const recordCount = reader.u64();
  reader.u8(); // compression: always zstd
  const stypeIn = reader.name(stypes, reader.u8(), 1, 'stype_in');
  const stypeOut = reader.name(stypes, reader.u8(), 1, 'stype_out');
  return {
    version: 1,
    dataset,
    schema,
    start,
    end: end === 0n || end === undefinedTimestamp ? null : end,
    limit: limit === 0n ? null : limit,
    recordCount: recordCount === undefinedTimestamp ? null : recordCount,
    stypeIn,
    stypeOut,
    tsOut: false,
    symbolCstrLen: symbolCstrLenV1,
    ...new MetadataReader(lists, 0).lists(symbolCstrLenV1),
  };
}

/** The error of lists that decompress to more than metadata may have. */
export function listsTooLong(): SpymasterError {
  return new SpymasterError(
    'DBN_UNSUPPORTED',
    `Cannot decode DBZ metadata: its lists are longer than the ${maxMetadataBytes} bytes that are read.`,
    { limit: maxMetadataBytes },
  );
}
