import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { Surface } from './surface.ts';
import { axisWheelZoom, wheelZoom } from './wheel_zoom.ts';

const { signal } = new AbortController();
const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-9, `${a} and ${b}`);

function zoomed(event: Parameters<FakeElement['fire']>[1]) {
  const { chart } = fakeChart(10);
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

test('the wheel zooms both axes about the pointer, and the page does not scroll', () => {
  const { chart, before, isTaken, time, price } = zoomed({ deltaY: -240 });
  near(time, Math.exp(-240 * 0.0016));
  near(price, time);
  equal(isTaken, true);
  const [was, is] = [pointAt(before, 200, 100), pointAt(chart.view, 200, 100)];
  near(was.time, is.time);
  near(was.price, is.price);
  deepEqual(chart.crosshair, is);
});

test('Shift zooms time alone, however the browser sends it; Ctrl zooms price alone and goes on following', () => {
  const sideways = zoomed({ deltaX: 100, shiftKey: true });
  ok(sideways.time > 1.1);
  equal(sideways.price, 1);
  equal(sideways.chart.following, false);
  const pinched = zoomed({ deltaY: 100, ctrlKey: true });
  equal(pinched.time, 1);
  ok(pinched.price > 1.1);
  equal(pinched.chart.following, true);
});

test('a wheel that counts lines moves 16 pixels a line', () => {
  equal(zoomed({ deltaY: 3, deltaMode: 1 }).time, zoomed({ deltaY: 48 }).time);
});

test('over an axis the wheel zooms that axis about the pointer’s place on the chart', () => {
  for (const direction of ['time', 'price'] as const) {
    const { chart } = fakeChart(10);
    const [axis, heat] = [new FakeElement(), new FakeElement()];
    axisWheelZoom(new Surface(axis.html, signal), new Surface(heat.html, signal), chart, direction);
    const before = pointAt(chart.view, 50, 60);
    const { binsPerPx, ticksPerPx } = chart.view;
    equal(axis.fire('wheel', { x: 50, y: 60, deltaY: 100 }), false);
    deepEqual(
      [chart.view.binsPerPx > binsPerPx, chart.view.ticksPerPx > ticksPerPx],
      [direction === 'time', direction === 'price'],
    );
    near(pointAt(chart.view, 50, 60)[direction], before[direction]);
    equal(chart.crosshair, null);
  }
});
