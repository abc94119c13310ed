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

/** When to stop shifting: at `maxShifts`, or once `minExceedances` of them did at least as well as the real firings. */
export interface ShiftLimits {
  readonly maxShifts: number;
  readonly minExceedances: number;
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
  limits: ShiftLimits,
  random: RandomSource,
): number {
  const { upAt, downAt, positions } = outcomes;
  const room = positions - 2 * minShift + 1;
  if (upAt.length + downAt.length === 0 || room < 2) return Number.NaN;
  const shifts = new Int32Array(lanes);
  const gains = new Float64Array(lanes);
  shiftedGains(outcomes, shifts, gains);
  const observed = gains[0]!;
  // Sums of the same numbers in another order may differ in the last bits; a tie must count as a tie.
  const threshold = observed - 1e-9 * (1 + Math.abs(observed));
  let atLeastAsGood = 0;
  for (let drawn = 0; drawn < limits.maxShifts; drawn += lanes) {
    for (let lane = 0; lane < lanes; lane++) shifts[lane] = minShift + random.below(room);
    shiftedGains(outcomes, shifts, gains);
    for (let lane = 0; lane < Math.min(lanes, limits.maxShifts - drawn); lane++) {
      if (gains[lane]! < threshold) continue;
      atLeastAsGood++;
      if (atLeastAsGood === limits.minExceedances) return atLeastAsGood / (drawn + lane + 1);
    }
  }
  return (1 + atLeastAsGood) / (1 + limits.maxShifts);
}

/** Shifts summed in one pass over the firings: as many independent sums keep the processor busy. */
const lanes = 8;

/** Total gain at each of `lanes` shifts, to `out`. */
function shiftedGains(outcomes: FiringOutcomes, shifts: Int32Array, out: Float64Array): void {
  out.fill(0);
  addGains(outcomes.upAt, outcomes.gainUp, shifts, out);
  addGains(outcomes.downAt, outcomes.gainDown, shifts, out);
}

function addGains(positions: Int32Array, gains: Float64Array, shifts: Int32Array, out: Float64Array): void {
  const [s0, s1, s2, s3, s4, s5, s6, s7] = shifts as unknown as Lanes;
  let [g0, g1, g2, g3, g4, g5, g6, g7] = out as unknown as Lanes;
  for (let index = 0; index < positions.length; index++) {
    const at = positions[index]!;
    g0 += gains[at + s0]!;
    g1 += gains[at + s1]!;
    g2 += gains[at + s2]!;
    g3 += gains[at + s3]!;
    g4 += gains[at + s4]!;
    g5 += gains[at + s5]!;
    g6 += gains[at + s6]!;
    g7 += gains[at + s7]!;
  }
  out.set([g0, g1, g2, g3, g4, g5, g6, g7]);
}

type Lanes = [number, number, number, number, number, number, number, number];
