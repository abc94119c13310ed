import { headerBytes, readMetadataPrefix, wholeRecordBytes } from '../../../src/dbn/index.ts';

const prefixBytes = 8;

/**
 * The bytes of a DBN file without what a recorder that was killed leaves at its end: part of a record, or zeros. `onTorn` is told how
 * many bytes were left out. Files that are compressed pass as they are.
 */
export async function* wholeRecords(
  chunks: AsyncIterable<Uint8Array>,
  onTorn: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  let isPlain: boolean | null = null;
  /** Bytes of the metadata that are still to come; null before its length is known. */
  let ofMetadata: number | null = null;
  for await (const chunk of chunks) {
    if (isPlain === false) {
      yield chunk;
      continue;
    }
    rest = joined(rest, chunk);
    if (rest.length < prefixBytes) continue;
    isPlain ??= rest[0] === 0x44 && rest[1] === 0x42 && rest[2] === 0x4e;
    ofMetadata ??= isPlain ? readMetadataPrefix(rest).totalBytes : 0;
    const start = Math.min(ofMetadata, rest.length);
    ofMetadata -= start;
    const whole = isPlain ? start + wholeRecordBytes(rest.subarray(start), rest.length - start) : rest.length;
    if (whole > 0) yield rest.subarray(0, whole);
    rest = rest.slice(whole);
  }
  if (rest.length === 0) return;
  const isTorn = isPlain === true && ofMetadata === 0 && isPartOfRecord(rest);
  if (isTorn) onTorn(rest.length);
  // What is neither is for the decoder to refuse.
  else yield rest;
}

/** Whether what follows the last whole record is what a killed writer leaves: the beginning of a record, or zeros. */
function isPartOfRecord(rest: Uint8Array): boolean {
  return (rest[0] ?? 0) * 4 >= headerBytes || rest.every((byte) => byte === 0);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
