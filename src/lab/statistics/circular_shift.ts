import type { RandomSource } from './random.ts';

/**
 * Firings of a signal as positions into the bins where it could have fired, and what a trade there would have earned.
 * `gainUp` and `gainDown` hold every position's profit in ticks **twice over** (length 2·positions), so that a shifted
 * firing needs no modulo.
 */
export interface FiringOutcomes {
  readonly upAt: Int32Array;
  readonly downAt: Int32Array;
  readonly gainUp: Float64Array;
  readonly gainDown: Float64Array;
  readonly positions: number;
}

/**
 * One-sided p-value of the firings' total profit against the same firings moved together, round the clock, by a random
 * number of positions: their count, sides and clustering stay, only their luck with the market goes. Shifts by less
 * than `minShift` positions are not drawn, since trades that overlap the real ones are not independent of them.
 * NaN when nothing fired or there is no room to shift.
 *
 * (1 + shifts that did at least as well)/(1 + shifts), so that it is never 0: Davison & Hinkley, "Bootstrap methods and
 * their application" (1997), §4.2; circular blocks: Politis & Romano (1992).
 */
export function circularShiftPValue(
  outcomes: FiringOutcomes,
  shifts: number,
  minShift: number,
  random: RandomSource,
): number {
  const { upAt, downAt, positions } = outcomes;
  const room = positions - 2 * minShift + 1;
  if (upAt.length + downAt.length === 0 || room < 2) return Number.NaN;
  const observed = shiftedGain(outcomes, 0);
  // Sums of the same numbers in another order may differ in the last bits; a tie must count as a tie.
  const threshold = observed - 1e-9 * (1 + Math.abs(observed));
  let atLeastAsGood = 0;
  for (let draw = 0; draw < shifts; draw++) {
    if (shiftedGain(outcomes, minShift + random.below(room)) >= threshold) atLeastAsGood++;
  }
  return (1 + atLeastAsGood) / (1 + shifts);
}

function shiftedGain(outcomes: FiringOutcomes, shift: number): number {
  const { upAt, downAt, gainUp, gainDown } = outcomes;
  let sum = 0;
  for (let index = 0; index < upAt.length; index++) sum += gainUp[upAt[index]! + shift]!;
  for (let index = 0; index < downAt.length; index++) sum += gainDown[downAt[index]! + shift]!;
  return sum;
}
