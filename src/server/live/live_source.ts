import { assert, type SpymasterError } from '../../errors.ts';
import type { ReplayEnd } from '../../replay/index.ts';
import type { Channel } from '../../wire/index.ts';
import { abortable } from '../client_gone.ts';
import { type GrowingStream, type Segment, type SegmentSource, SegmentWriter, segmentBins } from '../segment.ts';
import type { LiveBin } from './head_protocol.ts';

export interface LiveSourceOptions {
  /** Gives the segments that are full. */
  readonly past: SegmentSource;
  /** Called with each segment when it is full. */
  readonly onFull: (segment: Segment) => void;
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
  /** Segments whose first bin is waited for. */
  readonly #waiting = new Map<number, PromiseWithResolvers<Segment>>();
  /** The segment that grows; null before its first bin. */
  #last: { readonly writer: SegmentWriter; readonly segment: Segment } | null = null;
  #binCount = 0;
  #end: ReplayEnd = null;
  #failure: SpymasterError | null = null;
  readonly #receivedMs = new Float64Array(keptTimes).fill(Number.NaN);
  readonly #readMs = new Float64Array(keptTimes).fill(Number.NaN);

  constructor(options: LiveSourceOptions) {
    this.#options = options;
  }

  get binCount(): number {
    return this.#binCount;
  }

  get isOver(): boolean {
    return this.#end !== null;
  }

  /** The error that ended the stream; null. */
  get failure(): SpymasterError | null {
    return this.#failure;
  }

  /** When the record that closed a bin was received by the gateway, UNIX milliseconds; NaN where that is not known any more. */
  receivedMs(seq: number): number {
    return this.#kept(this.#receivedMs, seq);
  }

  /** When it was read from the feed's socket, UNIX milliseconds; NaN where that is not known. */
  readMs(seq: number): number {
    return this.#kept(this.#readMs, seq);
  }

  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  segment(index: number, signal: AbortSignal, wanted: readonly Channel[] = []): Promise<Segment> {
    if (this.#last !== null && index === Math.floor((this.#binCount - 1) / segmentBins)) {
      return Promise.resolve(this.#last.segment);
    }
    if ((index + 1) * segmentBins <= this.#binCount) return this.#options.past.segment(index, signal, wanted);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#end !== null) return Promise.resolve(emptySegment(index, this.#end));
    return this.#wait(index, signal);
  }

  /**
   * Takes bins in order; those that it has already, of an engine that was started again, are left out. Whether any of them was
   * new.
   */
  take(bins: readonly LiveBin[]): boolean {
    const before = this.#binCount;
    for (const bin of bins) {
      if (bin.seq < this.#binCount) continue;
      assert(bin.seq === this.#binCount, 'bins come one after the other');
      this.#add(bin);
    }
    if (this.#binCount === before) return false;
    this.#tell();
    return true;
  }

  /** The stream ends, behind its last bin or by a failure of the reading. */
  finish(end: ReplayEnd): void {
    assert(this.#end === null, 'a stream ends once');
    this.#end = end;
    for (const [index, { resolve }] of this.#waiting) resolve(emptySegment(index, end));
    this.#waiting.clear();
    this.#tell();
  }

  /** Ends the stream by an error, which requests under way and later ones get. */
  fail(error: SpymasterError): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (this.#last !== null) this.finish({ kind: 'failed', message: error.message });
  }

  #add({ seq, frame, text, depth, events, features, timing, eventCount, receivedMs, readMs }: LiveBin): void {
    const index = Math.floor(seq / segmentBins);
    let last = this.#last;
    if (last === null || seq % segmentBins === 0) {
      const writer = new SegmentWriter(index, frame.byteLength);
      last = { writer, segment: writer.growing(() => (writer.count < segmentBins ? this.#end : null)) };
      this.#last = last;
    }
    last.writer.add(frame, text, { depth, events, features }, timing, eventCount);
    this.#receivedMs[seq % keptTimes] = receivedMs;
    this.#readMs[seq % keptTimes] = readMs;
    this.#binCount = seq + 1;
    if (last.writer.count === 1) this.#resolve(index, last.segment);
    if (last.writer.count === segmentBins) this.#options.onFull(last.writer.finish(null));
  }

  #kept(times: Float64Array, seq: number): number {
    const isKept = seq < this.#binCount && seq >= this.#binCount - keptTimes;
    return isKept ? (times[seq % keptTimes] ?? Number.NaN) : Number.NaN;
  }

  #resolve(index: number, segment: Segment): void {
    this.#waiting.get(index)?.resolve(segment);
    this.#waiting.delete(index);
  }

  #wait(index: number, signal: AbortSignal): Promise<Segment> {
    let waiting = this.#waiting.get(index);
    if (waiting === undefined) {
      waiting = Promise.withResolvers<Segment>();
      // Those who waited may all have gone.
      waiting.promise.catch(() => {});
      this.#waiting.set(index, waiting);
    }
    return abortable(waiting.promise, signal);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What stands behind a stream's end. */
function emptySegment(index: number, end: ReplayEnd): Segment {
  return new SegmentWriter(index, 0).finish(end);
}
