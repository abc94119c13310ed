import { normalQuantile, normalSurvival } from './normal.ts';

/**
 * Probability that a Student t variable with `df` > 0 degrees of freedom, any real number, is at most `t`; NaN for other
 * `df`. Relative error about 1e-13, in the tails too. `df` = Infinity is the normal distribution.
 *
 * Source: incomplete beta function by its continued fraction, DLMF 8.17.22 (Didonato & Morris, ACM TOMS 18 (1992)).
 */
export function studentTCdf(t: number, df: number): number {
  return studentTSurvival(-t, df);
}

/** Probability that a Student t variable with `df` degrees of freedom exceeds `t`. Source: as `studentTCdf`. */
export function studentTSurvival(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN;
  if (df > 1e18) return normalSurvival(t);
  if (t < 0) return 1 - studentTSurvival(-t, df);
  return isCentral(t, df) ? 0.5 - centralMass(t, df) : tailMass(t, df);
}

/** Density of Student's t with `df` degrees of freedom at `t`. */
export function studentTPdf(t: number, df: number): number {
  if (df > 1e18) return Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
  return (gammaRatio(df / 2) / Math.sqrt(df * Math.PI)) * Math.exp(-((df + 1) / 2) * logOnePlusSquare(t, df));
}

/**
 * The `t` that a Student t variable with `df` degrees of freedom exceeds with probability 1 − `p`, 0 ≤ p ≤ 1: the inverse
 * of `studentTCdf`. ±Infinity at the ends, and where no double is large enough.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  return p > 0.5 ? upperQuantile(1 - p, p - 0.5, df) : -upperQuantile(p, 0.5 - p, df);
}

/** The t > 0 with survival `tail` = 1/2 − `centre`: both are given, so that neither end loses digits. */
function upperQuantile(tail: number, centre: number, df: number): number {
  if (tail === 0) return Number.POSITIVE_INFINITY;
  if (df > 1e18) return -normalQuantile(tail);
  return tail > 0.25 ? centralQuantile(centre, df) : tailQuantile(tail, df);
}

/** Newton's method on P(0 < T < t), which is concave: from 0 it climbs without overshooting. */
function centralQuantile(centre: number, df: number): number {
  let t = 0;
  for (let step = 0; step < 60; step++) {
    const next = t + (centre - centralMass(t, df)) / studentTPdf(t, df);
    if (!(Math.abs(next - t) > 1e-15 * next)) return next;
    t = next;
  }
  return t;
}

/**
 * Newton's method on ln P(T > t) as a function of ln t, which is concave and nearly straight far out: it overshoots once
 * and then comes back without turning. The normal quantile, where it starts, is never above the answer.
 */
function tailQuantile(tail: number, df: number): number {
  let logT = Math.log(-normalQuantile(tail));
  for (let step = 0; step < 100; step++) {
    const t = Math.exp(logT);
    if (t === Number.POSITIVE_INFINITY) return t;
    // The density is df/fraction times the survival divided by t; logarithms do not underflow.
    const logSum = logOnePlusSquare(t, df);
    const fraction = betaFraction(Math.exp(-logSum), df / 2, 0.5);
    const logSurvival = Math.log(tailScale(logSum, df) * fraction) - (df / 2) * logSum;
    const change = ((logSurvival - Math.log(tail)) * fraction) / df;
    logT += change;
    if (!(Math.abs(change) > 4e-16 * Math.max(1, Math.abs(logT)))) break;
  }
  return Math.exp(logT);
}

/** Where the continued fraction of P(0 < T < t) converges faster than that of P(T > t). */
function isCentral(t: number, df: number): boolean {
  return t * t < (3 * df) / (df + 2);
}

/** ln(1 + t²/df), also where t² is beyond the range of doubles. */
function logOnePlusSquare(t: number, df: number): number {
  const root = Math.abs(t) / Math.sqrt(df);
  return root > 1e8 ? 2 * Math.log(root) : Math.log1p(root * root);
}

/** P(T > t) for t > 0: half of I_x(df/2, 1/2) with x = df/(df + t²). */
function tailMass(t: number, df: number): number {
  const logSum = logOnePlusSquare(t, df);
  return tailScale(logSum, df) * betaFraction(Math.exp(-logSum), df / 2, 0.5) * Math.exp((-df / 2) * logSum);
}

/** P(T > t) divided by x^(df/2) and by the continued fraction. */
function tailScale(logSum: number, df: number): number {
  return (gammaRatio(df / 2) * Math.sqrt(-Math.expm1(-logSum) / Math.PI)) / df;
}

/** P(0 < T < t): half of I_y(1/2, df/2) with y = t²/(df + t²). */
function centralMass(t: number, df: number): number {
  const a = df / 2;
  const logSum = logOnePlusSquare(t, df);
  const y = -Math.expm1(-logSum);
  const power = (gammaRatio(a) / Math.sqrt(Math.PI)) * Math.exp(-a * logSum) * Math.sqrt(y);
  return power * betaFraction(y, 0.5, a);
}

/** The continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 2e-16) break;
  }
  return value;
}

const nonZero = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);

/** Γ(a + 1/2)/Γ(a) for a > 0: Stirling's series from 12 on, the recurrence of Γ below. */
function gammaRatio(a: number): number {
  let factor = 1;
  let z = a;
  for (; z < 12; z++) factor *= z / (z + 0.5);
  const difference = stirlingTail(z + 0.5) - stirlingTail(z);
  return factor * Math.sqrt(z) * Math.exp(z * Math.log1p(0.5 / z) - 0.5 + difference);
}

/** ln Γ(z) − [(z − 1/2)·ln z − z + ln √(2π)] for z ≥ 12. Source: Abramowitz & Stegun 6.1.40. */
function stirlingTail(z: number): number {
  const s = 1 / (z * z);
  return (1 / 12 + s * (-1 / 360 + s * (1 / 1260 + s * (-1 / 1680 + s * (1 / 1188 + s * (-691 / 360360)))))) / z;
}
