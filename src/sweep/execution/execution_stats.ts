import { present } from '../../errors.ts';
import { type Blocks, blockOf } from '../../evaluation/index.ts';
import { exitReasonNames, fillReasonNames, outcomeNames } from '../../execution/index.ts';
import { type ClusterMean, clusterMean, widerMean } from '../../statistics/index.ts';
import { minComparedSessions, minSessionClusters } from '../family.ts';
import { type ExecutedTrade, probesNs } from './executed_trades.ts';

/** Trades of one session, and the blocks that it is cut into. */
export interface SessionTrades {
  readonly trades: readonly ExecutedTrade[];
  readonly blocks: Blocks;
}

/** Two quantiles; null without a value. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
}

/** Mean move of the mid against the order, by the time after it, and of how many. */
export type MoveAgainst = readonly { readonly afterS: number; readonly mean: number | null; readonly count: number }[];

/** Numbers of executed firings. Money in ticks a contract, times in milliseconds. */
export interface ExecutionStats {
  readonly orders: number;
  readonly byOutcome: Readonly<Record<(typeof outcomeNames)[number], number>>;
  /** Entries without a fill in their time, and with one that was not whole. */
  readonly missed: number;
  readonly partial: number;
  /** Positions: entries with a fill. */
  readonly trades: number;
  readonly contracts: number;
  readonly byExit: Readonly<Record<(typeof exitReasonNames)[number], number>>;
  readonly entryFillsByReason: Readonly<Record<(typeof fillReasonNames)[number], number>>;
  readonly profitFillsByReason: Readonly<Record<(typeof fillReasonNames)[number], number>>;
  readonly queueMs: Quantiles;
  readonly entrySlippage: Quantiles;
  readonly exitSlippage: Quantiles;
  readonly againstAfterFill: MoveAgainst;
  readonly againstAfterMiss: MoveAgainst;
  readonly meanGross: number | null;
  /** After fees, with its interval; null where nothing can be said. */
  readonly meanNet: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly pProfit: number | null;
  readonly totalNet: number;
  readonly tooLarge: number;
  readonly delayedEntries: number;
  readonly delayedExits: number;
  readonly voidTakeProfits: number;
  /** Contracts that the book could not take until the end. */
  readonly closedAtMid: number;
}

/** Sums up executed firings; `feeTicks` a side and contract. */
export function executionStats(sessions: readonly SessionTrades[], feeTicks: number): ExecutionStats {
  const all = sessions.flatMap(({ trades }) => trades);
  const filled = all.filter(({ quantity }) => quantity > 0);
  const contracts = sum(filled, ({ quantity }) => quantity);
  const gross = sum(filled, ({ gainTicks }) => gainTicks);
  const net = gross - 2 * feeTicks * contracts;
  const interval = netInterval(sessions, feeTicks);
  const byOutcome = countNames(outcomeNames, all, ({ outcome }) => outcome);
  const missed = all.filter(({ outcome }) => outcome === 'missed');
  return {
    orders: all.length,
    byOutcome,
    missed: byOutcome.missed,
    partial: byOutcome.partial,
    trades: filled.length,
    contracts,
    byExit: countNames(exitReasonNames, filled, ({ reason }) => reason),
    entryFillsByReason: sumReasons(all, ({ entryFills }) => entryFills),
    profitFillsByReason: sumReasons(all, ({ profitFills }) => profitFills),
    queueMs: quantiles(filled.map(({ queueNs }) => queueNs / 1e6)),
    entrySlippage: quantiles(filled.map(({ entrySlippage }) => entrySlippage)),
    exitSlippage: quantiles(filled.map(({ exitSlippage }) => exitSlippage)),
    againstAfterFill: movesAgainst(filled),
    againstAfterMiss: movesAgainst(missed),
    meanGross: contracts === 0 ? null : gross / contracts,
    meanNet: contracts === 0 ? null : net / contracts,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    pProfit: interval?.pProfit ?? null,
    totalNet: net,
    tooLarge: all.filter(({ isTooLarge }) => isTooLarge).length,
    delayedEntries: all.filter(({ delayedEntry }) => delayedEntry).length,
    delayedExits: all.filter(({ delayedExit }) => delayedExit).length,
    voidTakeProfits: sum(all, ({ voidFills }) => voidFills),
    closedAtMid: sum(all, ({ closedAtMid }) => closedAtMid),
  };
}

/** The interval of net PnL a contract: by sessions where they are ten or more, else by blocks, as of every trial. */
function netInterval(sessions: readonly SessionTrades[], feeTicks: number): ClusterMean | null {
  const bySessions = clusterMean(
    seriesOf(
      sessions.map(({ trades }) => clusterOf(trades, feeTicks)),
      null,
    ),
  );
  if (sessions.length >= minSessionClusters) return bySessions;
  const neighbours: number[] = [];
  const clusters = sessions.flatMap(({ trades, blocks }) => {
    for (let block = 0; block < blocks.count; block++) neighbours.push(block < blocks.count - 1 ? 1 : 0);
    return Array.from({ length: blocks.count }, (_, block) =>
      clusterOf(
        trades.filter(({ bin }) => blockOf(blocks, bin) === block),
        feeTicks,
      ),
    );
  });
  const byBlocks = clusterMean(seriesOf(clusters, Uint8Array.from(neighbours)));
  return sessions.length >= minComparedSessions ? widerMean(byBlocks, bySessions) : byBlocks;
}

interface Cluster {
  readonly net: number;
  readonly contracts: number;
}

function clusterOf(trades: readonly ExecutedTrade[], feeTicks: number): Cluster {
  const contracts = sum(trades, ({ quantity }) => quantity);
  return { contracts, net: sum(trades, ({ gainTicks }) => gainTicks) - 2 * feeTicks * contracts };
}

function seriesOf(clusters: readonly Cluster[], neighbours: Uint8Array | null) {
  return {
    sums: Float64Array.from(clusters, ({ net }) => net),
    counts: Float64Array.from(clusters, ({ contracts }) => contracts),
    neighbours,
  };
}

function movesAgainst(trades: readonly ExecutedTrade[]): MoveAgainst {
  return probesNs.map((ns, at) => {
    const moves = trades.map(({ against }) => present(against[at])).filter((move) => !Number.isNaN(move));
    const mean = moves.length === 0 ? null : sum(moves, (move) => move) / moves.length;
    return { afterS: ns / 1e9, mean, count: moves.length };
  });
}

/** By the nearest rank. */
function quantiles(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95) };
}

function countNames<T extends string, U>(
  names: readonly T[],
  items: readonly U[],
  nameOf: (item: U) => T,
): Record<T, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
  for (const item of items) counts[nameOf(item)]++;
  return counts;
}

function sumReasons(trades: readonly ExecutedTrade[], of: (trade: ExecutedTrade) => readonly number[]) {
  return Object.fromEntries(
    fillReasonNames.map((name, reason) => [name, sum(trades, (trade) => present(of(trade)[reason]))]),
  ) as Record<(typeof fillReasonNames)[number], number>;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
