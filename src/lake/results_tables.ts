/** Types of the results store's columns, as DuckDB names them. */
export type ResultColumnType = 'VARCHAR' | 'INTEGER' | 'DOUBLE' | 'DOUBLE[]';

type ColumnValue<T extends ResultColumnType> = T extends 'VARCHAR'
  ? string
  : T extends 'DOUBLE[]'
    ? readonly number[] | Float64Array
    : number;

/** One row a run: what was evaluated, resolved to the last parameter. */
const runsMeta = [
  ['run_id', 'VARCHAR'],
  ['timestamp_utc', 'VARCHAR'],
  ['config_hash', 'VARCHAR'],
  ['trial_hash', 'VARCHAR'],
  ['sweep_id', 'VARCHAR'],
  ['experiment_name', 'VARCHAR'],
  ['serving_spec_name', 'VARCHAR'],
  ['dataset_id', 'VARCHAR'],
  ['signal_name', 'VARCHAR'],
  ['signal_params_json', 'VARCHAR'],
  ['scoring_json', 'VARCHAR'],
  ['cooldown_bins', 'INTEGER'],
  ['eval_tp_ticks', 'DOUBLE'],
  ['eval_sl_ticks', 'DOUBLE'],
  ['eval_max_hold_bins', 'INTEGER'],
  ['eval_warmup_bins', 'INTEGER'],
  ['eval_tick_size', 'DOUBLE'],
  ['eval_min_signals', 'INTEGER'],
  ['commission_ticks', 'DOUBLE'],
  ['slippage_ticks', 'DOUBLE'],
  ['threshold_kind', 'VARCHAR'],
  ['n_bins', 'INTEGER'],
  ['cell_width_ms', 'INTEGER'],
  ['code_version', 'VARCHAR'],
  ['elapsed_ms', 'DOUBLE'],
] as const satisfies readonly (readonly [string, ResultColumnType])[];

/** Everything that a run resolved to, as canonical JSON: runtime fields, evaluation, thresholds. */
const resolved = [
  ['run_id', 'VARCHAR'],
  ['timestamp_utc', 'VARCHAR'],
  ['resolved_json', 'VARCHAR'],
] as const satisfies readonly (readonly [string, ResultColumnType])[];

/** One row a run and threshold. A rate or mean of no signals is NULL. */
const runs = [
  ['run_id', 'VARCHAR'],
  ['timestamp_utc', 'VARCHAR'],
  ['threshold', 'DOUBLE'],
  ['n_signals', 'INTEGER'],
  ['n_up', 'INTEGER'],
  ['n_down', 'INTEGER'],
  ['tp_rate', 'DOUBLE'],
  ['sl_rate', 'DOUBLE'],
  ['timeout_rate', 'DOUBLE'],
  ['tp_rate_low', 'DOUBLE'],
  ['tp_rate_high', 'DOUBLE'],
  ['break_even_rate', 'DOUBLE'],
  ['mean_pnl_ticks', 'DOUBLE'],
  ['mean_net_pnl_ticks', 'DOUBLE'],
  ['mean_mid_pnl_ticks', 'DOUBLE'],
  ['events_per_hour', 'DOUBLE'],
  ['median_time_to_outcome_ms', 'DOUBLE'],
  ['n_overlapping', 'INTEGER'],
  ['n_invalid_book', 'INTEGER'],
  ['n_cooling', 'INTEGER'],
  ['p_value', 'DOUBLE'],
  ['n_periods', 'INTEGER'],
  ['sharpe', 'DOUBLE'],
  ['skewness', 'DOUBLE'],
  ['kurtosis', 'DOUBLE'],
] as const satisfies readonly (readonly [string, ResultColumnType])[];

/** What the statistics over a whole sweep need of each run and threshold; lists are per block and per fold, ticks at the mid. */
const trials = [
  ['run_id', 'VARCHAR'],
  ['timestamp_utc', 'VARCHAR'],
  ['threshold', 'DOUBLE'],
  ['block_sums', 'DOUBLE[]'],
  ['block_squares', 'DOUBLE[]'],
  ['fold_train_n', 'DOUBLE[]'],
  ['fold_train_net_ticks', 'DOUBLE[]'],
  ['fold_test_n', 'DOUBLE[]'],
  ['fold_test_tp', 'DOUBLE[]'],
  ['fold_test_sl', 'DOUBLE[]'],
  ['fold_test_gross_ticks', 'DOUBLE[]'],
  ['fold_test_net_ticks', 'DOUBLE[]'],
] as const satisfies readonly (readonly [string, ResultColumnType])[];

/** One row a finished sweep: what all its cells together say. */
const sweeps = [
  ['sweep_id', 'VARCHAR'],
  ['timestamp_utc', 'VARCHAR'],
  ['experiment_name', 'VARCHAR'],
  ['dataset_id', 'VARCHAR'],
  ['signal_name', 'VARCHAR'],
  ['n_runs', 'INTEGER'],
  ['n_trials', 'INTEGER'],
  ['n_distinct_trials', 'INTEGER'],
  ['sharpe_variance', 'DOUBLE'],
  ['best_run_id', 'VARCHAR'],
  ['best_threshold', 'DOUBLE'],
  ['best_sharpe', 'DOUBLE'],
  ['best_deflated_sharpe', 'DOUBLE'],
  ['overfitting_probability', 'DOUBLE'],
  ['overfitting_loss_probability', 'DOUBLE'],
  ['overfitting_splits', 'INTEGER'],
  ['walk_forward_json', 'VARCHAR'],
  ['plan_json', 'VARCHAR'],
] as const satisfies readonly (readonly [string, ResultColumnType])[];

/** The tables of the results store, each a Parquet file of that name in every part. */
export const resultTables = { runs_meta: runsMeta, resolved, runs, trials, sweeps } as const;

export type ResultTable = keyof typeof resultTables;

type ColumnOf<T extends ResultTable> = (typeof resultTables)[T][number];

/** A row of a table; a value that is not defined is null. */
export type ResultRow<T extends ResultTable> = {
  readonly [C in ColumnOf<T> as C[0]]: ColumnValue<C[1]> | null;
};

/** Rows to add together: all of them appear, or none. */
export type ResultRows = { readonly [T in ResultTable]?: readonly ResultRow<T>[] };
