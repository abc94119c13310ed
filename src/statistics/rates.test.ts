import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg } from './benjamini_hochberg.ts';
import { breakEvenRate } from './break_even.ts';
import { wilsonInterval } from './wilson.ts';

const near = (actual: number, expected: number, absolute: number) =>
  ok(Math.abs(actual - expected) <= absolute, `${actual} is not ${expected}`);

test('wilsonInterval gives the published intervals', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
  const cases = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [successes, trials, low, high] of cases) {
    const interval = wilsonInterval(successes, trials);
    near(interval.low, low, 5e-5);
    near(interval.high, high, 5e-5);
  }
  deepEqual(wilsonInterval(0, 0), { low: 0, high: 1 });
});

test('wilsonInterval is where the score test turns', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
      const successes = Math.round(share * trials);
      const rate = successes / trials;
      const { low, high } = wilsonInterval(successes, trials);
      for (const edge of [low, high]) {
        if (edge < 1e-9 || edge > 1 - 1e-9) continue;
        near(Math.abs(rate - edge) / Math.sqrt((edge * (1 - edge)) / trials), 1.959963984540054, 1e-6);
      }
    }),
    { numRuns: 200 },
  );
});

test('breakEvenRate is the rate that earns nothing', () => {
  equal(breakEvenRate(8, 4), 1 / 3);
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 100, noNaN: true }),
      fc.double({ min: 0.5, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      (tp, sl, cost) => {
        const p = breakEvenRate(tp, sl, cost);
        near(p * (tp - cost) - (1 - p) * (sl + cost), 0, 1e-9 * (tp + sl + cost));
      },
    ),
    { numRuns: 200 },
  );
});

test('benjaminiHochberg gives the published decisions and q-values', () => {
  // Benjamini & Hochberg (1995), §4: of 15 p-values, the four smallest are rejected at 0.05.
  const published = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  const shuffled = Float64Array.from(published, (_, index) => published[(index * 7) % 15]!);
  const qValues = benjaminiHochberg(shuffled);
  const rejected = Array.from(shuffled).filter((_, index) => qValues[index]! <= 0.05);
  deepEqual(rejected.sort(), published.slice(0, 4));
});

test('benjaminiHochberg equals its definition, and skips what is not a number', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN))), (values) => {
      const tests = values.filter((p) => !Number.isNaN(p));
      const qValues = benjaminiHochberg(Float64Array.from(values));
      values.forEach((p, index) => {
        if (Number.isNaN(p)) {
          ok(Number.isNaN(qValues[index]!));
          return;
        }
        // The smallest rate α at which p is rejected: the least over thresholds t ≥ p of t·m/#{p ≤ t}.
        const rates = tests.filter((t) => t >= p).map((t) => (t * tests.length) / tests.filter((u) => u <= t).length);
        near(qValues[index]!, Math.min(1, ...rates), 1e-12);
      });
    }),
    { numRuns: 200 },
  );
});
