/** The time of day. Who needs it is given one, so that tests and simulations can have their own. */
export interface Clock {
  /** UNIX time, milliseconds. */
  nowMs(): number;
}

/** The clock of this machine, which may be wrong and may jump. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** UNIX time in milliseconds with their fractions, never going back within a process: for measuring what passes from thread to thread. */
export function preciseNowMs(): number {
  return performance.timeOrigin + performance.now();
}
