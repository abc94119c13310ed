import { present } from '../errors.ts';
import type { ClusterSums } from '../statistics/index.ts';
import type { Family, FamilyTrial, Totals } from './family.ts';
import type { TradeCosts } from './plan.ts';

/** Net PnL of trades in ticks: `gross` at the mid and `spread` in half ticks. */
export function netTicks(costs: TradeCosts, trades: number, gross: number, spread: number): number {
  return gross / 2 - costTicks(costs, trades, spread);
}

/** Costs of trades in ticks; `spread` is the sum of half the spreads at entry and exit, in half ticks. */
export function costTicks({ spread: mode, commissionTicks }: TradeCosts, trades: number, spread: number): number {
  const spreadTicks = mode === 'half' ? spread / 2 : mode === 'none' ? 0 : mode * trades;
  return spreadTicks + commissionTicks * trades;
}

/** Net PnL of a trial in a session, ticks. */
export function sessionNet(costs: TradeCosts, totals: Totals): number {
  const { signals, longGross, shortGross, longSpread, shortSpread } = totals;
  return netTicks(costs, signals, longGross + shortGross, longSpread + shortSpread);
}

/** The family's trials by whole sessions, the latter in the order of the family's. */
export function bySessions(trials: readonly FamilyTrial[], sessions: number, costs: TradeCosts): ClusterSums {
  const sums = new Float64Array(trials.length * sessions);
  const counts = new Float64Array(sums.length);
  trials.forEach((trial, index) => {
    trial.totals.forEach((totals, session) => {
      if (totals === null) return;
      sums[index * sessions + session] = sessionNet(costs, totals);
      counts[index * sessions + session] = totals.signals;
    });
  });
  return { trials: trials.length, clusters: sessions, sums, counts, neighbours: null };
}

/** Equal blocks that each session of a family is cut into: as many as the longest hold of its trials allows. */
export function blockCounts({ trials, sessions }: Family): number[] {
  return sessions.map((_, session) =>
    trials.reduce((least, { blocks }) => Math.min(least, blocks[session]?.nBlocks ?? least), Number.POSITIVE_INFINITY),
  );
}

/** The trials by blocks of time; `perSession` as `blockCounts` gives it. A session that nothing ran on has no block. */
export function byBlocks(
  trials: readonly FamilyTrial[],
  perSession: readonly number[],
  costs: TradeCosts,
): ClusterSums {
  const blocks = perSession.map((count) => (Number.isFinite(count) ? count : 0));
  const clusters = blocks.reduce((sum, count) => sum + count, 0);
  const first = blocks.map((_, session) => blocks.slice(0, session).reduce((sum, count) => sum + count, 0));
  const sums = new Float64Array(trials.length * clusters);
  const counts = new Float64Array(sums.length);
  trials.forEach((trial, index) => {
    trial.blocks.forEach((unit, session) => {
      if (unit === null) return;
      const merged = unit.nBlocks / present(blocks[session]);
      unit.block.forEach((block, at) => {
        const to = index * clusters + present(first[session]) + Math.floor(block / merged);
        const trades = present(unit.blockLong[at]) + present(unit.blockShort[at]);
        const gross = present(unit.blockLongGross[at]) + present(unit.blockShortGross[at]);
        const spread = present(unit.blockLongSpread[at]) + present(unit.blockShortSpread[at]);
        sums[to] = present(sums[to]) + netTicks(costs, trades, gross, spread);
        counts[to] = present(counts[to]) + trades;
      });
    });
  });
  const neighbours = new Uint8Array(clusters).fill(1);
  blocks.forEach((count, session) => {
    if (count > 0) neighbours[present(first[session]) + count - 1] = 0;
  });
  return { trials: trials.length, clusters, sums, counts, neighbours };
}
