import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { boxZoom } from './box_zoom.ts';

test('the box that is drawn fills the chart', () => {
  const { chart } = fakeChart(10);
  const corners = [pointAt(chart.view, 100, 50), pointAt(chart.view, 300, 250)] as const;
  const drag = boxZoom(chart, [100, 50]);
  drag.move([300, 250]);
  deepEqual(chart.zoomBox, { from: corners[0], to: corners[1] });
  drag.end([300, 250], false);
  const { view } = chart;
  const edges = [pointAt(view, 0, 0), pointAt(view, view.widthPx, view.heightPx)] as const;
  for (const at of [0, 1] as const) {
    ok(Math.abs(edges[at].time - corners[at].time) < 1e-9);
    ok(Math.abs(edges[at].price - corners[at].price) < 1e-9);
  }
  deepEqual([chart.zoomBox, chart.following], [null, false]);
});

test('a click, or a drag that the browser takes away, zooms nothing and puts the tool away', () => {
  for (const [end, isCancelled] of [
    [[104, 250], false],
    [[300, 54], false],
    [[300, 250], true],
  ] as const) {
    const { chart } = fakeChart(10);
    chart.setTool('zoom');
    const { view } = chart;
    const drag = boxZoom(chart, [100, 50]);
    drag.move(end);
    drag.end(end, isCancelled);
    equal(chart.view, view);
    deepEqual([chart.zoomBox, chart.tool], [null, 'pan']);
  }
});

test('the box keeps its first corner while the chart moves below it', () => {
  const { chart, put } = fakeChart(10);
  const drag = boxZoom(chart, [100, 50]);
  const from = pointAt(chart.view, 100, 50);
  put(10);
  drag.move([200, 90]);
  deepEqual(chart.zoomBox, { from, to: pointAt(chart.view, 200, 90) });
});
