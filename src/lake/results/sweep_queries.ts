import { pick, type RowOf, resultTables, sweepColumns } from '../../wire/index.ts';
import type { ResultsStore } from './results_store.ts';
import { filterSql, type ResultFilter, where } from './run_queries.ts';
import { select, sql, tableSql } from './sql.ts';

const { runs, runs_meta: meta, sweeps, trials } = resultTables;

/** Statistics over a whole sweep. */
export type SweepSummary = RowOf<typeof sweepColumns>;

/** The newest statistics of each experiment, dataset and signal that the filter lets pass, the newest first. */
export function sweepSummaries(store: ResultsStore, filter: ResultFilter): Promise<SweepSummary[]> {
  const newestFirst = sql`${sweeps.timestamp_utc} DESC`;
  return store.rows(
    select(
      sweepColumns,
      sql`FROM ${tableSql('sweeps')} ${where(filterSql(sweeps, filter))}
        QUALIFY row_number() OVER (
          PARTITION BY ${sweeps.experiment_name}, ${sweeps.dataset_id}, ${sweeps.signal_name}
          ORDER BY ${newestFirst}, ${sweeps.n_runs} DESC) = 1
        ORDER BY ${newestFirst}`,
    ),
  );
}

/** Whether statistics over the whole sweep are stored. */
export async function hasStatistics(store: ResultsStore, sweepId: string): Promise<boolean> {
  const from = sql`FROM ${tableSql('sweeps')} WHERE ${sweeps.sweep_id} = ${sweepId}`;
  return (await store.rows(select(pick(sweeps, 'sweep_id'), from))).length > 0;
}

const trialColumns = {
  ...pick(runs, 'run_id'),
  ...pick(meta, 'trial_hash'),
  ...pick(runs, 'threshold', 'n_signals', 'n_periods', 'sharpe', 'skewness', 'kurtosis'),
  ...pick(trials, 'block_sums', 'block_squares', 'fold_train_n', 'fold_train_net_ticks'),
  ...pick(trials, 'fold_test_n', 'fold_test_tp', 'fold_test_gross_ticks', 'fold_test_net_ticks'),
};

/** A run at one threshold, as the statistics over its sweep need it. */
export type TrialRow = RowOf<typeof trialColumns>;

/** Every threshold of every run of an experiment on a dataset, by run and threshold. */
export function trialRows(store: ResultsStore, experiment: string, datasetId: string): Promise<TrialRow[]> {
  return store.rows(
    select(
      trialColumns,
      sql`FROM ${tableSql('runs_meta')} JOIN ${tableSql('runs')} ON ${runs.run_id} = ${meta.run_id}
        JOIN ${tableSql('trials')} ON ${trials.run_id} = ${runs.run_id} AND ${trials.threshold} = ${runs.threshold}
        ${where(filterSql(meta, { experiment, datasetId }))}
        ORDER BY ${runs.run_id}, ${runs.threshold}`,
    ),
  );
}
