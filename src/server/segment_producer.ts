import { present, SpymasterError } from '../errors.ts';
import {
  type Checkpoint,
  type Replay,
  type ReplayCursor,
  type ReplayStartOptions,
  startReplay,
} from '../replay/index.ts';
import { type Channel, channels } from '../wire/index.ts';
import { binMessages } from './bin_messages.ts';
import { Checkpoints } from './checkpoints.ts';
import { type Segment, SegmentWriter, segmentBins } from './segment.ts';

export interface SegmentProducerOptions extends Omit<ReplayStartOptions, 'beforeSlice'> {
  readonly checkpointBytes?: number;
}

/** No request waits for the segment any more. */
export class SegmentCancelled extends Error {}

/** Replays in progress at the same time: clients in different places do not throw each other back. */
const maxCursors = 3;
/** A replay in progress is preferred to a checkpoint that would save fewer bins than this. */
const worthRestoringBins = 4 * segmentBins;
/** How long the thread computes before messages get their turn. */
export const maxTurnMs = 8;

interface Slot extends Replay {
  /** First bin behind the segment that the cursor is making; null when it is free. */
  goalSeq: number | null;
  isCancelled: () => boolean;
  usedAt: number;
}

/** Computes segments of one serving version, in any order. A bin's messages are the same however it was reached. */
export class SegmentProducer {
  readonly #options: SegmentProducerOptions;
  readonly #checkpoints: Checkpoints;
  readonly #messages: ReturnType<typeof binMessages>;
  readonly #slots: Slot[] = [];
  #opening = 0;
  #waiting: (() => void)[] = [];
  #uses = 0;
  #turnStartMs = 0;

  constructor(options: SegmentProducerOptions) {
    this.#options = options;
    this.#checkpoints = new Checkpoints(options.checkpointBytes ?? 128 << 20);
    this.#messages = binMessages(options.spec);
  }

  /**
   * The segment of `index`, empty behind the end of the stream, with the channels that are wanted when its making begins. Throws
   * SegmentCancelled when `isCancelled` turns true, and what opening and resolving the file throw.
   */
  async segment(
    index: number,
    isCancelled: () => boolean,
    wanted: () => readonly Channel[] = () => channels,
  ): Promise<Segment> {
    const startSeq = index * segmentBins;
    const slot = await this.#take(startSeq, isCancelled);
    slot.isCancelled = isCancelled;
    try {
      return await this.#make(slot, index, wanted());
    } catch (error) {
      if (!(error instanceof SegmentCancelled)) this.#discard(slot);
      throw error;
    } finally {
      slot.goalSeq = null;
      if (slot.cursor.end?.kind === 'failed') this.#discard(slot);
      this.#wakeWaiting();
    }
  }

  /** Takes a checkpoint of the same replay that was made elsewhere. */
  addCheckpoint(checkpoint: Checkpoint): void {
    this.#checkpoints.add(checkpoint);
  }

  /** Ends all replays. */
  async close(): Promise<void> {
    await Promise.all(this.#slots.map(({ cursor }) => cursor.close()));
  }

  async #make(slot: Slot, index: number, wanted: readonly Channel[]): Promise<Segment> {
    const { cursor } = slot;
    const { engine } = cursor;
    const writer = new SegmentWriter(index, slot.frameBytes.byteLength, wanted);
    while (writer.count < segmentBins && (await cursor.advance())) {
      const { bin } = engine;
      if (bin.seq >= index * segmentBins) {
        const made = this.#messages(engine, wanted);
        writer.add(slot.frameBytes, made.text, made.channels, cursor.timing, bin.eventCount);
      }
      this.#checkpoint(cursor);
      await this.#yieldIfDue(slot);
    }
    if (cursor.end?.kind === 'eof' && cursor.end.binCount === 0) throw this.#emptyCapture();
    // When the last bin fills a segment, the next one tells the end.
    return writer.finish(writer.count === segmentBins ? null : cursor.end);
  }

  #emptyCapture(): SpymasterError {
    const { symbol, stream_dt, stream_start_time } = this.#options.spec.runtime_snapshot;
    return new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot stream ${symbol} on ${stream_dt} from ${stream_start_time} New York time: the replay file has no event at or ` +
        'after that time; publish a version with an earlier start, or put the file of that day into the lake.',
      { symbol, date: stream_dt },
    );
  }

  #checkpoint({ nextSeq, byteOffset, engine, end }: ReplayCursor): void {
    if (end !== null || !this.#checkpoints.wants(nextSeq)) return;
    this.#checkpoints.add({ nextSeq, byteOffset, state: engine.save() });
  }

  /** A free replay at or before `startSeq`, the one with the least left to do. */
  async #take(startSeq: number, isCancelled: () => boolean): Promise<Slot> {
    for (;;) {
      if (isCancelled()) throw new SegmentCancelled();
      const checkpointSeq = this.#checkpoints.before(startSeq)?.nextSeq ?? 0;
      const nearest = this.#nearest(startSeq);
      const fits = nearest !== null && nearest.seq >= checkpointSeq - worthRestoringBins;
      if (fits && nearest.slot.goalSeq === null) return this.#occupy(nearest.slot, startSeq);
      const isFull = this.#slots.length + this.#opening >= maxCursors;
      const free = this.#slots.filter(({ goalSeq }) => goalSeq === null).sort((a, b) => a.usedAt - b.usedAt)[0];
      // One that is opening may be heading for the place just before this one.
      if (!fits && this.#opening === 0 && (!isFull || free !== undefined)) {
        if (isFull) this.#discard(present(free));
        return await this.#open(startSeq);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #nearest(startSeq: number): { slot: Slot; seq: number } | null {
    let best: { slot: Slot; seq: number } | null = null;
    for (const slot of this.#slots) {
      const seq = slot.goalSeq ?? slot.cursor.nextSeq;
      if (slot.goalSeq === null && slot.cursor.end !== null && seq <= startSeq) return { slot, seq };
      if (seq <= startSeq && seq > (best?.seq ?? -1)) best = { slot, seq };
    }
    return best;
  }

  #occupy(slot: Slot, startSeq: number): Slot {
    slot.goalSeq = startSeq + segmentBins;
    slot.usedAt = ++this.#uses;
    return slot;
  }

  #discard(slot: Slot): void {
    const at = this.#slots.indexOf(slot);
    if (at < 0) return;
    this.#slots.splice(at, 1);
    slot.cursor.close().catch(() => {});
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** A new replay from the last checkpoint before `startSeq`, occupied for it. */
  async #open(startSeq: number): Promise<Slot> {
    this.#opening++;
    try {
      const checkpoint = this.#checkpoints.before(startSeq);
      const replay = await startReplay({ ...this.#options, beforeSlice: () => this.#yieldIfDue(slot) }, checkpoint);
      const slot: Slot = { ...replay, goalSeq: null, isCancelled: () => false, usedAt: 0 };
      this.#slots.push(slot);
      return this.#occupy(slot, startSeq);
    } finally {
      this.#opening--;
      this.#wakeWaiting();
    }
  }

  /** Lets messages in when the thread has computed for a while, and throws SegmentCancelled if one says so. */
  async #yieldIfDue(slot: Slot): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#turnStartMs < maxTurnMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStartMs = this.#options.nowMs();
    if (slot.isCancelled()) throw new SegmentCancelled();
  }
}
