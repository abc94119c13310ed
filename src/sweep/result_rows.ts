import { canonicalJson } from '../config/index.ts';
import type { Tally } from '../evaluation/index.ts';
import type { ResultRows } from '../lake/index.ts';
import type { CellResult } from './cell_runner.ts';
import { type Cell, cellRuntime, type SweepPlan } from './plan.ts';

/** What a result row says of its making besides the plan. */
export interface Provenance {
  readonly timestampUtc: string;
  readonly codeVersion: string;
  readonly binCount: number;
}

/** A run's rows for the results store. */
export function resultRows(
  plan: SweepPlan,
  cell: Cell,
  result: CellResult,
  provenance: Provenance,
): Required<Pick<ResultRows, 'runs_meta' | 'resolved' | 'runs' | 'trials'>> {
  const { evaluation, projection, runtime, thresholds } = plan;
  const costTicks = evaluation.commissionTicks + evaluation.slippageTicks;
  const key = { run_id: cell.runId, timestamp_utc: provenance.timestampUtc };
  return {
    runs_meta: [
      {
        ...key,
        config_hash: cell.configHash,
        trial_hash: cell.trialHash,
        sweep_id: plan.sweepId,
        experiment_name: plan.experimentName,
        serving_spec_name: plan.servingSpecName,
        dataset_id: plan.datasetId,
        signal_name: plan.signalName,
        signal_params_json: canonicalJson(cell.parameters),
        scoring_json: canonicalJson(cell.scoring),
        cooldown_bins: cell.cooldownBins,
        eval_tp_ticks: cell.tpTicks,
        eval_sl_ticks: cell.slTicks,
        eval_max_hold_bins: evaluation.maxHoldBins,
        eval_warmup_bins: evaluation.warmupBins,
        eval_tick_size: evaluation.tickSize,
        eval_min_signals: evaluation.minSignals,
        commission_ticks: evaluation.commissionTicks,
        slippage_ticks: evaluation.slippageTicks,
        threshold_kind: plan.thresholds.kind,
        n_bins: provenance.binCount,
        cell_width_ms: runtime.cell_width_ms,
        code_version: provenance.codeVersion,
        elapsed_ms: result.elapsedMs,
      },
    ],
    resolved: [
      {
        ...key,
        resolved_json: canonicalJson({ runtime: cellRuntime(plan, cell), projection, evaluation, thresholds }),
      },
    ],
    runs: result.thresholds.map((one) => ({
      ...key,
      threshold: one.threshold,
      n_signals: one.count,
      n_up: one.ups,
      n_down: one.downs,
      tp_rate: one.tpRate,
      sl_rate: one.slRate,
      timeout_rate: one.timeoutRate,
      tp_rate_low: one.tpRateLow,
      tp_rate_high: one.tpRateHigh,
      break_even_rate: one.breakEvenRate,
      mean_pnl_ticks: one.meanPnlTicks,
      mean_net_pnl_ticks: one.meanNetPnlTicks,
      mean_mid_pnl_ticks: one.meanMidPnlTicks,
      events_per_hour: one.eventsPerHour,
      median_time_to_outcome_ms: one.medianTimeToOutcomeMs,
      n_overlapping: one.overlapping,
      n_invalid_book: one.invalidBook,
      n_cooling: one.cooling,
      p_value: one.pValue,
      n_periods: one.periods,
      sharpe: one.sharpe,
      skewness: one.skewness,
      kurtosis: one.kurtosis,
    })),
    trials: result.thresholds.map((one) => ({
      ...key,
      threshold: one.threshold,
      block_sums: one.blockSums,
      block_squares: one.blockSquares,
      fold_train_n: perFold(one.foldTrain, 'count'),
      fold_train_net_ticks: netPerFold(one.foldTrain, costTicks),
      fold_test_n: perFold(one.foldTest, 'count'),
      fold_test_tp: perFold(one.foldTest, 'takeProfits'),
      fold_test_sl: perFold(one.foldTest, 'stopLosses'),
      fold_test_gross_ticks: perFold(one.foldTest, 'midGainTicks'),
      fold_test_net_ticks: netPerFold(one.foldTest, costTicks),
    })),
  };
}

function perFold(tallies: readonly Tally[], name: keyof Tally): Float64Array {
  return Float64Array.from(tallies, (tally) => tally[name]);
}

function netPerFold(tallies: readonly Tally[], costTicks: number): Float64Array {
  return Float64Array.from(tallies, ({ midGainTicks, count }) => midGainTicks - count * costTicks);
}
