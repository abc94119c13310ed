import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { labelStep } from './series_plot.ts';

test('labels stand at 1, 2, 2.5 or 5 times a power of ten, no nearer than a line of text', () => {
  equal(labelStep(2.16, 60), 1);
  equal(labelStep(1, 60), 0.5);
  equal(labelStep(1200, 120), 250);
  for (let extent = 1e-4; extent < 1e7; extent *= 1.37) {
    const step = labelStep(extent, 90);
    ok((step / extent) * 90 >= 24 - 1e-6, `${step} of ${extent}`);
    ok((step / extent) * 90 < 24 * 2.5, `${step} of ${extent}`);
  }
});
