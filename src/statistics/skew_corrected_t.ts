/**
 * A t statistic of which the skewness of what it sums is taken out, for its distribution to be nearer to Student's: few
 * clusters of many small gains and a few large losses otherwise give too many large t. `skew` is
 * Σ e³/(Σ e²)^(3/2) of the deviations, the sample skewness divided by √G. Grows with t.
 *
 * Source: Hall, "On the removal of skewness by transformation", J. R. Statist. Soc. B 54 (1992), eq. 2.2, for the
 * Edgeworth expansion of Johnson, JASA 73 (1978).
 */
export function skewCorrectedT(t: number, skew: number): number {
  if (!Number.isFinite(t)) return t;
  return t + (skew * t * t) / 3 + (skew * skew * t * t * t) / 27 + skew / 6;
}

/** The t whose `skewCorrectedT` is `corrected`. */
export function uncorrectedT(corrected: number, skew: number): number {
  // Below this skewness the correction is lost in rounding, and so is the cube root's difference from 1.
  if (Math.abs(skew) < 1e-9) return corrected;
  return (3 / skew) * (Math.cbrt(1 + skew * (corrected - skew / 6)) - 1);
}
