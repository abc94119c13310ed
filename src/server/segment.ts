import { assert, SpymasterError } from '../errors.ts';

/** Bins of a segment: the unit that is computed, cached and prefetched. */
export const segmentBins = 64;

/** What follows the last bin of a segment: more bins (null), the end of the capture, or a file that cannot be read on. */
export type SegmentEnd =
  | null
  | { readonly kind: 'eof'; readonly binCount: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Wall clock moments of a bin's making, UNIX milliseconds; NaN for events that the bin does not have. */
export interface BinTiming {
  readonly firstEventMs: number;
  readonly lastEventMs: number;
  readonly readyMs: number;
}

const timingsPerBin = 3;

/**
 * The messages of up to `segmentBins` consecutive bins, ready to send. They are a function of the serving version and
 * the segment's index alone, whoever asks and however it was reached; only the timings are of this run.
 */
export interface Segment {
  readonly index: number;
  /** Bins held: `segmentBins`, or fewer when `end` is not null. */
  readonly count: number;
  readonly end: SegmentEnd;
  /** Length of one Arrow frame; frame `i` starts at `i * frameBytes` of `bytes`. */
  readonly frameBytes: number;
  /** All frames, then all `grid_update` texts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the texts start in `bytes`, and the end of the last one: `count + 1` offsets. */
  readonly textOffsets: Uint32Array<ArrayBuffer>;
  /** `firstEventMs`, `lastEventMs`, `readyMs` of each bin, and its number of events. */
  readonly timings: Float64Array<ArrayBuffer>;
  readonly eventCounts: Uint32Array<ArrayBuffer>;
}

/** The Arrow frame of bin `offset` of a segment; a view. */
export function segmentFrame(segment: Segment, offset: number): Uint8Array<ArrayBuffer> {
  return segment.bytes.subarray(offset * segment.frameBytes, (offset + 1) * segment.frameBytes);
}

/** The UTF-8 `grid_update` text of bin `offset` of a segment; a view. */
export function segmentText(segment: Segment, offset: number): Uint8Array<ArrayBuffer> {
  return segment.bytes.subarray(segment.textOffsets[offset], segment.textOffsets[offset + 1]);
}

export function segmentTiming(segment: Segment, offset: number): BinTiming {
  const [firstEventMs = Number.NaN, lastEventMs = Number.NaN, readyMs = Number.NaN] = segment.timings.subarray(
    offset * timingsPerBin,
    (offset + 1) * timingsPerBin,
  );
  return { firstEventMs, lastEventMs, readyMs };
}

/** Memory that a segment holds. */
export function segmentBytes(segment: Segment): number {
  return (
    segment.bytes.byteLength +
    segment.textOffsets.byteLength +
    segment.timings.byteLength +
    segment.eventCounts.byteLength
  );
}

/** Collects the bins of one segment; the memory belongs to the segment, so that it can move to another thread. */
export class SegmentWriter {
  readonly #index: number;
  readonly #frameBytes: number;
  readonly #frames: Uint8Array<ArrayBuffer>;
  readonly #texts: Uint8Array<ArrayBuffer>[] = [];
  readonly #timings = new Float64Array(segmentBins * timingsPerBin);
  readonly #eventCounts = new Uint32Array(segmentBins);
  readonly #encoder = new TextEncoder();

  constructor(index: number, frameBytes: number) {
    this.#index = index;
    this.#frameBytes = frameBytes;
    this.#frames = new Uint8Array(segmentBins * frameBytes);
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Copies one bin: its Arrow frame, its text message, when it was made and of how many events. */
  add(frame: Uint8Array, text: string, timing: BinTiming, eventCount: number): void {
    const at = this.#texts.length;
    assert(at < segmentBins && frame.byteLength === this.#frameBytes, 'a segment takes its own frames, up to its size');
    this.#frames.set(frame, at * this.#frameBytes);
    this.#texts.push(this.#encoder.encode(text));
    this.#timings.set([timing.firstEventMs, timing.lastEventMs, timing.readyMs], at * timingsPerBin);
    this.#eventCounts[at] = eventCount;
  }

  finish(end: SegmentEnd): Segment {
    const count = this.#texts.length;
    assert(end !== null || count === segmentBins, 'a segment is full unless the stream ends in it');
    const framesBytes = count * this.#frameBytes;
    const textOffsets = new Uint32Array(count + 1);
    textOffsets[0] = framesBytes;
    for (const [at, text] of this.#texts.entries()) textOffsets[at + 1] = textOffsets[at]! + text.byteLength;
    const bytes = new Uint8Array(textOffsets[count]!);
    bytes.set(this.#frames.subarray(0, framesBytes));
    for (const [at, text] of this.#texts.entries()) bytes.set(text, textOffsets[at]);
    return {
      index: this.#index,
      count,
      end,
      frameBytes: this.#frameBytes,
      bytes,
      textOffsets,
      timings: this.#timings,
      eventCounts: this.#eventCounts,
    };
  }
}

/** Gives the segments of one serving version. */
export interface SegmentSource {
  /**
   * The segment of `index`; behind the end of the stream an empty one whose `end` says where that was. Rejects with
   * the signal's reason when it aborts, or with a SpymasterError when the segment cannot be made.
   */
  segment(index: number, signal: AbortSignal): Promise<Segment>;
}

/** The error that a stream ends with when its engine stopped for a reason of its own. */
export function engineStopped(cause: unknown): SpymasterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpymasterError(
    'ENGINE_STOPPED',
    `The engine of this serving version stopped: ${why}. Connect again to start it anew.`,
    {},
    cause,
  );
}
