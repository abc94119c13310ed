import { notNull, present } from '../../errors.ts';
import { type ClusterSeries, clusterMean, widerMean } from '../../statistics/index.ts';
import { type FamilyTrial, minComparedSessions } from '../family.ts';
import type { TradeCosts } from '../plan.ts';
import type { BlockedSums, MoveSum, UnitExecution } from './unit_execution.ts';

/** Ticks a trade with the interval at 95 % confidence; null where nothing can be said. */
export interface MeanWithInterval {
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What became of a trial's firings in the real book over all sessions, beside the same at the mid. */
export interface TrialExecution {
  readonly orders: number;
  readonly missed: number;
  readonly partial: number;
  readonly contracts: number;
  readonly tooLarge: number;
  /** Filled at the mid: before costs, and after half the spread at entry and exit and the fees. */
  readonly midGross: MeanWithInterval;
  readonly midNet: MeanWithInterval;
  /** As executed, where orders that meet ours fill nothing. */
  readonly withoutMet: MeanWithInterval;
  /** Move of the mid against the orders a second after a fill, and after a miss, in ticks. */
  readonly againstAfterFill: number | null;
  readonly againstAfterMiss: number | null;
  readonly frontShare: number | null;
  /** Where some session's market does not execute first in, first out, and was taken as if it did. */
  readonly notFifo?: true;
}

/**
 * Pools the sessions of a trial; null where its trades are filled at the mid.
 * @param perSession blocks of each session; null where sessions are the clusters
 * @param count sessions that it is judged on
 */
export function trialExecution(
  trial: FamilyTrial,
  perSession: readonly number[] | null,
  { commissionTicks }: TradeCosts,
  count: number,
): TrialExecution | null {
  const units = trial.executions();
  const known = units.filter((unit) => unit !== null);
  if (known.length === 0) return null;
  const total = (of: (unit: UnitExecution) => number) => known.reduce((sum, unit) => sum + of(unit), 0);
  const mean = (of: (unit: UnitExecution) => MoveSum) => {
    const n = total((unit) => of(unit).n);
    return n === 0 ? null : total((unit) => of(unit).sum) / n;
  };
  const pooled = (of: (unit: UnitExecution) => BlockedSums, net: Net) =>
    withInterval(trial, units, perSession, count, of, net);
  const shares = known.flatMap(({ frontShare }) => (frontShare === null ? [] : [frontShare]));
  return {
    orders: total(({ orders }) => orders),
    missed: total(({ missed }) => missed),
    partial: total(({ partial }) => partial),
    contracts: total(({ contracts }) => contracts),
    tooLarge: total(({ tooLarge }) => tooLarge),
    midGross: pooled(
      ({ mid }) => mid,
      (_, gross) => gross / 2,
    ),
    midNet: pooled(
      ({ mid }) => mid,
      (n, gross, spread) => (gross - spread) / 2 - commissionTicks * n,
    ),
    withoutMet: pooled(
      ({ withoutMet }) => withoutMet,
      (n, gross) => gross / 2 - commissionTicks * n,
    ),
    againstAfterFill: mean(({ afterFill }) => afterFill),
    againstAfterMiss: mean(({ afterMiss }) => afterMiss),
    frontShare: shares.length === 0 ? null : Math.min(...shares),
    ...(known.some(({ notFifo }) => notFifo === true) && { notFifo: true as const }),
  };
}

/** Ticks of `n` trades, from their gain and half spreads in half ticks. */
type Net = (n: number, gross: number, spread: number) => number;

function withInterval(
  trial: FamilyTrial,
  units: readonly (UnitExecution | null)[],
  perSession: readonly number[] | null,
  count: number,
  of: (unit: UnitExecution) => BlockedSums,
  net: Net,
): MeanWithInterval {
  const sessions = emptySeries(units.length, null);
  const counts = (perSession ?? []).map((blocks) => (Number.isFinite(blocks) ? blocks : 0));
  const neighbours = counts.flatMap((blocks) => Array.from({ length: blocks }, (_, at) => (at < blocks - 1 ? 1 : 0)));
  const blocks = emptySeries(neighbours.length, Uint8Array.from(neighbours));
  let first = 0;
  units.forEach((unit, session) => {
    if (unit !== null) {
      const { block, n, gross, spread } = of(unit);
      block.forEach((number, at) => {
        const trades = present(n[at]);
        const ticks = net(trades, present(gross[at]), present(spread[at]));
        add(sessions, session, trades, ticks);
        if (perSession === null) return;
        const own = notNull(trial.nBlocks(session));
        add(blocks, first + Math.floor((number * present(counts[session])) / own), trades, ticks);
      });
    }
    first += counts[session] ?? 0;
  });
  const bySessions = clusterMean(sessions);
  const byBlocks = clusterMean(blocks);
  const found =
    perSession === null ? bySessions : count >= minComparedSessions ? widerMean(byBlocks, bySessions) : byBlocks;
  const trades = Array.from(sessions.counts).reduce((sum, n) => sum + n, 0);
  const mean = trades === 0 ? null : sessions.sums.reduce((sum, ticks) => sum + ticks, 0) / trades;
  return { mean, low: found?.low ?? null, high: found?.high ?? null };
}

function emptySeries(length: number, neighbours: Uint8Array | null): ClusterSeries {
  return { sums: new Float64Array(length), counts: new Float64Array(length), neighbours };
}

function add({ sums, counts }: ClusterSeries, at: number, trades: number, ticks: number): void {
  sums[at] = present(sums[at]) + ticks;
  counts[at] = present(counts[at]) + trades;
}
