import type { Control, Speed } from '../wire/index.ts';

export interface PlaybackScheduleOptions {
  /** Market time of one bin, milliseconds. */
  readonly cellWidthMs: number;
  /** UNIX time at which the first bin starts. */
  readonly startNs: bigint;
}

/** A bin later than this moves the schedule instead of being caught up with. */
const maxLagMs = 250;

/**
 * Which bin is sent next, and when: pause, resume, seek, restart and speed of one playback (docs/stream.md).
 *
 * Bins are due on a schedule of whole steps from a fixed moment, so that late timers do not add up. The driver owns the
 * clock and the bins: it asks `dueMs`, sends bin `nextSeq`, and reports `sent`. All times are of one monotonic clock.
 */
export class PlaybackSchedule {
  readonly #options: PlaybackScheduleOptions;
  #nextSeq = 0;
  #isPaused = false;
  #speed: Speed = 1;
  /** Bin `#anchorSeq` is due at `#anchorMs`; null until the first bin after a jump can be sent. */
  #anchorMs: number | null = null;
  #anchorSeq = 0;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  /** Whether the next bin is the target of a seek, which may lie past the last bin. */
  #isSeeking = false;
  /** History asked for with the last seek; its bins, all before `#historyEnd`, are due at once. */
  #historyBins = 0;
  #historyEnd = 0;
  /** At the newest bin of a stream that grows: what comes is due at once. */
  #isFollowing = false;

  constructor(options: PlaybackScheduleOptions) {
    this.#options = options;
  }

  /** The bin to send next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Applies a control message at `nowMs`. A seek keeps the pause; a restart ends it. */
  control(control: Control, nowMs: number): void {
    this.#isFollowing = false;
    switch (control.action) {
      case 'pause':
        this.#isPaused = true;
        break;
      case 'resume':
        if (!this.#isPaused) return;
        this.#isPaused = false;
        this.#stepFrom(nowMs);
        break;
      case 'speed':
        this.#speed = control.speed;
        this.#stepFrom(nowMs);
        break;
      case 'restart':
        this.#isPaused = false;
        this.#jump(0);
        break;
      case 'seek':
        this.#jump('binSeq' in control ? control.binSeq : this.#seqAt(control.tsNs), control.historyBins);
        break;
    }
  }

  /** When the next bin is due, at most `nowMs` for one that is due already. Asked only when that bin could be sent. */
  dueMs(nowMs: number): number {
    this.#isSeeking = false;
    if (this.#isFollowing || this.#speed === 'max' || this.#nextSeq < this.#historyEnd) return nowMs;
    if (this.#anchorMs === null) this.#anchor(nowMs);
    const dueMs = (this.#anchorMs ?? nowMs) + (this.#nextSeq - this.#anchorSeq) * this.#stepMs();
    if (nowMs - dueMs <= maxLagMs) return dueMs;
    this.#anchor(nowMs);
    return nowMs;
  }

  /**
   * Notes that the next bin of a growing stream is not there yet: from now on bins are due when they come, until a control message
   * says otherwise. Slower than the market, playback keeps its pace and falls behind.
   */
  follow(): void {
    this.#isFollowing = this.#speed === 'max' || this.#speed >= 1;
  }

  /** Records that the next bin was sent at `nowMs`. */
  sent(nowMs: number): void {
    this.#lastSentMs = nowMs;
    this.#nextSeq++;
  }

  /**
   * Handles a next bin past the last of `binCount` bins: a seek goes to the last bin instead, since a client cannot know
   * where the end is. Returns false when playback is over.
   */
  clampSeek(binCount: number): boolean {
    if (!this.#isSeeking || binCount === 0) return false;
    this.#jump(binCount - 1, this.#historyBins);
    return true;
  }

  /** The first bin that ends at or after a UNIX time. */
  #seqAt(tsNs: bigint): number {
    const { startNs, cellWidthMs } = this.#options;
    return tsNs <= startNs ? 0 : Number((tsNs - startNs - 1n) / (BigInt(cellWidthMs) * 1_000_000n));
  }

  #jump(seq: number, historyBins = 0): void {
    this.#historyBins = historyBins;
    this.#historyEnd = seq;
    this.#nextSeq = Math.max(0, seq - historyBins);
    this.#isSeeking = true;
    this.#anchorMs = null;
  }

  /** Makes the next bin due one step after the last, whatever the schedule was; a seek's history stays due at once. */
  #stepFrom(nowMs: number): void {
    if (this.#nextSeq < this.#historyEnd) return;
    this.#anchor(Math.max(nowMs, this.#lastSentMs + this.#stepMs()));
  }

  #anchor(atMs: number): void {
    this.#anchorSeq = this.#nextSeq;
    this.#anchorMs = atMs;
  }

  #stepMs(): number {
    return this.#speed === 'max' ? 0 : this.#options.cellWidthMs / this.#speed;
  }
}
