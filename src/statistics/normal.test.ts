import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalCdf, normalQuantile } from './normal.ts';

const near = (actual: number, expected: number, relative: number) =>
  ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

test('normalCdf agrees with erfc to the last digits, in the tails too', () => {
  // 0.5·erfc(−x/√2) of the C library.
  near(normalCdf(-8), 6.220960574271819e-16, 1e-12);
  near(normalCdf(-3.5), 0.00023262907903552504, 1e-12);
  near(normalCdf(-3), 0.0013498980316300957, 1e-12);
  near(normalCdf(-1), 0.15865525393145707, 1e-14);
  near(normalCdf(0.5), 0.6914624612740131, 1e-14);
  near(normalCdf(5), 0.9999997133484281, 1e-14);
  ok(normalCdf(Number.NEGATIVE_INFINITY) === 0 && normalCdf(Number.POSITIVE_INFINITY) === 1);
});

test('normalQuantile inverts normalCdf', () => {
  near(normalQuantile(0.975), 1.9599639845400536, 1e-14);
  near(normalQuantile(0.99), 2.3263478740408408, 1e-14);
  near(normalQuantile(1e-5), -4.2648907939228256, 1e-13);
  near(normalQuantile(1e-300), -37.0470962993612, 1e-12);
  ok(normalQuantile(0) === Number.NEGATIVE_INFINITY && Number.isNaN(normalQuantile(1.1)));
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
      near(normalCdf(normalQuantile(p)), p, 1e-11);
    }),
    { numRuns: 300 },
  );
});
