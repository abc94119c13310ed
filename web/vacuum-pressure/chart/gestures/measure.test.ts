import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { dragMeasure } from './measure.ts';

test('a measured box goes from the press to the pointer, and stays after the release', () => {
  const { chart } = fakeChart(10);
  const { view } = chart;
  const drag = dragMeasure(chart, [20, 30]);
  drag.move([50, 60]);
  drag.move([200, 10]);
  drag.end([200, 10], false);
  deepEqual(chart.measure, { from: pointAt(view, 20, 30), to: pointAt(view, 200, 10) });
  deepEqual([chart.view, chart.following], [view, true]);
});
