import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import type { ChartState } from '../../viewport/chart_state.ts';
import { pointAt, timeAt, yOf } from '../../viewport/viewport.ts';
import { Surface } from './surface.ts';
import { axisWheelZoom, wheelZoom } from './wheel_zoom.ts';

const { signal } = new AbortController();
const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-9, `${a} and ${b}`);

function zoomed(event: Parameters<FakeElement['fire']>[1], prepare: (chart: ChartState) => void = () => {}) {
  const { chart } = fakeChart(10);
  prepare(chart);
  const heat = new FakeElement();
  wheelZoom(new Surface(heat.html, signal), chart);
  const before = chart.view;
  const isTaken = !heat.fire('wheel', { x: 200, y: 100, ...event });
  const { view } = chart;
  return {
    chart,
    before,
    isTaken,
    time: view.binsPerPx / before.binsPerPx,
    price: view.ticksPerPx / before.ticksPerPx,
  };
}

test('the wheel zooms time about the newest bin while the chart follows, and the page does not scroll', () => {
  const { chart, before, isTaken, time, price } = zoomed({ deltaY: -240 });
  near(time, Math.exp(-240 * 0.0016));
  equal(price, 1);
  deepEqual([isTaken, chart.following], [true, true]);
  near(timeAt(chart.view, chart.view.widthPx), timeAt(before, before.widthPx));
  deepEqual(chart.crosshair, pointAt(chart.view, 200, 100));
});

test('after a pan the wheel zooms time about the pointer', () => {
  const { chart, before } = zoomed({ deltaY: 120 }, (fresh) => fresh.setView({ ...fresh.view, left: -3 }));
  near(pointAt(before, 200, 100).time, pointAt(chart.view, 200, 100).time);
  equal(chart.following, false);
});

test('Ctrl zooms both axes and goes on following', () => {
  const { chart, before, time, price } = zoomed({ deltaY: 100, ctrlKey: true });
  ok(time > 1.1);
  near(price, time);
  near(pointAt(before, 200, 100).price, pointAt(chart.view, 200, 100).price);
  equal(chart.following, true);
});

test('Shift and a sideways wheel pan the time and let go', () => {
  for (const event of [
    { deltaY: 100, shiftKey: true },
    { deltaX: 100, shiftKey: true },
    { deltaX: 100, deltaY: 3 },
  ]) {
    const { chart, before, time, price } = zoomed(event);
    deepEqual([time, price, chart.following, chart.view.top], [1, 1, false, before.top]);
    near(chart.view.left, before.left + 100 * before.binsPerPx);
  }
});

test('a wheel that counts lines moves 16 pixels a line', () => {
  equal(zoomed({ deltaY: 3, deltaMode: 1 }).time, zoomed({ deltaY: 48 }).time);
});

test('over an axis the wheel zooms that axis: the price about spot, the time about the newest bin', () => {
  for (const direction of ['time', 'price'] as const) {
    const { chart } = fakeChart(10);
    const [axis, heat] = [new FakeElement(), new FakeElement()];
    axisWheelZoom(new Surface(axis.html, signal), new Surface(heat.html, signal), chart, direction);
    const { binsPerPx, ticksPerPx } = chart.view;
    const [right, spotPx] = [timeAt(chart.view, chart.view.widthPx), yOf(chart.view, 100)];
    equal(axis.fire('wheel', { x: 50, y: 60, deltaY: 100 }), false);
    deepEqual(
      [chart.view.binsPerPx > binsPerPx, chart.view.ticksPerPx > ticksPerPx],
      [direction === 'time', direction === 'price'],
    );
    near(timeAt(chart.view, chart.view.widthPx), right);
    near(yOf(chart.view, 100), spotPx);
    equal(chart.crosshair, null);
  }
});
