import { exp } from '../elementary.ts';
import { type Activity, activityCellS } from './activity.ts';
import type { Random } from './random.ts';

/** Decay rates of the clock's excitation, per second: machines answering at once, reactions, persistence. */
const decayPerS = [2500, 60, 1] as const;

/** Which part of the intensity an event came from: the baseline, or the excitation of a time scale. */
export type Cause = 'news' | 'machine' | 'reaction' | 'persistence';

/**
 * When events happen: a Hawkes process with three exponential kernels over a baseline that follows the activity curve,
 * simulated exactly by thinning (Ogata 1981).
 *
 * Events excite by their weight relative to the running mean weight, and the baseline is scaled by the running mean of
 * records per event: so the branching ratio and the rate of records are what was asked for, whatever the flow does.
 */
export class HawkesClock {
  readonly #random: Random;
  readonly #activity: Activity;
  readonly #branching: readonly [number, number, number];
  readonly #immigrantsPerS: number;
  readonly #endS: number;
  #fast = 0;
  #middle = 0;
  #slow = 0;
  #cell = -1;
  #cellEndS = 0;
  #baseline = 0;
  #meanWeight = 1.2;
  #meanRecords = 1.2;

  /** Time of the last event in seconds since the session's start. */
  timeS = 0;
  /** Level of activity in the present cell (1 on average). */
  level = 1;
  cause: Cause = 'news';

  constructor(
    random: Random,
    activity: Activity,
    branching: readonly [number, number, number],
    recordsPerS: number,
    endS: number,
  ) {
    this.#random = random;
    this.#activity = activity;
    this.#branching = branching;
    this.#immigrantsPerS = recordsPerS * (1 - branching[0] - branching[1] - branching[2]);
    this.#endS = endS;
  }

  /** Moves to the next event; false when the session ends before it. */
  advance(): boolean {
    const random = this.#random;
    for (;;) {
      const bound = this.#baseline + this.#fast + this.#middle + this.#slow;
      const waitS = bound > 0 ? random.exponential() / bound : Number.POSITIVE_INFINITY;
      if (this.timeS + waitS >= this.#cellEndS) {
        this.#decay(this.#cellEndS - this.timeS);
        this.timeS = this.#cellEndS;
        if (this.timeS >= this.#endS) return false;
        this.#enterCell();
        continue;
      }
      this.#decay(waitS);
      this.timeS += waitS;
      if (this.timeS >= this.#endS) return false;
      const cause = this.#causeAt(random.unit() * bound);
      if (cause === null) continue;
      this.cause = cause;
      return true;
    }
  }

  /** Tells what the event was: how strongly it excites others, and how many records it took. */
  happened(weight: number, records: number): void {
    this.#meanWeight += (weight - this.#meanWeight) / 4096;
    this.#meanRecords += (records - this.#meanRecords) / 4096;
    this.excite(weight / this.#meanWeight);
  }

  /** Adds the excitation of `events` events of mean weight. */
  excite(events: number): void {
    this.#fast += events * this.#branching[0] * decayPerS[0];
    this.#middle += events * this.#branching[1] * decayPerS[1];
    this.#slow += events * this.#branching[2] * decayPerS[2];
  }

  /** The part of the stacked intensities that holds `x`; null above them all: thinned. */
  #causeAt(x: number): Cause | null {
    const afterFast = this.#baseline + this.#fast;
    if (x < afterFast) return x < this.#baseline ? 'news' : 'machine';
    const afterMiddle = afterFast + this.#middle;
    if (x < afterMiddle) return 'reaction';
    return x < afterMiddle + this.#slow ? 'persistence' : null;
  }

  #enterCell(): void {
    this.#cell++;
    this.#cellEndS = (this.#cell + 1) * activityCellS;
    this.level = this.#activity.level[this.#cell] ?? 1;
    this.#baseline = (this.#immigrantsPerS * (this.#activity.rate[this.#cell] ?? 1)) / this.#meanRecords;
  }

  #decay(seconds: number): void {
    this.#fast *= exp(-decayPerS[0] * seconds);
    this.#middle *= exp(-decayPerS[1] * seconds);
    this.#slow *= exp(-decayPerS[2] * seconds);
  }
}
