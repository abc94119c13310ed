import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../../src/errors.ts';
import type { SweepRow } from '../../../src/wire/index.ts';
import { idsOf, madeRun, threeRuns as runs } from '../../../test/web/made_runs.ts';
import type { Run } from './runs.ts';
import {
  type Axis,
  axesOf,
  focusedSweeps,
  heatCells,
  isBeforeCosts,
  judgement,
  landscapeAxes,
  medianOf,
  metrics,
  scaleOf,
  sweepGroups,
} from './sweeps.ts';

const metricOf = (id: string) => present(metrics.find((one) => one.id === id));
const net = metricOf('mean_net_pnl_ticks');
const summaryOf = (changes: Partial<SweepRow>) =>
  ({ experiment_name: 'first', signal_name: 'ads', dataset_id: 'd1', ...changes }) as SweepRow;

test('runs of one experiment, signal and dataset are a sweep; the one with the newest result comes first', () => {
  const newer = madeRun('n', { experiment_name: 'second', timestamp_utc: '2026-02-07T00:00:00Z' });
  const summary = summaryOf({});
  const groups = sweepGroups([...runs, newer], [summary, summaryOf({ dataset_id: 'elsewhere' })]);
  deepEqual(
    groups.map(({ key, runs: members, summary: found }) => [key, idsOf(members), found === summary]),
    [
      ['second · ads · d1', ['n'], false],
      ['first · ads · d1', ['a', 'b'], true],
      ['first · null · d1', ['c'], false],
    ],
  );
  deepEqual(sweepGroups([], [summary]), []);
  const both = summaryOf({ signal_name: 'ads, null' });
  deepEqual(
    sweepGroups(runs, [both]).map((group) => group.summary === both),
    [true, true],
    'an experiment of several signals is judged as one',
  );
});

test('the page is about the sweep of its view, or those of the marked or of the selected run', () => {
  const group = sweepGroups(runs, [])[1];
  const focus = (view: 'runs' | 'sweep' | 'compare', marked: string[], selected: Run | null) =>
    focusedSweeps({ view, marked }, runs, selected, group);
  deepEqual(focus('sweep', ['a'], null), [group?.key]);
  deepEqual(focusedSweeps({ view: 'sweep', marked: [] }, [], null, undefined), []);
  deepEqual(focus('compare', ['a', 'b', 'gone'], null), ['first · ads · d1']);
  deepEqual(focus('compare', ['a', 'c'], null), ['first · ads · d1', 'first · null · d1']);
  deepEqual(focus('runs', ['a'], present(runs[2])), ['first · null · d1']);
  deepEqual(focus('runs', ['a'], null), []);
});

test('a sweep has an axis for each setting that differs between runs, its values ascending', () => {
  const spans = [10, 9, 100].map((span) => madeRun(`s${span}`, { cooldown_bins: span }, { span, kind: `k${span}` }));
  deepEqual(
    axesOf(spans).map(({ name, values }) => [name, values]),
    [
      ['kind', ['k10', 'k100', 'k9']],
      ['span', [9, 10, 100]],
      ['eval.cooldown_bins', [9, 10, 100]],
    ],
  );
  deepEqual(axesOf(runs.slice(0, 1)), []);
  deepEqual(axesOf([]), []);
});

test('the landscape lies over the named axes, else over those with the most values, never over one twice', () => {
  const axis = (name: string, count: number): Axis => ({
    ...{ name, label: name, column: name, value: () => 0 },
    values: Array.from({ length: count }, (_, index) => index),
  });
  const axes = [axis('few', 2), axis('many', 9), axis('some', 4)];
  const chosen = (x: string, y: string) => {
    const pair = landscapeAxes(axes, { x, y });
    return pair === null ? null : [pair.x.name, pair.y.name];
  };
  deepEqual(chosen('', ''), ['many', 'some']);
  deepEqual(chosen('few', ''), ['few', 'many']);
  deepEqual(chosen('', 'many'), ['some', 'many']);
  deepEqual(chosen('few', 'few'), ['few', 'many']);
  deepEqual(chosen('gone', 'some'), ['many', 'some']);
  equal(landscapeAxes(axes.slice(0, 1), { x: '', y: '' }), null);
  equal(landscapeAxes([], { x: 'few', y: '' }), null);
});

test('a cell stands for its runs by the median or the best, and knows when it has too few signals', () => {
  const cell = (metric: typeof net, rest: 'median' | 'best', members: readonly Run[]) => {
    const axis = { name: '', label: '', column: '', values: [1], value: () => 1 };
    const { value, signals, isThin } = present(heatCells(members, axis, axis, metric, rest)[0]?.[0]);
    return [value, signals, isThin];
  };
  const members = [
    madeRun('a', { mean_net_pnl_ticks: 3, p_profit: 0.5, n_signals: 4 }),
    madeRun('b', { mean_net_pnl_ticks: 1, p_profit: 0.01, n_signals: 20 }),
    madeRun('c', { n_signals: 1000 }),
  ];
  deepEqual(cell(net, 'best', members), [3, 4, true]);
  deepEqual(cell(net, 'median', members), [2, 12, false]);
  deepEqual(cell(metricOf('p_profit'), 'best', members), [0.01, 20, false]);
  deepEqual(cell(net, 'best', members.slice(2)), [null, null, false]);
  deepEqual(cell(net, 'median', []), [null, null, false]);
});

test('cells are rows over one axis and columns over the other, empty where no run is', () => {
  const all = axesOf(runs);
  const cells = heatCells(runs, present(all[0]), present(all[1]), net, 'median');
  deepEqual(
    cells.map((row) => row.map((cell) => [idsOf(cell.runs), cell.value, cell.isThin])),
    [
      [
        [['a'], 1, false],
        [['b'], -1, true],
      ],
      [
        [[], null, false],
        [['c'], null, false],
      ],
    ],
  );
});

test('the median is the middle, or halfway between the two', () => {
  deepEqual([medianOf([]), medianOf([7]), medianOf([10, 9, 1]), medianOf([4, 1, 3, 2])], [null, 7, 9, 2.5]);
});

test('a scale with a zero is symmetric about it; one without goes from the worst value to the best', () => {
  const around = scaleOf([-1, 3], net);
  deepEqual([around.diverging, around.at(0), around.at(3), around.at(-3)], [true, 0.5, 1, 0]);
  equal(scaleOf([0, 0], net).at(0), 0.5, 'of zeros alone the middle');
  const less = scaleOf([0.1, 0.5], metricOf('p_profit'));
  deepEqual([less.diverging, less.at(0.1), less.at(0.5)], [false, 1, 0]);
  const signals = scaleOf([5, 5], metricOf('n_signals'));
  equal(signals.at(5), 0);
  const large = new Array<number>(300_000).fill(1);
  equal(scaleOf(large, net).at(1), 1, 'more values than a call takes arguments');
});

test('the stored verdict is shown with its sentence; results of an older method have none', () => {
  const judged = (verdict: string, kind: string) =>
    judgement({ verdict, verdict_json: JSON.stringify({ verdict: { kind }, sentence: 'Because.' }) });
  deepEqual(judged('interim: nothing here', 'nothing_here'), {
    tone: 'neutral',
    headline: 'Interim: nothing here',
    sentence: 'Because.',
  });
  equal(judged('holds', 'holds').tone, 'good');
  equal(judged('loses after costs', 'loses_after_costs').tone, 'error');
  equal(judgement({ verdict: null, verdict_json: null }).headline, 'older method');
});

test('a sweep is before costs where no trade of any run costs anything', () => {
  const costs = (...ticks: (number | null)[]) =>
    isBeforeCosts(ticks.map((mean_cost_ticks, index) => madeRun(`r${index}`, { mean_cost_ticks })));
  deepEqual([costs(0, null), costs(0, 1), costs(null), costs()], [true, false, false, false]);
});
