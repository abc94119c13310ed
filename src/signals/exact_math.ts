import { exp as expOfNegative, log } from '../elementary.ts';

/** e^x of any x, of additions, multiplications and divisions alone; error below 2 units in the last place. */
export function exp(x: number): number {
  return x > 0 ? 1 / expOfNegative(-x) : expOfNegative(x);
}

/** Exponents up to this are multiplied out. */
const maxProduct = 64;

/**
 * x^y of any x and a whole y, and of x ≥ 0 and any y, of IEEE operations alone; NaN for other x. Whole |y| ≤ 64 are
 * multiplied out; others are exp(y·log x), whose relative error grows with |y·log x|, 2^-50 for each 1.
 */
export function pow(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= maxProduct) {
    let product = 1;
    for (let power = x, left = Math.abs(y); left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) product *= power;
      power *= power;
    }
    return y < 0 ? 1 / product : product;
  }
  if (x < 0) {
    if (!Number.isInteger(y)) return Number.NaN;
    const magnitude = exp(y * log(-x));
    return y % 2 === 0 ? magnitude : -magnitude;
  }
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  return exp(y * log(x));
}

/** π/2 in three parts, the first two of 33 bits each: multiples up to 2^20 of them are exact (Cody and Waite, 1980). */
const halfPi1 = 1.5707963267341256;
const halfPi2 = 6.077100506303966e-11;
const halfPi3 = 2.0222662487959506e-21;
/** Beyond this a double is too coarse an angle for the three parts. */
const maxAngle = 2 ** 20;

/** sin(x) for |x| ≤ 2^20, of IEEE operations alone, NaN beyond; error below 1.5 units in the last place of 1. */
export function sin(x: number): number {
  return quarter(x, 0);
}

/** cos(x); as `sin`. */
export function cos(x: number): number {
  return quarter(x, 1);
}

/** sin(x + `turns`·π/2). */
function quarter(x: number, turns: number): number {
  if (!(Math.abs(x) <= maxAngle)) return Number.NaN;
  const quarters = Math.floor(x / (Math.PI / 2) + 0.5);
  const r = x - quarters * halfPi1 - quarters * halfPi2 - quarters * halfPi3;
  const quadrant = (((quarters + turns) % 4) + 4) % 4;
  const size = quadrant % 2 === 0 ? sineSeries(r) : cosineSeries(r);
  return quadrant < 2 ? size : -size;
}

/** Taylor's series for |r| ≤ π/4, the smallest terms first. */
function sineSeries(r: number): number {
  const t = r * r;
  let sum = 0;
  for (let n = 17; n >= 3; n -= 2) sum = (-t / (n * (n - 1))) * (1 + sum);
  return r + r * sum;
}

function cosineSeries(r: number): number {
  const t = r * r;
  let sum = 0;
  for (let n = 18; n >= 2; n -= 2) sum = (-t / (n * (n - 1))) * (1 + sum);
  return 1 + sum;
}
