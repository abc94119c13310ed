import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { followCursor } from './cursor.ts';
import { Surface } from './surface.ts';

test('the crosshair follows the mouse and leaves with it; a lifted finger leaves it where it was', () => {
  const { chart } = fakeChart(10);
  const heat = new FakeElement();
  followCursor(new Surface(heat.html, new AbortController().signal), chart, new Map());
  heat.fire('pointermove', { x: 12, y: 34 });
  deepEqual(chart.crosshair, pointAt(chart.view, 12, 34));
  heat.fire('pointerleave', { pointerType: 'touch' });
  deepEqual(chart.crosshair, pointAt(chart.view, 12, 34));
  heat.fire('pointerleave');
  equal(chart.crosshair, null);
  heat.fire('pointermove', { x: 12, y: 34, pointerType: 'touch' });
  heat.fire('pointercancel', { pointerType: 'touch' });
  equal(chart.crosshair, null);
});
