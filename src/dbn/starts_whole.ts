import { flag, mboWord, type RecordBatch, rtypeMbo } from './batch.ts';

/** Whether the first record of the instrument in a batch is of a snapshot or a clear; null when there is none. */
export function startsWhole(
  { rtype, words, count, recordBytes }: RecordBatch,
  instrumentId: number | null,
): boolean | null {
  if (rtype !== rtypeMbo) return null;
  const clear = 'R'.charCodeAt(0);
  for (let i = 0, at = 0; i < count; i++, at += recordBytes >>> 2) {
    if (instrumentId !== null && words[at + mboWord.instrumentId] !== instrumentId) continue;
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    return (packed & flag.snapshot) !== 0 || ((packed >>> 16) & 0xff) === clear;
  }
  return null;
}
