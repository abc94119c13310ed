import { type RecordBatch, rtypeMbo, wordUnits } from '../../dbn/index.ts';
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

/** What is known of a publisher and instrument. */
interface Search {
  readonly tail: TailStream | null;
  snapshotNs: bigint | null;
  /** Records that have come behind the snapshot. */
  seen: number;
  /** Records of the tail from which on it equals all that has come; null before the first record. */
  candidates: readonly number[] | null;
  /** Records behind the snapshot that the recording has already; null while the recording's end was not found. */
  overlap: number | null;
}

/**
 * Joins a snapshot and the feed behind it to the recording that they go on from. A snapshot is up to a
 * minute old: where the recording's last records are found behind it, snapshot and overlap are dropped and nothing is missing
 * (`joined`). Where the recording ends before the snapshot there is a `gap`, and everything is handed out. Where neither can be told,
 * a younger snapshot is needed (`retry`). A state machine that does no I/O.
 */
export class SnapshotOverlap {
  state: 'open' | 'joined' | 'gap' | 'retry' = 'open';
  readonly #tail: Tail;
  readonly #lastReceiveNs: bigint;
  readonly #booked: ReadonlySet<number>;
  readonly #latestNs: bigint;
  readonly #searches = new Map<number, Search>();
  readonly #pending = new PendingRecords();
  #kept: Uint8Array[] = [];

  /**
   * @param tail - from at least 5 s before the snapshot on
   * @param lastReceiveNs - when the recording's last record was received
   * @param booked - instruments of which the recording has a book: of others the snapshot is new
   */
  constructor(tail: Tail, lastReceiveNs: bigint, booked: ReadonlySet<number>) {
    this.#tail = tail;
    this.#booked = booked;
    this.#lastReceiveNs = lastReceiveNs;
    this.#latestNs = (tail.lastEventNs ?? tail.startNs) + patienceNs;
  }

  /** `ts_recv` of the youngest snapshot that has come, UNIX nanoseconds; 0 where none has. */
  get snapshotNs(): bigint {
    let latest = 0n;
    for (const { snapshotNs } of this.#searches.values()) {
      if (snapshotNs !== null && snapshotNs > latest) latest = snapshotNs;
    }
    return latest;
  }

  /** Takes the next run of records. */
  add(batch: RecordBatch): void {
    if (this.state === 'retry') return;
    this.#pending.add(batch, 0, batch.count);
    if (this.state !== 'open' || batch.rtype !== rtypeMbo) return;
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    let isPast = false;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const search = this.#searchOf(streamKey(words, at));
      if (isSnapshotRecord(words, at)) {
        search.snapshotNs = receiveNs(words, at);
        continue;
      }
      compare(search, words, at);
      isPast ||= (eventNs(words, at) ?? 0n) > this.#latestNs;
    }
    this.#decide(isPast);
  }

  /** Says that the feed is silent: what was to come has come. */
  idle(): void {
    if (this.state === 'open' && this.#searches.size > 0) this.#decide(true);
  }

  /** The records to append so far, copies in the order in which they came; none before it is `joined` or a `gap`. */
  take(): Uint8Array[] {
    if (this.state === 'open' || this.state === 'retry') return [];
    const kept = this.#kept;
    this.#kept = [];
    return [...kept, ...this.#pending.take()];
  }

  #searchOf(key: number): Search {
    return this.#searches.getOrInsertComputed(key, () => ({
      tail: this.#tail.streams.get(key) ?? null,
      ...{ snapshotNs: null, seen: 0, candidates: null, overlap: null },
    }));
  }

  /** @param isForced - whether nothing more is to be expected that would tell */
  #decide(isForced: boolean): void {
    let found = 0;
    let missed = 0;
    let unclear = 0;
    let isOpen = false;
    for (const [key, tail] of this.#tail.streams) {
      if (tail.count === 0 && tail.snapshotNs === null) continue;
      const verdict = this.#verdictOf(this.#searchOf(key), tail);
      if (verdict === 'found') found++;
      else if (verdict === 'missed') missed++;
      else if (verdict === 'unclear') unclear++;
      else if (verdict !== 'quiet' && !isForced) isOpen = true;
      else if (verdict === 'waiting') unclear++;
    }
    if (isOpen) return;
    if (unclear > 0 || (found > 0 && missed > 0)) this.state = 'retry';
    else this.state = found > 0 ? 'joined' : 'gap';
    if (this.state === 'retry') this.#pending.take();
    if (this.state === 'joined') this.#dropOverlap();
  }

  #verdictOf(search: Search, tail: TailStream): 'found' | 'missed' | 'quiet' | 'unclear' | 'waiting' | 'unknown' {
    const { snapshotNs, seen, candidates, overlap } = search;
    if (snapshotNs === null) return 'unknown';
    if (tail.count === 0) {
      if (tail.snapshotNs === snapshotNs) return 'found';
      return snapshotNs <= this.#lastReceiveNs ? 'quiet' : 'missed';
    }
    if (candidates?.length === 0) {
      if (overlap !== null) return 'found';
      // None of the feed is in the tail, or its beginning is and what follows differs.
      if (seen > 1) return 'unclear';
    }
    if (tail.lastReceiveNs !== null && tail.lastReceiveNs <= snapshotNs) {
      return snapshotNs <= this.#lastReceiveNs ? 'quiet' : 'missed';
    }
    return candidates?.length === 0 ? 'unclear' : 'waiting';
  }

  /** Keeps of what has come only the records that the recording has not. */
  #dropOverlap(): void {
    const left = new Map<number, { records: number; snapshotRecords: number }>();
    for (const [key, { tail, snapshotNs, overlap }] of this.#searches) {
      const isSame = tail !== null && tail.count === 0 && tail.snapshotNs === snapshotNs;
      const isNew = !this.#booked.has(key % wordUnits);
      const snapshotRecords = isNew ? 0 : isSame ? tail.snapshotRecords : Number.POSITIVE_INFINITY;
      left.set(key, { records: overlap ?? 0, snapshotRecords });
    }
    for (const chunk of this.#pending.take()) {
      if (chunk[1] !== rtypeMbo) {
        this.#kept.push(chunk);
        continue;
      }
      const words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length >>> 2);
      const recordBytes = 4 * (chunk[0] as number);
      let first = 0;
      for (let at = 0; at < chunk.length; at += recordBytes) {
        const due = left.get(streamKey(words, at >>> 2));
        const isOld = isSnapshotRecord(words, at >>> 2)
          ? due !== undefined && due.snapshotRecords-- > 0
          : due !== undefined && due.records-- > 0;
        if (!isOld) continue;
        if (at > first) this.#kept.push(chunk.subarray(first, at));
        first = at + recordBytes;
      }
      if (first < chunk.length) this.#kept.push(chunk.subarray(first));
    }
  }
}

/** Goes on with the search for the end of the recording in what comes behind the snapshot. */
function compare(search: Search, words: Uint32Array, at: number): void {
  const { tail, candidates } = search;
  if (tail === null || tail.count === 0 || candidates?.length === 0) return;
  const seen = search.seen++;
  const next: number[] = [];
  const all = candidates ?? Array.from({ length: tail.count }, (_, index) => index);
  for (const candidate of all) {
    if (!isSameRecord(words, at, tail.words, (candidate + seen) * mboWords)) continue;
    if (candidate + seen + 1 < tail.count) next.push(candidate);
    else search.overlap = Math.max(search.overlap ?? 0, seen + 1);
  }
  search.candidates = next;
}
