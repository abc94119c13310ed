import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import { priceAt, timeAt } from '../../viewport/viewport.ts';
import { axisDrag } from './axis_drag.ts';
import { Surface } from './surface.ts';

function axis(direction: 'time' | 'price') {
  const { chart } = fakeChart(10);
  const element = new FakeElement();
  axisDrag(new Surface(element.html, new AbortController().signal), chart, direction);
  return { chart, element };
}

test('a drag down the price axis shows more prices about the middle, and goes on following', () => {
  const { chart, element } = axis('price');
  const { view } = chart;
  const middle = priceAt(view, view.heightPx / 2);
  element.drag([
    [5, 100],
    [9, 150],
    [9, 200],
  ]);
  ok(Math.abs(chart.view.ticksPerPx / view.ticksPerPx - Math.exp(100 * 0.006)) < 1e-9);
  ok(Math.abs(priceAt(chart.view, view.heightPx / 2) - middle) < 1e-9);
  deepEqual([chart.view.binsPerPx, chart.following, element.captured], [view.binsPerPx, true, [1]]);
});

test('a drag to the left along the time axis shows more time before the right edge', () => {
  const { chart, element } = axis('time');
  const { view } = chart;
  element.drag([
    [300, 5],
    [200, 5],
  ]);
  ok(Math.abs(chart.view.binsPerPx / view.binsPerPx - Math.exp(100 * 0.006)) < 1e-9);
  equal(timeAt(chart.view, view.widthPx), 10);
});

test('a move without a press, or after it ended, scales nothing', () => {
  const { chart, element } = axis('price');
  const { view } = chart;
  element.fire('pointermove', { y: 50 });
  element.fire('pointerdown', { y: 50 });
  element.fire('pointercancel', { y: 50 });
  element.fire('pointermove', { y: 90 });
  equal(chart.view, view);
});
