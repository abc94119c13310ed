import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import { followCursor } from './cursor.ts';
import { listenToFingers } from './fingers.ts';
import { Surface } from './surface.ts';

function fingers() {
  const { chart } = fakeChart(10);
  const heat = new FakeElement();
  const surface = new Surface(heat.html, new AbortController().signal);
  const down = listenToFingers(surface, chart);
  followCursor(surface, chart, down);
  return { chart, heat, down };
}

test('the tool or a modifier key says what a drag does', () => {
  const { chart, heat } = fingers();
  const path = [
    [10, 10],
    [60, 70],
  ] as const;
  const { left } = chart.view;
  heat.drag(path, { altKey: true });
  equal(chart.measure === null, false);
  equal(chart.view.left, left);
  heat.drag(path, { shiftKey: true });
  equal(chart.view.binsPerPx < 0.05, true, 'zoomed into the box');
  heat.drag(path);
  equal(chart.measure, null);
  chart.setTool('measure');
  heat.drag(path);
  equal(chart.measure === null, false);
});

test('a press takes the keyboard and the pointer; other buttons are left alone', () => {
  const { heat, down } = fingers();
  heat.fire('pointerdown', { pointerId: 7 });
  deepEqual([heat.focused, heat.captured, [...down.keys()]], [1, [7], [7]]);
  heat.fire('pointerdown', { pointerId: 8, button: 2 });
  deepEqual([heat.focused, down.size], [1, 1]);
  heat.fire('pointercancel', { pointerId: 7 });
  equal(down.size, 0);
});

test('of two fingers the one that moves pinches, and the crosshair stays', () => {
  const { chart, heat } = fingers();
  const touch = { pointerType: 'touch' } as const;
  heat.fire('pointerdown', { ...touch, pointerId: 1, x: 100, y: 100 });
  heat.fire('pointerdown', { ...touch, pointerId: 2, x: 200, y: 200 });
  const { binsPerPx, ticksPerPx } = chart.view;
  heat.fire('pointermove', { ...touch, pointerId: 2, x: 300, y: 200 });
  deepEqual([chart.view.binsPerPx, chart.view.ticksPerPx], [binsPerPx / 2, ticksPerPx]);
  equal(chart.crosshair, null);
  heat.fire('pointerup', { ...touch, pointerId: 2, x: 300, y: 200 });
  const { view } = chart;
  heat.fire('pointermove', { ...touch, pointerId: 1, x: 50, y: 50 });
  equal(chart.view, view, 'the finger that is left drags nothing');
});
