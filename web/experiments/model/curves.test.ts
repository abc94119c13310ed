import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcomes } from '../../../src/wire/index.ts';
import { clock, equityOf, inRealBook, onOneAxis } from './curves.ts';

/** Trades that end at `exitBins` with `gains`; cells of 100 ms. */
const outcomes = (exitBins: number[], gains: number[], midGains = gains, costTicks = 0) => ({
  session: null,
  run_id: 'a',
  threshold: 1,
  bins: 10,
  start_ms: null,
  bin: exitBins,
  side: exitBins.map(() => 1),
  result: gains.map(Math.sign),
  exit_bin: exitBins,
  gain_ticks: gains,
  mid_gain_ticks: midGains,
  cost_ticks: exitBins.map(() => costTicks),
  cell_width_ms: 100,
});

test('equity sums trades in the order of their ends, net of costs, and knows its largest fall', () => {
  const equity = equityOf(outcomes([9, 4, 9], [-3, 2, 5], [-4, 2, 5], 0.5));
  deepEqual(equity.seconds, [0, 0.5, 1]);
  deepEqual(equity.netTicks, [0, 1.5, 1.5]);
  deepEqual(equity.orderPriceTicks, [0, 1.5, 2.5]);
  equal(equity.drawdownTicks, 4.5);
});

test('in the real book equity is that of the fills, with that of the mid beside it', () => {
  const executed = { exit_ms: [1_000_750, null], net_ticks: [3, null] } as Outcomes['executed'];
  const equity = equityOf(inRealBook({ ...outcomes([4, 9], [1, 1], [2, 5], 0.5), start_ms: 1_000_000, executed }));
  deepEqual(equity, {
    seconds: [0, 0.5, 0.8, 1],
    netTicks: [0, 0, 3, 3],
    orderPriceTicks: [0, 1.5, 1.5, 6],
    drawdownTicks: 0,
  });
});

test('without trades equity is nothing earned', () => {
  deepEqual(equityOf(outcomes([], [])), {
    seconds: [0],
    netTicks: [0],
    orderPriceTicks: [0],
    drawdownTicks: 0,
  });
});

test('the fall of equity counts from its start too, and from its peak to any later low', () => {
  equal(equityOf(outcomes([0, 1], [-2, -1])).drawdownTicks, 3);
  equal(equityOf(outcomes([0, 1, 2, 3], [5, -4, 2, -3])).drawdownTicks, 5);
  equal(equityOf(outcomes([0, 1], [2, 1])).drawdownTicks, 0);
});

test('trades whose ends are the same are one step, in the order in which they began', () => {
  const equity = equityOf(outcomes([3, 3], [-2, 2]));
  deepEqual([equity.seconds, equity.netTicks, equity.drawdownTicks], [[0, 0.4], [0, 0], 2]);
});

test('curves on one axis keep their points', () => {
  deepEqual(
    onOneAxis([
      { x: [1, 3], y: [10, 30] },
      { x: [2, 3], y: [5, null] },
    ]),
    [
      [1, 2, 3],
      [10, null, 30],
      [null, 5, null],
    ],
  );
  deepEqual(onOneAxis([]), [[]]);
  deepEqual(onOneAxis([{ x: [], y: [] }]), [[], []]);
  deepEqual(onOneAxis([{ x: [10, 9], y: [1, 2] }]), [
    [9, 10],
    [2, 1],
  ]);
});

test('a clock has hours where there are any', () => {
  deepEqual([0, -5, 59.6, 725, 3599.5, 3725].map(clock), ['0:00', '0:00', '1:00', '12:05', '1:00:00', '1:02:05']);
});
