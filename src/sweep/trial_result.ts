import { notNull, present } from '../errors.ts';
import {
  breakEvenRate,
  type ClusterMean,
  type ClusterRate,
  type ClusterSeries,
  type ClusterSums,
  clusterMean,
  clusterRate,
  isTested,
  type ReturnMoments,
  returnMoments,
  seriesOf,
  widerMean,
} from '../statistics/index.ts';
import { type TrialExecution, trialExecution } from './execution/trial_execution.ts';
import { type Family, type FamilyTrial, minComparedSessions } from './family.ts';
import { blockCounts, byBlocks, bySessions, costsOf, costTicks, netTicks } from './family_clusters.ts';
import type { TradeCosts } from './plan.ts';
import { timingPValue } from './trial_timing.ts';

/** A trial over the sessions of an experiment; money in ticks a trade. Null stands for "not defined". */
export interface TrialResult {
  readonly trial: FamilyTrial;
  readonly signals: number;
  /** Estimate with interval; null for a trial without trades, or whose clusters do not tell its error. */
  readonly net: ClusterMean | null;
  readonly meanNet: number | null;
  readonly meanMid: number | null;
  readonly meanCost: number | null;
  readonly meanAtOrderPrice: number | null;
  /** When every entry is one bin later. */
  readonly meanNetLater: number | null;
  readonly meanNetUp: number | null;
  readonly meanNetDown: number | null;
  readonly tpRate: ClusterRate | null;
  /** What became of its firings in the real book; null where trades are filled at the mid. */
  readonly execution: TrialExecution | null;
  readonly isTested: boolean;
  /** Of net PnL above 0; null for a trial that is not tested. */
  readonly pProfit: number | null;
  readonly pTiming: number | null;
  /** Of net PnL per cluster, clusters without trades included. */
  readonly moments: ReturnMoments;
}

/** The clusters of a family's trials: sessions, or blocks with sessions beside them. */
export interface FamilyClusters {
  /** What statistics stand on. */
  readonly main: ClusterSums;
  readonly sessions: ClusterSums;
  /** Blocks a session; null where sessions are the clusters. */
  readonly perSession: readonly number[] | null;
}

/** Lays out the clusters of trials of a family. */
export function familyClusters(family: Family, trials: readonly FamilyTrial[], costs: TradeCosts): FamilyClusters {
  const sessions = bySessions(trials, family.sessions.length, costs);
  if (family.isBySessions) return { main: sessions, sessions, perSession: null };
  const perSession = blockCounts(family);
  return { main: byBlocks(trials, perSession, costs), sessions, perSession };
}

/**
 * Results of trials of a family, each by itself; in the order of the trials. `count` is the number of sessions that they are
 * judged on; on the others they have no trades.
 */
export function trialResults(
  trials: readonly FamilyTrial[],
  clusters: FamilyClusters,
  costs: TradeCosts,
  count: number,
): TrialResult[] {
  return trials.map((trial, index) => {
    const series = seriesOf(clusters.main, index);
    const byMain = clusterMean(series);
    const net =
      clusters.perSession !== null && count >= minComparedSessions
        ? widerMean(byMain, clusterMean(seriesOf(clusters.sessions, index)))
        : byMain;
    const signals = trial.total('signals');
    const execution = trialExecution(trial, clusters.perSession, costs, count);
    const tested =
      byMain !== null &&
      isTested({
        trades: signals,
        winners: trial.total('winners'),
        losers: trial.total('losers'),
        clusters: byMain.clusters,
        effectiveClusters: byMain.effectiveClusters,
        sessions: count,
        sessionsRun: trial.total('sessionsRun'),
        bySessions: clusters.perSession === null,
      });
    return {
      trial,
      signals,
      net,
      ...means(trial, signals, costsOf(costs, trial), execution),
      execution,
      tpRate: clusterRate(takeProfitSeries(trial, series, clusters.perSession)),
      isTested: tested && net !== null,
      pProfit: tested ? (net?.pProfit ?? null) : null,
      pTiming: timingPValue(trial, count),
      moments: returnMoments(series.sums),
    };
  });
}

type Means = 'meanNet' | 'meanMid' | 'meanCost' | 'meanAtOrderPrice' | 'meanNetLater' | 'meanNetUp' | 'meanNetDown';

function means(
  trial: FamilyTrial,
  signals: number,
  costs: TradeCosts,
  execution: TrialExecution | null,
): Pick<TrialResult, Means> {
  const longs = trial.total('longs');
  const per = (sum: number, count = signals) => (count === 0 ? null : sum / count);
  const [longGross, shortGross] = [trial.total('longGross'), trial.total('shortGross')];
  const [longSpread, shortSpread] = [trial.total('longSpread'), trial.total('shortSpread')];
  const gross = longGross + shortGross;
  const spread = longSpread + shortSpread;
  return {
    meanNet: per(netTicks(costs, signals, gross, spread)),
    meanMid: execution === null ? per(gross / 2) : execution.midGross.mean,
    meanCost: per(costTicks(costs, signals, spread)),
    meanAtOrderPrice: per(trial.total('orderPriceTicks')),
    meanNetLater:
      execution === null ? per(netTicks(costs, signals, trial.total('laterGross'), trial.total('laterSpread'))) : null,
    meanNetUp: per(netTicks(costs, longs, longGross, longSpread), longs),
    meanNetDown: per(netTicks(costs, signals - longs, shortGross, shortSpread), signals - longs),
  };
}

/** Take-profits in place of net PnL, in the same clusters as `series`. */
function takeProfitSeries(
  trial: FamilyTrial,
  { counts, neighbours }: ClusterSeries,
  perSession: readonly number[] | null,
): ClusterSeries {
  if (perSession === null) {
    const sums = Float64Array.from(counts, (_, session) => trial.inSession(session, 'takeProfits') ?? 0);
    return { sums, counts, neighbours };
  }
  const sums = new Float64Array(counts.length);
  let first = 0;
  perSession.forEach((blocks, session) => {
    const unit = trial.blocks(session);
    if (unit !== null) {
      const ownBlocks = notNull(trial.nBlocks(session));
      for (let at = 0; at < unit.block.length; at++) {
        const to = first + Math.floor((present(unit.block[at]) * blocks) / ownBlocks);
        sums[to] = present(sums[to]) + present(unit.takeProfits[at]);
      }
    }
    if (Number.isFinite(blocks)) first += blocks;
  });
  return { sums, counts, neighbours };
}

/** The take-profit rate at which a trial would earn nothing if none of its trades timed out; null where none fired. */
export function breakEven({ meanCost }: TrialResult, tpTicks: number, slTicks: number): number | null {
  return meanCost === null ? null : breakEvenRate(tpTicks, slTicks, meanCost);
}
