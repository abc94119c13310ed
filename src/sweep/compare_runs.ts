import { present, SpymasterError } from '../errors.ts';
import {
  type BestRun,
  bestRuns,
  countRuns,
  filterChoices,
  pValues,
  type ResultsStore,
  type RunMeta,
  type RunQuery,
  runIdsWith,
  runMeta,
  type SweepSummary,
  sweepSummaries,
  thresholdRows,
} from '../lake/index.ts';
import { benjaminiHochberg, deflatedSharpeRatio } from '../statistics/index.ts';
import {
  oneSided,
  type ResultRow,
  type RunRow,
  runMetaColumns,
  sweepColumns,
  thresholdColumns,
  wireRowOf,
} from '../wire/index.ts';

/** A run at its best threshold. */
export interface ComparedRun extends BestRun {
  /** The side that has nearly all firings. */
  readonly oneSided: 'long' | 'short' | null;
  /** Benjamini–Hochberg over every threshold of every run that the filters let pass. */
  readonly qValue: number | null;
  /** Against the best of its sweep's trials under luck alone; null until the sweep is complete. */
  readonly deflatedSharpe: number | null;
}

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Size of the family behind the q-values: runs, and p-values of all their thresholds. */
  readonly family: { readonly runs: number; readonly tests: number };
  /** The newest statistics over each whole sweep. */
  readonly sweeps: readonly SweepSummary[];
  readonly filters: { readonly signals: readonly string[]; readonly datasets: readonly string[] };
}

/** The best runs, each at its best threshold, with the multiple-testing view over all that the filters let pass. */
export async function compareRuns(store: ResultsStore, query: RunQuery): Promise<Comparison> {
  const family = qValues(await pValues(store, query));
  const runs = await countRuns(store, query);
  const best = await bestRuns(store, query);
  const sweeps = await sweepSummaries(store, query);
  const sweepOf = new Map(sweeps.map((sweep) => [sweepKey(sweep), sweep]));
  return {
    runs: best.map((run) => ({
      ...run,
      oneSided: oneSided(run.nUp, run.nDown),
      qValue: run.pValue === null ? null : family.of(run.pValue),
      deflatedSharpe: deflatedSharpe(run, sweepOf.get(sweepKey(run)) ?? null),
    })),
    family: { runs, tests: family.tests },
    sweeps,
    filters: await filterChoices(store),
  };
}

/** A run of a comparison as JSON has it, but for what the server adds. */
export type ComparedRunJson = Omit<RunRow, 'streaming_url' | 'can_stream'>;

const wireRun = wireRowOf({ ...thresholdColumns, ...runMetaColumns });
const wireSweep = wireRowOf(sweepColumns);

/** A comparison as JSON has it. */
export function comparisonJson({ runs, family, sweeps, filters }: Comparison) {
  return {
    runs: runs.map(
      (run): ComparedRunJson => ({
        ...wireRun(run),
        one_sided: run.oneSided,
        q_value: run.qValue,
        deflated_sharpe: run.deflatedSharpe,
      }),
    ),
    family,
    sweeps: sweeps.map(wireSweep),
    filters,
  };
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

/** Benjamini–Hochberg over p-values in any order, which are sorted in place. */
export function qValues(pValues: Float64Array): QValues {
  const ascending = pValues.sort();
  const all = benjaminiHochberg(ascending);
  const firsts = ascending.keys().filter((index) => index === 0 || ascending[index] !== ascending[index - 1]);
  const indices = Uint32Array.from(firsts);
  const p = Float64Array.from(indices, (index) => present(ascending[index]));
  const q = Float64Array.from(indices, (index) => present(all[index]));
  const byP = new Map(p.entries().map(([index, value]) => [value, present(q[index])]));
  return { p, q, tests: ascending.length, of: (pValue) => byP.get(pValue) ?? null };
}

/** Everything that is known of a run. @throws RUN_UNKNOWN */
export async function runDetail(
  store: ResultsStore,
  runId: string,
): Promise<{ readonly meta: RunMeta; readonly thresholdResults: readonly ResultRow<'runs'>[] }> {
  const meta = await runMeta(store, runId);
  if (meta === null) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot find the run ${JSON.stringify(runId)}: no result has that id; see \`spymaster compare\` for those there are.`,
      { run: runId },
    );
  }
  return { meta, thresholdResults: await thresholdRows(store, runId) };
}

/** A run id in full from its first characters. @throws RUN_UNKNOWN when none or several runs begin so */
export async function findRunId(store: ResultsStore, prefix: string): Promise<string> {
  const [runId, other] = await runIdsWith(store, prefix, 2);
  if (runId !== undefined && other === undefined) return runId;
  const why = runId === undefined ? 'no result has that id' : 'several runs begin so; give more of it';
  throw new SpymasterError('RUN_UNKNOWN', `Cannot find the run ${JSON.stringify(prefix)}: ${why}.`, { run: prefix });
}

/** A key that runs of one sweep share. */
export function sweepKey({
  experimentName,
  datasetId,
  signalName,
}: Pick<SweepSummary, 'experimentName' | 'datasetId' | 'signalName'>): string {
  return JSON.stringify([experimentName, datasetId, signalName]);
}

/** A row's deflated Sharpe ratio against its sweep's trials; null without one. */
export function deflatedSharpe(
  { nPeriods: count, sharpe, skewness, kurtosis }: Pick<BestRun, 'nPeriods' | 'sharpe' | 'skewness' | 'kurtosis'>,
  sweep: SweepSummary | null,
): number | null {
  if (sweep === null) return null;
  const { nDistinctTrials, sharpeVariance } = sweep;
  const deflated = deflatedSharpeRatio({ count, sharpe, skewness, kurtosis }, nDistinctTrials, sharpeVariance);
  return Number.isNaN(deflated) ? null : deflated;
}

/** The best net mean among a run's thresholds with at least `minSignals` signals; null when none has as many. */
export function bestThreshold<Row extends Pick<ResultRow<'runs'>, 'nSignals' | 'meanNetPnlTicks'>>(
  thresholds: readonly Row[],
  minSignals: number,
): Row | null {
  let best: Row | null = null;
  for (const row of thresholds) {
    if (row.nSignals < minSignals) continue;
    const isBetter = (row.meanNetPnlTicks ?? -Infinity) > (best?.meanNetPnlTicks ?? -Infinity);
    if (best === null || isBetter) best = row;
  }
  return best;
}
