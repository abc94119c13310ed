import { notNull, present } from '../errors.ts';
import type { ClusterSums } from '../statistics/index.ts';
import type { Family, FamilyTrial } from './family.ts';
import type { TradeCosts } from './plan.ts';
import type { TotalName } from './unit_table.ts';

/** Net PnL of trades in ticks: `gross` at the mid and `spread` in half ticks. */
export function netTicks(costs: TradeCosts, trades: number, gross: number, spread: number): number {
  return gross / 2 - costTicks(costs, trades, spread);
}

/** Costs of trades in ticks; `spread` is the sum of half the spreads at entry and exit, in half ticks. */
export function costTicks({ spread: mode, commissionTicks }: TradeCosts, trades: number, spread: number): number {
  const spreadTicks = mode === 'half' ? spread / 2 : mode === 'none' ? 0 : mode * trades;
  return spreadTicks + commissionTicks * trades;
}

/** The costs of a trial: where it is executed the spread is in its prices. */
export function costsOf(costs: TradeCosts, { isExecuted }: Pick<FamilyTrial, 'isExecuted'>): TradeCosts {
  return isExecuted ? { ...costs, spread: 'none' } : costs;
}

/** Net PnL of a trial in a session, ticks; null where it did not run. */
export function sessionNet(costs: TradeCosts, trial: FamilyTrial, session: number): number | null {
  const signals = trial.inSession(session, 'signals');
  if (signals === null) return null;
  const both = (long: TotalName, short: TotalName) =>
    notNull(trial.inSession(session, long)) + notNull(trial.inSession(session, short));
  const charged = costsOf(costs, trial);
  return netTicks(charged, signals, both('longGross', 'shortGross'), both('longSpread', 'shortSpread'));
}

/** The family's trials by whole sessions, the latter in the order of the family's. */
export function bySessions(trials: readonly FamilyTrial[], sessions: number, costs: TradeCosts): ClusterSums {
  const sums = new Float64Array(trials.length * sessions);
  const counts = new Float64Array(sums.length);
  trials.forEach((trial, index) => {
    for (let session = 0; session < sessions; session++) {
      const net = sessionNet(costs, trial, session);
      if (net === null) continue;
      sums[index * sessions + session] = net;
      counts[index * sessions + session] = notNull(trial.inSession(session, 'signals'));
    }
  });
  return { trials: trials.length, clusters: sessions, sums, counts, neighbours: null };
}

/** Equal blocks that each session of a family is cut into: as many as the longest hold of its trials allows. */
export function blockCounts({ trials, sessions }: Family): number[] {
  return sessions.map((_, session) =>
    trials.reduce((least, trial) => Math.min(least, trial.nBlocks(session) ?? least), Number.POSITIVE_INFINITY),
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
    const charged = costsOf(costs, trial);
    blocks.forEach((count, session) => {
      const unit = trial.blocks(session);
      if (unit === null) return;
      const merged = notNull(trial.nBlocks(session)) / count;
      for (let at = 0; at < unit.block.length; at++) {
        const to = index * clusters + present(first[session]) + Math.floor(present(unit.block[at]) / merged);
        const trades = present(unit.trades[at]);
        sums[to] = present(sums[to]) + netTicks(charged, trades, present(unit.gross[at]), present(unit.spread[at]));
        counts[to] = present(counts[to]) + trades;
      }
    });
  });
  const neighbours = new Uint8Array(clusters).fill(1);
  blocks.forEach((count, session) => {
    if (count > 0) neighbours[present(first[session]) + count - 1] = 0;
  });
  return { trials: trials.length, clusters, sums, counts, neighbours };
}
