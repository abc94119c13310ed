import { camelCase } from '../name_case.ts';
import { ledgerTables } from './ledger_tables.ts';
import {
  boolean,
  double,
  doubles,
  integer,
  integers,
  orNull,
  type ResultColumns,
  type RowOf,
  table,
  text,
  type WireRow,
} from './table_columns.ts';

export type { ResultColumn, ResultColumns, ResultColumnType, RowOf, WireRow } from './table_columns.ts';

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
  dataset_id: text('dataset that the run was evaluated on, or the first of several sessions'),
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
  slippage_ticks: double('slippage of a round trip in ticks, taken in place of the spread where it is above 0'),
  spread_cost: orNull(
    text('`half` of the spread at entry and exit, `none`, or ticks of a round trip; NULL: older method'),
  ),
  threshold_kind: text('`score`, or `past_percentile` for thresholds that adapt to past scores'),
  n_bins: integer('bins of all sessions'),
  in_sample_sessions: orNull(
    integer('sessions that the model was trained on, whose results prove nothing; NULL: none'),
  ),
  cell_width_ms: integer('length of a bin, in milliseconds'),
  code_version: text('version of the program that evaluated the run'),
  elapsed_ms: double('time that the evaluation took, in milliseconds'),
});

/** One row a run: everything that it resolved to. */
const resolved = table('resolved', {
  ...runKey,
  resolved_json: text('runtime fields, projection, evaluation and thresholds, as canonical JSON'),
});

/** Result of a trial over the sessions of its experiment. A rate or mean of no signals is NULL, and so is a number that needs more. */
const runs = table('runs', {
  ...runKey,
  threshold,
  n_sessions: orNull(integer('sessions that the trial was evaluated on; NULL: older method')),
  n_signals: integer('firings that were evaluated'),
  n_up: integer('long firings'),
  n_down: integer('short firings'),
  tp_rate: orNull(double('share of signals that reached their take-profit')),
  sl_rate: orNull(double('share of signals that reached their stop-loss')),
  timeout_rate: orNull(double('share of signals that reached neither in time')),
  tp_rate_low: orNull(double('lower end of the 95 % interval of tp_rate; older method: Wilson’s')),
  tp_rate_high: orNull(double('upper end of the 95 % interval of tp_rate')),
  break_even_rate: orNull(double('tp_rate that would earn nothing after costs if no trade timed out')),
  mean_pnl_ticks: orNull(double('mean PnL of a signal before costs, in ticks, if orders fill at their prices')),
  mean_mid_pnl_ticks: orNull(double('mean PnL of a signal before costs with both fills at the mid, in ticks')),
  mean_cost_ticks: orNull(double('mean cost of a round trip: spread and commission, in ticks')),
  mean_net_pnl_ticks: orNull(
    double('mean PnL of a signal after costs, in ticks: with both fills at the mid, or as filled in the real book'),
  ),
  mean_net_pnl_ticks_low: orNull(double('lower end of the 95 % interval of mean_net_pnl_ticks')),
  mean_net_pnl_ticks_high: orNull(double('upper end of the 95 % interval of mean_net_pnl_ticks')),
  mean_net_pnl_ticks_later: orNull(double('mean_net_pnl_ticks when every entry is one bin later')),
  mean_net_pnl_ticks_up: orNull(double('mean_net_pnl_ticks of the long signals')),
  mean_net_pnl_ticks_down: orNull(double('mean_net_pnl_ticks of the short signals')),
  n_clusters: orNull(integer('clusters with trades that the interval stands on: sessions, or blocks of time in them')),
  effective_clusters: orNull(double('clusters as many as these would be if all had equally many trades')),
  p_profit: orNull(double('one-sided p-value of a PnL after costs above 0; NULL for a trial that is not tested')),
  p_timing: orNull(
    double('one-sided p-value against the same firings at other moments of the same sessions, before costs'),
  ),
  q_value: orNull(double('Benjamini–Hochberg false discovery rate of p_profit over the family of the experiment')),
  p_adjusted: orNull(double('Romano–Wolf adjusted p_profit over the family of the experiment')),
  survives: orNull(boolean('whether p_adjusted is below 0.05')),
  deflated_sharpe: orNull(double('probability that the Sharpe ratio is more than the best of the family by luck')),
  events_per_hour: double('signals an hour'),
  median_time_to_outcome_ms: orNull(
    double('median time from entry to outcome in milliseconds; NULL over several sessions'),
  ),
  n_overlapping: integer('firings while a trade of an earlier one was open'),
  n_invalid_book: integer('crossings that fired nothing because the book was not valid or had no mid'),
  n_cooling: integer('crossings that fired nothing because of the cooldown'),
  n_open_at_end: orNull(integer('trades closed by the end of their session')),
  n_invalid_exit: orNull(integer('trades whose exit bin has no valid book: the spread before it is taken')),
  n_periods: integer('clusters that sharpe, skewness and kurtosis are taken over'),
  sharpe: double('Sharpe ratio of net PnL per cluster, not annualised'),
  skewness: double('skewness of net PnL per cluster'),
  kurtosis: double('kurtosis (normal: 3) of net PnL per cluster'),
  execution_json: orNull(
    text('orders in the real book, and the same firings at the mid, as JSON; NULL: PnL is that at the mid'),
  ),
});

const perBlock = (about: string) => integers(`per block of time with trades, ${about}`);

/**
 * One row a trial, threshold and session: sums of its trades. Money is in half ticks, at the mid, before commission. A unit
 * is shared by all experiments that try its trial on its session.
 */
const units = table('units', {
  unit_id: text('hash of the data of the session and the trial'),
  timestamp_utc: runKey.timestamp_utc,
  trial_hash: text('hash of everything that the trades in a session depend on'),
  threshold,
  signal_name: text('signal that was evaluated'),
  dataset_id: text('dataset of the session'),
  session: text('trading date of the session, YYYY-MM-DD'),
  symbol: text('contract'),
  symbol_root: text('product root of the contract'),
  capture_window: text(
    'window of the day that was asked for, as 09:30-16:00, New York time; a half day ends before it',
  ),
  start_utc: text('start of the session, ISO 8601 in UTC'),
  end_utc: text('end of the session'),
  max_hold_bins: integer('bins after which a trade is closed'),
  n_bins: integer('bins of the session'),
  n_bins_judged: integer('bins after the warm-up'),
  cell_width_ms: integer('length of a bin, in milliseconds'),
  trades_hash: text('hash of the list of trades: firing bin, side, exit bin and outcome'),
  n_signals: integer('trades'),
  n_long: integer('long trades'),
  n_blocks: integer('equal blocks of time that the judged bins are cut into, a power of two'),
  block: integers('numbers of the blocks with trades'),
  block_long: perBlock('long trades'),
  block_short: perBlock('short trades'),
  block_tp: perBlock('take-profits'),
  block_sl: perBlock('stop-losses'),
  block_winners: perBlock('trades that gained before costs'),
  block_losers: perBlock('trades that lost before costs'),
  block_long_gross: perBlock('gross gain of long trades'),
  block_short_gross: perBlock('gross gain of short trades'),
  block_long_spread: perBlock('half the spreads at entry and exit of long trades'),
  block_short_spread: perBlock('half the spreads at entry and exit of short trades'),
  order_price_ticks: double('ticks earned before costs if orders fill at their prices'),
  later_gross: integer('gross gain when every entry is one bin later'),
  later_spread: integer('half the spreads at entry and exit then'),
  largest_n: integer('trades among the 5 % with the largest gross gain'),
  largest_gross: integer('their gross gain'),
  largest_spread: integer('half their spreads at entry and exit'),
  hours: integers('trades by the hour, New York time, in which they fired, 24 numbers'),
  median_time_to_outcome_ms: orNull(double('median time from entry to outcome, in milliseconds')),
  n_open_at_end: integer('trades closed by the end of the session'),
  n_invalid_exit: integer('trades whose exit bin has no valid book'),
  n_overlapping: integer('firings while a trade of an earlier one was open'),
  n_invalid_book: integer('crossings that fired nothing because the book was not valid or had no mid'),
  n_cooling: integer('crossings that fired nothing because of the cooldown'),
  shift_t: orNull(double('sum of gross gains over the root of the sum of their squares')),
  shift_mean: orNull(double('mean of shift_t over circular shifts of the firings')),
  shift_variance: orNull(double('variance of shift_t over circular shifts of the firings')),
  p_shift: orNull(double('share of all circular shifts whose shift_t is as large; NULL where only some were taken')),
  fold_train_n: integers('per fold, trades in the training part'),
  fold_train_gross: integers('per fold, gross gain in the training part'),
  fold_train_spread: integers('per fold, half the spreads in the training part'),
  fold_test_n: integers('per fold, trades in the test part'),
  fold_test_tp: integers('per fold, take-profits in the test part'),
  fold_test_sl: integers('per fold, stop-losses in the test part'),
  fold_test_gross: integers('per fold, gross gain in the test part'),
  fold_test_spread: integers('per fold, half the spreads in the test part'),
  execution_json: orNull(
    text(
      'orders in the real book: counts, sums of the same firings at the mid, and without met; NULL: filled at the mid',
    ),
  ),
});

/** One row a run and threshold: folds inside a session, in ticks at the mid. */
const trials = table('trials', {
  ...runKey,
  threshold,
  block_sums: doubles('older method: per block of periods, sum of net PnL'),
  block_squares: doubles('older method: per block of periods, sum of squares of net PnL'),
  fold_train_n: doubles('per fold, signals in the training part'),
  fold_train_net_ticks: doubles('per fold, net ticks in the training part'),
  fold_test_n: doubles('per fold, signals in the test part'),
  fold_test_tp: doubles('per fold, take-profits in the test part'),
  fold_test_sl: doubles('per fold, stop-losses in the test part'),
  fold_test_gross_ticks: doubles('per fold, gross ticks in the test part'),
  fold_test_net_ticks: doubles('per fold, net ticks in the test part'),
});

/** One row a finished experiment and state of its family: statistics over all its trials and sessions. */
const sweeps = table('sweeps', {
  sweep_id: text('hash of the experiment and the runs of the sweep'),
  timestamp_utc: text('when the statistics were taken, ISO 8601 in UTC'),
  experiment_name: text('experiment that was swept'),
  dataset_id: text('dataset that was swept, or the first of several sessions'),
  signal_name: text('signal that was swept'),
  n_runs: integer('cells of the sweep'),
  n_trials: integer('runs and thresholds'),
  n_distinct_trials: integer('trials of the family with different trades'),
  n_sessions: orNull(integer('sessions of the experiment; NULL: older method')),
  n_tested: orNull(integer('distinct trials of the family with enough trades and clusters to be tested')),
  n_survivors: orNull(integer('trials of the experiment whose adjusted p is below 0.05')),
  family_hash: orNull(text('hash of the units, sessions and costs that the statistics were taken over')),
  verdict: orNull(text('verdict on the experiment')),
  verdict_json: orNull(text('verdict and the numbers that decided it, as canonical JSON')),
  best_run_id: orNull(text('run of the best trial')),
  best_threshold: orNull(double('threshold of the best trial')),
  best_sharpe: orNull(double('Sharpe ratio of the best trial')),
  best_deflated_sharpe: orNull(double('deflated Sharpe ratio of the best trial')),
  luck_sharpe: orNull(double('mean of the largest Sharpe ratio of the family over random signs of its clusters')),
  spa_p: orNull(double('Hansen’s SPA: p-value of the best trial being no better than nothing')),
  overfitting_probability: orNull(
    double('probability that the best trial in sample does no better than the median out of sample'),
  ),
  overfitting_loss_probability: orNull(double('probability that the best trial in sample loses out of sample')),
  overfitting_splits: orNull(integer('splits that both probabilities are taken over')),
  walk_forward_json: orNull(text('walk-forward choices and their tests, as canonical JSON')),
  session_walk_forward_json: orNull(
    text('walk-forward over sessions: mean and interval in ticks a trade, and tested sessions'),
  ),
  sessions_json: orNull(text('sessions, contracts, rolls and days left out, as canonical JSON')),
  plan_json: text('plan of the sweep with the ids of its runs, as canonical JSON'),
});

/** The tables of the results store; each is a Parquet file of its name in a part of the store. */
export const resultTables = { runs_meta: runsMeta, resolved, runs, units, trials, sweeps, ...ledgerTables } as const;

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
