/** Times that lie further from the clock than this are of a file that is played, not of today. */
const ofFileMs = 3_600_000;

/**
 * How long after the gateway received a record something was done with it. The times of a file that a gateway plays lie in the past by
 * as much as nobody knows: delays are then what is beyond the least one.
 */
export class LiveDelay {
  #leastMs = Number.POSITIVE_INFINITY;

  /** Whether the recording's times are not of today. */
  get isOfFile(): boolean {
    return Number.isFinite(this.#leastMs) && Math.abs(this.#leastMs) > ofFileMs;
  }

  /** The delay of a bin that was received at `receivedMs` and is at hand at `nowMs`, both UNIX milliseconds. */
  observe(receivedMs: number, nowMs: number): number {
    const delayMs = nowMs - receivedMs;
    if (delayMs < this.#leastMs) this.#leastMs = delayMs;
    return this.isOfFile ? delayMs - this.#leastMs : delayMs;
  }
}
