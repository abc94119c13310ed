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

/** When to stop shifting: at `most` shifts, or once `enough` of them did at least as well as the real firings. */
export interface ShiftBudget {
  readonly most: number;
  readonly enough: number;
}

/**
 * One-sided p-value of the firings' total profit against the same firings moved together, round the clock, by a random
 * number of positions: their count, sides and clustering stay, only their luck with the market goes. Shifts by less
 * than `minShift` positions are not drawn, since trades that overlap the real ones are not independent of them.
 * NaN when nothing fired or there is no room to shift.
 *
 * Never 0. A hopeless signal is given up after few shifts, a good one gets them all: Besag & Clifford, "Sequential Monte
 * Carlo p-values", Biometrika 78 (1991). Circular shifts of the whole: Politis & Romano (1992) with one block.
 */
export function circularShiftPValue(
  outcomes: FiringOutcomes,
  minShift: number,
  budget: ShiftBudget,
  random: RandomSource,
): number {
  const { upAt, downAt, positions } = outcomes;
  const room = positions - 2 * minShift + 1;
  if (upAt.length + downAt.length === 0 || room < 2) return Number.NaN;
  const observed = shiftedGain(outcomes, 0);
  // Sums of the same numbers in another order may differ in the last bits; a tie must count as a tie.
  const threshold = observed - 1e-9 * (1 + Math.abs(observed));
  let atLeastAsGood = 0;
  for (let shifts = 1; shifts <= budget.most; shifts++) {
    if (shiftedGain(outcomes, minShift + random.below(room)) < threshold) continue;
    atLeastAsGood++;
    if (atLeastAsGood === budget.enough) return atLeastAsGood / shifts;
  }
  return (1 + atLeastAsGood) / (1 + budget.most);
}

function shiftedGain(outcomes: FiringOutcomes, shift: number): number {
  const { upAt, downAt, gainUp, gainDown } = outcomes;
  let sum = 0;
  for (let index = 0; index < upAt.length; index++) sum += gainUp[upAt[index]! + shift]!;
  for (let index = 0; index < downAt.length; index++) sum += gainDown[downAt[index]! + shift]!;
  return sum;
}
