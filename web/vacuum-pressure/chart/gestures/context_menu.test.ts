import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeElement, fakeChart } from '../../../../test/web/fake_surface.ts';
import type { ChartState } from '../../viewport/chart_state.ts';
import { pointAt } from '../../viewport/viewport.ts';
import { openMenu } from './context_menu.ts';
import { dragMeasure } from './measure.ts';
import { Surface } from './surface.ts';

const pxOf = ({ menu }: ChartState) => menu?.px;

function menu() {
  const { chart } = fakeChart(10);
  const heat = new FakeElement();
  openMenu(new Surface(heat.html, new AbortController().signal), chart);
  return { chart, heat };
}

test('a right click opens the menu of the place in place of the browser’s, a press elsewhere closes it', () => {
  const { chart, heat } = menu();
  equal(heat.fire('contextmenu', { x: 70, y: 30 }), false);
  deepEqual(chart.menu, { px: [70, 30], point: pointAt(chart.view, 70, 30) });
  heat.fire('pointerdown', { x: 5, y: 5 });
  equal(chart.menu, null);
});

test('a finger that stays is a right click, one that moves or is lifted is none', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { chart, heat } = menu();
  const press = { x: 50, y: 50, pointerType: 'touch' } as const;
  heat.fire('pointerdown', press);
  heat.fire('pointermove', { ...press, x: 70 });
  t.mock.timers.tick(600);
  equal(chart.menu, null);
  heat.fire('pointerdown', press);
  heat.fire('pointerup', press);
  t.mock.timers.tick(600);
  equal(chart.menu, null);
  heat.fire('pointerdown', press);
  heat.fire('pointermove', { ...press, x: 53 });
  t.mock.timers.tick(600);
  deepEqual(pxOf(chart), [50, 50]);
});

test('a measure that the menu began ends at the pointer until the next press', () => {
  const { chart } = menu();
  const from = pointAt(chart.view, 20, 20);
  chart.measureFrom(from);
  chart.pointAt([60, 90]);
  deepEqual(chart.measure, { from, to: pointAt(chart.view, 60, 90) });
  dragMeasure(chart, [60, 90]).move([70, 70]);
  chart.pointAt([200, 10]);
  deepEqual([chart.measure, chart.tool], [{ from, to: pointAt(chart.view, 60, 90) }, 'pan']);
});
