import { SpymasterError } from '../errors.ts';
import type { Control, Speed } from '../wire/index.ts';
import { type Segment, type SegmentSource, segmentBins } from './segment.ts';
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
}

/** A bin that is later than this moves the schedule instead of being caught up with. */
const maxLagMs = 250;
/** Bins sent before other work gets its turn. */
const maxBurst = 8;

/**
 * One client's way through a serving version: which bin comes next, and when.
 *
 * Bins are due on a schedule of whole cell widths from a fixed moment, so that timers that fire late do not add up. A
 * playback holds two segments at most, and stops asking for more while its client does not read.
 */
export class Playback {
  readonly #options: PlaybackOptions;
  readonly #reader: SegmentReader;
  #nextSeq = 0;
  #paused = false;
  #speed: Speed = 1;
  /** The schedule: bin `#anchorSeq` is due at `#anchorMs`. Not set until the first bin can be sent. */
  #anchorMs: number | null = null;
  #anchorSeq = 0;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #blockedSinceMs: number | null = null;
  #blockedMs = 0;
  /** A seek whose target may lie behind the last bin. */
  #seeking = false;
  #ended = false;
  #cancelTimer: () => void = () => {};
  #cancelStuckTimer: () => void = () => {};

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#reader = new SegmentReader(options.source, (error) => {
      if (error === null) this.#pump();
      else this.#fail(error);
    });
  }

  /** Starts sending from the first bin. */
  start(): void {
    this.#pump();
  }

  /** Stops for good. */
  stop(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#cancelStuckTimer();
    this.#reader.close();
  }

  /** Follows a control message. */
  control(control: Control): void {
    if (this.#ended) return;
    switch (control.action) {
      case 'pause':
        this.#paused = true;
        break;
      case 'resume':
        if (!this.#paused) return;
        this.#paused = false;
        this.#keepPace();
        break;
      case 'speed':
        this.#speed = control.speed;
        this.#keepPace();
        break;
      case 'restart':
        this.#paused = false;
        this.#jump(0);
        break;
      case 'seek':
        this.#jump('binSeq' in control ? control.binSeq : this.#seqAt(control.tsNs));
        break;
    }
    this.#cancelTimer();
    // Even while nothing is sent, a sought segment is made ready.
    if (this.#paused) this.#reader.at(Math.floor(this.#nextSeq / segmentBins));
    this.#pump();
  }

  /** The first bin that ends at or after a UNIX time. */
  #seqAt(tsNs: bigint): number {
    const { startNs, cellWidthMs } = this.#options;
    if (tsNs <= startNs) return 0;
    const cellNs = BigInt(cellWidthMs) * 1_000_000n;
    return Number((tsNs - startNs - 1n) / cellNs);
  }

  #jump(seq: number): void {
    this.#nextSeq = seq;
    this.#seeking = true;
    this.#anchorMs = null;
  }

  /** Lets the next bin come one step after the last, whatever the schedule was. */
  #keepPace(): void {
    this.#anchorSeq = this.#nextSeq;
    this.#anchorMs = Math.max(this.#options.clock.nowMs(), this.#lastSentMs + this.#stepMs());
  }

  #stepMs(): number {
    return this.#speed === 'max' ? 0 : this.#options.cellWidthMs / this.#speed;
  }

  #dueMs(nowMs: number): number {
    if (this.#speed === 'max') return nowMs;
    this.#anchorMs ??= this.#anchorAt(nowMs);
    const dueMs = this.#anchorMs + (this.#nextSeq - this.#anchorSeq) * this.#stepMs();
    if (nowMs - dueMs <= maxLagMs) return dueMs;
    this.#anchorMs = this.#anchorAt(nowMs);
    return nowMs;
  }

  #anchorAt(nowMs: number): number {
    this.#anchorSeq = this.#nextSeq;
    return nowMs;
  }

  #wake(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#pump());
  }

  /** Sends what is due; whatever it waits for (a segment, time, the network) calls it again. */
  #pump(): void {
    const { sink, clock, maxBufferedBytes } = this.#options;
    for (let sent = 0; !this.#ended && !this.#paused; sent++) {
      const segment = this.#reader.at(Math.floor(this.#nextSeq / segmentBins));
      if (segment === undefined) return;
      const offset = this.#nextSeq % segmentBins;
      if (offset >= segment.count) {
        if (!this.#passEnd(segment)) return;
        continue;
      }
      this.#seeking = false;
      const nowMs = clock.nowMs();
      const dueMs = this.#dueMs(nowMs);
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
      this.#lastSentMs = nowMs;
      this.#nextSeq++;
      sink.send(segment, offset, pace, () => this.#unblock());
    }
  }

  /** Handles a position behind the last bin of the stream; true when the position was moved and sending can go on. */
  #passEnd(segment: Segment): boolean {
    const { end } = segment;
    const { sink } = this.#options;
    if (end?.kind === 'failed') {
      this.#fail(new SpymasterError('ENGINE_STOPPED', end.message));
      return false;
    }
    const binCount = end === null ? 0 : end.binCount;
    if (this.#seeking && binCount > 0) {
      // A seek behind the end goes to the last bin, which a client cannot know before.
      this.#nextSeq = binCount - 1;
      return true;
    }
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
