import { pick, type ResultRow, type RowOf, resultTables, sweepColumns } from '../../wire/light.ts';
import { runKeysSql } from './result_views.ts';
import type { ResultsStore } from './results_store.ts';
import { filterSql, type ResultFilter, where } from './run_queries.ts';
import { select, sql, tableSql } from './sql.ts';

const { runs_meta: meta, sweeps, units } = resultTables;

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

/** The newest statistics of a sweep; null where none are stored. */
export async function sweepSummary(store: ResultsStore, sweepId: string): Promise<ResultRow<'sweeps'> | null> {
  const from = sql`FROM ${tableSql('sweeps')} WHERE ${sweeps.sweep_id} = ${sweepId}`;
  return (await store.rows(select(sweeps, from)))[0] ?? null;
}

/** The runs of a sweep with the trials that they are. */
export function sweepTrials(
  store: ResultsStore,
  sweepId: string,
): Promise<{ readonly runId: string; readonly trialHash: string }[]> {
  const from = sql`FROM ${runKeysSql} WHERE ${meta.sweep_id} = ${sweepId}`;
  return store.rows(select(pick(meta, 'run_id', 'trial_hash'), from));
}

/** Ids of the sweeps of whose runs a unit on one of these sessions is a trial. */
export async function sweepsOnSessions(store: ResultsStore, dates: readonly string[]): Promise<string[]> {
  const from = sql`FROM ${runKeysSql} WHERE ${meta.trial_hash} IN
    (SELECT ${units.trial_hash} FROM ${tableSql('units')} WHERE ${units.session} IN (SELECT unnest(${dates})))
    GROUP BY ALL ORDER BY ALL`;
  return (await store.rows(select(pick(meta, 'sweep_id'), from))).map(({ sweepId }) => sweepId);
}
