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

/**
 * Puts e^x in the place of four values x ≤ 0: the bits that `exp` gives, in less time. An exponential is a chain of
 * steps of which each waits for the one before; here four chains go side by side.
 */
export function exp4(values: Float64Array): void {
  const x0 = values[0]!;
  const x1 = values[1]!;
  const x2 = values[2]!;
  const x3 = values[3]!;
  if (x0 < underflow || x1 < underflow || x2 < underflow || x3 < underflow) {
    for (let i = 0; i < 4; i++) values[i] = exp(values[i]!);
    return;
  }
  const k0 = Math.floor(0.5 - x0 * Math.LOG2E);
  const k1 = Math.floor(0.5 - x1 * Math.LOG2E);
  const k2 = Math.floor(0.5 - x2 * Math.LOG2E);
  const k3 = Math.floor(0.5 - x3 * Math.LOG2E);
  const rHi0 = x0 + k0 * ln2Hi;
  const rHi1 = x1 + k1 * ln2Hi;
  const rHi2 = x2 + k2 * ln2Hi;
  const rHi3 = x3 + k3 * ln2Hi;
  const r0 = rHi0 + k0 * ln2Lo;
  const r1 = rHi1 + k1 * ln2Lo;
  const r2 = rHi2 + k2 * ln2Lo;
  const r3 = rHi3 + k3 * ln2Lo;
  const t0 = r0 * r0;
  const t1 = r1 * r1;
  const t2 = r2 * r2;
  const t3 = r3 * r3;
  let c = -691 / 653837184000;
  let u0 = t0 * c;
  let u1 = t1 * c;
  let u2 = t2 * c;
  let u3 = t3 * c;
  c = 1 / 23950080;
  u0 = t0 * (c + u0);
  u1 = t1 * (c + u1);
  u2 = t2 * (c + u2);
  u3 = t3 * (c + u3);
  c = -1 / 604800;
  u0 = t0 * (c + u0);
  u1 = t1 * (c + u1);
  u2 = t2 * (c + u2);
  u3 = t3 * (c + u3);
  c = 1 / 15120;
  u0 = t0 * (c + u0);
  u1 = t1 * (c + u1);
  u2 = t2 * (c + u2);
  u3 = t3 * (c + u3);
  c = -1 / 360;
  u0 = t0 * (c + u0);
  u1 = t1 * (c + u1);
  u2 = t2 * (c + u2);
  u3 = t3 * (c + u3);
  c = 1 / 6;
  u0 = t0 * (c + u0);
  u1 = t1 * (c + u1);
  u2 = t2 * (c + u2);
  u3 = t3 * (c + u3);
  const beyond0 = (r0 * (r0 - u0)) / (2 + u0 - r0);
  const beyond1 = (r1 * (r1 - u1)) / (2 + u1 - r1);
  const beyond2 = (r2 * (r2 - u2)) / (2 + u2 - r2);
  const beyond3 = (r3 * (r3 - u3)) / (2 + u3 - r3);
  const linear0 = 1 + r0;
  const linear1 = 1 + r1;
  const linear2 = 1 + r2;
  const linear3 = 1 + r3;
  const rLo0 = k0 * ln2Lo - (r0 - rHi0);
  const rLo1 = k1 * ln2Lo - (r1 - rHi1);
  const rLo2 = k2 * ln2Lo - (r2 - rHi2);
  const rLo3 = k3 * ln2Lo - (r3 - rHi3);
  values[0] = powersOfHalf[k0]! * (linear0 + (r0 - (linear0 - 1) + (beyond0 + rLo0 * linear0)));
  values[1] = powersOfHalf[k1]! * (linear1 + (r1 - (linear1 - 1) + (beyond1 + rLo1 * linear1)));
  values[2] = powersOfHalf[k2]! * (linear2 + (r2 - (linear2 - 1) + (beyond2 + rLo2 * linear2)));
  values[3] = powersOfHalf[k3]! * (linear3 + (r3 - (linear3 - 1) + (beyond3 + rLo3 * linear3)));
}

/** Hyperbolic tangent of any x. */
export function tanh(x: number): number {
  const e = expm1(-2 * Math.abs(x));
  return Math.abs(e / (e + 2)) * (1 - 2 * +(x < 0));
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
