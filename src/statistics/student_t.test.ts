import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noncentralTCdf } from './noncentral_t.ts';
import { normalCdf, normalPdf } from './normal.ts';
import { studentTCdf, studentTPdf, studentTQuantile, studentTSurvival } from './student_t.ts';

const near = (actual: number, expected: number, relative: number) =>
  ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

/** Simpson's rule. */
function integral(f: (x: number) => number, from: number, to: number, steps = 4000): number {
  const h = (to - from) / steps;
  let sum = f(from) + f(to);
  for (let index = 1; index < steps; index++) sum += (index % 2 === 1 ? 4 : 2) * f(from + index * h);
  return (sum * h) / 3;
}

test('studentTSurvival agrees with 60-digit arithmetic, for real degrees of freedom and in the tails', () => {
  // mpmath.betainc(df/2, 1/2, 0, df/(df + t²), regularized=True)/2 with 60 digits.
  const cases = [
    [0.05, 0.3, 0.47356551447939116],
    [0.05, 1000, 0.31755835887460004],
    [1.7, 1, 0.21905143615032088],
    [1.7, 2, 0.10274505642633111],
    [4.2, 1e10, 3.736697350364043e-42],
    [9, 1000, 2.5458033039484676e-24],
    [19.5, 1e10, 3.374153031838204e-184],
    [127, 1000, 1.3684047952661177e-249],
    [1000, 1.75, 0.0402125046797289],
    [12345.6, 2, 0.022761065609406425],
  ] as const;
  for (const [df, t, survival] of cases) {
    near(studentTSurvival(t, df), survival, 1e-12);
    near(studentTCdf(-t, df), survival, 1e-12);
    near(studentTCdf(t, df), 1 - survival, 1e-14);
  }
});

test('studentTQuantile gives the published table', () => {
  // Fisher & Yates, table III.
  const table = [
    [0.975, 1, 12.706],
    [0.975, 4, 2.776],
    [0.975, 9, 2.262],
    [0.975, 19, 2.093],
    [0.95, 10, 1.812],
    [0.9995, 5, 6.869],
    [0.975, 120, 1.98],
    [0.6, 3, 0.277],
  ] as const;
  for (const [p, df, t] of table) {
    ok(Math.abs(studentTQuantile(p, df) - t) < 5e-4, `${studentTQuantile(p, df)} is not ${t}`);
    equal(studentTQuantile(1 - p, df), -studentTQuantile(p, df) || 0);
  }
  equal(studentTQuantile(0.5, 3), 0);
  equal(studentTQuantile(1, 3), Number.POSITIVE_INFINITY);
  equal(studentTQuantile(0, 3), Number.NEGATIVE_INFINITY);
  equal(studentTQuantile(0.975, 0.001), Number.POSITIVE_INFINITY);
  near(studentTQuantile(0.975, Number.POSITIVE_INFINITY), 1.9599639845400536, 1e-13);
  for (const bad of [0, -1, Number.NaN]) {
    ok(Number.isNaN(studentTQuantile(0.9, bad)) && Number.isNaN(studentTSurvival(1, bad)));
  }
  ok(Number.isNaN(studentTQuantile(1.1, 3)) && Number.isNaN(studentTSurvival(Number.NaN, 3)));
});

test('studentTQuantile inverts studentTSurvival, down to the smallest probabilities', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -300, max: -0.31, noNaN: true }),
      fc.double({ min: 2, max: 5000, noNaN: true }),
      (power, df) => {
        const p = 10 ** power;
        near(studentTSurvival(-studentTQuantile(p, df), df), p, 3e-11);
      },
    ),
    { numRuns: 500 },
  );
});

test('studentTCdf is the integral of its density', () => {
  for (const df of [0.7, 3, 6.5, 40]) {
    for (const t of [0.2, 1.5, 1.8, 4]) {
      near(
        studentTCdf(t, df) - 0.5,
        integral((x) => studentTPdf(x, df), 0, t),
        1e-11,
      );
    }
  }
});

test('noncentralTCdf is E[Φ(t·S − δ)], the central one at δ = 0, and agrees with the published table', () => {
  for (const df of [4, 9.5, 59]) {
    const density = (s: number) => s ** (df - 1) * Math.exp((-df * (s * s - 1)) / 2);
    const whole = integral(density, 1e-9, 4);
    for (const delta of [-2, 1e-9, 2.8, 12]) {
      for (const t of [-1, 0.5, 2.1, 9]) {
        const mean = integral((s) => density(s) * normalCdf(t * s - delta), 1e-9, 4) / whole;
        ok(Math.abs(noncentralTCdf(t, df, delta) - mean) < 1e-11);
      }
      ok(Math.abs(noncentralTCdf(1.3, df, 0) - studentTCdf(1.3, df)) < 1e-14);
    }
  }
  // scipy.stats.nct.cdf.
  near(noncentralTCdf(3, 19, 2.8), 0.5566631025658375, 1e-12);
  near(noncentralTCdf(8, 9, 12), 0.02713216547173664, 1e-11);
  near(noncentralTCdf(50, 59, 45), 0.8458116517344184, 1e-11);
  near(noncentralTCdf(1, 1e15, 2), normalCdf(-1), 1e-12);
  ok(normalPdf(0) > 0 && Number.isNaN(noncentralTCdf(1, 0, 1)));
});
