import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TableRow } from '../../../src/wire/index.ts';
import { allColumns } from './columns.ts';
import { equityOf, onOneAxis } from './curves.ts';
import { defaultState, formatState, maxMarked, type PageState, parseState } from './page_state.ts';
import { brushBetween, moved, stopsIn } from './parallel.ts';
import { type Brush, brushOf, inGroups, matching, parseSearch, sorted, withBrush } from './query.ts';
import { toRun, varyingParameters, verdict } from './runs.ts';
import { axesOf, heatCells, metrics, sweepGroups } from './sweeps.ts';

/** A row of which only what a test is about is given. */
const row = (id: string, changes: Partial<TableRow>, params: object = {}): TableRow =>
  ({
    run_id: id,
    signal_name: 'ads',
    dataset_id: 'd1',
    experiment_name: 'first',
    serving_spec_name: 's',
    timestamp_utc: '2026-02-06T00:00:00Z',
    signal_params_json: JSON.stringify(params),
    scoring_json: '{"tanh_scale":3}',
    n_signals: 10,
    n_up: 6,
    n_down: 4,
    eval_min_signals: id === 'b' ? 20 : 5,
    tp_rate: null,
    tp_rate_low: null,
    tp_rate_high: null,
    break_even_rate: 0.5,
    eval_tp_ticks: 4,
    eval_sl_ticks: 4,
    cooldown_bins: 1,
    mean_net_pnl_ticks: null,
    ...changes,
  }) as TableRow;

const runs = [
  row('a', { tp_rate: 0.6, tp_rate_low: 0.55, tp_rate_high: 0.7, mean_net_pnl_ticks: 1 }, { span: 1, wide: true }),
  row('b', { tp_rate: 0.4, tp_rate_low: 0.3, tp_rate_high: 0.45, mean_net_pnl_ticks: -1 }, { span: 2, wide: true }),
  row('c', { signal_name: 'null', eval_tp_ticks: 8, mean_net_pnl_ticks: null }, { span: 2, wide: true }),
].map((one) => toRun(one, null, new Map()));
const columns = allColumns(varyingParameters(runs));
const column = (id: string) => columns.find((one) => one.id === id)!;
const found = (search: string, aboveOnly = false) =>
  matching(runs, parseSearch(search, columns), aboveOnly).map(({ run_id }) => run_id);

test('only parameters that vary get a column', () => {
  deepEqual(varyingParameters(runs), ['span']);
  deepEqual(varyingParameters(runs.slice(1)), []);
});

test('long and short have columns, and the side of nearly all firings is marked', () => {
  const sides = (up: number, down: number) => {
    const run = toRun(row('s', { n_signals: up + down, n_up: up, n_down: down }), null, new Map());
    return ['n_up', 'n_down'].map((id) => column(id).text(run));
  };
  deepEqual(sides(60, 40), ['60', '40']);
  deepEqual(sides(2, 1198), ['2', '1,198*']);
  deepEqual(sides(99, 0), ['99', '0']);
  deepEqual(sides(100, 0), ['100*', '0']);
});

test('a search takes words and comparisons, all of which must hold', () => {
  deepEqual(found(''), ['a', 'b', 'c']);
  deepEqual(found('ADS'), ['a', 'b']);
  deepEqual(found('tp_rate>0.5'), ['a']);
  deepEqual(found('span=2 tp_rate<=0.4'), ['b']);
  deepEqual(found('netpnl>=-1'), ['a', 'b']);
  deepEqual(found('signal!=ads'), ['c']);
  deepEqual(found('', true), ['a']);
  deepEqual(parseSearch('spam=2', columns).unknown, ['spam=2']);
});

test('a brush is conditions of the search, written and read', () => {
  deepEqual(found('span=1|2'), ['a', 'b', 'c']);
  deepEqual(found('signal!=ads|other'), ['c']);
  const brushes: readonly Brush[] = [
    { low: 1, high: 1 },
    { low: 1, high: 2 },
    { low: 2, high: Infinity },
    { values: ['x', 'y'] },
  ];
  for (const brush of brushes) {
    const text = withBrush('ads span>=0 n>5 span=7', 'span', brush);
    ok(text.startsWith('ads n>5 span'));
    deepEqual(brushOf(text, 'span'), brush);
    equal(withBrush(text, 'span', null), 'ads n>5');
  }
  const stops = { column: 'span', label: '', heights: [], values: [1, 2, 4], ticks: [], keyStep: 1 };
  deepEqual(brushBetween(stops, 0, 2), null);
  for (const [from, to] of [
    [0, 0],
    [1, 2],
    [1, 1],
  ] as const) {
    const brush = brushBetween(stops, from, to)!;
    deepEqual(stopsIn(stops, brushOf(withBrush('', 'span', brush), 'span')!), [from, to]);
  }
  deepEqual(moved(['a', 'b', 'c'], 'a', 1), ['b', 'a', 'c']);
  deepEqual(moved(['a', 'b', 'c'], 'c', 5), ['a', 'b', 'c']);
});

test('rows without a value come last in both directions', () => {
  const order = (descending: boolean) =>
    sorted(runs, column('mean_net_pnl_ticks'), descending).map((run) => run.run_id);
  deepEqual(order(true), ['a', 'b', 'c']);
  deepEqual(order(false), ['b', 'a', 'c']);
});

test('groups filter by every kind of name', () => {
  const none = { signals: [], datasets: [], experiments: [], aboveOnly: false };
  equal(inGroups(runs, none), runs);
  deepEqual(inGroups(runs, { ...none, signals: ['null'], datasets: ['d1'] }).length, 1);
  deepEqual(inGroups(runs, { ...none, datasets: ['d2'] }).length, 0);
});

test('an interval is judged against break-even by both of its ends', () => {
  deepEqual(runs.map(verdict), ['above', 'below', 'open']);
});

test('a sweep has an axis for each setting that differs between runs; cells average over the rest', () => {
  const [group] = sweepGroups(runs.slice(0, 2), []);
  const [span] = axesOf(group!.runs);
  deepEqual([span!.name, span!.values], ['span', [1, 2]]);
  const all = axesOf(runs);
  const cells = heatCells(runs, all[0]!, all[1]!, metrics[0]!, 'median');
  deepEqual(
    cells[0]!.map(({ signals, isThin }) => [signals, isThin]),
    [
      [10, false],
      [10, true],
    ],
  );
  deepEqual(
    cells.map((cellRow) => cellRow.map(({ value }) => value)),
    [
      [1, -1],
      [null, null],
    ],
  );
});

test('equity sums trades in the order of their ends, and knows its largest fall', () => {
  const outcomes = {
    exit_bin: [9, 4, 9],
    gain_ticks: [-3, 2, 5],
    mid_gain_ticks: [-4, 2, 5],
    cost_ticks: 0.5,
    cell_width_ms: 100,
  };
  const equity = equityOf({
    ...outcomes,
    run_id: 'a',
    threshold: 1,
    bins: 10,
    start_ms: null,
    bin: [1, 2, 3],
    side: [1, 1, 1],
    result: [-1, 1, 1],
  });
  deepEqual(equity.seconds, [0, 0.5, 1]);
  deepEqual(equity.netTicks, [0, 1.5, 2.5]);
  deepEqual(equity.midTicks, [0, 1.5, 1.5]);
  equal(equity.drawdownTicks, 3.5);
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
});

test('an address keeps the state, and what it says wrongly takes the default', () => {
  const name = fc.string({ minLength: 1, maxLength: 8 });
  const names = fc.uniqueArray(name, { maxLength: 3 });
  const state = fc.record({
    view: fc.constantFrom('runs', 'sweep', 'compare'),
    signals: names,
    datasets: names,
    marked: fc.uniqueArray(name, { maxLength: maxMarked }),
    toggled: names,
    axes: names,
    aboveOnly: fc.boolean(),
    search: fc.string(),
    descending: fc.boolean(),
    minSignals: fc.nat(),
    run: fc.option(name, { nil: null }),
    threshold: fc.option(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      { nil: null },
    ),
  });
  fc.assert(
    fc.property(state, (changes) => {
      const given = { ...defaultState, ...changes } as PageState;
      deepEqual(parseState(formatState(given)), given);
    }),
    { numRuns: 100 },
  );
  equal(formatState(defaultState), '');
  deepEqual(parseState('?view=nothing&min_n=-3&by=luck&at=high'), defaultState);
});
