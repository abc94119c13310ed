const inverseSqrt2Pi = 1 / Math.sqrt(2 * Math.PI);

/** Density of the standard normal distribution at `x`. */
export function normalPdf(x: number): number {
  return inverseSqrt2Pi * Math.exp(-0.5 * x * x);
}

/**
 * Probability that a standard normal variable is at most `x`, to about 1e-15.
 *
 * Source: Marsaglia, "Evaluating the Normal Distribution" (2004), for the centre; the continued fraction of Mills'
 * ratio (Abramowitz & Stegun 26.2.14) for the tails, where the series would cancel.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 3) return 1 - upperTail(x);
  if (x < -3) return upperTail(-x);
  let term = x;
  let sum = x;
  for (let odd = 3; ; odd += 2) {
    term *= (x * x) / odd;
    const next = sum + term;
    if (next === sum) return 0.5 + normalPdf(x) * sum;
    sum = next;
  }
}

/** Probability that a standard normal variable exceeds `x`, without loss of digits in the upper tail. */
export function normalSurvival(x: number): number {
  return normalCdf(-x);
}

function upperTail(x: number): number {
  if (x > 40) return 0;
  let fraction = x;
  for (let level = 120; level >= 1; level--) fraction = x + level / fraction;
  return normalPdf(x) / fraction;
}

/**
 * The `x` at which `normalCdf(x)` is `p`, for 0 ≤ p ≤ 1 (±Infinity at the ends).
 *
 * Source: Abramowitz & Stegun 26.2.23 as a first guess, polished by Halley's method.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -lowerQuantile(1 - p);
  return lowerQuantile(p);
}

function lowerQuantile(p: number): number {
  if (p === 0) return Number.NEGATIVE_INFINITY;
  const t = Math.sqrt(-2 * Math.log(p));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let x = above / below - t;
  for (let step = 0; step < 3; step++) {
    const ratio = (normalCdf(x) - p) / normalPdf(x);
    x -= ratio / (1 + 0.5 * ratio * x);
  }
  return x;
}
