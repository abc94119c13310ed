import type { DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import type { ResultRow, ResultsStore } from '../lake/index.ts';
import { benjaminiHochberg, deflatedSharpeRatio } from './statistics/index.ts';

/** By what runs can be sorted, and whether more is better. */
export const sortKeys = {
  tp_rate: 'desc',
  mean_pnl_ticks: 'desc',
  mean_net_pnl_ticks: 'desc',
  events_per_hour: 'desc',
  n_signals: 'desc',
  sharpe: 'desc',
  p_value: 'asc',
  sl_rate: 'asc',
  timeout_rate: 'asc',
  median_time_to_outcome_ms: 'asc',
  timestamp_utc: 'desc',
} as const;

export type SortKey = keyof typeof sortKeys;

/** Which runs to compare; a filter that is absent lets all pass. */
export interface RunQuery {
  readonly signal?: string | undefined;
  readonly datasetId?: string | undefined;
  readonly experiment?: string | undefined;
  readonly sort: SortKey;
  /** Thresholds with fewer signals are left out. */
  readonly minSignals: number;
  readonly top: number;
}

type RunFields = Omit<ResultRow<'runs'>, 'skewness' | 'kurtosis' | 'n_periods'>;
type MetaFields = Pick<
  ResultRow<'runs_meta'>,
  | 'config_hash'
  | 'signal_name'
  | 'dataset_id'
  | 'experiment_name'
  | 'serving_spec_name'
  | 'signal_params_json'
  | 'scoring_json'
  | 'cooldown_bins'
  | 'eval_tp_ticks'
  | 'eval_sl_ticks'
  | 'commission_ticks'
  | 'slippage_ticks'
  | 'threshold_kind'
>;

/** A run at its best threshold. */
export interface ComparedRun extends RunFields, MetaFields {
  /** Benjamini–Hochberg over every threshold of every run that the filters let pass. */
  readonly q_value: number | null;
  /** Against the best of its sweep's trials under luck alone; null until the sweep is complete. */
  readonly deflated_sharpe: number | null;
}

/** The newest statistics over a whole sweep. */
export type SweepSummary = Omit<ResultRow<'sweeps'>, 'plan_json'>;

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** What the q-values count: runs, and p-values of all their thresholds. */
  readonly family: { readonly runs: number; readonly tests: number };
  readonly sweeps: readonly SweepSummary[];
  readonly filters: { readonly signals: readonly string[]; readonly datasets: readonly string[] };
}

const runFields = `run_id, timestamp_utc, threshold, n_signals, n_up, n_down, tp_rate, sl_rate, timeout_rate, tp_rate_low,
  tp_rate_high, break_even_rate, mean_pnl_ticks, mean_net_pnl_ticks, events_per_hour, median_time_to_outcome_ms,
  n_overlapping, n_invalid_book, n_cooling, p_value, sharpe, skewness, kurtosis, n_periods`;

const metaFields = `m.config_hash, m.signal_name, m.dataset_id, m.experiment_name, m.serving_spec_name,
  m.signal_params_json, m.scoring_json, m.cooldown_bins, m.eval_tp_ticks, m.eval_sl_ticks, m.commission_ticks,
  m.slippage_ticks, m.threshold_kind`;

/** The best runs, each at its best threshold, with the multiple-testing view over all that the filters let pass. */
export async function compareRuns(store: ResultsStore, query: RunQuery): Promise<Comparison> {
  const { where, values } = filterOf(query);
  const tests = await store.query(
    `SELECT list(r.run_id) AS ids, list(r.threshold) AS thresholds, list(r.p_value) AS p_values,
       count(DISTINCT r.run_id)::INTEGER AS runs
     FROM runs r JOIN runs_meta m USING (run_id) ${where}`,
    values,
  );
  const family = qValues(tests[0]!);
  const direction = sortKeys[query.sort];
  const order = `${query.sort} ${direction} NULLS LAST`;
  const best = await store.query(
    `WITH best AS (
       SELECT ${runFields.replaceAll(/\b(?=run_id|timestamp_utc)/g, 'r.')}, ${metaFields}
       FROM runs r JOIN runs_meta m USING (run_id) ${where}
       ${where === '' ? 'WHERE' : 'AND'} n_signals >= ${Math.max(0, Math.trunc(query.minSignals))}
       QUALIFY row_number() OVER (PARTITION BY r.run_id ORDER BY r.${order}, threshold) = 1
     )
     SELECT * FROM best ORDER BY ${order}, run_id LIMIT ${Math.max(0, Math.trunc(query.top))}`,
    values,
  );
  const sweeps = await sweepSummaries(store, query);
  const sweepOf = new Map(sweeps.map((sweep) => [keyOf(sweep), sweep]));
  const filters = await store.query(
    `SELECT list_sort(list(DISTINCT signal_name)) AS signals, list_sort(list(DISTINCT dataset_id)) AS datasets
     FROM runs_meta`,
  );
  return {
    runs: best.map((row) => comparedRun(row, family.qOf, sweepOf.get(keyOf(row)) ?? null)),
    family: { runs: family.runs, tests: family.tests },
    sweeps,
    filters: {
      signals: (filters[0]?.signals as string[] | null) ?? [],
      datasets: (filters[0]?.datasets as string[] | null) ?? [],
    },
  };
}

/** Everything that is known of a run. @throws RUN_UNKNOWN */
export async function runDetail(
  store: ResultsStore,
  runId: string,
): Promise<{ readonly meta: ResultRow<'runs_meta'>; readonly thresholdResults: readonly ResultRow<'runs'>[] }> {
  const [meta] = await store.query('SELECT * FROM runs_meta WHERE run_id = $1', [runId]);
  if (meta === undefined) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot find the run ${JSON.stringify(runId)}: no result has that id; see \`spymaster compare\` for those there are.`,
      { run: runId },
    );
  }
  const thresholds = await store.query('SELECT * FROM runs WHERE run_id = $1 ORDER BY threshold', [runId]);
  return {
    meta: meta as unknown as ResultRow<'runs_meta'>,
    thresholdResults: thresholds as unknown as ResultRow<'runs'>[],
  };
}

/** A run id in full from its first characters. @throws RUN_UNKNOWN when none or several runs begin so */
export async function findRunId(store: ResultsStore, prefix: string): Promise<string> {
  const rows = await store.query('SELECT run_id FROM runs_meta WHERE starts_with(run_id, $1) LIMIT 3', [prefix]);
  if (rows.length === 1) return rows[0]!.run_id as string;
  const why = rows.length === 0 ? 'no result has that id' : 'several runs begin so; give more of it';
  throw new SpymasterError('RUN_UNKNOWN', `Cannot find the run ${JSON.stringify(prefix)}: ${why}.`, { run: prefix });
}

function filterOf(query: RunQuery): { where: string; values: DuckDBValue[] } {
  const values: DuckDBValue[] = [];
  const conditions = (
    [
      ['signal_name', query.signal],
      ['dataset_id', query.datasetId],
      ['experiment_name', query.experiment],
    ] as const
  ).flatMap(([column, value]) => {
    if (value === undefined) return [];
    values.push(value);
    return [`m.${column} = $${values.length}`];
  });
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

async function sweepSummaries(store: ResultsStore, query: RunQuery): Promise<SweepSummary[]> {
  const { where, values } = filterOf(query);
  const rows = await store.query(
    `SELECT * EXCLUDE plan_json FROM sweeps m ${where}
     QUALIFY row_number() OVER (
       PARTITION BY experiment_name, dataset_id, signal_name ORDER BY timestamp_utc DESC, n_runs DESC) = 1
     ORDER BY timestamp_utc DESC`,
    values,
  );
  return rows as unknown as SweepSummary[];
}

function keyOf(row: object): string {
  const { experiment_name, dataset_id, signal_name } = row as Record<string, string>;
  return JSON.stringify([experiment_name, dataset_id, signal_name]);
}

function qValues(row: Record<string, unknown>): {
  qOf: (runId: string, threshold: number) => number | null;
  runs: number;
  tests: number;
} {
  const ids = (row.ids as string[] | null) ?? [];
  const thresholds = (row.thresholds as number[] | null) ?? [];
  const pValues = Float64Array.from((row.p_values as (number | null)[] | null) ?? [], (p) => p ?? Number.NaN);
  const q = benjaminiHochberg(pValues);
  const places = new Map(ids.map((id, index) => [`${id}/${thresholds[index]}`, index]));
  return {
    qOf: (runId, threshold) => {
      const value = q[places.get(`${runId}/${threshold}`) ?? -1] ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    },
    runs: row.runs as number,
    tests: pValues.reduce((count, p) => count + (Number.isNaN(p) ? 0 : 1), 0),
  };
}

function comparedRun(
  row: Record<string, unknown>,
  qOf: (runId: string, threshold: number) => number | null,
  sweep: SweepSummary | null,
): ComparedRun {
  const { skewness, kurtosis, n_periods, ...shown } = row as unknown as ResultRow<'runs'> & MetaFields;
  const deflated =
    sweep === null
      ? Number.NaN
      : deflatedSharpeRatio(
          { count: n_periods!, sharpe: shown.sharpe!, skewness: skewness!, kurtosis: kurtosis! },
          sweep.n_distinct_trials!,
          sweep.sharpe_variance!,
        );
  return {
    ...shown,
    q_value: qOf(shown.run_id!, shown.threshold!),
    deflated_sharpe: Number.isNaN(deflated) ? null : deflated,
  };
}
