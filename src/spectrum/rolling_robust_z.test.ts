import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mean, median, robustScale, standardDeviation } from '../../test/oracle/literal_statistics.ts';
import { StateReader, StateWriter } from '../state.ts';
import { type RobustZOptions, RollingRobustZ } from './rolling_robust_z.ts';

/** model.md §6 and §8, over all values so far. */
function literalZ(all: readonly number[], { window, minPeriods, scaleFloor, withoutScale }: RobustZOptions): number {
  if (all.length < minPeriods) return 0;
  const values = all.slice(-window);
  const x = values.at(-1)!;
  const scale = robustScale(values);
  if (scale > scaleFloor) return (x - median(values)) / scale;
  const deviation = standardDeviation(values);
  return withoutScale === 'zero' || deviation <= scaleFloor ? 0 : (x - mean(values)) / deviation;
}

const options = fc.record<RobustZOptions>({
  window: fc.integer({ min: 2, max: 12 }),
  minPeriods: fc.integer({ min: 1, max: 12 }),
  scaleFloor: fc.constantFrom(1e-9, 1e-12),
  withoutScale: fc.constantFrom('zero', 'standard'),
});
// Mostly one value, so that the deviation of the middle is often none at all.
const series = fc.array(
  fc.oneof(fc.constant(3), fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true })),
  {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  },
);

test('z of every value equals the one taken anew from its window, across saves', () => {
  let fallbacks = 0;
  fc.assert(
    fc.property(options, series, fc.nat(59), (given, values, saveAt) => {
      const option = { ...given, minPeriods: Math.min(given.minPeriods, given.window) };
      let rolling = new RollingRobustZ(option);
      values.forEach((value, i) => {
        const got = rolling.push(value);
        const want = literalZ(values.slice(0, i + 1), option);
        ok(Math.abs(got - want) <= 1e-9 * (1 + Math.abs(want)), `value ${i}: expected ${want}, got ${got}`);
        if (want !== 0 && robustScale(values.slice(0, i + 1).slice(-option.window)) === 0) fallbacks++;
        if (i !== saveAt) return;
        const writer = new StateWriter();
        rolling.save(writer);
        rolling = new RollingRobustZ(option);
        rolling.restore(new StateReader(writer.finish()));
      });
    }),
    { numRuns: 300 },
  );
  ok(fallbacks > 50, `${fallbacks} values fell back to the plain z-score`);
});

test('the median of an even count is the mean of the middle two, and a flat series has no z', () => {
  const rolling = new RollingRobustZ({ window: 4, minPeriods: 1, scaleFloor: 1e-9, withoutScale: 'zero' });
  for (const value of [1, 1, 1]) equal(rolling.push(value), 0);
  // 1, 1, 5, 9: median 3, deviations 2, 2, 2, 6.
  rolling.push(5);
  equal(rolling.push(9), (9 - 3) / (1.4826 * 2));
});
