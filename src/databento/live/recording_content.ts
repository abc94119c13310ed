import {
  type Gap,
  gapsOf,
  mboWord,
  type RecordBatch,
  rtype,
  rtypeMbo,
  streamMappings,
  tsOfWords,
  undefinedTimestamp,
  undefinedTimestampWord,
} from '../../dbn/index.ts';
import { isSnapshotRecord } from './tail.ts';

const { tsEventLo, tsEventHi, tsRecvLo, tsRecvHi } = mboWord;

/** A place in a recording from which its records may be read: all those before it are older than any time past `beforeNs`. */
interface Checkpoint {
  readonly byteOffset: number;
  /** Largest `ts_event` of the MBO records before it that belong to no snapshot; 0 where there is none. */
  readonly beforeNs: bigint;
}

const checkpointBytes = 1 << 20;
/** Event time between a snapshot or gap and the next checkpoint: a tail that is read from there needs neither. */
const settledNs = 10_000_000_000n;

/** What a recording holds, kept up record by record: counts, times, instruments, gaps, and places to read from. */
export class RecordingContent {
  records = 0;
  mboRecords = 0;
  readonly gaps: Gap[] = [];
  /** Ids of the instruments that mappings and MBO records name. */
  readonly instruments = new Set<number>();
  /** Those of which the recording has a book: MBO records behind its last gap. */
  readonly booked = new Set<number>();
  /** Raw symbol by instrument id, as mappings say. */
  readonly symbols = new Map<number, string>();
  readonly #checkpoints: Checkpoint[] = [];
  #nextCheckpoint = 0;
  #eventLo = 0;
  #eventHi = 0;
  #receiveLo = 0;
  #receiveHi = 0;
  #snapshotNs = 0n;
  /** Event time of the first record behind the last snapshot record or gap; null before it. */
  #settlingNs: bigint | null = null;
  #lastInstrument = -1;

  /** Largest `ts_event` of an MBO record that belongs to no snapshot, UNIX nanoseconds; null where there is none. */
  get lastEventNs(): bigint | null {
    return nullFor0((BigInt(this.#eventHi) << 32n) | BigInt(this.#eventLo));
  }

  /** `ts_recv` of the last MBO record, UNIX nanoseconds; null where there is none. */
  get lastReceiveNs(): bigint | null {
    return nullFor0((BigInt(this.#receiveHi) << 32n) | BigInt(this.#receiveLo));
  }

  /** How far the recording reaches in event time: its last record, or its snapshot where nothing has followed; null at first. */
  get reachNs(): bigint | null {
    const event = this.lastEventNs ?? 0n;
    return nullFor0(event > this.#snapshotNs ? event : this.#snapshotNs);
  }

  /** Whether records follow the last snapshot or gap: a replay can go on from them. */
  get canReplay(): boolean {
    return this.#settlingNs !== null;
  }

  /** The last place from which on all records of `startNs` and later stand; null where that is the first record. */
  checkpointBefore(startNs: bigint): number | null {
    return this.#checkpoints.findLast(({ beforeNs }) => beforeNs < startNs)?.byteOffset ?? null;
  }

  /** Takes the next run of records, whose `byteOffset` is its place in the recording. */
  add(batch: RecordBatch): void {
    this.records += batch.count;
    if (batch.byteOffset >= this.#nextCheckpoint) {
      const beforeNs = this.lastEventNs;
      if (beforeNs !== null && this.#settlingNs !== null && beforeNs - this.#settlingNs >= settledNs) {
        this.#checkpoints.push({ byteOffset: batch.byteOffset, beforeNs });
      }
      this.#nextCheckpoint = batch.byteOffset + checkpointBytes;
    }
    if (batch.rtype === rtypeMbo) this.#addMbo(batch);
    else if (batch.rtype === rtype.symbolMapping) {
      for (const { instrumentId, stypeOutSymbol } of streamMappings(batch)) {
        this.instruments.add(instrumentId);
        this.symbols.set(instrumentId, stypeOutSymbol);
      }
    } else {
      const gaps = gapsOf(batch);
      if (gaps === null) return;
      this.gaps.push(...gaps);
      this.#settlingNs = null;
      this.booked.clear();
      this.#lastInstrument = -1;
    }
  }

  #addMbo({ words, recordBytes, count }: RecordBatch): void {
    this.mboRecords += count;
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const instrument = words[at + mboWord.instrumentId] as number;
      if (instrument !== this.#lastInstrument) {
        this.#lastInstrument = instrument;
        this.instruments.add(instrument);
        this.booked.add(instrument);
      }
      const recvLo = words[at + tsRecvLo] as number;
      const recvHi = words[at + tsRecvHi] as number;
      if (recvHi !== undefinedTimestampWord || recvLo !== undefinedTimestampWord) {
        this.#receiveLo = recvLo;
        this.#receiveHi = recvHi;
      }
      if (isSnapshotRecord(words, at)) {
        const ns = tsOfWords(words, at + tsRecvLo);
        if (ns > this.#snapshotNs && ns !== undefinedTimestamp) this.#snapshotNs = ns;
        this.#settlingNs = null;
        continue;
      }
      const lo = words[at + tsEventLo] as number;
      const hi = words[at + tsEventHi] as number;
      if (hi === undefinedTimestampWord && lo === undefinedTimestampWord) continue;
      this.#settlingNs ??= tsOfWords(words, at + tsEventLo);
      if (hi > this.#eventHi || (hi === this.#eventHi && lo > this.#eventLo)) {
        this.#eventHi = hi;
        this.#eventLo = lo;
      }
    }
  }
}

function nullFor0(ns: bigint): bigint | null {
  return ns === 0n ? null : ns;
}
