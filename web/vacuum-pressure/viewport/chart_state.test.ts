import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { originNs } from '../../../test/web/fake_session.ts';
import { fakeChart } from '../../../test/web/fake_surface.ts';
import type { Topic } from '../session/topics.ts';
import type { ChartState } from './chart_state.ts';
import { timeAt } from './viewport.ts';

/** A fake chart, and the topics that it emits. */
function chartOf(count: number) {
  const fake = fakeChart(count);
  const told: Topic[] = [];
  for (const topic of ['view', 'pointer', 'tool', 'settings'] as const) fake.topics.on([topic], () => told.push(topic));
  return { ...fake, told };
}

const right = ({ view }: ChartState) => timeAt(view, view.widthPx);
const middle = ({ view }: ChartState) => view.top - (view.heightPx / 2) * view.ticksPerPx;

test('the first bin is centred, and a chart that follows keeps the newest bin at its right edge', () => {
  const { chart, put } = chartOf(3);
  deepEqual([right(chart), middle(chart)], [3, 100]);
  chart.setView({ ...chart.view, left: 50 });
  put(3);
  equal(chart.view.left, 50);
  chart.showNewest();
  equal(chart.view.left, 50, 'the view moves with the next bin');
  put(4);
  equal(right(chart), 5);
});

test('a chart that was moved before any bin came has its price centred on the first, and stays where it is in time', () => {
  const { chart, put } = chartOf(0);
  chart.setView({ ...chart.view, left: 50 });
  put(7);
  deepEqual([chart.view.left, middle(chart)], [50, 100]);
  put(8, 900);
  equal(middle(chart), 100);
});

test('a jump centres the price on the moment that was sought, not on the first bin that it brings', () => {
  const { chart, put } = chartOf(0);
  for (const [seq, spot] of [900, 850, 300].entries()) put(seq, spot);
  chart.aim(2, 1);
  chart.historyPut(0, true);
  equal(middle(chart), 900);
  chart.historyPut(1, false);
  equal(middle(chart), 850);
  chart.historyPut(2, false);
  equal(middle(chart), 850);
});

test('another follow mode moves a chart that follows, and no other setting does', () => {
  const { chart, settings, put } = chartOf(2);
  put(2, 104);
  equal(middle(chart), 100, 'spot is within the margins');
  settings.change({ theme: 'light' });
  equal(middle(chart), 100);
  settings.change({ followMode: 'centre' });
  equal(middle(chart), 104);
  chart.setView({ ...chart.view, top: 500 });
  settings.change({ followMode: 'margin' });
  equal(chart.view.top, 500);
});

test('a bin out of view is scrolled to, one in view is not', () => {
  const { chart, data } = chartOf(1000);
  const { left } = chart.view;
  chart.showBin(999);
  deepEqual([chart.view.left, chart.following, chart.shownSeq], [left, true, 999]);
  chart.showBin(10);
  deepEqual([chart.view.left, chart.following, chart.shownSeq], [10 - 100, false, 10]);
  equal(data.endNs(chart.shownSeq), originNs + 1_100_000_000n);
});

test('the crosshair stays below the mouse, and moves by keys from the bin shown', () => {
  const { chart, told } = chartOf(4);
  chart.pointAt([chart.view.widthPx - 10, 0]);
  const before = chart.crosshair!;
  chart.setView({ ...chart.view, left: chart.view.left + 7 });
  equal(chart.crosshair!.time, before.time + 7);
  chart.pointAt(null);
  equal(chart.crosshair, null);
  chart.setKeyCrosshair(true);
  deepEqual(chart.crosshair, { time: 3.5, price: 100 });
  chart.moveCrosshair(-9, 2);
  deepEqual(chart.crosshair, { time: 0.5, price: 102 });
  deepEqual(told, ['pointer', 'view', 'pointer', 'pointer', 'pointer']);
});

test('a tool begins at the crosshair of the keys, and the box ends where it is moved to', () => {
  const { chart, told } = chartOf(4);
  chart.setTool('measure');
  equal(chart.measure, null, 'the mouse draws the box');
  chart.setKeyCrosshair(true);
  chart.setTool('measure');
  chart.moveCrosshair(-1, 3);
  deepEqual(chart.measure, { from: { time: 3.5, price: 100 }, to: { time: 2.5, price: 103 } });
  chart.setTool('zoom');
  chart.moveCrosshair(-1, 0);
  deepEqual([chart.measure, chart.zoomBox?.to], [null, { time: 1.5, price: 103 }]);
  chart.setTool('pan');
  deepEqual([chart.zoomBox, told.filter((topic) => topic === 'tool').length], [null, 4]);
});

test('without bins there is nothing to show or to point at', () => {
  const { chart } = chartOf(0);
  chart.setKeyCrosshair(true);
  chart.followAgain();
  chart.fitPrice();
  chart.fitSession();
  deepEqual([chart.shownSeq, chart.pointedSeq, chart.binsBehind, chart.crosshair], [-1, -1, 0, null]);
});

test('a zoom keeps the newest bin at the right edge while the chart follows, and what is under the pointer after a pan', () => {
  const { chart, put } = chartOf(300);
  for (const axes of ['time', 'both'] as const) {
    chart.zoomAt(1.7, 100, 50, axes);
    deepEqual([chart.following, right(chart)], [true, 300]);
  }
  put(300);
  equal(right(chart), 301);
  chart.setView({ ...chart.view, left: chart.view.left - 40 });
  deepEqual([chart.following, chart.binsBehind], [false, 40]);
  const under = timeAt(chart.view, 100);
  chart.zoomAt(1.3, 100, 50, 'time');
  ok(Math.abs(timeAt(chart.view, 100) - under) < 1e-9);
  equal(chart.following, false);
  chart.followAgain();
  deepEqual([chart.following, chart.binsBehind, right(chart)], [true, 0, 301]);
});

test('the price is zoomed about spot, and fitted to the best prices in view', () => {
  const { chart } = chartOf(30);
  const spotPx = (chart.view.top - 100) / chart.view.ticksPerPx;
  chart.zoomPriceAboutSpot(0.5);
  equal((chart.view.top - 100) / chart.view.ticksPerPx, spotPx);
  chart.setZoom({ ...chart.view, top: 9000, ticksPerPx: 4 });
  chart.fitPrice();
  equal(middle(chart), 100.5);
  ok(chart.view.heightPx * chart.view.ticksPerPx < 40, 'little more than the touch');
});

test('the session is fitted to the width', () => {
  const { chart } = chartOf(3000);
  chart.fitSession();
  deepEqual([chart.view.left, Math.round(right(chart)), chart.following], [0, 3000, false]);
});
