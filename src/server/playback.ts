import { SpymasterError } from '../errors.ts';
import { PlaybackSchedule } from '../playback/index.ts';
import type { Channel, Control } from '../wire/index.ts';
import { type GrowingStream, type Segment, type SegmentSource, segmentBins } from './segment.ts';
import { SegmentReader } from './segment_reader.ts';

/** Where time comes from; tests bring their own. */
export interface Clock {
  /** Monotonic, milliseconds. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`; returns what takes it back. */
  after(delayMs: number, run: () => void): () => void;
}

/** Where a playback's bins go. */
export interface PlaybackSink {
  /** Bytes that were handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** Hands over bin `offset` of `segment`; `onTaken` is called when the network has taken it. */
  send(segment: Segment, offset: number, pace: Pace, onTaken: () => void): void;
  /** Passes on to the network what was handed over since the last time. */
  flush(): void;
  /** The stream is over: the last bin was sent. */
  eof(binCount: number): void;
  /** The stream cannot go on. */
  fail(error: unknown): void;
}

/** How a bin's sending went. */
export interface Pace {
  /** When it was due and when it was handed over, on the playback's clock. */
  readonly dueMs: number;
  readonly sentMs: number;
  /** How long it waited because the client did not read. */
  readonly blockedMs: number;
}

export interface PlaybackOptions {
  readonly source: SegmentSource;
  readonly sink: PlaybackSink;
  readonly clock: Clock;
  /** Market time of one bin. */
  readonly cellWidthMs: number;
  /** UNIX time at which the first bin starts. */
  readonly startNs: bigint;
  /** Above this many unread bytes a client is waited for. */
  readonly maxBufferedBytes: number;
  /** A client that reads nothing for this long is given up. */
  readonly maxBlockedMs: number;
  /** What is streamed, where it still grows: playback begins at its newest bin, and seeks past that lead to it. */
  readonly growing?: GrowingStream | undefined;
}

/** Bins that a client of a growing stream gets at its start, so that it has a past to look at. */
const historyBins = 300;

/** Who is less than this behind the newest bin of a growing stream follows it. */
const nearMs = 2000;

/** Bins sent before other work gets its turn. */
const maxBurst = 8;

/**
 * Sends a serving version's bins to one client when the schedule says. Holds two segments at most, and stops asking for
 * more while its client does not read.
 */
export class Playback {
  readonly #options: PlaybackOptions;
  readonly #reader: SegmentReader;
  readonly #schedule: PlaybackSchedule;
  #blockedSinceMs: number | null = null;
  #blockedMs = 0;
  #ended = false;
  #cancelTimer: () => void = () => {};
  #cancelStuckTimer: () => void = () => {};
  /** Whether the next bin of a growing stream is not there yet. */
  #awaitsGrowth = false;
  readonly #stopListening: () => void;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#schedule = new PlaybackSchedule(options);
    this.#reader = new SegmentReader(options.source, (error) => {
      if (error === null) this.#pump();
      else this.#fail(error);
    });
    this.#stopListening = options.growing?.onGrowth(() => this.#grown()) ?? (() => {});
  }

  /** Starts sending: from the first bin, or from the newest one of a stream that grows and some before it. */
  start(): void {
    const { growing, clock } = this.#options;
    if (growing?.isOver === false) {
      this.#schedule.control({ action: 'seek', binSeq: Number.MAX_SAFE_INTEGER, historyBins }, clock.nowMs());
    }
    this.#pump();
  }

  /** Stops for good. */
  stop(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#cancelStuckTimer();
    this.#stopListening();
    this.#reader.close();
  }

  /** Sets the channels that bins are sent with from the next one on. */
  want(channels: readonly Channel[]): void {
    this.#reader.want(channels);
  }

  /** Follows a control message. */
  control(control: Control): void {
    if (this.#ended) return;
    this.#schedule.control(control, this.#options.clock.nowMs());
    this.#cancelTimer();
    this.#clampToNewest();
    // While paused nothing is sent, but a sought segment is loaded.
    if (this.#schedule.isPaused) this.#reader.at(Math.floor(this.#schedule.nextSeq / segmentBins));
    this.#pump();
  }

  #grown(): void {
    if (this.#awaitsGrowth) this.#pump();
  }

  /** Moves a seek past the newest bin of a growing stream to that bin, and follows the stream near it. */
  #clampToNewest(): void {
    const { growing, cellWidthMs } = this.#options;
    const schedule = this.#schedule;
    if (growing === undefined) return;
    this.#awaitsGrowth = schedule.nextSeq >= growing.binCount;
    const nearBins = Math.ceil(nearMs / cellWidthMs);
    if (!growing.isOver && schedule.nextSeq > growing.binCount - nearBins) schedule.follow();
    if (!this.#awaitsGrowth) return;
    if (schedule.clampSeek(growing.binCount)) this.#awaitsGrowth = false;
  }

  #wake(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#pump());
  }

  /** Sends what is due; whatever it waits for (a segment, time, the network) calls it again. */
  #pump(): void {
    this.#sendDue();
    this.#options.sink.flush();
  }

  #sendDue(): void {
    const { sink, clock, maxBufferedBytes } = this.#options;
    const schedule = this.#schedule;
    for (let sent = 0; !this.#ended && !schedule.isPaused; sent++) {
      this.#clampToNewest();
      const segment = this.#reader.at(Math.floor(schedule.nextSeq / segmentBins));
      if (segment === undefined) return;
      const offset = schedule.nextSeq % segmentBins;
      if (offset >= segment.count) {
        // More is to come.
        if (segment.end === null && segment.count < segmentBins) return;
        if (!this.#passEnd(segment)) return;
        continue;
      }
      const nowMs = clock.nowMs();
      const dueMs = schedule.dueMs(nowMs);
      if (dueMs > nowMs || sent === maxBurst) {
        this.#wake(dueMs - nowMs);
        return;
      }
      if (sink.bufferedBytes > maxBufferedBytes) {
        this.#block(nowMs);
        return;
      }
      const pace = { dueMs, sentMs: nowMs, blockedMs: this.#blockedMs };
      this.#blockedMs = 0;
      schedule.sent(nowMs);
      sink.send(segment, offset, pace, () => this.#unblock());
    }
  }

  /** Handles a next bin past the end of the stream; true when a seek was moved to the last bin and sending goes on. */
  #passEnd(segment: Segment): boolean {
    const { end } = segment;
    const { sink } = this.#options;
    if (end?.kind === 'failed') {
      this.#fail(new SpymasterError('ENGINE_STOPPED', end.message));
      return false;
    }
    const binCount = end === null ? 0 : end.binCount;
    if (this.#schedule.clampSeek(binCount)) return true;
    this.stop();
    sink.eof(binCount);
    return false;
  }

  #block(nowMs: number): void {
    if (this.#blockedSinceMs !== null) return;
    this.#blockedSinceMs = nowMs;
    const { maxBlockedMs, clock, maxBufferedBytes } = this.#options;
    this.#cancelStuckTimer = clock.after(maxBlockedMs, () =>
      this.#fail(
        new SpymasterError(
          'PROTOCOL',
          `The client did not read ${maxBufferedBytes} waiting bytes within ${maxBlockedMs / 1000} s. ` +
            'Connect again and read faster, or ask for a lower speed.',
        ),
      ),
    );
  }

  #unblock(): void {
    const { sink, clock, maxBufferedBytes } = this.#options;
    if (this.#ended || this.#blockedSinceMs === null || sink.bufferedBytes > maxBufferedBytes / 2) return;
    this.#blockedMs = clock.nowMs() - this.#blockedSinceMs;
    this.#blockedSinceMs = null;
    this.#cancelStuckTimer();
    this.#pump();
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.stop();
    this.#options.sink.fail(error);
  }
}
