import { normalCdf } from './normal.ts';
import { studentTCdf } from './student_t.ts';

/**
 * Probability that a noncentral t variable with `df` > 0 degrees of freedom and noncentrality `delta` is at most `t`: that
 * (Z + delta)/S ≤ t, Z normal and S² an independent χ²(df)/df. Absolute error about 1e-13.
 *
 * E[Φ(t·S − delta)] over v = ln S, whose density is smooth and log-concave: the trapezoidal rule converges
 * exponentially there (Trefethen & Weideman, SIAM Review 56 (2014)), for every `delta`, where the series of Lenth (1989)
 * underflows for large ones.
 */
export function noncentralTCdf(t: number, df: number, delta: number): number {
  if (!(df > 0) || Number.isNaN(t) || Number.isNaN(delta)) return Number.NaN;
  if (df > 1e12) return normalCdf(t - delta);
  if (delta === 0) return studentTCdf(t, df);
  // Density of v up to a factor: exp(df·(v − (e^{2v} − 1)/2)), 1 at its mode v = 0.
  const width = 1 / Math.sqrt(2 * df);
  const step = Math.min(width, 0.5, 1 / Math.abs(delta)) / 4;
  let weights = 0;
  let sum = 0;
  for (const direction of [-1, 1]) {
    for (let index = direction === 1 ? 0 : 1; ; index++) {
      const v = direction * index * step;
      const exponent = df * (v - Math.expm1(2 * v) / 2);
      if (exponent < -45) break;
      const weight = Math.exp(exponent);
      weights += weight;
      sum += weight * normalCdf(t * Math.exp(v) - delta);
    }
  }
  return sum / weights;
}
