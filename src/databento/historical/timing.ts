import { setTimeout as delay } from 'node:timers/promises';
import { systemClock as machineClock } from '../../files/index.ts';

/** How long the download waits for what, in milliseconds; tests wait less. */
export interface DownloadTiming {
  /** For an answer to begin, and between two pieces of its body. */
  readonly silenceMs: number;
  /** Tries of one request, or of one file without a byte of progress. */
  readonly attempts: number;
  /** Pause after the first failure; doubles up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** A longer `Retry-After` than this ends the command instead of keeping it waiting. */
  readonly maxRetryAfterMs: number;
  /** Pauses of one request in all while the server answers that there are too many (429). */
  readonly throttleMs: number;
  /** Between two looks at the jobs; grows by half up to `maxPollMs`. */
  readonly pollMs: number;
  readonly maxPollMs: number;
  /** How long a job may stay in a state that this program does not know before it is left alone. */
  readonly unknownStateMs: number;
  /** How long a job that was submitted may take to show in the list of jobs. */
  readonly settleMs: number;
}

export const defaultTiming: DownloadTiming = {
  silenceMs: 100_000,
  attempts: 6,
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
  maxRetryAfterMs: 300_000,
  throttleMs: 600_000,
  pollMs: 2_000,
  maxPollMs: 60_000,
  unknownStateMs: 600_000,
  settleMs: 180_000,
};

/** The time of this machine and waiting in it; tests replace it to let minutes pass at once. */
export interface DownloadClock {
  nowMs(): number;
  /** Throws the signal's reason when that aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: DownloadClock = {
  ...machineClock,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};
