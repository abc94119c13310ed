import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { listenToGestures } from './gestures.ts';

function listening() {
  const { chart } = fakeChart(10);
  const [heat, priceAxis, timeAxis] = [new FakeElement(), new FakeElement(), new FakeElement()];
  const stop = listenToGestures(chart, { heat: heat.html, priceAxis: priceAxis.html, timeAxis: timeAxis.html });
  return { chart, heat, priceAxis, timeAxis, stop };
}

test('a double click on the chart follows again and fits the price, on an axis it fits that axis', () => {
  const { chart, heat, priceAxis, timeAxis } = listening();
  chart.setView({ ...chart.view, left: -70, ticksPerPx: 4 });
  priceAxis.fire('dblclick');
  deepEqual([chart.following, chart.view.left, chart.view.ticksPerPx < 1], [false, -70, true]);
  timeAxis.fire('dblclick');
  deepEqual([chart.following, chart.view.left], [false, 0]);
  heat.fire('dblclick');
  equal(chart.following, true);
});

test('while the chart is dragged, the crosshair is at the pointer', () => {
  const { chart, heat } = listening();
  heat.fire('pointerdown', { x: 10, y: 10 });
  heat.fire('pointermove', { x: 90, y: 30 });
  deepEqual(chart.crosshair, pointAt(chart.view, 90, 30));
});

test('each axis scales its own direction', () => {
  const { chart, priceAxis, timeAxis } = listening();
  const { view } = chart;
  priceAxis.drag([
    [0, 0],
    [50, 50],
  ]);
  equal(chart.view.binsPerPx, view.binsPerPx);
  const { ticksPerPx } = chart.view;
  timeAxis.drag([
    [0, 0],
    [50, 50],
  ]);
  deepEqual([chart.view.ticksPerPx, chart.view.binsPerPx === view.binsPerPx], [ticksPerPx, false]);
});

test('nothing is heard after the end', () => {
  const { chart, heat, priceAxis, stop } = listening();
  const { view } = chart;
  stop();
  heat.fire('wheel', { deltaY: 100 });
  heat.drag([
    [0, 0],
    [50, 50],
  ]);
  priceAxis.fire('wheel', { deltaY: 100 });
  equal(chart.view, view);
});
