import { assert, present, SpymasterError } from '../errors.ts';
import type { BinTiming, ReplayEnd } from '../replay/index.ts';
import { type Channel, type ChannelMessages, channels } from '../wire/index.ts';

/** Bins of a segment: the unit that is computed, cached and prefetched. */
export const segmentBins = 64;

const timingsPerBin = 3;

/**
 * The messages of up to `segmentBins` consecutive bins, ready to send. They are a function of the serving version and
 * the segment's index alone, for every client and every way of reaching it; only the timings, and which channels are there, are of
 * this run.
 */
export interface Segment {
  readonly index: number;
  /** Bins held: `segmentBins`, or fewer when `end` is not null, or more are to come at the end of a stream that grows. */
  readonly count: number;
  readonly end: ReplayEnd;
  /** Length of one Arrow frame; frame `i` starts at `i * frameBytes` of `bytes`. */
  readonly frameBytes: number;
  /** Room for all frames, then for all `grid_update` texts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each text starts in `bytes`, and behind the `count` of them the end of the last. */
  readonly textOffsets: Uint32Array<ArrayBuffer>;
  /** The channels whose messages it has. */
  readonly channels: readonly Channel[];
  /** The messages of its channels, bin by bin and in the order of the wire; where each starts, and the last ends. */
  readonly channelBytes: Uint8Array<ArrayBuffer>;
  readonly channelOffsets: Uint32Array<ArrayBuffer>;
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

/** Whether a segment has the messages of these channels. */
export function hasChannels(segment: Pick<Segment, 'channels'>, wanted: readonly Channel[]): boolean {
  return wanted.every((channel) => segment.channels.includes(channel));
}

/** The message of a channel that a segment has for bin `offset`, texts as UTF-8; a view. */
export function segmentChannel(segment: Segment, offset: number, channel: Channel): Uint8Array<ArrayBuffer> {
  assert(segment.channels.includes(channel), 'a channel is sent of segments that have it');
  const at = offset * channels.length + channels.indexOf(channel);
  return segment.channelBytes.subarray(segment.channelOffsets[at], segment.channelOffsets[at + 1]);
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
    segment.channelBytes.byteLength +
    segment.channelOffsets.byteLength +
    segment.timings.byteLength +
    segment.eventCounts.byteLength
  );
}

/** Room for one `grid_update`: its names and 28 values of up to 25 characters stay well below. */
const maxTextBytes = 2048;

/** Collects the bins of one segment; the memory belongs to the segment, so that it can move to another thread. */
export class SegmentWriter {
  readonly #index: number;
  readonly #frameBytes: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #textOffsets = new Uint32Array(segmentBins + 1);
  readonly #channels: readonly Channel[];
  #channelBytes: Uint8Array<ArrayBuffer>;
  readonly #channelOffsets = new Uint32Array(segmentBins * channels.length + 1);
  readonly #timings = new Float64Array(segmentBins * timingsPerBin);
  readonly #eventCounts = new Uint32Array(segmentBins);
  readonly #encoder = new TextEncoder();
  #count = 0;

  /** `held`: the channels of which it is given messages. */
  constructor(index: number, frameBytes: number, held: readonly Channel[] = channels) {
    this.#index = index;
    this.#channels = held;
    this.#channelBytes = new Uint8Array(held.length === 0 ? 0 : 64 << 10);
    this.#frameBytes = frameBytes;
    // Not cleared: every bin that counts is written, and clearing takes a third of the time of a frame.
    this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(segmentBins * (frameBytes + maxTextBytes)).buffer);
    this.#textOffsets[0] = segmentBins * frameBytes;
  }

  get count(): number {
    return this.#count;
  }

  /** The segment as it grows: a view that has the bins added so far; `end` tells why there will be no more. */
  growing(end: () => ReplayEnd): Segment {
    const writer = this;
    return {
      index: this.#index,
      frameBytes: this.#frameBytes,
      bytes: this.#bytes,
      textOffsets: this.#textOffsets,
      channels: this.#channels,
      channelOffsets: this.#channelOffsets,
      timings: this.#timings,
      eventCounts: this.#eventCounts,
      get count() {
        return writer.#count;
      },
      get end() {
        return end();
      },
      get channelBytes() {
        return writer.#channelBytes;
      },
    };
  }

  /** Copies one bin: its Arrow frame, its text message, those of its channels, when it was made and of how many events. */
  add(frame: Uint8Array, text: string, messages: ChannelMessages, timing: BinTiming, eventCount: number): void {
    const at = this.#count++;
    assert(at < segmentBins && frame.byteLength === this.#frameBytes, 'a segment takes its own frames, up to its size');
    this.#bytes.set(frame, at * this.#frameBytes);
    const textOffset = present(this.#textOffsets[at]);
    const { read, written } = this.#encoder.encodeInto(text, this.#bytes.subarray(textOffset));
    assert(read === text.length, 'the text of a bin fits its room');
    this.#textOffsets[at + 1] = textOffset + written;
    channels.forEach((channel, index) => {
      this.#addMessage(at * channels.length + index, messages[channel]);
    });
    const timingAt = at * timingsPerBin;
    this.#timings[timingAt] = timing.firstEventMs;
    this.#timings[timingAt + 1] = timing.lastEventMs;
    this.#timings[timingAt + 2] = timing.readyMs;
    this.#eventCounts[at] = eventCount;
  }

  #addMessage(at: number, message: string | Uint8Array): void {
    const start = present(this.#channelOffsets[at]);
    // A character takes three bytes at most.
    const most = start + (typeof message === 'string' ? 3 * message.length : message.byteLength);
    if (most > this.#channelBytes.byteLength) {
      const larger = new Uint8Array(Math.max(most, 2 * this.#channelBytes.byteLength));
      larger.set(this.#channelBytes.subarray(0, start));
      this.#channelBytes = larger;
    }
    this.#channelOffsets[at + 1] = start + this.#write(message, start);
  }

  /** Writes a channel's message to its place and gives its length; most channels of most bins have none. */
  #write(message: string | Uint8Array, start: number): number {
    if (message.length === 0) return 0;
    if (typeof message === 'string')
      return this.#encoder.encodeInto(message, this.#channelBytes.subarray(start)).written;
    this.#channelBytes.set(message, start);
    return message.byteLength;
  }

  /** The segment; the writer must not be used any more. */
  finish(end: ReplayEnd): Segment {
    assert(end !== null || this.#count === segmentBins, 'a segment is full unless the stream ends in it');
    return {
      index: this.#index,
      count: this.#count,
      end,
      frameBytes: this.#frameBytes,
      bytes: this.#bytes,
      textOffsets: this.#textOffsets,
      channels: this.#channels,
      channelBytes: this.#channelBytes.slice(0, this.#channelOffsets[this.#count * channels.length]),
      channelOffsets: this.#channelOffsets,
      timings: this.#timings,
      eventCounts: this.#eventCounts,
    };
  }
}

/** A stream that grows while it is read. */
export interface GrowingStream {
  /** Bins that there are now. */
  readonly binCount: number;
  /** Whether it grows no more. */
  readonly isOver: boolean;
  /** Calls `listener` when bins or the end have come; returns what takes it back. */
  onGrowth(listener: () => void): () => void;
}

/** Gives the segments of one serving version. */
export interface SegmentSource {
  /**
   * The segment of `index`; behind the end of the stream an empty one whose `end` says where that was. Of a stream that grows, the
   * last one grows too, and one behind it is waited for. Rejects with
   * the signal's reason when it aborts, or with a SpymasterError when the segment cannot be made. It has the channels that are wanted, or more.
   */
  segment(index: number, signal: AbortSignal, wanted: readonly Channel[]): Promise<Segment>;
}

/** The error that a stream ends with when its engine stopped for a reason of its own. */
export function engineStopped(cause: unknown): SpymasterError {
  // One that a user's signal keeps busy would be so again.
  if (cause instanceof SpymasterError && cause.code === 'SIGNAL_FAILED') return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpymasterError(
    'ENGINE_STOPPED',
    `The engine of this serving version stopped: ${why}. Connect again to start it anew.`,
    {},
    cause,
  );
}
