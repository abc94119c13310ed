import type { Control, Speed } from '../../../src/wire/index.ts';
import type { FileBin } from './file_bins.ts';

export interface FilePlaybackOptions {
  /** Starts the replay anew from its first bin. */
  readonly replay: () => AsyncIterator<FileBin, void>;
  readonly cellWidthMs: number;
  /** UNIX time at which the first bin starts. */
  readonly startNs: bigint;
  readonly nowMs: () => number;
  /** Resolves after a while, or at once when `wake` is called. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly send: (bin: FileBin) => void;
  /** Whether the page has taken in what was sent; it is asked again after `wake`. */
  readonly mayRunAhead: () => boolean;
}

/** Sleeping this long is for ever: a control wakes it. */
const foreverMs = 2 ** 30;

/**
 * The way through a file: which bin comes next, and when. Follows the same controls as a server's stream. A seek back
 * starts the file again, since nothing of a file is kept.
 */
export class FilePlayback {
  readonly #options: FilePlaybackOptions;
  #replay: AsyncIterator<FileBin, void>;
  #pending: FileBin | null = null;
  #paused = false;
  #speed: Speed = 1;
  /** Bins before this one are not sent. */
  #target = 0;
  #nextSeq = 0;
  #dueMs = Number.NEGATIVE_INFINITY;
  /** Counts jumps, so that a bin that was being made when one happened is not sent. */
  #jumps = 0;

  constructor(options: FilePlaybackOptions) {
    this.#options = options;
    this.#replay = options.replay();
  }

  control(control: Control): void {
    if (control.action === 'pause') this.#paused = true;
    else if (control.action === 'resume') this.#paused = false;
    else if (control.action === 'speed') this.#speed = control.speed;
    else if (control.action !== 'seek') {
      this.#paused = false;
      this.#jump(0);
    } else this.#jump('binSeq' in control ? control.binSeq : this.#seqAt(control.tsNs));
    this.#dueMs = Math.min(this.#dueMs, this.#options.nowMs() + this.#stepMs());
  }

  /** The first bin that ends at or after a UNIX time. */
  #seqAt(tsNs: bigint): number {
    const { startNs, cellWidthMs } = this.#options;
    return tsNs <= startNs ? 0 : Number((tsNs - startNs - 1n) / (BigInt(cellWidthMs) * 1_000_000n));
  }

  #jump(seq: number): void {
    this.#target = seq;
    this.#dueMs = Number.NEGATIVE_INFINITY;
    if (seq >= this.#nextSeq) return;
    this.#jumps++;
    void this.#replay.return?.();
    this.#replay = this.#options.replay();
    this.#pending = null;
    this.#nextSeq = 0;
  }

  #stepMs(): number {
    return this.#speed === 'max' ? 0 : this.#options.cellWidthMs / this.#speed;
  }

  /** Sends bins until the last; returns how many there are. Throws what the replay throws. */
  async run(): Promise<number> {
    const { nowMs, sleep, send, mayRunAhead } = this.#options;
    for (;;) {
      const jumps = this.#jumps;
      if (this.#pending === null) {
        const { value, done } = await this.#replay.next();
        if (jumps !== this.#jumps) continue;
        if (done === true) return this.#nextSeq;
        this.#pending = value;
        this.#nextSeq = value.seq + 1;
      }
      if (this.#pending.seq < this.#target) {
        this.#pending = null;
        continue;
      }
      const waitMs = this.#paused || !mayRunAhead() ? foreverMs : this.#dueMs - nowMs();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue;
      }
      // A schedule that was missed is not caught up with.
      this.#dueMs = Math.max(this.#dueMs, nowMs() - this.#options.cellWidthMs) + this.#stepMs();
      send(this.#pending);
      this.#pending = null;
    }
  }
}
