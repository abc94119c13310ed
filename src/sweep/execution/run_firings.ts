import { present } from '../../errors.ts';
import { cutBlocks } from '../../evaluation/index.ts';
import type { DatasetIdentity, RunMeta } from '../../lake/index.ts';
import type { RunOutcomes } from '../run_outcomes.ts';
import type { ResolvedRun } from '../run_rows.ts';
import { type ExecutedFiring, probesNs, type RunExits } from './executed_trades.ts';
import type { ExecutionSettings } from './execution_terms.ts';
import type { FollowedSession } from './follow_positions.ts';

/** The firings of a run in one session, when and how their positions are left, and the blocks of the session. */
export function runFirings(meta: RunMeta, { trades, cellWidthMs, binCount }: RunOutcomes) {
  const { evaluation } = JSON.parse(meta.resolvedJson) as ResolvedRun;
  const { maxHoldBins, warmupBins, entryDelayBins, tickSize } = evaluation;
  const firings = Array.from(trades.firingBin, (bin, at): ExecutedFiring => ({ bin, side: present(trades.side[at]) }));
  const binNs = cellWidthMs * 1e6;
  const exits: RunExits = {
    ...{ tpTicks: meta.evalTpTicks, slTicks: meta.evalSlTicks, binNs },
    tickInt: Math.round(tickSize * 1e9),
    maxHoldNs: maxHoldBins * binNs,
    // A firing is known at its bin's end.
    decisionNs: (1 + (entryDelayBins ?? 0)) * binNs,
  };
  return { firings, exits, blocks: cutBlocks(warmupBins, binCount, maxHoldBins) };
}

/** The session in which positions of a run are followed. */
export function followedSession(
  meta: RunMeta,
  symbol: string,
  identity: DatasetIdentity,
  { tickInt, maxHoldNs }: RunExits,
  { trigger, clock }: Pick<ExecutionSettings, 'trigger' | 'clock'>,
): FollowedSession {
  const { runtime } = JSON.parse(meta.resolvedJson) as ResolvedRun;
  const settings = { tickInt, trigger, probesNs };
  return { identity, symbol, publisherId: runtime.publisher_id, settings, clock, maxHoldNs };
}
