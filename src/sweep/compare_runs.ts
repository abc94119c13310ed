import { SpymasterError } from '../errors.ts';
import {
  type BestRun,
  bestRuns,
  countRuns,
  filterChoices,
  type ResultsStore,
  type RunMeta,
  type RunQuery,
  runIdsWith,
  runMeta,
  type SweepSummary,
  sweepSummaries,
  thresholdRows,
} from '../lake/light.ts';
import {
  compareEvidence,
  oneSided,
  type ResultRow,
  type RunLooksRow,
  type RunRow,
  runMetaColumns,
  sweepColumns,
  thresholdColumns,
  wireRowOf,
} from '../wire/light.ts';
import type { ComparisonLooks, RunLooks } from './compare_looks.ts';

/** A run at its best threshold. */
export interface ComparedRun extends BestRun {
  /** The side that has nearly all firings. */
  readonly oneSided: 'long' | 'short' | null;
}

/** Runs that the filters let pass, and tested trials of the families that their experiments are judged in. */
export interface FamilySize {
  readonly runs: number;
  readonly tests: number;
}

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  readonly family: FamilySize;
  /** The newest statistics over each whole sweep. */
  readonly sweeps: readonly SweepSummary[];
  readonly filters: { readonly signals: readonly string[]; readonly datasets: readonly string[] };
}

/** The best runs, each at its best threshold, with the statistics of their experiments. */
export async function compareRuns(store: ResultsStore, query: RunQuery): Promise<Comparison> {
  const runs = await countRuns(store, query);
  const best = await bestRuns(store, query);
  const sweeps = await sweepSummaries(store, query);
  return {
    runs: best.map((run) => ({ ...run, oneSided: oneSided(run.nUp, run.nDown) })),
    family: familySize(runs, sweeps),
    sweeps,
    filters: await filterChoices(store),
  };
}

/** The family behind sweeps; experiments on the same sessions have one family, which counts once. */
export function familySize(runs: number, sweeps: readonly SweepSummary[]): FamilySize {
  const families = new Map(sweeps.map((sweep) => [sweep.sessionsJson, sweep.nTested ?? 0]));
  return { runs, tests: [...families.values()].reduce((sum, tests) => sum + tests, 0) };
}

/** A run of a comparison as JSON has it, but for what the server adds. */
export type ComparedRunJson = Omit<RunRow, 'streaming_url' | 'can_stream'> & RunLooksRow;

const wireRun = wireRowOf({ ...thresholdColumns, ...runMetaColumns });
const wireSweep = wireRowOf(sweepColumns);

/** The looks at a run as JSON has them. */
function wireLooks(looks: RunLooks | undefined): RunLooksRow {
  const fresh = looks?.fresh ?? null;
  return {
    looks: looks?.times ?? null,
    fresh_n_sessions: fresh?.sessions ?? null,
    fresh_n_signals: fresh?.signals ?? null,
    fresh_mean_net_pnl_ticks: fresh?.meanNet ?? null,
    fresh_mean_net_pnl_ticks_low: fresh?.low ?? null,
    fresh_mean_net_pnl_ticks_high: fresh?.high ?? null,
    fresh_p_profit: fresh?.pProfit ?? null,
  };
}

/** A comparison as JSON has it. */
export function comparisonJson({ runs, family, sweeps, filters }: Comparison, looks: ComparisonLooks) {
  return {
    runs: runs.map(
      (run): ComparedRunJson => ({
        ...wireRun(run),
        one_sided: run.oneSided,
        ...wireLooks(looks.ofRun.get(run.runId)),
      }),
    ),
    family,
    unkept_look: looks.unkept,
    sweeps: sweeps.map(wireSweep),
    filters,
  };
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

/** A run's threshold with the most evidence among those with at least `minSignals` signals; null when none has as many. */
export function bestThreshold<
  Row extends Pick<
    ResultRow<'runs'>,
    'nSignals' | 'pAdjusted' | 'qValue' | 'meanNetPnlTicksLow' | 'meanNetPnlTicks' | 'threshold'
  >,
>(thresholds: readonly Row[], minSignals: number): Row | null {
  const evidence = (row: Row) => [row.pAdjusted, row.qValue, row.meanNetPnlTicksLow, row.meanNetPnlTicks] as const;
  const enough = thresholds.filter(({ nSignals }) => nSignals >= minSignals);
  return enough.toSorted((a, b) => compareEvidence(evidence(a), evidence(b)) || a.threshold - b.threshold)[0] ?? null;
}

/** The threshold that is named, undefined where the run does not have it; without a name the best, null where none has enough signals. */
export function shownThreshold(
  thresholds: readonly ResultRow<'runs'>[],
  minSignals: number,
  named: number | undefined,
): ResultRow<'runs'> | null | undefined {
  if (named === undefined) return bestThreshold(thresholds, minSignals);
  return thresholds.find(({ threshold }) => threshold === named);
}
