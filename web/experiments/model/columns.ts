import { compareEvidence, evidenceOf, oneSided } from '../../../src/wire/index.ts';
import { count, duration, fixed, middleCut, parameter, percent, probability, signed, utcTime } from './format.ts';
import { edgeOf, type Run } from './runs.ts';

/** A column of the table of runs. */
export interface Column {
  readonly id: string;
  readonly label: string;
  /** What it is, in a sentence. */
  readonly title: string;
  readonly widthPx: number;
  readonly kind: 'text' | 'number' | 'rate-interval' | 'net-interval';
  /** What it sorts and filters by. */
  readonly value: (run: Run) => number | string | null;
  readonly text: (run: Run) => string;
  /** Which of two runs comes first when sorted upwards, where `value` does not say; 0 when neither. */
  readonly compare?: (a: Run, b: Run) => number;
  /** The first click sorts downwards. */
  readonly largeFirst: boolean;
  readonly isParameter?: true;
}

type Field = { [K in keyof Run]: Run[K] extends number | null ? K : never }[keyof Run];

function text(
  id: 'run_id' | 'signal_name' | 'dataset_id' | 'experiment_name',
  label: string,
  title: string,
  widthPx: number,
): Column {
  const shown = id === 'run_id' ? (run: Run) => run.run_id.slice(0, 8) : (run: Run) => middleCut(run[id]);
  return { id, label, title, widthPx, kind: 'text', value: (run) => run[id], text: shown, largeFirst: false };
}

function figure(
  id: Field,
  label: string,
  title: string,
  widthPx: number,
  format: (value: number | null) => string,
  largeFirst = true,
): Column {
  return {
    id,
    label,
    title,
    widthPx,
    kind: 'number',
    value: (run) => run[id],
    text: (run) => format(run[id]),
    largeFirst,
  };
}

/** Firings of one side, with `*` where it is the side of nearly all. */
function sideColumn(id: 'n_up' | 'n_down', label: string, side: 'long' | 'short'): Column {
  const title = `Signals that fired ${side}; * where they are at least 95 % of at least 100: a drift looks like skill there`;
  const text = (run: Run) => `${count(run[id])}${oneSided(run.n_up, run.n_down) === side ? '*' : ''}`;
  return { id, label, title, widthPx: 62, kind: 'number', value: (run) => run[id], text, largeFirst: true };
}

const leading: readonly Column[] = [
  text('run_id', 'Run', 'Start of the run’s id; ▶ where an alias streams it', 94),
  text('signal_name', 'Signal', 'Signal that was evaluated', 80),
  text('experiment_name', 'Experiment', 'Experiment that the run is of', 132),
  figure(
    'threshold',
    'Thr.',
    'Threshold at which the run is best; for adaptive signals a percentile',
    58,
    (v) => parameter(v),
    false,
  ),
  {
    id: 'tp_sl',
    label: 'TP / SL',
    title: 'Take-profit and stop-loss in ticks',
    widthPx: 76,
    kind: 'number',
    value: (run) => run.eval_tp_ticks / run.eval_sl_ticks,
    text: (run) => `${run.eval_tp_ticks} / ${run.eval_sl_ticks}`,
    largeFirst: true,
  },
];

const results: readonly Column[] = [
  {
    id: 'n_sessions',
    label: 'Sessions',
    title: 'Sessions that it was evaluated on; results of an older method know one session, and have no p-values',
    widthPx: 88,
    kind: 'number',
    value: (run) => run.n_sessions,
    text: (run) => (run.n_sessions === null ? 'older method' : count(run.n_sessions)),
    largeFirst: true,
  },
  figure('n_signals', 'n', 'Signals that fired; marked where the experiment’s min_signals is more', 62, count),
  figure(
    'mean_net_pnl_ticks',
    'Net PnL, ticks',
    'Mean ticks a signal after half the spread at entry and exit and commission, with both fills at the mid',
    128,
    (v) => signed(v, 2),
  ),
  {
    id: 'mean_net_pnl_ticks_low',
    label: 'Net PnL, ticks, 95 % interval',
    title:
      'Interval of net PnL in ticks a signal, from the variation between sessions or blocks of time; the upright tick is zero. Sorts by the lower end.',
    widthPx: 228,
    kind: 'net-interval',
    value: (run) => run.mean_net_pnl_ticks_low,
    text: ({ mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high }) =>
      low === null || high === null ? '' : `${signed(low, 2)} … ${signed(high, 2)}`,
    largeFirst: true,
  },
  figure('p_adjusted', 'Adj. p', 'p after Romano–Wolf over the family; below 0.05 survives', 68, probability, false),
  {
    id: 'survives',
    label: 'Evidence',
    title:
      'Whether it survives the search through the family: adjusted p below 0.05. Sorts by adjusted p, then q, then the lower end of the interval; what was not tested comes last.',
    widthPx: 92,
    kind: 'number',
    value: ({ survives }) => (survives === null ? null : Number(survives)),
    text: ({ survives }) => (survives === null ? 'not tested' : survives ? 'survives' : 'like luck'),
    compare: (a, b) => compareEvidence(evidenceOf(a), evidenceOf(b)),
    largeFirst: false,
  },
  figure(
    'q_value',
    'q',
    'False discovery rate over the family of the experiment (Benjamini–Hochberg)',
    62,
    probability,
    false,
  ),
  figure('p_profit', 'p', 'Of net PnL above 0, for runs with enough trades and clusters', 62, probability, false),
  figure('p_timing', 'Timing p', 'Against the same firings at other moments, before costs', 84, probability, false),
  sideColumn('n_up', 'Long', 'long'),
  sideColumn('n_down', 'Short', 'short'),
  {
    id: 'tp_rate_low',
    label: 'TP rate, 95 % interval',
    title:
      'Rate of take-profits with its 95 % interval; the upright tick is the break-even rate after costs. Sorts by the lower end above break-even.',
    widthPx: 178,
    kind: 'rate-interval',
    value: (run) =>
      run.tp_rate_low === null || run.break_even_rate === null ? null : run.tp_rate_low - run.break_even_rate,
    text: (run) => percent(run.tp_rate),
    largeFirst: true,
  },
  figure('tp_rate', 'TP rate', 'Rate of signals that reached their take-profit', 76, percent),
  {
    id: 'edge',
    label: 'Edge, points',
    title: 'TP rate above break-even, in points',
    widthPx: 96,
    kind: 'number',
    value: edgeOf,
    text: (run) => signed(edgeOf(run), 1),
    largeFirst: true,
  },
  figure('break_even_rate', 'Break-even', 'TP rate that would earn nothing after costs', 92, percent, false),
  figure(
    'mean_mid_pnl_ticks',
    'PnL at mid, ticks',
    'Mean ticks a signal before costs, with both fills at the mid',
    122,
    (v) => signed(v, 2),
  ),
  figure(
    'mean_pnl_ticks',
    'Gross PnL, ticks',
    'Mean ticks a signal before costs, if orders fill at their prices',
    116,
    (v) => signed(v, 2),
  ),
  figure('events_per_hour', 'Signals/h', 'Signals an hour', 80, (v) => fixed(v, 1)),
  figure('sharpe', 'Sharpe', 'Of net PnL per cluster; not annualised', 70, (v) => fixed(v, 2)),
  figure(
    'deflated_sharpe',
    'Defl. Sharpe',
    'Probability that the Sharpe ratio beats the best of as many trials by luck',
    102,
    (v) => fixed(v, 2),
  ),
  figure('sl_rate', 'SL rate', 'Rate of signals that met their stop-loss', 72, percent, false),
  figure('timeout_rate', 'Timeouts', 'Rate of signals that met neither in time', 86, percent, false),
  figure('median_time_to_outcome_ms', 'Median time', 'Median time to the outcome', 108, duration, false),
];

const last: readonly Column[] = [
  figure('eval_tp_ticks', 'TP ticks', 'Take-profit in ticks', 84, parameter),
  figure('eval_sl_ticks', 'SL ticks', 'Stop-loss in ticks', 84, parameter),
  figure('cooldown_bins', 'Cooldown', 'Bins between two firings at least', 92, parameter, false),
  text('dataset_id', 'Dataset', 'Dataset that it was evaluated on, or the first of several sessions', 168),
  {
    id: 'timestamp_utc',
    label: 'Time (UTC)',
    title: 'When it was evaluated',
    widthPx: 150,
    kind: 'text',
    value: (run) => run.timestamp_utc,
    text: (run) => utcTime(run.timestamp_utc),
    largeFirst: true,
  },
];

/** Columns that are hidden unless asked for. */
export const hiddenAtFirst: readonly string[] = [
  'tp_rate_low',
  'edge',
  'break_even_rate',
  'mean_pnl_ticks',
  'mean_mid_pnl_ticks',
  'sl_rate',
  'timeout_rate',
  'median_time_to_outcome_ms',
  'eval_tp_ticks',
  'eval_sl_ticks',
];

function parameterColumn(name: string): Column {
  return {
    id: name,
    label: name,
    title: `Parameter ${name}`,
    widthPx: Math.max(64, name.length * 7.2 + 24),
    kind: 'number',
    value: ({ parameters }) => {
      const value = parameters[name];
      return value === undefined || value === null ? null : typeof value === 'number' ? value : parameter(value);
    },
    text: ({ parameters }) => parameter(parameters[name]),
    largeFirst: false,
    isParameter: true,
  };
}

/** All columns in their order; `parameters` get one each. */
export function allColumns(parameters: readonly string[]): Column[] {
  return [...leading, ...results, ...parameters.map(parameterColumn), ...last];
}
