import type { Clock } from './playback.ts';

/** The machine's monotonic clock; a delay of 0 runs after what is ready now. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    if (delayMs <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    // Timers keep whole milliseconds: rounding up never wakes too early.
    const timer = setTimeout(run, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
};
