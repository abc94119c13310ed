/** Delays between attempts to connect, milliseconds. */
export interface RetryTiming {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After an answer that there are too many sessions. */
  readonly limitMs: number;
}

export const defaultRetryTiming: RetryTiming = { firstMs: 250, maxMs: 30_000, limitMs: 60_000 };

/** Exponential backoff with jitter: each delay is drawn from the upper half of a range that doubles up to its largest. */
export class Backoff {
  readonly #timing: RetryTiming;
  readonly #random: () => number;
  #attempts = 0;

  constructor(timing: RetryTiming, random: () => number = Math.random) {
    this.#timing = timing;
    this.#random = random;
  }

  /** The delay before the next attempt. */
  nextMs(isLimit: boolean): number {
    const { firstMs, maxMs, limitMs } = this.#timing;
    const rangeMs = isLimit ? limitMs : Math.min(maxMs, firstMs * 2 ** this.#attempts++);
    return isLimit ? rangeMs * (1 + 0.1 * this.#random()) : rangeMs * (0.5 + 0.5 * this.#random());
  }

  /** Says that an attempt came to something. */
  reset(): void {
    this.#attempts = 0;
  }
}
