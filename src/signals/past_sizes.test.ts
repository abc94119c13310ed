import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pastPercentiles } from './past_sizes.ts';

/** The definition: a percentile of what the window before the bin held. */
function literal(scores: readonly number[], bin: number, percentile: number, windowBins: number): number {
  const past = scores.slice(Math.max(0, bin - windowBins), bin).map(Math.abs);
  if (past.length < Math.max(2, Math.ceil(windowBins * 0.1))) return Number.NaN;
  past.sort((a, b) => a - b);
  const position = ((past.length - 1) * percentile) / 100;
  const below = past[Math.floor(position)]!;
  const above = past[Math.min(Math.floor(position) + 1, past.length - 1)]!;
  const value = below + (position - Math.floor(position)) * (above - below);
  return value > 0 ? value : Number.NaN;
}

const series = fc.array(fc.oneof(fc.constant(0), fc.double({ min: -5, max: 5, noNaN: true })), { maxLength: 120 });

test('thresholds are percentiles of the past alone', () => {
  fc.assert(
    fc.property(series, fc.constantFrom(2, 7, 30, 200), (scores, windowBins) => {
      const percentiles = [50, 90, 100];
      const found = pastPercentiles(Float64Array.from(scores), percentiles, windowBins);
      percentiles.forEach((percentile, index) => {
        scores.forEach((_, bin) => {
          const expected = literal(scores, bin, percentile, windowBins);
          const actual = found[index]![bin]!;
          ok(Object.is(actual, expected) || Math.abs(actual - expected) < 1e-12, `bin ${bin}: ${actual}, ${expected}`);
        });
      });
    }),
    { numRuns: 100 },
  );
});

test('a bin’s threshold sees neither the bin nor later ones', () => {
  const before = Float64Array.from({ length: 60 }, (_, bin) => Math.sin(bin));
  const after = before.slice();
  after.fill(100, 40);
  const [one] = pastPercentiles(before, [90], 20);
  const [other] = pastPercentiles(after, [90], 20);
  deepEqual(one!.slice(0, 41), other!.slice(0, 41));
  ok(one![41] !== other![41]);
  equal(pastPercentiles(new Float64Array(50), [90], 20)[0]!.every(Number.isNaN), true);
});
