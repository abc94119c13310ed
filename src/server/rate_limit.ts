/** Allows `burst` events at once and `perSecond` in the long run. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** Whether an event at `nowMs` (monotonic) is within the limit; it is counted only then. */
  take(nowMs: number): boolean {
    const gained = Math.max(0, nowMs - this.#lastMs) * (this.#perSecond / 1000);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#lastMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
