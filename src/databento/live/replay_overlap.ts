import { type RecordBatch, rtypeMbo } from '../../dbn/index.ts';
import { PendingRecords } from './pending_records.ts';
import {
  eventNs,
  isSameRecord,
  isSnapshotRecord,
  mboWords,
  patienceNs,
  receiveNs,
  streamKey,
  type Tail,
  type TailStream,
} from './tail.ts';

/** Where a stream of the replay is in its tail. */
interface Cursor {
  readonly tail: TailStream | null;
  /** Records of the tail that have come again. */
  matched: number;
}

/**
 * Joins a replay to the recording that it goes on from: the recording's tail must be a prefix of the
 * replay, per publisher and instrument, which is dropped. A state machine that does no I/O.
 *
 * Records before the tail's start are dropped too. Nothing is handed out before every prefix is complete; from then on
 * everything passes. A record that differs, or a replay that goes 5 s past the recording without all of the tail, breaks it:
 * the replay is not whole, and its records are of no use.
 */
export class ReplayOverlap {
  state: 'open' | 'joined' | 'broken' = 'open';
  readonly #startNs: bigint;
  readonly #latestNs: bigint;
  readonly #cursors = new Map<number, Cursor>();
  readonly #tail: Tail;
  readonly #pending = new PendingRecords();
  /** Streams of which a part of the tail has not come. */
  #incomplete = 0;

  /** @param tail - with at least one record that is no part of a snapshot */
  constructor(tail: Tail) {
    this.#tail = tail;
    this.#startNs = tail.startNs;
    this.#latestNs = (tail.lastEventNs ?? tail.startNs) + patienceNs;
    for (const stream of tail.streams.values()) if (stream.count > 0) this.#incomplete++;
    if (this.#incomplete === 0) this.state = 'broken';
  }

  /** Takes the next run of records of the replay. */
  add(batch: RecordBatch): void {
    if (this.state === 'broken') return;
    if (this.state === 'joined' || batch.rtype !== rtypeMbo) {
      this.#pending.add(batch, 0, batch.count);
      return;
    }
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    let first = 0;
    for (let i = 0; i < count; i++) {
      const verdict = this.#judge(words, i * stride);
      if (verdict === 'keep') continue;
      this.#pending.add(batch, first, i);
      if (verdict === 'break') {
        this.#break();
        return;
      }
      first = i + 1;
    }
    this.#pending.add(batch, first, count);
  }

  /** Says that the replay is over: what has not come does not come. */
  end(): void {
    if (this.state === 'open') this.#break();
  }

  /** The records to append so far, copies in the order in which they came; none before the state is `joined`. */
  take(): Uint8Array[] {
    return this.state === 'joined' ? this.#pending.take() : [];
  }

  #break(): void {
    this.state = 'broken';
    this.#pending.take();
  }

  #judge(words: Uint32Array, at: number): 'keep' | 'drop' | 'break' {
    if (this.state === 'joined') return 'keep';
    const key = streamKey(words, at);
    const cursor = this.#cursors.getOrInsertComputed(key, () => ({
      tail: this.#tail.streams.get(key) ?? null,
      matched: 0,
    }));
    const { tail } = cursor;
    const ns = eventNs(words, at);
    if (tail === null || cursor.matched === tail.count) return this.#judgeNew(words, at, cursor, ns);
    if (isSnapshotRecord(words, at) || (ns !== null && ns < this.#startNs)) return 'drop';
    if (isSameRecord(words, at, tail.words, cursor.matched * mboWords)) {
      cursor.matched++;
      if (cursor.matched === tail.count && --this.#incomplete === 0) this.state = 'joined';
      return 'drop';
    }
    // What came before the recording's own beginning, and records without a time before the first of the tail.
    const isBefore = cursor.matched === 0 && (tail.beginsInside || ns === null);
    return isBefore && (ns === null || ns <= this.#latestNs) ? 'drop' : 'break';
  }

  /** Judges a record of a stream whose tail is complete, or empty. */
  #judgeNew(words: Uint32Array, at: number, { tail, matched }: Cursor, ns: bigint | null): 'keep' | 'drop' | 'break' {
    if (ns !== null && ns > this.#latestNs) return 'break';
    if (matched > 0) return 'keep';
    if (ns === null || ns < this.#startNs) return 'drop';
    const snapshotNs = tail?.snapshotNs ?? null;
    const isInSnapshot = snapshotNs !== null && (receiveNs(words, at) ?? ns) <= snapshotNs;
    return isInSnapshot ? 'drop' : 'keep';
  }
}
