import type { DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import type { ResultRow, ResultsStore } from '../lake/index.ts';
import { benjaminiHochberg, deflatedSharpeRatio } from '../statistics/index.ts';
import { oneSided, type runSortKeys } from '../wire/index.ts';

export type SortKey = (typeof runSortKeys)[number];

/** Whether more is better of what runs can be sorted by. */
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
} as const satisfies Record<SortKey, 'asc' | 'desc'>;

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
  | 'eval_min_signals'
>;

/** A run at its best threshold. */
export interface ComparedRun extends RunFields, MetaFields {
  /** The side that has nearly all firings. */
  readonly one_sided: 'long' | 'short' | null;
  /** Benjamini–Hochberg over every threshold of every run that the filters let pass. */
  readonly q_value: number | null;
  /** Against the best of its sweep's trials under luck alone; null until the sweep is complete. */
  readonly deflated_sharpe: number | null;
}

/** The newest statistics over a whole sweep. */
export type SweepSummary = Omit<ResultRow<'sweeps'>, 'plan_json'>;

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Size of the family behind the q-values: runs, and p-values of all their thresholds. */
  readonly family: { readonly runs: number; readonly tests: number };
  readonly sweeps: readonly SweepSummary[];
  readonly filters: { readonly signals: readonly string[]; readonly datasets: readonly string[] };
}

const metaFields = `m.config_hash, m.signal_name, m.dataset_id, m.experiment_name, m.serving_spec_name,
  m.signal_params_json, m.scoring_json, m.cooldown_bins, m.eval_tp_ticks, m.eval_sl_ticks, m.commission_ticks,
  m.slippage_ticks, m.threshold_kind, m.eval_min_signals`;

/** The best runs, each at its best threshold, with the multiple-testing view over all that the filters let pass. */
export async function compareRuns(store: ResultsStore, query: RunQuery): Promise<Comparison> {
  const { where, values } = filterOf(query);
  const qValueOf = qValues(await familyPValues(store, query));
  const [counted] = await store.query(`SELECT count(*)::INTEGER AS runs FROM runs_meta m ${where}`, values);
  const rows = await bestRows(store, query);
  const sweeps = await sweepSummaries(store, query);
  const sweepOf = new Map(sweeps.map((sweep) => [sweepKey(sweep), sweep]));
  return {
    runs: rows.map(({ skewness, kurtosis, n_periods, ...shown }) => ({
      ...shown,
      one_sided: oneSided(shown.n_up!, shown.n_down!),
      q_value: shown.p_value === null ? null : qValueOf.of(shown.p_value),
      deflated_sharpe: deflatedSharpe(
        { ...shown, skewness, kurtosis, n_periods },
        sweepOf.get(sweepKey(shown)) ?? null,
      ),
    })),
    family: { runs: counted!.runs as number, tests: qValueOf.tests },
    sweeps,
    filters: await filterChoices(store),
  };
}

/** A run's best row as it is stored, moments of its returns included. */
export type BestRow = ResultRow<'runs'> & MetaFields;

/** Runs at their best thresholds, the best first; `runIds` restricts them to those named. */
export async function bestRows(
  store: ResultsStore,
  query: RunQuery,
  runIds: readonly string[] | null = null,
): Promise<readonly BestRow[]> {
  const { where, values } = filterOf(query);
  const and = where === '' ? 'WHERE' : 'AND';
  const named = runIds === null ? '' : `AND r.run_id IN (${runIds.map(quoted).join()})`;
  const enough = `r.n_signals >= ${Math.max(0, Math.trunc(query.minSignals))}`;
  const [aggregate, direction] = sortKeys[query.sort] === 'desc' ? ['max', 'DESC'] : ['min', 'ASC'];
  const order = `best ${direction} NULLS LAST, run_id`;
  const rows = await store.query(
    `WITH top AS (
       SELECT run_id, ${aggregate}(r.${query.sort}) AS best FROM runs r JOIN runs_meta m USING (run_id)
       ${where} ${and} ${enough} ${named}
       GROUP BY run_id ORDER BY ${order} LIMIT ${Math.max(0, Math.trunc(query.top))}
     )
     SELECT r.*, ${metaFields}
     FROM top JOIN runs r USING (run_id) JOIN runs_meta m USING (run_id)
     WHERE r.${query.sort} IS NOT DISTINCT FROM best AND ${enough}
     QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY threshold) = 1 ORDER BY ${order}`,
    values,
  );
  return rows as unknown as BestRow[];
}

/** The p-values of every threshold of every run that the filters let pass, ascending. */
export async function familyPValues(store: ResultsStore, query: RunQuery): Promise<Float64Array> {
  const { where, values } = filterOf(query);
  const source = where === '' ? 'runs' : `runs r JOIN runs_meta m USING (run_id) ${where}`;
  const and = where === '' ? 'WHERE' : 'AND';
  const pValues = await store.queryNumbers(`SELECT p_value FROM ${source} ${and} p_value IS NOT NULL`, values);
  return pValues.sort();
}

/** The q-values of a family. A q-value depends on nothing but its p-value and the family, so a pair of each is enough. */
export interface QValues {
  /** Distinct p-values, ascending, and the q-value of each. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** p-values in the family, equal ones counted each. */
  readonly tests: number;
  of(pValue: number): number | null;
}

/** Benjamini–Hochberg over ascending p-values. */
export function qValues(ascending: Float64Array): QValues {
  const all = benjaminiHochberg(ascending);
  const firsts = ascending.keys().filter((index) => index === 0 || ascending[index] !== ascending[index - 1]);
  const indices = Uint32Array.from(firsts);
  const p = Float64Array.from(indices, (index) => ascending[index]!);
  const q = Float64Array.from(indices, (index) => all[index]!);
  const byP = new Map(p.entries().map(([index, value]) => [value, q[index]!]));
  return { p, q, tests: ascending.length, of: (pValue) => byP.get(pValue) ?? null };
}

/** Names that runs can be filtered by. */
export async function filterChoices(store: ResultsStore): Promise<Comparison['filters']> {
  const [found] = await store.query(
    `SELECT list_sort(list(DISTINCT signal_name)) AS signals, list_sort(list(DISTINCT dataset_id)) AS datasets
     FROM runs_meta`,
  );
  return {
    signals: (found?.signals as string[] | null) ?? [],
    datasets: (found?.datasets as string[] | null) ?? [],
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

/** The newest statistics of each sweep that the filters let pass, the newest first. */
export async function sweepSummaries(store: ResultsStore, query: RunQuery): Promise<readonly SweepSummary[]> {
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

/** What runs of one sweep share. */
export function sweepKey({
  experiment_name,
  dataset_id,
  signal_name,
}: Pick<SweepSummary, 'experiment_name' | 'dataset_id' | 'signal_name'>): string {
  return JSON.stringify([experiment_name, dataset_id, signal_name]);
}

/** A row's deflated Sharpe ratio against its sweep's trials; null without one. */
export function deflatedSharpe(
  { n_periods, sharpe, skewness, kurtosis }: Pick<BestRow, 'n_periods' | 'sharpe' | 'skewness' | 'kurtosis'>,
  sweep: SweepSummary | null,
): number | null {
  if (sweep === null) return null;
  const deflated = deflatedSharpeRatio(
    { count: n_periods!, sharpe: sharpe!, skewness: skewness!, kurtosis: kurtosis! },
    sweep.n_distinct_trials!,
    sweep.sharpe_variance!,
  );
  return Number.isNaN(deflated) ? null : deflated;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The best net mean among a run's thresholds with at least `minSignals` signals; null when none has as many. */
export function bestThreshold<Row extends Pick<ResultRow<'runs'>, 'n_signals' | 'mean_net_pnl_ticks'>>(
  thresholds: readonly Row[],
  minSignals: number,
): Row | null {
  let best: Row | null = null;
  for (const row of thresholds) {
    if (row.n_signals! < minSignals) continue;
    const isBetter = (row.mean_net_pnl_ticks ?? -Infinity) > (best?.mean_net_pnl_ticks ?? -Infinity);
    if (best === null || isBetter) best = row;
  }
  return best;
}
