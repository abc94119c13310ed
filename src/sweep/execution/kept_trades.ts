import { datasetIdentity, type Lake, type RunMeta, readManifest } from '../../lake/index.ts';
import { isFifo } from '../../replay/index.ts';
import type { RunOutcomes } from '../run_outcomes.ts';
import type { ExecutedJson } from './executed_json.ts';
import { type ExecutedTrade, executedTrades, wantedOf } from './executed_trades.ts';
import { keptPositions } from './follow_positions.ts';
import { readExecution } from './kept_execution.ts';
import { type OrderRow, orderRows } from './order_rows.ts';
import type { PassStore } from './pass_store.ts';
import { followedSession, runFirings } from './run_firings.ts';
import { type KeptTerms, ownTerms } from './run_terms.ts';

/** What became of the firings of a run in the real book of a session. */
export interface KeptTrades extends KeptTerms {
  readonly frontShare: number | null;
  /** Whether the market executes first in, first out; if not, it was taken as if it did. */
  readonly isFifo: boolean;
  /** In the order of the firings. */
  readonly trades: readonly ExecutedTrade[];
  /** The orders, numbered by their firings. */
  readonly rows: readonly OrderRow[];
}

/**
 * What the lake keeps of the firings of `outcomes` in the real book: on the terms of the run's own experiment, or on the first
 * that `execute` was given last; null where it keeps neither.
 */
export async function keptTrades(
  lake: Lake,
  store: PassStore,
  meta: RunMeta,
  threshold: number,
  outcomes: RunOutcomes,
): Promise<KeptTrades | null> {
  const { session, startNs } = outcomes;
  if (session === null || startNs === null) return null;
  const { firings, exits } = runFirings(meta, outcomes);
  const executed = await readExecution(lake, meta.runId);
  const all = [ownTerms(meta), executed?.threshold === threshold ? lastTerms(executed) : null];
  const followed = all.filter((kept) => kept !== null);
  if (followed.length === 0) return null;
  const identity = datasetIdentity(await readManifest(lake, session.datasetId));
  for (const kept of followed) {
    const { terms, settings } = kept;
    const positions = await keptPositions(
      store,
      followedSession(meta, session.symbol, identity, exits, settings),
      terms,
    );
    const found = firings.flatMap((firing) => positions?.find(wantedOf(firing, exits)) ?? []);
    if (positions === null || found.length < firings.length) continue;
    const { last, frontShare } = positions.market;
    const market = { frontShare, isFifo: isFifo(positions.market) };
    return {
      ...kept,
      ...market,
      trades: executedTrades(firings, found, last, exits.tickInt),
      rows: orderRows({ session: session.date, originNs: startNs, ...market }, found, terms),
    };
  }
  return null;
}

function lastTerms({ results, stop_trigger, clock, fee_ticks_per_side }: ExecutedJson): KeptTerms | null {
  const [first] = results;
  if (first === undefined) return null;
  const { entry, ticks_behind, entry_latency_us, exit_latency_us, size, max_wait_ms, met } = first;
  const terms = {
    ...{ entry, size, met, ticksBehind: ticks_behind, maxWaitMs: max_wait_ms },
    ...{ entryLatencyUs: entry_latency_us, exitLatencyUs: exit_latency_us },
  };
  const settings = { trigger: stop_trigger, clock };
  return { terms, settings, isOwn: false, feeTicks: fee_ticks_per_side };
}
