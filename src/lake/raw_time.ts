import { isUndefinedTimestamp, mboWord } from '../dbn/index.ts';

const { tsEventLo, tsRecvLo, tsRecvHi } = mboWord;

/** Word of the time by which an MBO record belongs to a day: `ts_recv` as Databento cuts files, else `ts_event`. */
export function indexTimeWord(words: Uint32Array, at: number): number {
  const isUndefined = isUndefinedTimestamp(words[at + tsRecvLo] as number, words[at + tsRecvHi] as number);
  return at + (isUndefined ? tsEventLo : tsRecvLo);
}
