import { bool, float64, int32, int64, utf8 } from '@uwdata/flechette';
import { notNull, present } from '../../errors.ts';
import { fillReasonNames } from '../../execution/index.ts';
import type { Lake } from '../../lake/index.ts';
import { snakeCase } from '../../name_case.ts';
import { isFifo } from '../../replay/index.ts';
import { rowTable } from '../row_files.ts';
import type { OutcomeEvaluator, RunOutcomes } from '../run_outcomes.ts';
import type { SweepSession } from '../sweep_session.ts';
import { assertSums, type ChosenResult, firingColumns } from '../trade_rows.ts';
import { followFirings } from './execute_run.ts';
import { type ExecutedTrade, executedTrades } from './executed_trades.ts';
import { type KeptTrades, keptTrades } from './kept_trades.ts';
import type { PassStore } from './pass_store.ts';
import { runFirings } from './run_firings.ts';
import { ownTerms } from './run_terms.ts';

/**
 * A firing of a run in the real book, as files and JSON have it. Prices in the instrument's currency, money in ticks of all
 * its contracts; NULL where nothing was filled.
 */
export interface ExecutedTradeRow {
  /** Trading date, YYYY-MM-DD. */
  readonly session: string;
  /** Of the firing bin in its session's dataset, and when that bin starts. */
  readonly bin_seq: bigint;
  readonly ts_ns: bigint;
  readonly side: 'long' | 'short';
  /** First fill of the entry, and last of the exit, UNIX nanoseconds. */
  readonly entry_ns: bigint | null;
  readonly exit_ns: bigint | null;
  /** Averages of the fills. */
  readonly entry_price: number | null;
  readonly exit_price: number | null;
  readonly quantity: number;
  readonly gross_pnl_ticks: number | null;
  readonly cost_ticks: number | null;
  readonly net_pnl_ticks: number | null;
  /** One contract filled at the mid, after half the spread at entry and exit and the fees. */
  readonly mid_net_pnl_ticks: number;
  /** How the position was left, or what became of an entry without a fill. */
  readonly outcome: string;
  /** What filled the entry: fill reasons joined by `+`. */
  readonly filled_by: string | null;
  /** Whether the entry was filled only in part. */
  readonly partial: boolean;
  readonly too_large: boolean;
  readonly front_share: number | null;
  readonly not_fifo: boolean;
  /** Hour of the day in New York in which the firing bin starts, 0 to 23. */
  readonly hour: number;
}

export const executedTradeTable = rowTable<ExecutedTradeRow>({
  columns: {
    session: utf8,
    bin_seq: int64,
    ts_ns: int64,
    side: utf8,
    entry_ns: int64,
    exit_ns: int64,
    entry_price: float64,
    exit_price: float64,
    quantity: int32,
    gross_pnl_ticks: float64,
    cost_ticks: float64,
    net_pnl_ticks: float64,
    mid_net_pnl_ticks: float64,
    outcome: utf8,
    filled_by: utf8,
    partial: bool,
    too_large: bool,
    front_share: float64,
    not_fifo: bool,
    hour: int32,
  },
  nullable: [
    ...(['entry_ns', 'exit_ns', 'entry_price', 'exit_price', 'filled_by', 'front_share'] as const),
    ...(['gross_pnl_ticks', 'cost_ticks', 'net_pnl_ticks'] as const),
  ],
  rangeColumns: ['session', 'ts_ns'],
  groupRows: 65_536,
});

export interface ExecutedTradesOptions {
  readonly lake: Lake;
  readonly passes: PassStore;
  readonly evaluator: OutcomeEvaluator;
  /** A run that was swept with `eval.execution`. */
  readonly chosen: ChosenResult;
  readonly signal?: AbortSignal;
}

/**
 * Sends the firings of an executed run to the real book again and gives what became of them, session by session; what the lake
 * keeps of its passes reads no feed.
 * @throws RESULT_INVALID after the last session when the trades are not those that the result sums up; what `executeRun` throws
 */
export async function* executedTradesOf(options: ExecutedTradesOptions): AsyncGenerator<ExecutedTradeRow[], void> {
  const { lake, passes, evaluator, chosen, signal } = options;
  const { meta, result, sessions } = chosen;
  let [count, net] = [0, 0];
  for (const session of sessions) {
    const outcomes = await evaluator.of(meta, result.threshold, session.date, signal);
    const kept = await keptTrades(lake, passes, meta, result.threshold, outcomes);
    const trades = kept?.isOwn ? kept : await ownTrades(options, session, outcomes);
    const rows = sessionRows(session, outcomes, trades);
    for (const row of rows) {
      if (row.net_pnl_ticks === null) continue;
      net += row.net_pnl_ticks;
      count++;
    }
    yield rows;
  }
  assertSums(chosen, count, net);
}

type SessionTrades = Pick<KeptTrades, 'terms' | 'feeTicks' | 'frontShare' | 'isFifo' | 'trades'>;

/** The trades of a session on the run's own terms, of which the lake does not keep all. */
async function ownTrades(
  { lake, passes, chosen, signal }: ExecutedTradesOptions,
  session: SweepSession,
  outcomes: RunOutcomes,
): Promise<SessionTrades> {
  const { terms, settings, feeTicks, notFifo } = notNull(ownTerms(chosen.meta));
  const { firings, exits } = runFirings(chosen.meta, outcomes);
  const asked = { lake, passes, chosen, ...settings, notFifo, ...(signal !== undefined && { signal }) };
  const { market, all } = await followFirings(asked, session, firings, [terms], exits);
  const trades = executedTrades(firings, present(all[0]), market.last, exits.tickInt);
  return { terms, feeTicks, frontShare: market.frontShare, isFifo: isFifo(market), trades };
}

function sessionRows(
  session: SweepSession,
  outcomes: RunOutcomes,
  { terms, feeTicks, frontShare, isFifo: inTurn, trades }: SessionTrades,
): ExecutedTradeRow[] {
  const startNs = Temporal.Instant.from(session.startUtc).epochNanoseconds;
  const { grossHalfTicks, spreadHalfTicks } = outcomes.trades;
  const cost = 2 * feeTicks * terms.size;
  return trades.map((trade, at): ExecutedTradeRow => {
    const { hour, ...firing } = firingColumns(session, outcomes, trade.bin);
    const { quantity, gainTicks, isTooLarge } = trade;
    const held = <T>(value: T) => (quantity > 0 ? value : null);
    const nsOf = (tsNs: number) => (quantity > 0 ? startNs + BigInt(tsNs) : null);
    return {
      ...firing,
      side: trade.side === 1 ? 'long' : 'short',
      ...{ entry_ns: nsOf(trade.entryNs), exit_ns: nsOf(trade.exitNs) },
      ...{ entry_price: held(trade.entryPrice / 1e9), exit_price: held(trade.exitPrice / 1e9) },
      quantity,
      ...{ gross_pnl_ticks: held(gainTicks), cost_ticks: held(cost), net_pnl_ticks: held(gainTicks - cost) },
      mid_net_pnl_ticks: (present(grossHalfTicks[at]) - present(spreadHalfTicks[at])) / 2 - 2 * feeTicks,
      outcome: outcomeOf(trade),
      filled_by: held(fillReasonNames.filter((_, reason) => (trade.entryFills[reason] ?? 0) > 0).join('+')),
      partial: quantity > 0 && trade.outcome === 'partial',
      too_large: isTooLarge,
      front_share: frontShare,
      not_fifo: !inTurn,
      hour,
    };
  });
}

/** As trades at the mid have it where that is the same. */
function outcomeOf({ quantity, outcome, reason }: ExecutedTrade): string {
  if (quantity === 0) return snakeCase(outcome);
  return reason === 'stop' ? 'stop_loss' : snakeCase(reason);
}
