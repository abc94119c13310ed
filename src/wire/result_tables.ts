import { type CamelCase, camelCase } from '../name_case.ts';

/** TypeScript types of the SQL types that result columns have. */
interface TypesOf {
  readonly VARCHAR: string;
  readonly INTEGER: number;
  readonly DOUBLE: number;
  readonly 'DOUBLE[]': readonly number[];
}

export type ResultColumnType = keyof TypesOf;

interface ColumnSpec {
  readonly type: ResultColumnType;
  readonly isNullable: boolean;
  /** Meaning and unit, as a phrase. */
  readonly about: string;
}

/** A column of a stored table. */
export interface ResultColumn extends ColumnSpec {
  readonly table: string;
  readonly name: string;
}

/** Columns by the names that their values have in SQL and on the wire. */
export type ResultColumns = Readonly<Record<string, ResultColumn>>;

type TableColumns<T extends string, C extends Readonly<Record<string, ColumnSpec>>> = {
  readonly [N in keyof C]: C[N] & { readonly table: T; readonly name: N };
};

type ValueOf<C extends ColumnSpec> = TypesOf[C['type']] | (C['isNullable'] extends true ? null : never);

/** Values of columns in TypeScript: by the column's name in camel case. */
export type RowOf<C extends ResultColumns> = { readonly [N in keyof C & string as CamelCase<N>]: ValueOf<C[N]> };

/** Values of columns in SQL, JSON and the REST interface: by the column's name. */
export type WireRow<C extends ResultColumns> = { readonly [N in keyof C]: ValueOf<C[N]> };

const text = (about: string) => ({ type: 'VARCHAR', isNullable: false, about }) as const;
const integer = (about: string) => ({ type: 'INTEGER', isNullable: false, about }) as const;
const double = (about: string) => ({ type: 'DOUBLE', isNullable: false, about }) as const;
const doubles = (about: string) => ({ type: 'DOUBLE[]', isNullable: false, about }) as const;
const orNull = <T extends ResultColumnType>({ type, about }: { readonly type: T; readonly about: string }) =>
  ({ type, isNullable: true, about }) as const;

function table<T extends string, C extends Readonly<Record<string, ColumnSpec>>>(
  name: T,
  columns: C,
): TableColumns<T, C>;
function table(name: string, columns: Readonly<Record<string, ColumnSpec>>): ResultColumns {
  return Object.fromEntries(Object.entries(columns).map(([key, spec]) => [key, { table: name, name: key, ...spec }]));
}

/** First columns of every table that has rows of runs. */
const runKey = {
  run_id: text('hash of everything that the run resolved to, 32 hexadecimal digits'),
  timestamp_utc: text('when the run was evaluated, ISO 8601 in UTC; the same in all rows of one evaluation'),
};
const threshold = double('signal score, or percentile of past scores, at which the signal fires');

/** One row a run: settings of the evaluation, resolved to the last parameter. */
const runsMeta = table('runs_meta', {
  ...runKey,
  config_hash: text('hash of the parameters, the scoring and the evaluation of the run'),
  trial_hash: text('hash that runs share whose firings and outcomes are the same'),
  sweep_id: text('sweep that the run is of'),
  experiment_name: text('experiment that the run is of'),
  serving_spec_name: text('serving spec of the experiment'),
  dataset_id: text('dataset that the run was evaluated on'),
  signal_name: text('signal that was evaluated'),
  signal_params_json: text('parameters of the signal, as canonical JSON'),
  scoring_json: text('parameters of the flow score, as canonical JSON'),
  cooldown_bins: integer('least number of bins between two firings'),
  eval_tp_ticks: double('take-profit, in ticks from the entry'),
  eval_sl_ticks: double('stop-loss, in ticks from the entry'),
  eval_max_hold_bins: integer('bins after which a trade is closed'),
  eval_warmup_bins: integer('bins at the start in which nothing fires'),
  eval_tick_size: double('price of a tick'),
  eval_min_signals: integer('thresholds with fewer signals do not count in the statistics of the sweep'),
  commission_ticks: double('commission of a round trip, in ticks'),
  slippage_ticks: double('slippage of a round trip, in ticks'),
  threshold_kind: text('`score`, or `past_percentile` for thresholds that adapt to past scores'),
  n_bins: integer('bins of the dataset'),
  cell_width_ms: integer('length of a bin, in milliseconds'),
  code_version: text('version of the program that evaluated the run'),
  elapsed_ms: double('time that the evaluation took, in milliseconds'),
});

/** One row a run: everything that it resolved to. */
const resolved = table('resolved', {
  ...runKey,
  resolved_json: text('runtime fields, projection, evaluation and thresholds, as canonical JSON'),
});

/** One row a run and threshold. A rate or mean of no signals is NULL. */
const runs = table('runs', {
  ...runKey,
  threshold,
  n_signals: integer('firings that were evaluated'),
  n_up: integer('long firings'),
  n_down: integer('short firings'),
  tp_rate: orNull(double('share of signals that reached their take-profit')),
  sl_rate: orNull(double('share of signals that reached their stop-loss')),
  timeout_rate: orNull(double('share of signals that reached neither in time')),
  tp_rate_low: double('lower end of the Wilson 95 % interval of tp_rate'),
  tp_rate_high: double('upper end of the Wilson 95 % interval of tp_rate'),
  break_even_rate: double('tp_rate that would earn nothing after costs if no trade timed out'),
  mean_pnl_ticks: orNull(double('mean PnL of a signal before costs, in ticks')),
  mean_net_pnl_ticks: orNull(double('mean PnL of a signal after commission and slippage, in ticks')),
  mean_mid_pnl_ticks: orNull(double('mean PnL of a signal before costs with exits at the mid, in ticks')),
  events_per_hour: double('signals an hour'),
  median_time_to_outcome_ms: orNull(double('median time from firing to outcome, in milliseconds')),
  n_overlapping: integer('firings while a trade of an earlier one was open'),
  n_invalid_book: integer('crossings that fired nothing because the book was not valid or had no mid'),
  n_cooling: integer('crossings that fired nothing because of the cooldown'),
  p_value: orNull(double('share of circular shifts of the firing times that earn as much at the mid')),
  n_periods: integer('periods that sharpe, skewness and kurtosis are taken over'),
  sharpe: double('Sharpe ratio of net PnL at the mid per period, not annualised'),
  skewness: double('skewness of net PnL at the mid per period'),
  kurtosis: double('kurtosis (normal: 3) of net PnL at the mid per period'),
});

/** One row a run and threshold: sums that the statistics over a whole sweep need, in ticks at the mid. */
const trials = table('trials', {
  ...runKey,
  threshold,
  block_sums: doubles('per block of periods, sum of net PnL'),
  block_squares: doubles('per block of periods, sum of squares of net PnL'),
  fold_train_n: doubles('per fold, signals in the training part'),
  fold_train_net_ticks: doubles('per fold, net ticks in the training part'),
  fold_test_n: doubles('per fold, signals in the test part'),
  fold_test_tp: doubles('per fold, take-profits in the test part'),
  fold_test_sl: doubles('per fold, stop-losses in the test part'),
  fold_test_gross_ticks: doubles('per fold, gross ticks in the test part'),
  fold_test_net_ticks: doubles('per fold, net ticks in the test part'),
});

/** One row a finished sweep: statistics over all its cells. */
const sweeps = table('sweeps', {
  sweep_id: text('hash of the experiment and the runs of the sweep'),
  timestamp_utc: text('when the statistics were taken, ISO 8601 in UTC'),
  experiment_name: text('experiment that was swept'),
  dataset_id: text('dataset that was swept'),
  signal_name: text('signal that was swept'),
  n_runs: integer('cells of the sweep'),
  n_trials: integer('runs and thresholds'),
  n_distinct_trials: integer('trials that differ and have enough signals to be chosen'),
  sharpe_variance: double('variance of Sharpe ratios over the distinct trials'),
  best_run_id: orNull(text('run of the best trial')),
  best_threshold: orNull(double('threshold of the best trial')),
  best_sharpe: orNull(double('Sharpe ratio of the best trial')),
  best_deflated_sharpe: orNull(double('deflated Sharpe ratio of the best trial')),
  overfitting_probability: orNull(
    double('probability that the best trial in sample does no better than the median out of sample'),
  ),
  overfitting_loss_probability: orNull(double('probability that the best trial in sample loses out of sample')),
  overfitting_splits: orNull(integer('splits that both probabilities are taken over')),
  walk_forward_json: orNull(text('walk-forward choices and their tests, as canonical JSON')),
  plan_json: text('plan of the sweep with the ids of its runs, as canonical JSON'),
});

/** The tables of the results store; each is a Parquet file of its name in a part of the store. */
export const resultTables = { runs_meta: runsMeta, resolved, runs, trials, sweeps } as const;

export type ResultTable = keyof typeof resultTables;

/** A row of a table; a value that is not defined is null. */
export type ResultRow<T extends ResultTable> = RowOf<(typeof resultTables)[T]>;

/** Names of an object's own fields, in their order. */
export function namesOf<T extends object>(object: T): readonly (keyof T & string)[];
export function namesOf(object: object): readonly string[] {
  return Object.keys(object);
}

/** The properties of these names, in their order. */
export function pick<T extends object, K extends keyof T>(from: T, ...names: readonly K[]): Pick<T, K>;
export function pick(from: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

/**
 * The function that gives the columns of a row by their names on the wire, in the order of `columns`; what else the row has
 * is left out.
 */
export function wireRowOf<C extends ResultColumns>(columns: C): (row: RowOf<C>) => WireRow<C>;
export function wireRowOf(columns: ResultColumns): (row: Readonly<Record<string, unknown>>) => object {
  const keys = Object.keys(columns).map((name) => [name, camelCase(name)] as const);
  return (row) => {
    const shown: Record<string, unknown> = {};
    for (const [name, key] of keys) shown[name] = row[key];
    return shown;
  };
}
