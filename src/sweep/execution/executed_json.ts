import { present } from '../../errors.ts';
import type { ExecutionClock, StopTrigger } from '../../execution/index.ts';
import type { RunMeta } from '../../lake/index.ts';
import { snakeCaseKeys } from '../../name_case.ts';
import type { ResultRow } from '../../wire/index.ts';
import type { ExecutedRun, SessionMarket } from './execute_run.ts';
import type { ExecutionStats, MoveAgainst } from './execution_stats.ts';
import { type ExecutionTerms, executionAssumptions } from './execution_terms.ts';
import { ownTerms } from './run_terms.ts';
import type { TrialExecution } from './trial_execution.ts';

/** What was executed, and at what fees. */
export interface ExecutedSubject {
  readonly meta: RunMeta;
  /** The run's result at the mid. */
  readonly result: ResultRow<'runs'>;
  /** A side and contract. */
  readonly feeTicks: number;
  /** Money of a tick and contract; null where the instrument does not say. */
  readonly tickValue: number | null;
  readonly trigger: StopTrigger;
  readonly clock: ExecutionClock;
}

/** An executed run as JSON has it. Money in ticks a contract but where a key says otherwise. */
export function executedJson({ markets, results, curve }: ExecutedRun, subject: ExecutedSubject) {
  const { meta, result, feeTicks, tickValue, trigger, clock } = subject;
  const shares = markets.flatMap(({ frontShare }) => (frontShare === null ? [] : [frontShare]));
  return {
    run_id: meta.runId,
    experiment_name: meta.experimentName,
    threshold: result.threshold,
    signal_name: meta.signalName,
    tp_ticks: meta.evalTpTicks,
    sl_ticks: meta.evalSlTicks,
    fee_ticks_per_side: feeTicks,
    tick_value: tickValue,
    stop_trigger: trigger,
    clock,
    /** The least of the sessions' shares of executions at the front of their queue. */
    front_share: shares.length === 0 ? null : Math.min(...shares),
    /** Whether some session's market does not execute first in, first out, and was taken as if it did. */
    not_fifo: markets.some(({ isFifo }) => !isFifo),
    assumed: executionAssumptions,
    mid: midJson(result, ownTerms(meta)?.terms.size ?? 1),
    results: results.map(({ terms, stats, bySession }) => ({
      ...termsJson(terms),
      ...statsJson(stats, tickValue),
      sessions: bySession.map((one, at) => ({
        ...marketJson(present(markets[at])),
        ...statsJson(one, tickValue),
      })),
    })),
    curve: curve.map(({ terms, stats }) => ({ ...termsJson(terms), ...curveJson(stats) })),
  };
}

/**
 * The result at the mid; a run that was executed when it was swept has it beside its own, of all contracts of a trade.
 * @param size contracts of a trade of such a run
 */
function midJson({ executionJson, ...result }: ResultRow<'runs'>, size: number) {
  if (executionJson === null) {
    return {
      signals: result.nSignals,
      mean_mid_pnl_ticks: result.meanMidPnlTicks,
      mean_net_pnl_ticks: result.meanNetPnlTicks,
      mean_net_pnl_ticks_low: result.meanNetPnlTicksLow,
      mean_net_pnl_ticks_high: result.meanNetPnlTicksHigh,
    };
  }
  const { orders, midGross, midNet } = JSON.parse(executionJson) as TrialExecution;
  const each = (ticks: number | null) => (ticks === null ? null : ticks / size);
  return {
    signals: orders,
    mean_mid_pnl_ticks: each(midGross.mean),
    mean_net_pnl_ticks: each(midNet.mean),
    mean_net_pnl_ticks_low: each(midNet.low),
    mean_net_pnl_ticks_high: each(midNet.high),
  };
}

export type ExecutedJson = ReturnType<typeof executedJson>;

function marketJson({ session, symbol, executions, frontShare, isFifo }: SessionMarket) {
  return { session, symbol, executions, front_share: frontShare, not_fifo: !isFifo };
}

function termsJson({ entry, ticksBehind, entryLatencyUs, exitLatencyUs, size, maxWaitMs, met }: ExecutionTerms) {
  return {
    entry,
    ticks_behind: ticksBehind,
    entry_latency_us: entryLatencyUs,
    exit_latency_us: exitLatencyUs,
    size,
    max_wait_ms: maxWaitMs,
    met,
  };
}

function curveJson({ orders, trades, missed, partial, meanGross, meanNet, low, high }: ExecutionStats) {
  return {
    ...{ orders, trades, missed, partial },
    mean_gross_pnl_ticks: meanGross,
    mean_net_pnl_ticks: meanNet,
    mean_net_pnl_ticks_low: low,
    mean_net_pnl_ticks_high: high,
  };
}

function statsJson(stats: ExecutionStats, tickValue: number | null) {
  const moves = (of: MoveAgainst) =>
    of.map(({ afterS, mean, count }) => ({ after_s: afterS, mean_ticks: mean, count }));
  return {
    ...curveJson(stats),
    contracts: stats.contracts,
    p_profit: stats.pProfit,
    total_net_pnl_ticks: stats.totalNet,
    total_net_pnl: tickValue === null ? null : stats.totalNet * tickValue,
    orders_by_outcome: snakeCaseKeys(stats.byOutcome),
    trades_by_exit: snakeCaseKeys(stats.byExit),
    entry_fills_by_reason: stats.entryFillsByReason,
    take_profit_fills_by_reason: stats.profitFillsByReason,
    time_in_queue_ms: stats.queueMs,
    entry_slippage_ticks: stats.entrySlippage,
    exit_slippage_ticks: stats.exitSlippage,
    mid_against_after_fill: moves(stats.againstAfterFill),
    mid_against_after_miss: moves(stats.againstAfterMiss),
    too_large: stats.tooLarge,
    delayed_entries: stats.delayedEntries,
    delayed_exits: stats.delayedExits,
    void_take_profits: stats.voidTakeProfits,
    contracts_closed_at_mid: stats.closedAtMid,
  };
}
