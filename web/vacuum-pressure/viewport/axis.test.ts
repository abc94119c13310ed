import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { multiples, niceStep, priceLabelStep, timeLabelStepMs } from './axis.ts';

test('price labels are whole ticks, far enough apart, and round', () => {
  const tickInts = fc.constantFrom(250_000_000, 10_000_000, 1_000_000, 31_250_000, 5_000_000, 100_000_000);
  fc.assert(
    fc.property(tickInts, fc.double({ min: 1 / 64, max: 8, noNaN: true }), (tickInt, ticksPerPx) => {
      const step = priceLabelStep(ticksPerPx, tickInt, 30);
      ok(Number.isInteger(step) && step >= ticksPerPx * 30 - 1e-9 && step <= ticksPerPx * 30 * 10 + 1, `${step}`);
    }),
  );
  equal(priceLabelStep(1 / 64, 250_000_000, 30), 1);
  equal(priceLabelStep(1 / 9, 250_000_000, 30), 4);
  equal(priceLabelStep(1, 250_000_000, 30), 40);
});

test('steps are 1, 2 or 5 times a power of ten', () => {
  deepEqual([0.3, 1, 1.1, 2.5, 7, 10].map(niceStep), [0.5, 1, 2, 5, 10, 10]);
});

test('time labels divide the minute, the hour and the day', () => {
  deepEqual(
    [0.1, 25, 100, 1000, 40_000].map((msPerPx) => timeLabelStepMs(msPerPx, 84)),
    [10, 5000, 10_000, 120_000, 3_600_000],
  );
});

test('multiples include both ends', () => {
  deepEqual(multiples(5, 10, 25), [10, 15, 20, 25]);
  deepEqual(multiples(0.1, 0.29, 0.31), [0.30000000000000004]);
});
