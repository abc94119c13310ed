import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { present } from '../../../src/errors.ts';
import { idsOf, madeRun, threeRuns as runs } from '../../../test/web/made_runs.ts';
import {
  brushBetween,
  inOrder,
  linesOf,
  metricStops,
  moved,
  parameterStops,
  type Stops,
  stopsBetween,
  stopsIn,
  stopsOf,
} from './parallel.ts';
import { brushOf, withBrush } from './query.ts';
import { type Axis, axesOf, metrics } from './sweeps.ts';

const axisOf = (name: string, values: readonly (number | string)[]): Axis => ({
  ...{ name, label: name, column: name, values },
  value: (run) => run.parameters[name] as number | string,
});
const metric = (id: string) => present(metrics.find((one) => one.id === id));
const stops = parameterStops(axisOf('span', [1, 2, 4]));

test('the stops of a parameter stand from foot to top, those of a metric at hundredths of its range', () => {
  ok(stops.heights.every((height, at) => height > 0 && height < 1 && height > (stops.heights[at - 1] ?? 0)));
  deepEqual(
    stops.ticks.map(([, text]) => text),
    ['1', '2', '4'],
  );
  const rates = metricStops(metric('tp_rate'), 40, 60);
  equal(rates.values.length, 101);
  deepEqual([rates.values[0], rates.values[50], rates.values[100]], [0.4, 0.5, 0.6], 'in the unit of the table');
  deepEqual(
    rates.ticks.map(([height, text]) => [height, text]),
    [
      [0, '40.0'],
      [0.25, '45.0'],
      [0.5, '50.0'],
      [0.75, '55.0'],
      [1, '60.0'],
    ],
  );
  equal(metricStops(metric('tp_rate'), 50, 50).ticks.length, 1, 'one tick where all runs have the same');
});

test('a brush from stop to stop goes through the search and comes back as the same stops', () => {
  const axes: readonly Stops[] = [
    stops,
    parameterStops(axisOf('kind', ['flat', 'full', 'plain'])),
    metricStops(metric('sharpe'), -1.5, 2.25),
  ];
  const place = fc.tuple(fc.nat(axes.length - 1), fc.nat(1000), fc.nat(1000));
  fc.assert(
    fc.property(place, ([at, one, other]) => {
      const axis = present(axes[at]);
      const [from, to] = [one % axis.values.length, other % axis.values.length].sort((a, b) => a - b);
      const brush = brushBetween(axis, present(from), present(to));
      const search = withBrush('ads', axis.column, brush);
      equal(brushOf(search, axis.column) === null, brush === null);
      deepEqual(stopsOf(axis, search), [from, to]);
    }),
  );
});

test('a brush over a whole axis is none; beyond its ends it is open', () => {
  equal(brushBetween(stops, 0, 2), null);
  equal(brushBetween(stops, -3, 9), null);
  deepEqual(brushBetween(stops, 1, 9), { low: 2, high: Number.POSITIVE_INFINITY });
  deepEqual(brushBetween(stops, -1, 1), { low: Number.NEGATIVE_INFINITY, high: 2 });
  deepEqual(brushBetween(parameterStops(axisOf('kind', ['a', 'b', 'c'])), 1, 1), { values: ['b'] });
});

test('a brush that passes no stop is not drawn', () => {
  equal(stopsIn(stops, { low: 2.5, high: 3 }), null);
  equal(stopsIn(stops, { values: ['3'] }), null);
  deepEqual(stopsIn(stops, { values: ['1', '4'] }), [0, 2]);
  deepEqual(stopsOf(stops, 'span>=3 span<=3.5'), [0, 2]);
  deepEqual(stopsOf(stops, ''), [0, 2]);
});

test('a stroke takes the stops whose lines it touches', () => {
  const [foot = 0, middle = 0, top = 0] = stops.heights;
  deepEqual(stopsBetween(stops, 0, 1), [0, 2]);
  deepEqual(stopsBetween(stops, middle - 0.01, middle + 0.01), [1, 1]);
  deepEqual(stopsBetween(stops, middle + 0.02, top), [1, 2], 'lines of a value stand up to 0.03 from its stop');
  equal(stopsBetween(stops, foot + 0.1, middle - 0.1), null);
});

test('every run with a value of the metric is a line, the best last, apart from those with the same settings', () => {
  const axes = axesOf(runs);
  const { lines, stops: all, diverging } = linesOf(runs, axes, metric('mean_net_pnl_ticks'));
  deepEqual(idsOf(lines.map(({ run }) => run)), ['b', 'a']);
  equal(diverging, true);
  equal(all.length, axes.length + 1);
  deepEqual(
    lines.map(({ heights }) => heights.at(-1)),
    [0, 1],
  );
  const [low, high] = lines.map(({ heights }) => present(heights[1]));
  ok(present(low) < present(high), 'both take the same profit');
  const same = ['x', 'y'].map((id) => madeRun(id, { mean_net_pnl_ticks: 2 }));
  deepEqual(
    linesOf(same, [], metric('mean_net_pnl_ticks')).lines.map(({ heights }) => heights),
    [[0.5], [0.5]],
  );
});

test('the best of a metric where less is better comes last too', () => {
  const pair = [madeRun('x', { p_profit: 0.01 }), madeRun('y', { p_profit: 0.5 })];
  const { lines } = linesOf(pair, [], metric('p_profit'));
  deepEqual(idsOf(lines.map(({ run }) => run)), ['y', 'x']);
  ok(present(lines[1]).colour > present(lines[0]).colour);
});

test('without a run that has the metric there are no lines and no axis for it', () => {
  deepEqual(linesOf(runs.slice(2), [], metric('sharpe')), { lines: [], diverging: true, stops: [] });
});

test('colours keep clear of the middle of a diverging scale and of the foot of another', () => {
  const some = [-2, -0.001, 0.001, 2].map((value) =>
    madeRun(String(value), { mean_net_pnl_ticks: value, n_signals: 1 }),
  );
  for (const { colour } of linesOf(some, [], metric('mean_net_pnl_ticks')).lines) ok(Math.abs(colour - 0.5) > 0.15);
  for (const { colour } of linesOf(some, [], metric('n_signals')).lines) ok(colour >= 0.3);
});

test('axes stand in the order of their names; those that are not named come after', () => {
  const axes = ['a', 'b', 'c'].map((name) => axisOf(name, [1, 2]));
  const order = (...names: string[]) => inOrder(axes, names).map(({ name }) => name);
  deepEqual(order(), ['a', 'b', 'c']);
  deepEqual(order('c'), ['c', 'a', 'b']);
  deepEqual(order('gone', 'c', 'b'), ['c', 'b', 'a']);
});

test('an axis that is moved stays within the others', () => {
  deepEqual(moved(['a', 'b', 'c'], 'a', 1), ['b', 'a', 'c']);
  deepEqual(moved(['a', 'b', 'c'], 'a', 2), ['b', 'c', 'a']);
  deepEqual(moved(['a', 'b', 'c'], 'c', 5), ['a', 'b', 'c']);
  deepEqual(moved(['a', 'b', 'c'], 'b', -5), ['b', 'a', 'c']);
});
