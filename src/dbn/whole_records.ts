import { headerBytes } from './codes.ts';

/** Bytes of the whole records that `count` bytes start with: up to a part of one, or to a length that no record has. */
export function wholeRecordBytes(bytes: Uint8Array, count: number): number {
  let at = 0;
  while (at < count) {
    const recordBytes = (bytes[at] ?? 0) * 4;
    if (recordBytes < headerBytes || at + recordBytes > count) break;
    at += recordBytes;
  }
  return at;
}
