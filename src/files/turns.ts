/** How long a computation may hold the thread before signals, timers and messages get their turn. */
const longestMs = 20;

/**
 * Lets the event loop turn while a long computation runs: without that no Ctrl-C, SIGTERM or message is ever seen, however
 * often the computation looks for one.
 */
export class Turns {
  #startMs = performance.now();

  /** Whether the thread has been held for long enough; to be asked often, it costs one look at the clock. */
  get isDue(): boolean {
    return performance.now() - this.#startMs >= longestMs;
  }

  /** One turn of the event loop, and then the signal's reason if that has aborted. */
  async take(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#startMs = performance.now();
    signal?.throwIfAborted();
  }
}
