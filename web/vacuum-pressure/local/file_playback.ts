import { PlaybackSchedule, type PlaybackScheduleOptions } from '../../../src/playback/index.ts';
import type { Control } from '../../../src/wire/index.ts';
import type { FileBin } from './file_bins.ts';

export interface FilePlaybackOptions extends PlaybackScheduleOptions {
  /** Starts the replay again from its first bin. */
  readonly replay: () => AsyncIterator<FileBin, void>;
  readonly nowMs: () => number;
  /** Resolves after a while, or at once when the worker is woken by a message. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly send: (bin: FileBin) => void;
  /** Whether the page has taken what was sent; it is asked again after a wake-up. */
  readonly mayRunAhead: () => boolean;
}

/** A sleep that only a message ends. */
const noDeadlineMs = 2 ** 30;

/**
 * Sends a dropped file's bins to the page when the schedule says, with the controls of a server's stream. Bins are not
 * kept: a seek back replays the file from its start.
 */
export class FilePlayback {
  readonly #options: FilePlaybackOptions;
  readonly #schedule: PlaybackSchedule;
  #replay: AsyncIterator<FileBin, void>;
  /** The bin that the replay yielded last and that was not sent yet. */
  #pending: FileBin | null = null;
  /** Bins that the replay has yielded. */
  #replayedBins = 0;
  /** Counts replays, so that a bin of an abandoned one is not sent. */
  #replays = 0;

  constructor(options: FilePlaybackOptions) {
    this.#options = options;
    this.#schedule = new PlaybackSchedule(options);
    this.#replay = options.replay();
  }

  control(control: Control): void {
    this.#schedule.control(control, this.#options.nowMs());
    this.#rewindIfBehind();
  }

  /** Sends bins until the last; returns how many the file has. Throws what the replay throws. */
  async run(): Promise<number> {
    const { nowMs, sleep, send, mayRunAhead } = this.#options;
    const schedule = this.#schedule;
    for (;;) {
      if (this.#pending === null && !(await this.#pull())) return this.#replayedBins;
      const bin = this.#pending;
      if (bin === null) continue;
      if (bin.seq < schedule.nextSeq) {
        this.#pending = null;
        continue;
      }
      const waitMs = schedule.isPaused || !mayRunAhead() ? noDeadlineMs : schedule.dueMs(nowMs()) - nowMs();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue;
      }
      this.#pending = null;
      schedule.sent(nowMs());
      send(bin);
    }
  }

  /** Takes the replay's next bin, if it was not abandoned meanwhile; false when playback is over. */
  async #pull(): Promise<boolean> {
    const replays = this.#replays;
    const { value, done } = await this.#replay.next();
    if (replays !== this.#replays) return true;
    if (done !== true) {
      this.#pending = value;
      this.#replayedBins = value.seq + 1;
      return true;
    }
    if (!this.#schedule.clampSeek(this.#replayedBins)) return false;
    this.#rewindIfBehind();
    return true;
  }

  /** Starts the file again when the next bin to send lies before what the replay has passed. */
  #rewindIfBehind(): void {
    const passed = this.#pending === null ? this.#replayedBins : this.#pending.seq;
    if (this.#schedule.nextSeq >= passed) return;
    this.#replays++;
    void this.#replay.return?.();
    this.#replay = this.#options.replay();
    this.#pending = null;
    this.#replayedBins = 0;
  }
}
