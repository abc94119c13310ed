import { canonicalJson } from '../config/index.ts';
import { present } from '../errors.ts';
import type { ResultRow } from '../wire/index.ts';
import type { ExecutionSettings } from './execution/execution_terms.ts';
import type { FamilyTrial } from './family.ts';
import { netTicks } from './family_clusters.ts';
import { inSampleSessions } from './in_sample.ts';
import type { JudgedTrial } from './judge_family.ts';
import { type Cell, cellRuntime, type SweepPlan, type TradeCosts } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import type { SweepSession } from './sweep_session.ts';
import { breakEven, type TrialResult } from './trial_result.ts';

/** What a result row says of its making besides the plan. */
export interface Provenance {
  readonly timestampUtc: string;
  readonly codeVersion: string;
  readonly binCount: number;
  readonly elapsedMs: number;
}

/** Everything that a run resolved to, as it is stored with it. */
export type ResolvedRun = Pick<SweepPlan, 'runtime' | 'projection' | 'evaluation' | 'thresholds' | 'judgement'> & {
  readonly sessions: readonly SweepSession[];
  /** Absent: trades are filled at the mid. */
  readonly execution?: ExecutionSettings;
  /** Hash of the source of a user's signal; absent of a built-in one. */
  readonly signalSource?: string;
};

type Key = Pick<ResultRow<'runs'>, 'runId' | 'timestampUtc'>;

/** A result of a trial; judged with its family or not yet. */
export type RunThreshold = TrialResult & Partial<JudgedTrial>;

/** A run's settings, as its row has them. */
export type RunRow = ResultRow<'runs_meta'>;

/** A run's settings, for the results store. */
export function runRowOf(
  plan: SweepPlan,
  sessions: readonly SweepSession[],
  cell: Cell,
  { timestampUtc, codeVersion, binCount, elapsedMs }: Provenance,
): RunRow {
  const { evaluation, judgement, thresholds } = plan;
  const { spread, commissionTicks } = judgement.costs;
  return {
    runId: cell.runId,
    timestampUtc,
    configHash: cell.configHash,
    trialHash: cell.trialHash,
    sweepId: plan.sweepId,
    experimentName: plan.experimentName,
    servingSpecName: plan.servingSpecName,
    datasetId: present(sessions[0]).datasetId,
    signalName: plan.signalName,
    signalParamsJson: canonicalJson(cell.parameters),
    scoringJson: canonicalJson(cell.scoring),
    cooldownBins: cell.cooldownBins,
    evalTpTicks: cell.tpTicks,
    evalSlTicks: cell.slTicks,
    evalMaxHoldBins: evaluation.maxHoldBins,
    evalWarmupBins: evaluation.warmupBins,
    evalTickSize: evaluation.tickSize,
    evalMinSignals: judgement.minSignals,
    commissionTicks,
    slippageTicks: typeof spread === 'number' ? spread : 0,
    spreadCost: String(spread),
    thresholdKind: thresholds.kind,
    nBins: binCount,
    inSampleSessions: inSampleSessions(planSignal(plan), sessions).length || null,
    cellWidthMs: cellRuntime(plan, cell).cell_width_ms,
    codeVersion,
    elapsedMs,
  };
}

/** Everything that a run resolved to, as canonical JSON: kilobytes a run, and more for each session. */
export function resolvedJsonOf(plan: SweepPlan, sessions: readonly SweepSession[], cell: Cell): string {
  const { evaluation, judgement, projection, thresholds, execution } = plan;
  const runtime = cellRuntime(plan, cell);
  const { source } = planSignal(plan);
  const resolved: ResolvedRun = {
    ...{ runtime, projection, evaluation, thresholds, judgement, sessions },
    ...(execution !== undefined && { execution }),
    ...(source !== undefined && { signalSource: source.hash }),
  };
  return canonicalJson(resolved);
}

/** The rows of a run at each of its thresholds over all sessions. */
export function runThresholdRows(
  run: RunRow,
  sessions: number,
  thresholds: readonly RunThreshold[],
  timestampUtc: string,
): ResultRow<'runs'>[] {
  return thresholds.map((one) => thresholdRow({ runId: run.runId, timestampUtc }, sessions, run, one));
}

/** The folds of a run at each of its thresholds, in the one session that has any. */
export function runFoldRows(
  { runId }: RunRow,
  thresholds: readonly RunThreshold[],
  costs: TradeCosts,
  timestampUtc: string,
): ResultRow<'trials'>[] {
  return thresholds.flatMap((one) => foldRows({ runId, timestampUtc }, costs, one.trial));
}

function thresholdRow(key: Key, sessions: number, run: RunRow, one: RunThreshold): ResultRow<'runs'> {
  const { trial, signals, net, tpRate, moments } = one;
  const longs = trial.total('longs');
  const takeProfits = trial.total('takeProfits');
  const stopLosses = trial.total('stopLosses');
  const hours = trial.total('judgedMs') / 3_600_000;
  const share = (count: number) => (signals === 0 ? null : count / signals);
  return {
    ...key,
    threshold: trial.threshold,
    nSessions: sessions,
    nSignals: signals,
    nUp: longs,
    nDown: signals - longs,
    tpRate: share(takeProfits),
    slRate: share(stopLosses),
    timeoutRate: share(signals - takeProfits - stopLosses),
    tpRateLow: tpRate?.low ?? null,
    tpRateHigh: tpRate?.high ?? null,
    breakEvenRate: breakEven(one, run.evalTpTicks, run.evalSlTicks),
    meanPnlTicks: one.meanAtOrderPrice,
    meanMidPnlTicks: one.meanMid,
    meanCostTicks: one.meanCost,
    meanNetPnlTicks: one.meanNet,
    meanNetPnlTicksLow: net?.low ?? null,
    meanNetPnlTicksHigh: net?.high ?? null,
    meanNetPnlTicksLater: one.meanNetLater,
    meanNetPnlTicksUp: one.meanNetUp,
    meanNetPnlTicksDown: one.meanNetDown,
    nClusters: net?.clusters ?? null,
    effectiveClusters: net?.effectiveClusters ?? null,
    pProfit: one.pProfit,
    pTiming: one.pTiming,
    qValue: one.qValue ?? null,
    pAdjusted: one.pAdjusted ?? null,
    survives: one.survives ?? null,
    deflatedSharpe: one.deflatedSharpe ?? null,
    eventsPerHour: hours === 0 ? 0 : signals / hours,
    medianTimeToOutcomeMs: sessions === 1 ? trial.medianTimeToOutcomeMs : null,
    nOverlapping: trial.total('overlapping'),
    nInvalidBook: trial.total('invalidBook'),
    nCooling: trial.total('cooling'),
    nOpenAtEnd: trial.total('openAtEnd'),
    nInvalidExit: trial.total('invalidExit'),
    nPeriods: moments.count,
    sharpe: moments.sharpe,
    skewness: moments.skewness,
    kurtosis: moments.kurtosis,
    executionJson: one.execution === null ? null : canonicalJson(one.execution),
  };
}

/** Folds inside the session of an experiment that has one; none where it has several, or no folds. */
function foldRows(key: Key, costs: TradeCosts, trial: FamilyTrial): ResultRow<'trials'>[] {
  const folds = trial.folds();
  if (folds === null || folds.testN.length === 0) return [];
  const net = (counts: ArrayLike<number>, gross: ArrayLike<number>, spread: ArrayLike<number>) =>
    Array.from(counts, (count, fold) => netTicks(costs, count, present(gross[fold]), present(spread[fold])));
  return [
    {
      ...key,
      threshold: trial.threshold,
      blockSums: [],
      blockSquares: [],
      foldTrainN: Array.from(folds.trainN),
      foldTrainNetTicks: net(folds.trainN, folds.trainGross, folds.trainSpread),
      foldTestN: Array.from(folds.testN),
      foldTestTp: Array.from(folds.testTp),
      foldTestSl: Array.from(folds.testSl),
      foldTestGrossTicks: Array.from(folds.testGross, (gross) => gross / 2),
      foldTestNetTicks: net(folds.testN, folds.testGross, folds.testSpread),
    },
  ];
}
