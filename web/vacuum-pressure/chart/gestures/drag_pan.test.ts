import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { dragPan } from './drag_pan.ts';

test('the chart moves with the pointer and lets go of the newest bin', () => {
  const { chart } = fakeChart(10);
  const under = pointAt(chart.view, 100, 50);
  const drag = dragPan(chart, [100, 50]);
  drag.move([130, 40]);
  drag.move([90, 95]);
  const now = pointAt(chart.view, 90, 95);
  deepEqual([now.time, Math.round(now.price * 1e9)], [under.time, Math.round(under.price * 1e9)]);
  equal(chart.following, false);
});

test('a press without a move goes on following, and takes a measured box away', () => {
  const { chart } = fakeChart(10);
  chart.setMeasure({ from: { time: 1, price: 2 }, to: { time: 3, price: 4 } });
  const drag = dragPan(chart, [100, 50]);
  drag.move([100, 50]);
  drag.end([100, 50], false);
  deepEqual([chart.following, chart.measure], [true, null]);
});
