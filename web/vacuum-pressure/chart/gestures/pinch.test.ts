import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt, timeAt } from '../../viewport/viewport.ts';
import { pinch } from './pinch.ts';

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a} and ${b}`);

test('the points under both fingers stay under them', () => {
  const px = fc.integer({ min: 0, max: 380 });
  fc.assert(
    fc.property(px, px, fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), (x, y, dx, dy) => {
      const { chart } = fakeChart(3);
      chart.setView(chart.view);
      const still = [x, y] as const;
      const before = [x + 100, y + 100] as const;
      const now = [before[0] + dx, before[1] + dy] as const;
      const were = [pointAt(chart.view, ...still), pointAt(chart.view, ...before)] as const;
      pinch(chart, still, before, now);
      const are = [pointAt(chart.view, ...still), pointAt(chart.view, ...now)] as const;
      for (const at of [0, 1] as const) {
        near(are[at].time, were[at].time);
        near(are[at].price, were[at].price);
      }
    }),
    { numRuns: 50 },
  );
});

test('an axis along which the fingers are close is carried, not zoomed', () => {
  const { chart } = fakeChart(3);
  chart.setView(chart.view);
  const { view } = chart;
  pinch(chart, [100, 100], [110, 300], [130, 320]);
  equal(chart.view.binsPerPx, view.binsPerPx);
  near(chart.view.left, view.left - 10 * view.binsPerPx);
  ok(chart.view.ticksPerPx < view.ticksPerPx);
});

test('a chart that follows keeps the newest bin at its right edge', () => {
  const { chart } = fakeChart(3);
  const { view } = chart;
  pinch(chart, [100, 100], [200, 200], [300, 300]);
  equal(chart.following, true);
  near(timeAt(chart.view, view.widthPx), 3);
  near(chart.view.binsPerPx, view.binsPerPx / 2);
  near(chart.view.ticksPerPx, view.ticksPerPx / 2);
});
