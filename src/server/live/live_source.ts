import { assert, type SpymasterError } from '../../errors.ts';
import type { ReplayEnd } from '../../replay/index.ts';
import { type GrowingStream, type Segment, type SegmentSource, SegmentWriter, segmentBins } from '../segment.ts';
import type { LiveBin } from './head_protocol.ts';

export interface LiveSourceOptions {
  /** Gives the segments that are full. */
  readonly past: SegmentSource;
  /** Called with each segment when it is full. */
  readonly onFull: (segment: Segment) => void;
}

interface Waiter {
  readonly resolve: (segment: Segment) => void;
  readonly reject: (error: unknown) => void;
}

/** Bins of which it is known when they were received. */
const keptTimes = 4096;

/**
 * The segments of a live stream. The last one is made here, of bins as they close, and read while it grows; it is handed on when it
 * is full, and from then on comes from where the past does.
 */
export class LiveSource implements SegmentSource, GrowingStream {
  readonly #options: LiveSourceOptions;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Map<number, Set<Waiter>>();
  /** The segment that grows; null before its first bin. */
  #last: { readonly writer: SegmentWriter; readonly segment: Segment } | null = null;
  #binCount = 0;
  #end: ReplayEnd = null;
  #failure: SpymasterError | null = null;
  readonly #receivedMs = new Float64Array(keptTimes).fill(Number.NaN);

  constructor(options: LiveSourceOptions) {
    this.#options = options;
  }

  get binCount(): number {
    return this.#binCount;
  }

  get isOver(): boolean {
    return this.#end !== null;
  }

  /** When the record that closed a bin was received by the gateway, UNIX milliseconds; NaN where that is not known any more. */
  receivedMs(seq: number): number {
    const isKept = seq < this.#binCount && seq >= this.#binCount - keptTimes;
    return isKept ? (this.#receivedMs[seq % keptTimes] ?? Number.NaN) : Number.NaN;
  }

  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  segment(index: number, signal: AbortSignal): Promise<Segment> {
    if (this.#last !== null && index === Math.floor((this.#binCount - 1) / segmentBins)) {
      return Promise.resolve(this.#last.segment);
    }
    if ((index + 1) * segmentBins <= this.#binCount) return this.#options.past.segment(index, signal);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#end !== null) return Promise.resolve(emptySegment(index, this.#end));
    return this.#wait(index, signal);
  }

  /** Takes bins in order; those that it has already, of an engine that was started again, are left out. */
  take(bins: readonly LiveBin[]): void {
    for (const bin of bins) {
      if (bin.seq < this.#binCount) continue;
      assert(bin.seq === this.#binCount, 'bins come one after the other');
      this.#add(bin);
    }
    this.#tell();
  }

  /** The stream ends, behind its last bin or by a failure of the reading. */
  finish(end: ReplayEnd): void {
    assert(this.#end === null, 'a stream ends once');
    this.#end = end;
    for (const [index, waiters] of this.#waiting) {
      for (const { resolve } of waiters) resolve(emptySegment(index, end));
    }
    this.#waiting.clear();
    this.#tell();
  }

  /** Ends the stream by an error, which requests under way and later ones get. */
  fail(error: SpymasterError): void {
    this.#failure = error;
    for (const waiters of this.#waiting.values()) for (const { reject } of waiters) reject(error);
    this.#waiting.clear();
    if (this.#last !== null) this.finish({ kind: 'failed', message: error.message });
  }

  #add({ seq, frame, text, depth, timing, eventCount, receivedMs }: LiveBin): void {
    const index = Math.floor(seq / segmentBins);
    let last = this.#last;
    if (last === null || seq % segmentBins === 0) {
      const writer = new SegmentWriter(index, frame.byteLength);
      last = { writer, segment: writer.growing(() => (writer.count < segmentBins ? this.#end : null)) };
      this.#last = last;
    }
    last.writer.add(frame, text, depth, timing, eventCount);
    this.#receivedMs[seq % keptTimes] = receivedMs;
    this.#binCount = seq + 1;
    if (last.writer.count === 1) this.#resolve(index, last.segment);
    if (last.writer.count === segmentBins) this.#options.onFull(last.writer.finish(null));
  }

  #resolve(index: number, segment: Segment): void {
    for (const { resolve } of this.#waiting.get(index) ?? []) resolve(segment);
    this.#waiting.delete(index);
  }

  #wait(index: number, signal: AbortSignal): Promise<Segment> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(index) ?? new Set<Waiter>();
      this.#waiting.set(index, waiters);
      const giveUp = () => {
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#waiting.get(index) === waiters) this.#waiting.delete(index);
        reject(signal.reason);
      };
      const heard = () => signal.removeEventListener('abort', giveUp);
      const waiter: Waiter = {
        resolve: (segment) => {
          heard();
          resolve(segment);
        },
        reject: (error) => {
          heard();
          reject(error);
        },
      };
      waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What stands behind a stream's end. */
function emptySegment(index: number, end: ReplayEnd): Segment {
  return new SegmentWriter(index, 0).finish(end);
}
