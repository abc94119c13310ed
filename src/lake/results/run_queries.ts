import { present } from '../../errors.ts';
import {
  foldColumns,
  pick,
  type ResultColumn,
  type ResultRow,
  type RowOf,
  type RunSortKey,
  resultTables,
  runDetailColumns,
  runMetaColumns,
  sortDirections,
} from '../../wire/light.ts';
import { runKeysSql } from './result_views.ts';
import type { ResultsStore } from './results_store.ts';
import { columnsSql, emptySql, joinSql, quotedSql, rawSql, type Sql, select, sql, tableSql } from './sql.ts';

const { runs, runs_meta: meta, resolved, trials } = resultTables;
const runsAndMeta = sql`${tableSql('runs')} JOIN ${tableSql('runs_meta')} ON ${meta.run_id} = ${runs.run_id}`;
const runsAndKeys = sql`${tableSql('runs')} JOIN ${runKeysSql} ON ${meta.run_id} = ${runs.run_id}`;
/** Runs that are found first and then read: more of them are joined. */
const mostNamed = 1000;
const usualThresholds = 8;

/** Which runs or sweeps a question is about; a filter that is absent lets all pass. */
export interface ResultFilter {
  readonly signal?: string | undefined;
  readonly datasetId?: string | undefined;
  readonly experiment?: string | undefined;
}

/** Which runs to compare. */
export interface RunQuery extends ResultFilter {
  readonly sort: RunSortKey;
  /** Thresholds with fewer signals are left out; null: than the run's experiment asks for. */
  readonly minSignals: number | null;
  readonly top: number;
}

const countColumn = {
  table: 'runs_meta',
  name: 'count',
  type: 'INTEGER',
  isNullable: false,
  about: 'a count',
} as const;

const bestRunColumns = { ...runs, ...runMetaColumns };

/** A run at its best threshold, as it is stored. */
export type BestRun = RowOf<typeof bestRunColumns>;

/** A run's settings, and everything that it resolved to. */
export type RunMeta = RowOf<typeof runDetailColumns>;

export type FoldRow = RowOf<typeof foldColumns>;

/** Conditions that all have to hold, as a WHERE clause; empty when there are none. */
export function where(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? emptySql : sql`WHERE ${joinSql(conditions, ' AND ')}`;
}

/** The conditions of a filter on the table that these columns are of. */
export function filterSql(
  columns: {
    readonly signal_name: ResultColumn;
    readonly dataset_id: ResultColumn;
    readonly experiment_name: ResultColumn;
  },
  { signal, datasetId, experiment }: ResultFilter,
): readonly Sql[] {
  const equals = (column: ResultColumn, value: string | undefined) =>
    value === undefined ? [] : [sql`${column} = ${value}`];
  return [
    ...equals(columns.signal_name, signal),
    ...equals(columns.dataset_id, datasetId),
    ...equals(columns.experiment_name, experiment),
  ];
}

/** The best first, null last; evidence as `compareEvidence` orders it. */
function orderSql(sort: RunSortKey): Sql {
  if (sort === 'evidence') {
    return sql`${runs.p_adjusted} ASC NULLS LAST, ${runs.q_value} ASC NULLS LAST,
      ${runs.mean_net_pnl_ticks_low} DESC NULLS LAST, ${runs.mean_net_pnl_ticks} DESC NULLS LAST`;
  }
  return sql`${runs[sort]} ${rawSql(sortDirections[sort].toUpperCase())} NULLS LAST`;
}

/** The fewest signals with which a threshold counts. */
function fewestSql({ minSignals }: Pick<RunQuery, 'minSignals'>): Sql {
  return minSignals === null ? sql`${meta.eval_min_signals}` : sql`${Math.max(0, Math.trunc(minSignals))}`;
}

/** Runs at their best thresholds, the best first; `runIds` restricts them to those named. */
export function bestRuns(
  store: ResultsStore,
  query: RunQuery,
  runIds: readonly string[] | null = null,
): Promise<BestRun[]> {
  const order = orderSql(query.sort);
  const isNamed = runIds === null ? [] : [sql`${runs.run_id} IN (SELECT unnest(${runIds}))`];
  // Found first, by a few columns of all runs; all columns are read of those alone that are found.
  const found = pick(runs, 'run_id', 'threshold');
  const fits = [...filterSql(meta, query), sql`${runs.n_signals} >= ${fewestSql(query)}`, ...isNamed];
  const thresholds = sql`SELECT ${columnsSql(found)} FROM ${runsAndKeys} ${where(fits)}`;
  const whole = (areBest: Sql) =>
    select(bestRunColumns, sql`FROM ${runsAndMeta} WHERE ${areBest} ORDER BY ${order}, ${runs.run_id}`);
  const pair = sql`(${runs.run_id}, ${runs.threshold})`;
  const top = Math.max(0, Math.trunc(query.top));
  if (top > mostNamed) {
    const best = sql`${thresholds}
      QUALIFY row_number() OVER (PARTITION BY ${runs.run_id} ORDER BY ${order}, ${runs.threshold}) = 1
      ORDER BY ${order}, ${runs.run_id} LIMIT ${top}`;
    return store.rows(whole(sql`${pair} IN (${best})`));
  }
  const sorted = sql`${thresholds} ORDER BY ${order}, ${runs.run_id}, ${runs.threshold}`;
  return store.rowsAtOnce(async (rows) => {
    const best = await firstOfEachRun(top, (most) => rows({ columns: found, sql: sql`${sorted} LIMIT ${most}` }));
    if (best.length === 0) return [];
    // Written out, so that the files are read only where they are.
    const ids = joinSql(
      best.map(({ runId }) => quotedSql(runId)),
      ', ',
    );
    const pairs = best.map(({ runId, threshold }) => sql`(${quotedSql(runId)}, ${threshold})`);
    return rows(
      whole(sql`${runs.run_id} IN (${ids}) AND ${meta.run_id} IN (${ids}) AND ${pair} IN (${joinSql(pairs, ', ')})`),
    );
  });
}

/** The first rows of `top` different runs. A few of all rows are quickly sorted out; where they are of too few runs, more are. */
async function firstOfEachRun<Row extends { readonly runId: string }>(
  top: number,
  firstRows: (most: number) => Promise<readonly Row[]>,
): Promise<Row[]> {
  for (let most = top * usualThresholds; ; most *= usualThresholds) {
    const sorted = await firstRows(most);
    const firsts = new Map<string, Row>();
    for (const row of sorted) if (!firsts.has(row.runId)) firsts.set(row.runId, row);
    if (firsts.size >= top || sorted.length < most) return [...firsts.values()].slice(0, top);
  }
}

/** The number of runs that the filter lets pass. */
export function countRuns(store: ResultsStore, filter: ResultFilter): Promise<number> {
  return countOf(store, sql`FROM ${runKeysSql} ${where(filterSql(meta, filter))}`);
}

/** Runs without a threshold that has enough signals. */
export interface SilentRuns {
  readonly runs: number;
  /** The most signals that any of their thresholds has. */
  readonly mostSignals: number;
}

/** Counts the runs that a comparison does not list for want of signals. */
export async function silentRuns(store: ResultsStore, query: RunQuery): Promise<SilentRuns> {
  const most = sql`SELECT max(${runs.n_signals}) AS most FROM ${runsAndKeys} ${where(filterSql(meta, query))}
    GROUP BY ${runs.run_id} HAVING max(${runs.n_signals}) < any_value(${fewestSql(query)})`;
  const [row] = await store.rows({
    columns: { runs: countColumn, mostSignals: countColumn },
    sql: sql`SELECT count(*)::INTEGER, coalesce(max(most), 0)::INTEGER FROM (${most})`,
  });
  return present(row);
}

/** The experiments that have runs, with their number and the time of the newest; that evaluated last first. */
export async function experimentList(
  store: ResultsStore,
): Promise<{ experiment_name: string; n_runs: number; evaluated_at_utc: string }[]> {
  const newest = sql`max(${meta.timestamp_utc})`;
  const rows = await store.rows({
    columns: { ...pick(meta, 'experiment_name', 'timestamp_utc'), count: countColumn },
    sql: sql`SELECT ${meta.experiment_name}, ${newest}, count(*)::INTEGER FROM ${runKeysSql}
      GROUP BY ${meta.experiment_name} ORDER BY ${newest} DESC, ${meta.experiment_name}`,
  });
  return rows.map((row) => ({
    experiment_name: row.experimentName,
    n_runs: row.count,
    evaluated_at_utc: row.timestampUtc,
  }));
}

async function countOf(store: ResultsStore, from: Sql): Promise<number> {
  const [row] = await store.rows({ columns: { count: countColumn }, sql: sql`SELECT count(*)::INTEGER ${from}` });
  return row?.count ?? 0;
}

/** When each run was evaluated that the filter lets pass, by its id. */
export async function evaluationTimes(store: ResultsStore, filter: ResultFilter = {}): Promise<Map<string, string>> {
  const from = sql`FROM ${runKeysSql} ${where(filterSql(meta, filter))}`;
  const rows = await store.rows(select(pick(meta, 'run_id', 'timestamp_utc'), from));
  return new Map(rows.map(({ runId, timestampUtc }) => [runId, timestampUtc]));
}

/** The signals and datasets that runs are of, each in the order of their code units. */
export async function filterChoices(store: ResultsStore): Promise<{ signals: string[]; datasets: string[] }> {
  const rows = await store.rows(select(pick(meta, 'signal_name', 'dataset_id'), sql`FROM ${runKeysSql} GROUP BY ALL`));
  return {
    signals: [...new Set(rows.map(({ signalName }) => signalName))].sort(),
    datasets: [...new Set(rows.map(({ datasetId }) => datasetId))].sort(),
  };
}

/** A run's settings; null when there is no such run. */
export async function runMeta(store: ResultsStore, runId: string): Promise<RunMeta | null> {
  const from = sql`FROM ${tableSql('runs_meta')} JOIN ${tableSql('resolved')}
    ON ${resolved.run_id} = ${meta.run_id} AND ${resolved.timestamp_utc} = ${meta.timestamp_utc}`;
  const [row] = await store.rows(select(runDetailColumns, sql`${from} WHERE ${meta.run_id} = ${runId}`));
  return row ?? null;
}

/** The settings of every run of a sweep, by run. */
export function runRows(store: ResultsStore, sweepId: string): Promise<ResultRow<'runs_meta'>[]> {
  const from = sql`FROM ${tableSql('runs_meta')} WHERE ${meta.sweep_id} = ${sweepId} ORDER BY ${meta.run_id}`;
  return store.rows(select(meta, from));
}

/** The settings of every run of a sweep, and everything that each resolved to, by run. */
export function runMetas(store: ResultsStore, sweepId: string): Promise<RunMeta[]> {
  const from = sql`FROM ${tableSql('runs_meta')} JOIN ${tableSql('resolved')}
    ON ${resolved.run_id} = ${meta.run_id} AND ${resolved.timestamp_utc} = ${meta.timestamp_utc}
    WHERE ${meta.sweep_id} = ${sweepId} ORDER BY ${meta.run_id}`;
  return store.rows(select(runDetailColumns, from));
}

/** A run at each of its thresholds, the lowest first. */
export function thresholdRows(store: ResultsStore, runId: string): Promise<ResultRow<'runs'>[]> {
  const from = sql`FROM ${tableSql('runs')} WHERE ${runs.run_id} = ${runId} ORDER BY ${runs.threshold}`;
  return store.rows(select(runs, from));
}

/** A run's walk-forward folds at each of its thresholds, the lowest first; empty for a run without folds. */
export function foldRows(store: ResultsStore, runId: string): Promise<FoldRow[]> {
  const hasFolds = sql`len(${trials.fold_test_n}) > 0`;
  const from = sql`FROM ${tableSql('trials')} ${where([sql`${trials.run_id} = ${runId}`, hasFolds])}`;
  return store.rows(select(foldColumns, sql`${from} ORDER BY ${trials.threshold}`));
}

/** Ids of at most `limit` runs that begin with `prefix`. */
export async function runIdsWith(store: ResultsStore, prefix: string, limit: number): Promise<string[]> {
  const from = sql`FROM ${runKeysSql} WHERE starts_with(${meta.run_id}, ${prefix}) LIMIT ${limit}`;
  return (await store.rows(select(pick(meta, 'run_id'), from))).map(({ runId }) => runId);
}
