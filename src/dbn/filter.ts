import type { RecordBatch } from './batch.ts';
import { rtype, type Schema, undefinedTimestamp } from './codes.ts';
import { layoutOf } from './layouts/index.ts';

/** A half-open range of times, UNIX nanoseconds. */
export interface TimeRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Conditions of a filter; an absent condition lets everything through. */
export interface RecordFilterOptions {
  /** Records of these types (see `schemaRtypes`). */
  readonly rtypes?: ReadonlySet<number>;
  /** Records of these instruments, each only within its ranges of time. */
  readonly instruments?: ReadonlyMap<number, readonly TimeRange[]>;
  /** First time, inclusive, and last time, exclusive, by `ts_recv` (`ts_event` where there is none); UNIX nanoseconds. */
  readonly start?: bigint;
  readonly end?: bigint;
}

/** The rtypes that records of a schema may have. tbbo and mbp-1 share one: their records look alike. */
export const schemaRtypes: Readonly<Record<Schema, readonly number[]>> = {
  mbo: [rtype.mbo],
  'mbp-1': [rtype.mbp1],
  'mbp-10': [rtype.mbp10],
  tbbo: [rtype.mbp1],
  trades: [rtype.mbp0],
  'ohlcv-1s': [rtype.ohlcv1s, rtype.ohlcvDeprecated],
  'ohlcv-1m': [rtype.ohlcv1m, rtype.ohlcvDeprecated],
  'ohlcv-1h': [rtype.ohlcv1h, rtype.ohlcvDeprecated],
  'ohlcv-1d': [rtype.ohlcv1d, rtype.ohlcvDeprecated],
  definition: [rtype.definition],
  statistics: [rtype.statistics],
  status: [rtype.status],
  imbalance: [rtype.imbalance],
  'ohlcv-eod': [rtype.ohlcvEod],
  'cmbp-1': [rtype.cmbp1],
  'cbbo-1s': [rtype.cbbo1s],
  'cbbo-1m': [rtype.cbbo1m],
  tcbbo: [rtype.tcbbo],
  'bbo-1s': [rtype.bbo1s],
  'bbo-1m': [rtype.bbo1m],
};

/** Word of the time that orders records of a type: `ts_recv`, or `ts_event` where there is none. */
export function indexTsWord(batch: RecordBatch): number {
  return (layoutOf(batch.rtype, batch.recordBytes)?.indexTsOffset ?? 8) >>> 2;
}

/** Nanoseconds of the time in words `word` and `word + 1`. */
export function tsOfWords(words: Uint32Array, word: number): bigint {
  return (BigInt(words[word + 1]!) << 32n) | BigInt(words[word]!);
}

/** Picks records by type, instrument and time from raw batches, before any object is made. */
export class RecordFilter {
  readonly #options: RecordFilterOptions;
  readonly #startLo: number;
  readonly #startHi: number;
  readonly #endLo: number;
  readonly #endHi: number;

  constructor(options: RecordFilterOptions) {
    this.#options = options;
    const start = options.start ?? 0n;
    const end = options.end ?? undefinedTimestamp;
    this.#startLo = Number(start & 0xffff_ffffn);
    this.#startHi = Number(start >> 32n);
    this.#endLo = Number(end & 0xffff_ffffn);
    this.#endHi = Number(end >> 32n);
  }

  /** Writes the indexes of the batch's records that pass into `out` (room for all of them) and returns their number. */
  select(batch: RecordBatch, out: Uint32Array): number {
    const { rtypes, instruments, start, end } = this.#options;
    if (rtypes !== undefined && !rtypes.has(batch.rtype)) return 0;
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    const tsWord = indexTsWord(batch);
    const timed = start !== undefined || end !== undefined;
    let selected = 0;
    for (let index = 0; index < count; index++) {
      const at = index * stride;
      if (timed && !this.#inTime(words[at + tsWord]!, words[at + tsWord + 1]!)) continue;
      if (instruments !== undefined) {
        const ranges = instruments.get(words[at + 1]!);
        if (ranges === undefined || !inRanges(tsOfWords(words, at + tsWord), ranges)) continue;
      }
      out[selected++] = index;
    }
    return selected;
  }

  #inTime(lo: number, hi: number): boolean {
    const { end } = this.#options;
    if (hi < this.#startHi || (hi === this.#startHi && lo < this.#startLo)) return false;
    return end === undefined || hi < this.#endHi || (hi === this.#endHi && lo < this.#endLo);
  }
}

function inRanges(ts: bigint, ranges: readonly TimeRange[]): boolean {
  for (const range of ranges) if (range.start <= ts && ts < range.end) return true;
  return false;
}

/** Copies the selected records of a batch one behind the other; `indexes` as `RecordFilter.select` wrote them. */
export function copySelected(batch: RecordBatch, indexes: Uint32Array, count: number): Uint8Array {
  const { bytes, recordBytes } = batch;
  const copied = new Uint8Array(count * recordBytes);
  for (let first = 0; first < count; ) {
    let last = first;
    while (last + 1 < count && indexes[last + 1] === indexes[last]! + 1) last++;
    const start = indexes[first]! * recordBytes;
    copied.set(bytes.subarray(start, (indexes[last]! + 1) * recordBytes), first * recordBytes);
    first = last + 1;
  }
  return copied;
}
