import { normalQuantile } from './normal.ts';
import { studentTSurvival } from './student_t.ts';

/** Smaller probabilities are soon no doubles any more; its z is 37.479. */
const smallestP = 1e-307;

/**
 * The normal quantile of the same probability as `t` has under Student's t with `df` degrees of freedom: Φ⁻¹(1 − p), for
 * p = P(T > t) ≥ 1e-307, so within ±37.48. Makes results with different degrees of freedom comparable.
 */
export function studentZ(t: number, df: number): number {
  if (t === 0) return 0;
  const z = -normalQuantile(Math.max(studentTSurvival(Math.abs(t), df), smallestP));
  return t < 0 ? -z : z;
}

/**
 * A number that `studentZ(t, df)` does not exceed, for the price of a logarithm.
 *
 * Source: Wallace, "Bounds on normal approximations to Student's and the chi-square distributions", Ann. Math. Statist.
 * 30 (1959).
 */
export function studentZBound(t: number, df: number): number {
  return t <= 0 ? 0 : Math.sqrt(df * Math.log1p((t * t) / df));
}
