/**
 * Exponentials from additions, multiplications and divisions alone.
 *
 * `Math.exp` and `Math.tanh` may differ in the last bit between engines and processors; IEEE arithmetic may not. The
 * model promises the same bits on every machine (model.md §4), so it uses these. Error of `exp`: below 0.53 units in
 * the last place; of `expm1` and `tanh`: below 4.
 */

const ln2Hi = 0.6931471803691238;
const ln2Lo = 1.9082149292705877e-10;

/** 2^−k for k = 0 … 1075, the last of which is 0. */
const powersOfHalf = Float64Array.from({ length: 1076 }, (_, k) => 2 ** -k);

/** Below this e^x is 0 in double precision. */
const underflow = -745.2;

/** r·coth(r/2) − 2 for |r| ≤ ln2/2, by its Bernoulli series; e^r − 1 = 2r / (2 + this − r). */
function cothSeries(r: number): number {
  const t = r * r;
  return (
    t * (1 / 6 + t * (-1 / 360 + t * (1 / 15120 + t * (-1 / 604800 + t * (1 / 23950080 + t * (-691 / 653837184000))))))
  );
}

/** e^x − 1 for x ≤ 0, accurate near 0 too. */
export function expm1(x: number): number {
  if (x > -0.34) return (2 * x) / (2 + cothSeries(x) - x);
  if (x < underflow) return -1;
  const k = Math.floor(0.5 - x * Math.LOG2E);
  const scale = powersOfHalf[k]!;
  const r = x + k * ln2Hi + k * ln2Lo;
  return (scale * (2 * r)) / (2 + cothSeries(r) - r) + (scale - 1);
}

/** e^x for x ≤ 0. */
export function exp(x: number): number {
  if (x < underflow) return 0;
  const k = Math.floor(0.5 - x * Math.LOG2E);
  // The reduced argument and 1 + r are carried with their rounding errors: what is added last is small and accurate.
  const rHi = x + k * ln2Hi;
  const r = rHi + k * ln2Lo;
  const rLo = k * ln2Lo - (r - rHi);
  const u = cothSeries(r);
  const beyondLinear = (r * (r - u)) / (2 + u - r);
  const linear = 1 + r;
  return powersOfHalf[k]! * (linear + (r - (linear - 1) + (beyondLinear + rLo * linear)));
}

/** Hyperbolic tangent of any x. */
export function tanh(x: number): number {
  const e = expm1(-2 * Math.abs(x));
  const magnitude = -e / (e + 2);
  return x < 0 ? -magnitude : magnitude;
}

/** Natural logarithm of x > 0; −∞ at 0. Error: below 4 units in the last place, near 1 absolute. */
export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x < 2 ** -1000) return log(x * 2 ** 1000) - 1000 * Math.LN2;
  let exponent = Math.floor(Math.log2(x));
  let mantissa = x * 2 ** -exponent;
  // Whatever the platform's log2 said, the mantissa ends up in [√½, √2).
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  } else if (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const t = s * s;
  let series = 0;
  for (let n = 23; n >= 3; n -= 2) series = t * (1 / n + series);
  return exponent * ln2Hi + (2 * s + (2 * s * series + exponent * ln2Lo));
}
