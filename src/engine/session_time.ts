import { flag, type Gap, isUndefinedTimestamp, mboWord, undefinedTimestamp } from '../dbn/index.ts';

/**
 * An event is in the stream this long after it happened, at the latest, and mostly within 0.13 s (model.md §1.7): what was
 * sent at t proves that every event before t − 1 s has come.
 */
const latestNs = 1e9;

/** Moments of a stream's own clock as nanoseconds since the session's start. */
export class SessionTime {
  readonly #startNs: bigint;
  readonly #endNs: bigint;
  readonly #startLo: number;
  readonly #startHi: number;

  /** @param startNs the session's start and end, UNIX nanoseconds */
  constructor(startNs: bigint, endNs: bigint) {
    this.#startNs = startNs;
    this.#endNs = endNs;
    this.#startLo = Number(startNs & 0xffffffffn);
    this.#startHi = Number(startNs >> 32n);
  }

  /** The moment before which every event has come when the gateway sends a heartbeat; −Infinity for an undefined time. */
  provenNs(tsNs: bigint): number {
    return tsNs === undefinedTimestamp ? Number.NEGATIVE_INFINITY : Number(tsNs - this.#startNs) - latestNs;
  }

  /** The same when the MBO record at word `at` was received; −Infinity where the record does not say when that was. */
  receivedNs(words: Uint32Array, at: number): number {
    const [lo, hi] = [words[at + mboWord.tsRecvLo]!, words[at + mboWord.tsRecvHi]!];
    const isUnreliable = (words[at + mboWord.flagsChannelActionSide]! & (flag.snapshot | flag.badTsRecv)) !== 0;
    if (isUnreliable || isUndefinedTimestamp(lo, hi)) return Number.NEGATIVE_INFINITY;
    return (hi - this.#startHi) * 4294967296 + (lo - this.#startLo) - latestNs;
  }

  /**
   * The moment at which a gap takes effect, never before the clock; null for a gap behind the session. A gap that does not
   * say when it began, as the gateway's own, begins at the clock.
   */
  gapNs({ fromNs, toNs }: Gap, clockNs: number): number | null {
    if (fromNs === toNs || fromNs === undefinedTimestamp) return clockNs;
    if (fromNs >= this.#endNs) return null;
    return Math.max(Number(fromNs - this.#startNs), clockNs);
  }
}
