import { exp } from '../elementary.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** Width of a cell of the activity curve in seconds. */
export const activityCellS = 0.1;

/** Time scale and spread of the slow wave under the regimes, in seconds and in logarithm. */
const waveS = 60;
const waveSd = 0.2;
/** The same of flurries: fractions of a second in which much happens, or little. */
const flurryS = 0.2;
const flurrySd = 1.25;

/** Activity in each cell of a session, relative to its mean. */
export interface Activity {
  /** Of events. */
  readonly rate: Float64Array;
  /** The same without flurries. */
  readonly level: Float64Array;
}

/**
 * The activity of a session: its level is the opening's curve × the regime × a slow log-normal wave, its rate the level ×
 * log-normal flurries. Both are scaled to mean 1 over the session so that the rate that was asked for is the rate that comes.
 *
 * @param openS - seconds from the session's start to the opening; used by profiles that have one
 */
export function activityOf(profile: Profile, durationS: number, openS: number, random: Random): Activity {
  const cells = Math.max(1, Math.ceil(durationS / activityCellS));
  const level = new Float64Array(cells);
  const rate = new Float64Array(cells);
  const waves = new LogNormalWave(waveS, waveSd, random);
  const flurries = new LogNormalWave(flurryS, flurrySd, random);
  const meanS = [profile.meanQuietS, profile.meanFastS] as const;
  let fast = 0;
  let leftS = meanS[0] * random.exponential();
  for (let cell = 0; cell < cells; cell++) {
    if (leftS <= 0) {
      fast = 1 - fast;
      leftS = meanS[fast]! * random.exponential();
    }
    leftS -= activityCellS;
    const opening = profile.opening ? openingCurve(cell * activityCellS - openS) : 1;
    level[cell] = opening * waves.next() * (fast === 1 ? profile.fastFactor : 1);
    rate[cell] = level[cell]! * flurries.next();
  }
  scaleToMean1(level);
  scaleToMean1(rate);
  return { rate, level };
}

/** exp of an Ornstein–Uhlenbeck process, a value per cell. */
class LogNormalWave {
  readonly #keep: number;
  readonly #kick: number;
  readonly #random: Random;
  #log: number;

  constructor(scaleS: number, sd: number, random: Random) {
    this.#keep = exp(-activityCellS / scaleS);
    this.#kick = sd * Math.sqrt(1 - this.#keep * this.#keep);
    this.#random = random;
    this.#log = sd * random.normal();
  }

  next(): number {
    this.#log = this.#keep * this.#log + this.#kick * this.#random.normal();
    // `exp` is for numbers up to 0.
    return this.#log > 0 ? 1 / exp(-this.#log) : exp(this.#log);
  }
}

function scaleToMean1(values: Float64Array): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  for (let i = 0; i < values.length; i++) values[i]! /= mean;
}

/** Thin before the bell, a little less so just before it, a burst at it, then heavy flow that decays hyperbolically. */
function openingCurve(sinceBellS: number): number {
  if (sinceBellS < 0) return 0.12 + 0.12 / (1 - sinceBellS / 20);
  const burst = sinceBellS < 0.5 ? 3 : 1;
  return burst * (1 + 2.2 / (1 + sinceBellS / 40));
}
