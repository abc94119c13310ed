import { productTypeOf } from '../../config/index.ts';
import type { MarketClock } from './gateway_clock.ts';
import type { GatewayOutput } from './gateway_output.ts';
import { type RecordingWindow, windowAt } from './recording_window.ts';

/** How long before a session's end the market stands still, nanoseconds: the recorder has opened its next file by then. */
const beforeEndNs = 60_000_000_000n;
/** How often a market that stands still looks for a new session. */
const lookMs = 5;

export interface HaltOptions {
  readonly clock: MarketClock;
  readonly output: GatewayOutput;
  readonly dataset: string;
  /** How long the market stands still at most. */
  readonly waitMs: number;
}

/**
 * Where the market stands still at full speed. It is ahead of its readers by all that waits in sockets, which may be days; before a
 * session's end it waits until another session of the gateway starts, whose snapshot then is of before that end: a recorder that
 * rolls to its next file. Where none starts, the market goes on after a while.
 */
export class SessionHalts {
  readonly #options: HaltOptions;
  #nextRel = Number.POSITIVE_INFINITY;

  constructor(options: HaltOptions) {
    this.#options = options;
  }

  /** The next halt, nanoseconds from the clock's base; infinite where the market never waits. */
  get nextRel(): number {
    return this.#nextRel;
  }

  /** A stream goes on at a time. Who starts while the market stands still is the one it waits for. */
  startAt(rel: number): void {
    this.#nextRel = this.#behind(Math.max(rel, this.#options.clock.haltRel));
  }

  /** Waits at each halt before a time. */
  async pass(rel: number): Promise<void> {
    for (; rel > this.#nextRel; this.#nextRel = this.#behind(this.#nextRel)) await this.#wait();
  }

  async #wait(): Promise<void> {
    const { clock, output, waitMs } = this.#options;
    const begun = clock.sessionsBegun;
    const untilMs = performance.now() + waitMs;
    const before = clock.haltRel;
    clock.haltRel = this.#nextRel;
    try {
      while (clock.sessionsBegun === begun && performance.now() < untilMs) await output.sleep(lookMs);
    } catch (over) {
      // The connection was lost meanwhile: the one that goes on waits in its place.
      clock.haltRel = before;
      throw over;
    }
  }

  /** The first halt behind a time. */
  #behind(rel: number): number {
    const { clock, dataset } = this.#options;
    const productType = productTypeOf(dataset);
    if (clock.isPaced || productType === null) return Number.POSITIVE_INFINITY;
    const haltRelOf = ({ endNs }: RecordingWindow) => Number(endNs - beforeEndNs - clock.baseNs);
    const window = windowAt(productType, clock.ns(rel));
    const haltRel = haltRelOf(window);
    return haltRel > rel ? haltRel : haltRelOf(windowAt(productType, window.endNs));
  }
}
