import { fillReasonNames } from '../execution/index.ts';
import { executionAssumptions, type KeptTrades } from '../sweep/index.ts';
import type { ExecutedOrder, ExecutedOutcomes, RunOrders } from '../wire/index.ts';

/** The orders of a session, as the pages have them. */
export function runOrders(runId: string, threshold: number, kept: KeptTrades | null): RunOrders {
  if (kept === null) return { run_id: runId, executed: null };
  const { terms, rows } = kept;
  const orders = [...Map.groupBy(rows, ({ order }) => order).values()].map(orderOf);
  const maxRestMs = terms.maxWaitMs + terms.exitLatencyUs / 1000;
  return { run_id: runId, executed: { threshold, ...termsOf(kept), max_rest_ms: maxRestMs, orders } };
}

/** An order of its rows, one a fill. */
function orderOf(rows: KeptTrades['rows']): ExecutedOrder {
  const [{ trade, role, side, price, size, arrival_ns, ahead_at_arrival, outcome, too_large }] = rows as [
    KeptTrades['rows'][number],
  ];
  return {
    ...{ trade, role, side, price, size, ahead_at_arrival, outcome, too_large },
    arrival_ms: unixMs(arrival_ns),
    fills: rows.flatMap(({ fill_ns, fill_price, fill_size, reason }) =>
      fill_ns === null || fill_price === null || fill_size === null || reason === null
        ? []
        : [{ ms: unixMs(fill_ns), price: fill_price, size: fill_size, reason }],
    ),
  };
}

/** What became of the trades of a session in the real book; times count from `startNs`. */
export function executedOutcomes(kept: KeptTrades, startNs: bigint): ExecutedOutcomes {
  const { trades, feeTicks } = kept;
  const startMs = unixMs(startNs);
  const orNull = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    ...termsOf(kept),
    outcome: trades.map(({ outcome }) => outcome),
    reason: trades.map(({ reason }) => reason),
    quantity: trades.map(({ quantity }) => quantity),
    entry_price: trades.map(({ entryPrice }) => orNull(entryPrice / 1e9)),
    exit_price: trades.map(({ exitPrice }) => orNull(exitPrice / 1e9)),
    entry_ms: trades.map(({ entryNs }) => orNull(startMs + entryNs / 1e6)),
    exit_ms: trades.map(({ exitNs }) => orNull(startMs + exitNs / 1e6)),
    net_ticks: trades.map(({ quantity, gainTicks }) => (quantity === 0 ? null : gainTicks / quantity - 2 * feeTicks)),
    fills: trades.map(({ entryFills }) => fillReasonNames.filter((_, reason) => (entryFills[reason] ?? 0) > 0)),
    too_large: trades.map(({ isTooLarge }) => isTooLarge),
  };
}

function termsOf({ terms, isFifo, isOwn, feeTicks, frontShare }: KeptTrades) {
  return {
    entry: terms.entry,
    latency_us: terms.entryLatencyUs,
    size: terms.size,
    is_own: isOwn,
    fee_ticks_per_side: feeTicks,
    not_fifo: !isFifo,
    front_share: frontShare,
    assumed: [...executionAssumptions],
  };
}

const unixMs = (ns: bigint) => Number(ns / 1000n) / 1000;
