import {
  flag,
  gapsOf,
  mboWord,
  type RecordBatch,
  rtypeMbo,
  tsOfWords,
  undefinedTimestamp,
  undefinedTimestampWord,
  wordUnits,
} from '../../dbn/index.ts';

/** Words of an MBO record without `ts_out`. */
export const mboWords = 14;
/** How far past the end of a recording, by event time, the records that it ends with may come again. */
export const patienceNs = 5_000_000_000n;

const { header, instrumentId, tsEventLo, tsEventHi, flagsChannelActionSide, tsRecvLo, sequence } = mboWord;

/** What a stream is told by: the publisher and the instrument of a record, as one number. */
export function streamKey(words: Uint32Array, at: number): number {
  return ((words[at + header] as number) >>> 16) * wordUnits + (words[at + instrumentId] as number);
}

/**
 * Whether two MBO records are the same one, as two capture servers may have seen it: all fields but `ts_recv`, `ts_in_delta`
 * and `ts_out`.
 */
export function isSameRecord(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  if ((a[i + header] as number) >>> 8 !== (b[j + header] as number) >>> 8) return false;
  for (let word = instrumentId; word < tsRecvLo; word++) if (a[i + word] !== b[j + word]) return false;
  return a[i + sequence] === b[j + sequence];
}

/** Whether a record belongs to a snapshot of the book. */
export function isSnapshotRecord(words: Uint32Array, at: number): boolean {
  return ((words[at + flagsChannelActionSide] as number) & flag.snapshot) !== 0;
}

/** `ts_event` of a record, UNIX nanoseconds; null where it is undefined. */
export function eventNs(words: Uint32Array, at: number): bigint | null {
  const lo = words[at + tsEventLo] as number;
  const hi = words[at + tsEventHi] as number;
  return lo === undefinedTimestampWord && hi === undefinedTimestampWord ? null : tsOfWords(words, at + tsEventLo);
}

/** `ts_recv` of a record, UNIX nanoseconds; null where it is undefined. */
export function receiveNs(words: Uint32Array, at: number): bigint | null {
  const ns = tsOfWords(words, at + tsRecvLo);
  return ns === undefinedTimestamp ? null : ns;
}

/** The records of a publisher and instrument at the end of a recording. */
export interface TailStream {
  /** The records that are no part of a snapshot, 14 words each, in order; the first `count` of them count. */
  readonly words: Uint32Array;
  readonly count: number;
  /** Whether the recording of this stream begins inside of the tail, by a snapshot or the file's first record. */
  readonly beginsInside: boolean;
  /** `ts_recv` of the snapshot that it begins with, and how many records of it there are; null and 0 where none is in the tail. */
  readonly snapshotNs: bigint | null;
  readonly snapshotRecords: number;
  /** `ts_recv` of the last record of `words`; null where there is none. */
  readonly lastReceiveNs: bigint | null;
}

/** The end of a recording, from a time on, behind its last gap. */
export interface Tail {
  /** Records with an earlier `ts_event` are left out. */
  readonly startNs: bigint;
  readonly streams: ReadonlyMap<number, TailStream>;
  /** Largest `ts_event` of a record that is no part of a snapshot; null where there is none. */
  readonly lastEventNs: bigint | null;
}

class GrowingStream implements TailStream {
  words = new Uint32Array(64 * mboWords);
  count = 0;
  beginsInside: boolean;
  snapshotNs: bigint | null = null;
  snapshotRecords = 0;
  lastReceiveNs: bigint | null = null;
  isInSnapshot = false;

  constructor(beginsInside: boolean) {
    this.beginsInside = beginsInside;
  }

  push(words: Uint32Array, at: number): void {
    const length = this.count * mboWords;
    if (length === this.words.length) {
      const larger = new Uint32Array(2 * length);
      larger.set(this.words);
      this.words = larger;
    }
    this.words.set(words.subarray(at, at + mboWords), length);
    this.count++;
    this.lastReceiveNs = receiveNs(words, at) ?? this.lastReceiveNs;
  }

  /** Takes a record of a snapshot: what comes before a snapshot is of no use for what follows it. */
  addSnapshotRecord(words: Uint32Array, at: number): void {
    const ns = receiveNs(words, at);
    if (!this.isInSnapshot || ns !== this.snapshotNs) {
      this.count = 0;
      this.lastReceiveNs = null;
      this.snapshotNs = ns;
      this.snapshotRecords = 0;
      this.isInSnapshot = true;
      this.beginsInside = true;
    }
    this.snapshotRecords++;
  }
}

/**
 * Collects the tail of a recording from its records, in order. It may start at any record, if all those before it have a
 * `ts_event` below `startNs`.
 *
 * @param fromFirstRecord - whether the records that follow are the recording's first
 */
export class TailCollector implements Tail {
  readonly startNs: bigint;
  readonly streams = new Map<number, GrowingStream>();
  lastEventNs: bigint | null = null;
  #beginsInside: boolean;

  constructor(startNs: bigint, fromFirstRecord: boolean) {
    this.startNs = startNs;
    this.#beginsInside = fromFirstRecord;
  }

  /** Takes a run of records, gap marks among them. */
  add(batch: RecordBatch): void {
    if (batch.rtype !== rtypeMbo) {
      if (gapsOf(batch) !== null) this.#forget();
      return;
    }
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    let key = -1;
    let stream: GrowingStream | null = null;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const next = streamKey(words, at);
      if (stream === null || next !== key) {
        key = next;
        stream = this.streams.getOrInsertComputed(key, () => new GrowingStream(this.#beginsInside));
      }
      if (isSnapshotRecord(words, at)) {
        stream.addSnapshotRecord(words, at);
        continue;
      }
      stream.isInSnapshot = false;
      const ns = eventNs(words, at);
      if (ns !== null && (this.lastEventNs === null || ns > this.lastEventNs)) this.lastEventNs = ns;
      // A record without a time belongs to the tail as the one before it does.
      if (ns === null ? stream.count > 0 : ns >= this.startNs) stream.push(words, at);
      else if (ns !== null && stream.count === 0) stream.beginsInside = false;
    }
  }

  /** Nothing before a gap is of use. */
  #forget(): void {
    this.streams.clear();
    this.lastEventNs = null;
    this.#beginsInside = true;
  }
}
