import { assert, present, SpymasterError } from '../errors.ts';
import type { BinTiming, ReplayEnd } from '../replay/index.ts';
import { type Channel, type ChannelMessages, channels } from '../wire/index.ts';
import { headerBytes, headerBytesAt, maxHeaderBytes, opcode, writeHeader } from './websocket_header.ts';

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
  /** Length of one Arrow frame. */
  readonly frameBytes: number;
  /** Bin by bin the `grid_update` text and the Arrow frame, each behind the header of its WebSocket message; then unused room. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the messages of each bin start in `bytes`, and behind the `count` of them the end of the last. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The channels whose messages it has. */
  readonly channels: readonly Channel[];
  /** The messages of its channels, bin by bin and in the order of the wire; where each starts, and the last ends. */
  readonly channelBytes: Uint8Array<ArrayBuffer>;
  readonly channelOffsets: Uint32Array<ArrayBuffer>;
  /** `firstEventMs`, `lastEventMs`, `readyMs` of each bin, and its number of events. */
  readonly timings: Float64Array<ArrayBuffer>;
  readonly eventCounts: Uint32Array<ArrayBuffer>;
}

/** Text and frame of bin `offset` of a segment as they go over a WebSocket; a view. */
export function segmentMessages({ bytes, offsets }: Segment, offset: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray(offsets[offset], offsets[offset + 1]);
}

/** The Arrow frame of bin `offset` of a segment; a view. */
export function segmentFrame({ bytes, offsets, frameBytes }: Segment, offset: number): Uint8Array<ArrayBuffer> {
  const end = present(offsets[offset + 1]);
  return bytes.subarray(end - frameBytes, end);
}

/** The UTF-8 `grid_update` text of bin `offset` of a segment; a view. */
export function segmentText({ bytes, offsets, frameBytes }: Segment, offset: number): Uint8Array<ArrayBuffer> {
  const start = present(offsets[offset]);
  const end = present(offsets[offset + 1]) - frameBytes - headerBytes(frameBytes);
  return bytes.subarray(start + headerBytesAt(bytes, start), end);
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
  const at = offset * timingsPerBin;
  const { timings } = segment;
  return {
    firstEventMs: timings[at] ?? Number.NaN,
    lastEventMs: timings[at + 1] ?? Number.NaN,
    readyMs: timings[at + 2] ?? Number.NaN,
  };
}

/** Memory that a segment holds. */
export function segmentBytes(segment: Segment): number {
  return (
    segment.bytes.byteLength +
    segment.offsets.byteLength +
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
  readonly #offsets = new Uint32Array(segmentBins + 1);
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
    const roomBytes = segmentBins * (maxTextBytes + frameBytes + 2 * maxHeaderBytes);
    this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(roomBytes).buffer);
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
      offsets: this.#offsets,
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
    const frameOffset = this.#addText(present(this.#offsets[at]), text);
    const bytes = this.#bytes;
    const frameStart = frameOffset + writeHeader(bytes, frameOffset, opcode.binary, frame.byteLength);
    bytes.set(frame, frameStart);
    this.#offsets[at + 1] = frameStart + frame.byteLength;
    channels.forEach((channel, index) => {
      this.#addMessage(at * channels.length + index, messages[channel]);
    });
    const timingAt = at * timingsPerBin;
    this.#timings[timingAt] = timing.firstEventMs;
    this.#timings[timingAt + 1] = timing.lastEventMs;
    this.#timings[timingAt + 2] = timing.readyMs;
    this.#eventCounts[at] = eventCount;
  }

  /** Writes a text message and gives its end. */
  #addText(offset: number, text: string): number {
    const bytes = this.#bytes;
    // As if it were ASCII, which it nearly always is.
    const start = offset + headerBytes(text.length);
    const { read, written } = this.#encoder.encodeInto(text, bytes.subarray(start));
    assert(read === text.length && written <= maxTextBytes, 'the text of a bin fits its room');
    const end = offset + headerBytes(written) + written;
    if (end !== start + written) bytes.copyWithin(end - written, start, start + written);
    writeHeader(bytes, offset, opcode.text, written);
    return end;
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
      offsets: this.#offsets,
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
