import { namesOf, pick, resultTables } from './result_tables.ts';

/** Columns that runs can be sorted by, and which end is the best; the same key chooses the threshold that stands for a run. */
export const sortDirections = {
  tp_rate: 'desc',
  mean_pnl_ticks: 'desc',
  mean_net_pnl_ticks: 'desc',
  mean_mid_pnl_ticks: 'desc',
  events_per_hour: 'desc',
  n_signals: 'desc',
  sharpe: 'desc',
  mean_net_pnl_ticks_low: 'desc',
  p_profit: 'asc',
  p_timing: 'asc',
  q_value: 'asc',
  p_adjusted: 'asc',
  sl_rate: 'asc',
  timeout_rate: 'asc',
  median_time_to_outcome_ms: 'asc',
  timestamp_utc: 'desc',
} as const satisfies { readonly [N in keyof typeof resultTables.runs]?: 'asc' | 'desc' };

/** `evidence`: by adjusted p, then q, then the lower end of net PnL's interval; runs that were not tested come after those that were. */
export const runSortKeys = ['evidence', ...namesOf(sortDirections)] as const;
export type RunSortKey = (typeof runSortKeys)[number];

/** What is shown of a run at one threshold. */
const { n_periods, skewness, kurtosis, ...shownOfThreshold } = resultTables.runs;
export const thresholdColumns = shownOfThreshold;

/** What is shown of a run whatever the threshold. */
export const runMetaColumns = pick(
  resultTables.runs_meta,
  'config_hash',
  'signal_name',
  'dataset_id',
  'experiment_name',
  'serving_spec_name',
  'signal_params_json',
  'scoring_json',
  'cooldown_bins',
  'eval_tp_ticks',
  'eval_sl_ticks',
  'commission_ticks',
  'slippage_ticks',
  'threshold_kind',
  'eval_min_signals',
  'in_sample_sessions',
);

/** What is shown of a sweep. */
const { plan_json, ...shownOfSweep } = resultTables.sweeps;
export const sweepColumns = shownOfSweep;

/** What is shown of a run's walk-forward folds at one threshold; lists have an element a fold. */
export const foldColumns = {
  threshold: resultTables.trials.threshold,
  train_signals: resultTables.trials.fold_train_n,
  train_net_ticks: resultTables.trials.fold_train_net_ticks,
  test_signals: resultTables.trials.fold_test_n,
  test_take_profits: resultTables.trials.fold_test_tp,
  test_net_ticks: resultTables.trials.fold_test_net_ticks,
};

/** Settings of a run, and everything that it resolved to. */
export const runDetailColumns = { ...resultTables.runs_meta, resolved_json: resultTables.resolved.resolved_json };
