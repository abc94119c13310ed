import { exp } from '../elementary.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** Width of a cell of the activity curve in seconds. */
export const activityCellS = 0.1;

/** Time scale and spread of the slow wave under the regimes, in seconds and in logarithm. */
const waveS = 60;
const waveSd = 0.35;

/**
 * How busy the market is in each cell of a session, relative to its mean: the opening's curve × the regime × a slow
 * log-normal wave, scaled to mean 1 over the session so that the rate that was asked for is the rate that comes.
 *
 * @param openS - seconds from the session's start to the opening; used by profiles that have one
 */
export function activityCurve(profile: Profile, durationS: number, openS: number, random: Random): Float64Array {
  const cells = Math.max(1, Math.ceil(durationS / activityCellS));
  const curve = new Float64Array(cells);
  const keep = 1 - activityCellS / waveS;
  const kick = waveSd * Math.sqrt(1 - keep * keep);
  const meanS = [profile.meanQuietS, profile.meanFastS] as const;
  let fast = 0;
  let leftS = meanS[0] * random.exponential();
  let wave = waveSd * random.normal();
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    if (leftS <= 0) {
      fast = 1 - fast;
      leftS = meanS[fast]! * random.exponential();
    }
    leftS -= activityCellS;
    wave = keep * wave + kick * random.normal();
    const growth = wave > 0 ? 1 / exp(-wave) : exp(wave);
    const opening = profile.opening ? openingCurve(cell * activityCellS - openS) : 1;
    curve[cell] = opening * growth * (fast === 1 ? profile.fastFactor : 1);
    sum += curve[cell]!;
  }
  for (let cell = 0; cell < cells; cell++) curve[cell]! *= cells / sum;
  return curve;
}

/** Thin before the bell, a little less so just before it, a burst at it, then heavy flow that decays hyperbolically. */
function openingCurve(sinceBellS: number): number {
  if (sinceBellS < 0) return 0.08 + 0.12 / (1 - sinceBellS / 20);
  const burst = sinceBellS < 0.5 ? 3 : 1;
  return burst * (0.6 + 5 / (1 + sinceBellS / 40));
}
