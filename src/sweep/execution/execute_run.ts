import { notNull, present } from '../../errors.ts';
import type { ExecutionClock, StopTrigger } from '../../execution/index.ts';
import { datasetSource, type Lake } from '../../lake/index.ts';
import { isFifo } from '../../replay/index.ts';
import type { OutcomeEvaluator } from '../run_outcomes.ts';
import type { SweepSession } from '../sweep_session.ts';
import type { ChosenResult } from '../trade_rows.ts';
import { type ExecutedFiring, executedTrades, type RunExits, wantedOf } from './executed_trades.ts';
import { type ExecutionStats, executionStats, type SessionTrades } from './execution_stats.ts';
import { curveTerms, type ExecutionTerms } from './execution_terms.ts';
import { type FollowedPosition, followPositions } from './follow_positions.ts';
import { type OrderRow, orderRows } from './order_rows.ts';
import type { PassMarket, PassStore } from './pass_store.ts';
import { followedSession, runFirings } from './run_firings.ts';

export interface ExecuteRunOptions {
  readonly lake: Lake;
  readonly passes: PassStore;
  readonly evaluator: OutcomeEvaluator;
  /** The run at one of its thresholds. */
  readonly chosen: ChosenResult;
  /** At least one; the curve takes everything but entry, latency and met from the first. */
  readonly terms: readonly ExecutionTerms[];
  /** Whether to draw the latency curve. */
  readonly withCurve: boolean;
  readonly trigger: StopTrigger;
  readonly clock: ExecutionClock;
  readonly notFifo: boolean;
  /** A side and contract. */
  readonly feeTicks: number;
  readonly onSession?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What the book of one session says of its market. */
export interface SessionMarket {
  readonly session: string;
  readonly symbol: string;
  readonly executions: number;
  /** Null without an execution. */
  readonly frontShare: number | null;
  /** Whether it executes first in, first out. */
  readonly isFifo: boolean;
}

/** Results of one kind of entry and latency. */
export interface ExecutedTerms {
  readonly terms: ExecutionTerms;
  readonly stats: ExecutionStats;
  /** In the order of the sessions. */
  readonly bySession: readonly ExecutionStats[];
}

/** A run whose firings were sent to the market. */
export interface ExecutedRun {
  readonly markets: readonly SessionMarket[];
  readonly results: readonly ExecutedTerms[];
  readonly curve: readonly { readonly terms: ExecutionTerms; readonly stats: ExecutionStats }[];
  /** Of `results`. */
  readonly orders: readonly OrderRow[];
}

/**
 * Sends the firings of a run to the market of each of its sessions, one pass of the feed a session; what the lake keeps of it is not followed again.
 * @throws NOT_FIFO, and what `followPositions`, `datasetSource` and `OutcomeEvaluator.of` throw
 */
export async function executeRun(options: ExecuteRunOptions): Promise<ExecutedRun> {
  const { chosen, terms, withCurve, feeTicks, signal, onSession } = options;
  const curve = withCurve ? curveTerms(present(terms[0])) : [];
  const all = [...terms, ...curve];
  const ofTerms: SessionTrades[][] = all.map(() => []);
  const markets: SessionMarket[] = [];
  const orders: OrderRow[] = [];
  for (const [at, session] of chosen.sessions.entries()) {
    signal?.throwIfAborted();
    const outcomes = await options.evaluator.of(chosen.meta, chosen.result.threshold, session.date, signal);
    const { firings, blocks, exits } = runFirings(chosen.meta, outcomes);
    const { market, originNs, all: followed } = await followFirings(options, session, firings, all, exits);
    const { executions, frontShare } = market;
    const inTurn = isFifo(market);
    followed.forEach((ofOne, number) => {
      const trades = executedTrades(firings, ofOne, market.last, exits.tickInt);
      present(ofTerms[number]).push({ trades, blocks });
      const about = { session: session.date, originNs, frontShare, isFifo: inTurn };
      if (number < terms.length) orders.push(...orderRows(about, ofOne, present(all[number])));
    });
    markets.push({ session: session.date, symbol: session.symbol, executions, frontShare, isFifo: inTurn });
    onSession?.(at + 1);
  }
  const statsOf = (number: number) => executionStats(present(ofTerms[number]), feeTicks);
  return {
    markets,
    results: terms.map((one, number) => ({
      terms: one,
      stats: statsOf(number),
      bySession: present(ofTerms[number]).map((session) => executionStats([session], feeTicks)),
    })),
    curve: curve.map((one, number) => ({ terms: one, stats: statsOf(terms.length + number) })),
    orders,
  };
}

/** The positions of the firings of a session, for all terms. */
export async function followFirings(
  {
    lake,
    passes,
    chosen,
    trigger,
    clock,
    notFifo,
    signal,
  }: Pick<ExecuteRunOptions, 'lake' | 'passes' | 'chosen' | 'trigger' | 'clock' | 'notFifo' | 'signal'>,
  { symbol, datasetId }: SweepSession,
  firings: readonly ExecutedFiring[],
  terms: readonly ExecutionTerms[],
  exits: RunExits,
): Promise<{ readonly market: PassMarket; readonly originNs: bigint; readonly all: FollowedPosition[][] }> {
  const { path, ...identity } = await datasetSource(lake, datasetId);
  const session = followedSession(chosen.meta, symbol, identity, exits, { trigger, clock });
  const wanted = firings.map((firing) => wantedOf(firing, exits));
  const requests = terms.map((one) => ({ terms: one, wanted }));
  const followed = await followPositions({ store: passes, session, path, notFifo, signal }, requests);
  return {
    market: present(followed[0]).market,
    originNs: identity.capture.startNs,
    all: followed.map((positions) => wanted.map((one) => notNull(positions.find(one)))),
  };
}
