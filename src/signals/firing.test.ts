import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StateReader, StateWriter } from '../state.ts';
import { Firing, type FiringRule, findFirings } from './firing.ts';
import { pastPercentiles } from './past_sizes.ts';

const rules: readonly FiringRule[] = [
  { threshold: { kind: 'score', value: 1 }, warmupBins: 0, cooldownBins: 0 },
  { threshold: { kind: 'score', value: 2 }, warmupBins: 9, cooldownBins: 4 },
  { threshold: { kind: 'past_percentile', percentile: 80, windowBins: 25 }, warmupBins: 12, cooldownBins: 3 },
  { threshold: { kind: 'past_percentile', percentile: 97.5, windowBins: 7 }, warmupBins: 0, cooldownBins: 0 },
];

/** Scores with ties, zeros and both signs, and bins on which nothing may fire. */
const market = fc.array(
  fc.record({
    score: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -3, max: 3, noNaN: true })),
    valid: fc.boolean(),
  }),
  { minLength: 40, maxLength: 90 },
);

test('firings bin by bin, saved and restored anywhere, are the firings of the whole series', () => {
  let fired = 0;
  fc.assert(
    fc.property(market, fc.constantFrom(...rules), fc.nat(89), (bins, rule, cut) => {
      const scores = Float64Array.from(bins, ({ score }) => score);
      const tradable = Uint8Array.from(bins, ({ valid }) => Number(valid));
      const { threshold, warmupBins, cooldownBins } = rule;
      const perBin =
        threshold.kind === 'score'
          ? new Float64Array(bins.length).fill(threshold.value)
          : pastPercentiles(scores, [threshold.percentile], threshold.windowBins)[0]!;
      const whole = findFirings(scores, perBin, tradable, warmupBins, cooldownBins);
      let firing = new Firing(rule);
      const found: [number, number][] = [];
      bins.forEach(({ score, valid }, bin) => {
        if (bin === cut) {
          const writer = new StateWriter();
          firing.save(writer);
          firing = new Firing(rule);
          firing.restore(new StateReader(writer.finish()));
        }
        const side = firing.next(score, valid);
        equal(firing.threshold, perBin[bin]);
        if (side !== 0) found.push([bin, side]);
      });
      deepEqual(
        found,
        Array.from(whole.bins, (bin, index) => [bin, whole.sides[index]]),
      );
      fired += found.length;
    }),
    { numRuns: 400 },
  );
  ok(fired > 500, `${fired} firings`);
});
