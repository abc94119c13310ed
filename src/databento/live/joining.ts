import { type Gap, type RecordBatch, rtypeMbo } from '../../dbn/index.ts';
import { PendingRecords } from './pending_records.ts';
import { batchOfRun, type Recording } from './recording.ts';
import { ReplayOverlap } from './replay_overlap.ts';
import { SnapshotOverlap } from './snapshot_overlap.ts';
import { isSnapshotRecord, patienceNs, receiveNs, type Tail } from './tail.ts';

/** How much older than the newest the snapshots of other instruments may be, nanoseconds: they are taken once a minute. */
const snapshotPeriodNs = 60_000_000_000n;

/** Joins what a new connection brings to a recording: a replay from its tail's start on, or a snapshot. */
export class Joining {
  /** Start of the replay; null for a snapshot. */
  readonly startNs: bigint | null;
  readonly #recording: Recording;
  readonly #lastNs: bigint;
  #overlap: ReplayOverlap | SnapshotOverlap | null;
  /** What comes before the snapshot. */
  readonly #before = new PendingRecords();
  #hasReplayEnded: boolean;

  /** @param tail - what a replay has to begin with; null: a snapshot is taken */
  constructor(recording: Recording, tail: Tail | null) {
    this.#recording = recording;
    this.startNs = tail?.startNs ?? null;
    this.#overlap = tail === null ? null : new ReplayOverlap(tail);
    this.#hasReplayEnded = tail === null;
    this.#lastNs = recording.content.reachNs ?? 0n;
  }

  get state(): 'open' | 'joined' | 'broken' | 'retry' {
    const state = this.#overlap?.state ?? 'open';
    return state === 'gap' ? 'joined' : state;
  }

  /** Whether nothing of the past is to come any more. */
  get isComplete(): boolean {
    return this.state === 'joined' && this.#hasReplayEnded;
  }

  /** Takes the next run of records. */
  async add(batch: RecordBatch): Promise<void> {
    if (this.#overlap === null) {
      if (batch.rtype !== rtypeMbo) {
        this.#before.add(batch, 0, batch.count);
        return;
      }
      this.#overlap = await this.#snapshotOverlap(batch);
      for (const run of this.#before.take()) this.#overlap.add(batchOfRun(run, 0));
    }
    this.#overlap.add(batch);
  }

  /** Says that the replay is complete. */
  end(): void {
    this.#hasReplayEnded = true;
    if (this.#overlap instanceof ReplayOverlap) this.#overlap.end();
  }

  /** Says that the stream is silent. */
  idle(): void {
    if (this.#overlap instanceof SnapshotOverlap) this.#overlap.idle();
  }

  /** What is missing before the records that `take` gives for the first time; null where nothing is. */
  gap(cause: string): Gap | null {
    if (!(this.#overlap instanceof SnapshotOverlap) || this.#overlap.state !== 'gap') return null;
    const { snapshotNs } = this.#overlap;
    const fromNs = this.#lastNs;
    return { fromNs, toNs: snapshotNs > fromNs ? snapshotNs : fromNs, cause };
  }

  /** The records to append so far. */
  take(): Uint8Array[] {
    return this.#overlap?.take() ?? [];
  }

  async #snapshotOverlap({ words }: RecordBatch): Promise<SnapshotOverlap> {
    const { content } = this.#recording;
    const ns = (isSnapshotRecord(words, 0) ? receiveNs(words, 0) : null) ?? this.#lastNs;
    const olderNs = content.instruments.size > 1 ? snapshotPeriodNs : 0n;
    const tail = await this.#recording.tail(ns - olderNs - patienceNs);
    return new SnapshotOverlap(tail, content.lastReceiveNs ?? this.#lastNs, content.booked);
  }
}
