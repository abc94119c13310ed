import type { DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import type { ResultRow, ResultsStore } from '../lake/index.ts';
import { benjaminiHochberg, deflatedSharpeRatio } from './statistics/index.ts';

/** By what runs can be sorted, and whether more is better. */
export const sortKeys = {
  tp_rate: 'desc',
  mean_pnl_ticks: 'desc',
  mean_net_pnl_ticks: 'desc',
  mean_mid_pnl_ticks: 'desc',
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

const metaFields = `m.config_hash, m.signal_name, m.dataset_id, m.experiment_name, m.serving_spec_name,
  m.signal_params_json, m.scoring_json, m.cooldown_bins, m.eval_tp_ticks, m.eval_sl_ticks, m.commission_ticks,
  m.slippage_ticks, m.threshold_kind`;

/** The best runs, each at its best threshold, with the multiple-testing view over all that the filters let pass. */
export async function compareRuns(store: ResultsStore, query: RunQuery): Promise<Comparison> {
  const { where, values } = filterOf(query);
  const joined = `FROM runs r JOIN runs_meta m USING (run_id) ${where}`;
  const and = where === '' ? 'WHERE' : 'AND';
  const pValues = await store.queryNumbers(
    `SELECT p_value ${joined} ${and} p_value IS NOT NULL ORDER BY p_value`,
    values,
  );
  const [counted] = await store.query(`SELECT count(*)::INTEGER AS runs FROM runs_meta m ${where}`, values);
  const descending = sortKeys[query.sort] === 'desc';
  const enough = `n_signals >= ${Math.max(0, Math.trunc(query.minSignals))}`;
  const order = `best ${descending ? 'DESC' : 'ASC'} NULLS LAST, run_id`;
  const rows = await store.query(
    `WITH top AS (
       SELECT run_id, ${descending ? 'max' : 'min'}(r.${query.sort}) AS best ${joined} ${and} ${enough}
       GROUP BY run_id ORDER BY ${order} LIMIT ${Math.max(0, Math.trunc(query.top))}
     )
     SELECT r.*, ${metaFields}
     FROM top JOIN runs r USING (run_id) JOIN runs_meta m USING (run_id)
     WHERE r.${query.sort} IS NOT DISTINCT FROM best AND ${enough}
     QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY threshold) = 1 ORDER BY ${order}`,
    values,
  );
  const sweeps = await sweepSummaries(store, query);
  const sweepOf = new Map(sweeps.map((sweep) => [keyOf(sweep), sweep]));
  // A q-value depends on nothing but the p-value and the family.
  const qValues = benjaminiHochberg(pValues);
  const qValueOf = (pValue: number) => qValues[pValues.indexOf(pValue)] ?? null;
  const filters = await store.query(
    `SELECT list_sort(list(DISTINCT signal_name)) AS signals, list_sort(list(DISTINCT dataset_id)) AS datasets
     FROM runs_meta`,
  );
  return {
    runs: rows.map((row) => comparedRun(row, qValueOf, sweepOf.get(keyOf(row)) ?? null)),
    family: { runs: counted!.runs as number, tests: pValues.length },
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
): Promise<{
  readonly meta: ResultRow<'runs_meta'> & { readonly resolved_json: string };
  readonly thresholdResults: readonly ResultRow<'runs'>[];
}> {
  const [meta] = await store.query(
    'SELECT * FROM runs_meta JOIN resolved USING (run_id, timestamp_utc) WHERE run_id = $1',
    [runId],
  );
  if (meta === undefined) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot find the run ${JSON.stringify(runId)}: no result has that id; see \`spymaster compare\` for those there are.`,
      { run: runId },
    );
  }
  const thresholds = await store.query('SELECT * FROM runs WHERE run_id = $1 ORDER BY threshold', [runId]);
  return {
    meta: meta as unknown as ResultRow<'runs_meta'> & { resolved_json: string },
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

function comparedRun(
  row: Record<string, unknown>,
  qValueOf: (pValue: number) => number | null,
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
    q_value: shown.p_value === null ? null : qValueOf(shown.p_value),
    deflated_sharpe: Number.isNaN(deflated) ? null : deflated,
  };
}
