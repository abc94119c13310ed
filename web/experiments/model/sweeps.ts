import { notNull, present } from '../../../src/errors.ts';
import type { ExperimentDocumentResponse, SweepRow, TableRow } from '../../../src/wire/index.ts';
import { count, fixed, parameter, percent } from './format.ts';
import type { PageState } from './page_state.ts';
import { edgeOf, type Run, varyingParameters } from './runs.ts';

/** Runs of one experiment, signal and dataset. */
export interface SweepGroup {
  readonly key: string;
  readonly experiment: string;
  readonly signal: string;
  readonly dataset: string;
  readonly runs: readonly Run[];
  /** What all its cells together say; null until the sweep is complete. */
  readonly summary: SweepRow | null;
}

type Named = Pick<TableRow, 'experiment_name' | 'signal_name' | 'dataset_id'>;
export const sweepKeyOf = (row: Named) => [row.experiment_name, row.signal_name, row.dataset_id].join(' · ');

/** The statistics that a run was judged in; an experiment of several signals has one row for all of them. */
export function sweepOf<S extends Named>(run: Named, sweeps: readonly S[]): S | null {
  const isOf = (sweep: S) =>
    sweep.experiment_name === run.experiment_name &&
    sweep.dataset_id === run.dataset_id &&
    sweep.signal_name.split(', ').includes(run.signal_name);
  return sweeps.find(isOf) ?? null;
}

/** The sweeps of `runs`, the one with the newest result first. */
export function sweepGroups(runs: readonly Run[], sweeps: readonly SweepRow[]): SweepGroup[] {
  const grouped = Map.groupBy(runs, sweepKeyOf);
  const newest = (members: readonly Run[]) =>
    members.reduce((time, run) => (run.timestamp_utc > time ? run.timestamp_utc : time), '');
  const ordered = [...grouped].map(([key, members]) => ({ key, members, time: newest(members) }));
  ordered.sort((a, b) => (a.time > b.time ? -1 : a.time < b.time ? 1 : a.key < b.key ? -1 : 1));
  return ordered.map(({ key, members }) => {
    const run = present(members[0]);
    return {
      key,
      experiment: run.experiment_name,
      signal: run.signal_name,
      dataset: run.dataset_id,
      runs: members,
      summary: sweepOf(run, sweeps),
    };
  });
}

/** Keys of the sweeps that the page is about: the one of the sweep view, else those of the marked or of the selected run. */
export function focusedSweeps(
  { view, marked }: Pick<PageState, 'view' | 'marked'>,
  runs: readonly Run[],
  selected: Run | null,
  group: SweepGroup | undefined,
): string[] {
  if (view === 'sweep') return group === undefined ? [] : [group.key];
  if (view === 'compare') return [...new Set(runs.filter(({ run_id }) => marked.includes(run_id)).map(sweepKeyOf))];
  return selected === null ? [] : [sweepKeyOf(selected)];
}

/** Something that varies between the runs of a sweep. */
export interface Axis {
  readonly name: string;
  readonly label: string;
  /** Distinct values, ascending. */
  readonly values: readonly (number | string)[];
  readonly value: (run: Run) => number | string;
  /** The column of the table that holds it. */
  readonly column: string;
}

const evaluationAxes = [
  ['eval.tp_ticks', 'take-profit, ticks', (run: Run) => run.eval_tp_ticks, 'eval_tp_ticks'],
  ['eval.sl_ticks', 'stop-loss, ticks', (run: Run) => run.eval_sl_ticks, 'eval_sl_ticks'],
  ['eval.cooldown_bins', 'cooldown, bins', (run: Run) => run.cooldown_bins, 'cooldown_bins'],
] as const;

/** The axes of a sweep, from what its runs differ in. */
export function axesOf(runs: readonly Run[]): Axis[] {
  const candidates: (readonly [string, string, (run: Run) => number | string, string])[] = [
    ...varyingParameters(runs).map((name) => {
      const value = (run: Run) => {
        const one = run.parameters[name];
        return typeof one === 'number' ? one : parameter(one);
      };
      return [name, name, value, name] as const;
    }),
    ...evaluationAxes,
  ];
  const order = (a: number | string, b: number | string) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;
  return candidates
    .map(([name, label, value, column]) => ({
      name,
      label,
      value,
      column,
      values: [...new Set(runs.map(value))].sort(order),
    }))
    .filter((axis) => axis.values.length > 1);
}

/** The two axes of the landscape: those that are named, else those with the most values, which show most of it. */
export function landscapeAxes(axes: readonly Axis[], names: { readonly x: string; readonly y: string }) {
  const byCount = axes.toSorted((a, b) => b.values.length - a.values.length);
  const x = axes.find(({ name }) => name === names.x) ?? byCount.find(({ name }) => name !== names.y);
  const y =
    axes.find(({ name }) => name === names.y && name !== x?.name) ?? byCount.find(({ name }) => name !== x?.name);
  return x === undefined || y === undefined ? null : { x, y };
}

/** Every two axes once, in their order. */
export const axisPairs = (axes: readonly Axis[]): (readonly [Axis, Axis])[] =>
  axes.flatMap((across, index) => axes.slice(index + 1).map((down) => [across, down] as const));

/** What a sweep can be judged by. */
export interface Metric {
  readonly id: string;
  readonly label: string;
  readonly value: (run: Run) => number | null;
  readonly text: (value: number | null) => string;
  /** The value that is neither good nor bad; null when there is none. */
  readonly zero: number | null;
  readonly lessIsBetter?: true;
  /** Its column of the table has it divided by this. */
  readonly unit: number;
}

export const metrics: readonly Metric[] = [
  {
    id: 'mean_net_pnl_ticks',
    label: 'net PnL, ticks',
    value: (run) => run.mean_net_pnl_ticks,
    text: (v) => fixed(v, 2),
    zero: 0,
    unit: 1,
  },
  {
    id: 'edge',
    label: 'TP rate above break-even, points',
    value: edgeOf,
    text: (v) => fixed(v, 1),
    zero: 0,
    unit: 1,
  },
  {
    id: 'tp_rate',
    label: 'TP rate, %',
    value: (run) => (run.tp_rate === null ? null : 100 * run.tp_rate),
    text: (v) => fixed(v, 1),
    zero: null,
    unit: 100,
  },
  { id: 'sharpe', label: 'Sharpe', value: (run) => run.sharpe, text: (v) => fixed(v, 2), zero: 0, unit: 1 },
  {
    id: 'p_profit',
    label: 'p value',
    value: (run) => run.p_profit,
    text: (v) => fixed(v, 3),
    zero: null,
    lessIsBetter: true,
    unit: 1,
  },
  { id: 'n_signals', label: 'signals', value: (run) => run.n_signals, text: (v) => fixed(v, 0), zero: null, unit: 1 },
  {
    id: 'events_per_hour',
    label: 'signals an hour',
    value: (run) => run.events_per_hour,
    text: (v) => fixed(v, 0),
    zero: null,
    unit: 1,
  },
];

/** A cell of the heatmap: the runs at a pair of values, and the one number that stands for them. */
export interface HeatCell {
  readonly runs: readonly Run[];
  readonly value: number | null;
  /** Signals behind the number: of the best run, or the median of all. */
  readonly signals: number | null;
  /** Those are fewer than the experiment says are needed. */
  readonly isThin: boolean;
}

/** Rows over `y`, columns over `x`; what the other axes vary is summed up by its median or its best. */
export function heatCells(
  runs: readonly Run[],
  x: Axis,
  y: Axis,
  metric: Metric,
  rest: 'median' | 'best',
): HeatCell[][] {
  const rows = Map.groupBy(runs, y.value);
  return y.values.map((yValue) => {
    const cells = Map.groupBy(rows.get(yValue) ?? [], x.value);
    return x.values.map((xValue) => heatCell(cells.get(xValue) ?? [], metric, rest));
  });
}

function heatCell(runs: readonly Run[], metric: Metric, rest: 'median' | 'best'): HeatCell {
  const judged = runs.flatMap((run) => {
    const value = metric.value(run);
    return value === null ? [] : [{ run, value }];
  });
  judged.sort((a, b) => (metric.lessIsBetter ? b.value - a.value : a.value - b.value));
  const best = judged.at(-1);
  if (best === undefined) return { runs, value: null, signals: null, isThin: false };
  const isBest = rest === 'best';
  const signals = isBest ? best.run.n_signals : notNull(medianOf(judged.map(({ run }) => run.n_signals)));
  return {
    runs,
    value: isBest ? best.value : medianOf(judged.map(({ value }) => value)),
    signals,
    isThin: signals < best.run.eval_min_signals,
  };
}

/** The middle of numbers, or halfway between the two; null of none. */
export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1
    ? present(ascending[middle])
    : (present(ascending[middle - 1]) + present(ascending[middle])) / 2;
}

/** The verdict on a sweep's experiment, the numbers that decided it, and how good that is. */
export interface Judgement {
  readonly tone: 'good' | 'neutral' | 'warning' | 'error';
  readonly headline: string;
  readonly sentence: string;
}

type VerdictKind = ExperimentDocumentResponse['verdict']['kind'];

const verdictTones: Readonly<Record<VerdictKind, Judgement['tone']>> = {
  not_enough_data: 'neutral',
  loses_after_costs: 'error',
  nothing_here: 'neutral',
  too_few_days: 'warning',
  one_day_carries_it: 'warning',
  not_the_walk_forward: 'warning',
  holds: 'good',
};

/** Reads the stored verdict; results of an older method have none. */
export function judgement({ verdict, verdict_json }: Pick<SweepRow, 'verdict' | 'verdict_json'>): Judgement {
  if (verdict === null || verdict_json === null)
    return { tone: 'neutral', headline: 'older method', sentence: 'Run the experiment again for a verdict.' };
  const stored = JSON.parse(verdict_json) as { verdict: { kind: VerdictKind }; sentence: string };
  const headline = `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`;
  return { tone: verdictTones[stored.verdict.kind], headline, sentence: stored.sentence };
}

/** The probability of backtest overfitting, and of loss, in words. */
export function overfittingWords(sweep: Pick<SweepRow, 'overfitting_splits' | 'overfitting_loss_probability'>): string {
  const { overfitting_splits: splits, overfitting_loss_probability: loss } = sweep;
  if (splits === null) return 'too little data to cross-validate';
  return `over ${count(splits)} splits; the best of one half loses money in the other in ${percent(loss, 0)}`;
}

/** Whether trades cost nothing: every net number is one before costs. */
export const isBeforeCosts = (runs: readonly Run[]) =>
  runs.some(({ mean_cost_ticks: cost }) => cost === 0) && runs.every(({ mean_cost_ticks: cost }) => !cost);

/** What `walk_forward_json` holds of a sweep: the choices of all folds, tested together. */
export interface WalkForward {
  readonly folds: readonly object[];
  readonly testSignals: number;
  readonly testTpRate: number | null;
  readonly testMeanNetTicks: number | null;
}

/** The least and the largest of any number of values; of none, `low` is above `high`. */
export function extentOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  return {
    low: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    high: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  };
}

export interface Scale {
  readonly diverging: boolean;
  /** The place of a value, 0 to 1. */
  readonly at: (value: number) => number;
}

/** Colour scale of a metric over values: diverging around its zero, else from the least to the largest. */
export function scaleOf(values: readonly number[], metric: Metric): Scale {
  const { low, high } = extentOf(values);
  if (metric.zero !== null) {
    const reach = Math.max(Math.abs(low - metric.zero), Math.abs(high - metric.zero)) || 1;
    return { diverging: true, at: (value) => 0.5 + (0.5 * (value - notNull(metric.zero))) / reach };
  }
  const span = high - low || 1;
  return { diverging: false, at: (value) => (metric.lessIsBetter ? (high - value) / span : (value - low) / span) };
}
