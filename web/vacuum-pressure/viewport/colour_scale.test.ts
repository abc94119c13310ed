import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ColourScale, colourIndex, legendValue, sizePercentile } from './colour_scale.ts';

const scales = fc.record({
  kind: fc.constantFrom('diverging' as const, 'sequential' as const),
  low: fc.double({ min: 0, max: 10, noNaN: true }),
  high: fc.double({ min: 11, max: 1000, noNaN: true }),
  gamma: fc.double({ min: 0.25, max: 3, noNaN: true }),
  contrast: fc.double({ min: 0.5, max: 4, noNaN: true }),
});

test('colours rise with the value, and the legend says which value a colour stands for', () => {
  fc.assert(
    fc.property(scales, fc.double({ min: -2000, max: 2000, noNaN: true }), fc.nat(254), (scale, value, index) => {
      ok(colourIndex(scale, value) <= colourIndex(scale, value + 1));
      ok(colourIndex(scale, value) >= 0 && colourIndex(scale, value) <= 254);
      const back = colourIndex(scale, legendValue(scale, index));
      // All values inside the lower cut-off share the weakest colour.
      ok(Math.abs(back - index) <= 1, `${index} came back as ${back}`);
    }),
    { numRuns: 300 },
  );
});

test('a diverging scale is even and zero is its middle; a sequential one starts at its lower cut-off', () => {
  const diverging: ColourScale = { kind: 'diverging', low: 0, high: 1, gamma: 1, contrast: 1 };
  equal(colourIndex(diverging, 0), 127);
  for (const value of [0.1, 0.5, 0.99, 7]) equal(colourIndex(diverging, value) + colourIndex(diverging, -value), 254);
  const sequential: ColourScale = { ...diverging, kind: 'sequential', low: 0.5 };
  equal(colourIndex(sequential, 0.5), 0);
  equal(colourIndex(sequential, -3), 0);
  equal(colourIndex(sequential, 1), 254);
});

test('percentiles rank sizes and skip zeros', () => {
  const values = Float32Array.of(0, 0, -4, 1, 2, 3, 0);
  equal(sizePercentile(values, 7, 99), 4);
  equal(sizePercentile(Float32Array.of(0, 0, -4, 1, 2, 3, 0), 7, 0), 1);
  equal(sizePercentile(new Float32Array(3), 3, 50), 0);
});
