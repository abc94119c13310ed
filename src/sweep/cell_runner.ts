import { present, SpymasterError } from '../errors.ts';
import {
  createMarket,
  type EvaluationRules,
  evaluate,
  type Market,
  OutcomeTable,
  type ThresholdResult,
  walkForwardFolds,
} from '../evaluation/index.ts';
import { pastPercentiles, type SignalColumns, signalContext, signalDefinition } from '../signals/index.ts';
import type { Cell, SweepPlan } from './plan.ts';
import { Scorer } from './scorer.ts';

/** The bins of a dataset as an evaluation sees them; arrays may lie in shared memory. */
export interface BinSeries {
  /** Mid in 1e-9 price units, NaN where a bin has none. */
  readonly mids: Float64Array;
  /** 1 where a signal may fire: the book is valid and there is a mid. */
  readonly tradable: Uint8Array;
}

export interface CellResult {
  readonly runId: string;
  readonly thresholds: readonly ThresholdResult[];
  readonly elapsedMs: number;
}

/** Runs cells of one plan over one dataset; shares between them whatever they have in common. */
export class CellRunner {
  readonly #plan: Omit<SweepPlan, 'cells'>;
  readonly #series: BinSeries;
  readonly #scorer: Scorer;
  readonly #outcomes: OutcomeTable;
  readonly #markets = new Map<string, Market>();
  /** Threshold series of the scores that they were made from. */
  #adaptive: { key: string; series: readonly Float64Array[] } | null = null;

  constructor(plan: Omit<SweepPlan, 'cells'>, series: BinSeries, columns: SignalColumns) {
    const { runtime, evaluation } = plan;
    const context = signalContext(runtime);
    this.#plan = plan;
    this.#series = series;
    this.#scorer = new Scorer(signalDefinition(plan.signalName), context, series.mids.length, columns);
    this.#outcomes = new OutcomeTable(series.mids, Math.round(evaluation.tickSize * 1e9), evaluation.maxHoldBins);
  }

  /** Takes other columns, as when the flow scoring changes. */
  replaceColumns(columns: SignalColumns): void {
    this.#scorer.replaceColumns(columns);
    this.#adaptive = null;
  }

  /** Score of every bin for a cell; a view, valid until the next cell. */
  scores(cell: Cell): Float64Array {
    return this.#scorer.scores(cell.parameters);
  }

  /** @param nowMs a clock in milliseconds, for `elapsedMs` */
  run(cell: Cell, nowMs: () => number): CellResult {
    const startMs = nowMs();
    const { evaluation, thresholds, runtime } = this.#plan;
    const scores = this.scores(cell);
    const rules: EvaluationRules = {
      tpTicks: cell.tpTicks,
      slTicks: cell.slTicks,
      cooldownBins: cell.cooldownBins,
      maxHoldBins: evaluation.maxHoldBins,
      warmupBins: evaluation.warmupBins,
      costTicks: evaluation.commissionTicks + evaluation.slippageTicks,
      cellWidthMs: runtime.cell_width_ms,
      folds: walkForwardFolds(
        evaluation.warmupBins,
        scores.length,
        evaluation.folds,
        evaluation.maxHoldBins,
        evaluation.embargoBins,
      ),
    };
    const market = this.#market(cell.tpTicks, cell.slTicks);
    const results = thresholds.values.map((threshold, index) => {
      const perBin =
        thresholds.kind === 'score'
          ? Float64Array.of(threshold)
          : present(this.#adaptiveThresholds(cell, scores)[index]);
      // The shifts depend on what is judged alone, so that a run repeated elsewhere gives the same p-value.
      const seed = Number.parseInt(cell.trialHash.slice(0, 12), 16) + index;
      return evaluate(scores, threshold, perBin, market, rules, seed);
    });
    return { runId: cell.runId, thresholds: results, elapsedMs: nowMs() - startMs };
  }

  #market(tpTicks: number, slTicks: number): Market {
    const key = `${tpTicks}/${slTicks}`;
    let market = this.#markets.get(key);
    if (market === undefined) {
      const outcomes = this.#outcomes.of(tpTicks, slTicks);
      market = createMarket(outcomes, this.#series.tradable, this.#plan.evaluation.warmupBins);
      this.#markets.set(key, market);
    }
    return market;
  }

  #adaptiveThresholds(cell: Cell, scores: Float64Array): readonly Float64Array[] {
    const { thresholds } = this.#plan;
    if (thresholds.kind !== 'past_percentile') throw new SpymasterError('SWEEP_INVALID', 'Thresholds are fixed.');
    const key = JSON.stringify(cell.parameters);
    if (this.#adaptive?.key !== key) {
      this.#adaptive = { key, series: pastPercentiles(scores, thresholds.values, thresholds.windowBins) };
    }
    return this.#adaptive.series;
  }
}
