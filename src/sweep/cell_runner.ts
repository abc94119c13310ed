import { hash } from 'node:crypto';
import { present, SpymasterError } from '../errors.ts';
import {
  createMarket,
  type EvaluatedSession,
  type EvaluationRules,
  evaluate,
  layOutEntries,
  type Market,
  OutcomeTable,
  type PlacedFirings,
  placeFirings,
  type SessionResult,
  type SessionSpreads,
  sessionSpreads,
  walkForwardFolds,
} from '../evaluation/index.ts';
import {
  findFirings,
  pastPercentiles,
  type SessionPlace,
  type SignalColumns,
  signalContext,
} from '../signals/index.ts';
import type { Cell, SweepPlan } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import { Scorer } from './scorer.ts';

/** The bins of a dataset as an evaluation sees them; arrays may lie in shared memory. */
export interface BinSeries {
  /** Mid in 1e-9 price units, NaN where a bin has none. */
  readonly mids: Float64Array;
  /** 1 where a signal may fire: the book is valid and there is a mid. */
  readonly tradable: Uint8Array;
  /** Best ask less best bid in 1e-9 price units, NaN where a bin has no mid. */
  readonly spreads: Float64Array;
}

/** What an evaluation takes of a session beside its bins. */
export interface SessionTerms {
  /** Time of day at which the first bin starts, in milliseconds after midnight in New York. */
  readonly startOfDayMs: number;
  /** Trading date of the session, YYYY-MM-DD, for signals that depend on it. */
  readonly date?: string;
  /** Its contract and start, for signals that place scores by time. */
  readonly place?: SessionPlace;
  /** Whether the session stands alone: its p_timing takes every shift then. */
  readonly isOnly: boolean;
}

/** A threshold's result in a session; its trades are told apart by a hash of their list, 32 hexadecimal digits. */
export type ThresholdResult = Omit<SessionResult, 'tradeList'> & {
  readonly tradesHash: string;
  /** Where firings are sent to the real book: the trades at the mid, as `SessionResult` has them. */
  readonly tradeList?: Int32Array;
  /** What became of them there, as JSON. */
  readonly executionJson?: string;
};

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
  readonly #terms: SessionTerms;
  readonly #outcomes: OutcomeTable;
  readonly #spreads: SessionSpreads;
  readonly #sessions = new Map<string, EvaluatedSession>();
  /** Threshold series of the scores that they were made from. */
  #adaptive: { key: string; series: readonly Float64Array[] } | null = null;
  /** Firings at each threshold, of the scores and cooldown that they were found with: payoffs do not change them. */
  #fired: { key: string; firings: readonly PlacedFirings[] } | null = null;

  /** `scoredBin` is told the bin that is being scored. */
  constructor(
    plan: Omit<SweepPlan, 'cells'>,
    series: BinSeries,
    columns: SignalColumns,
    terms: SessionTerms,
    scoredBin?: Int32Array,
  ) {
    const { runtime, evaluation } = plan;
    const context = signalContext(runtime, terms.date, terms.place);
    this.#plan = plan;
    this.#series = series;
    this.#terms = terms;
    this.#scorer = new Scorer(planSignal(plan), context, series.mids.length, columns, scoredBin);
    const tick = Math.round(evaluation.tickSize * 1e9);
    this.#outcomes = new OutcomeTable(series.mids, tick, evaluation.maxHoldBins);
    const spreads = Int32Array.from(series.spreads, (spread) => Math.round(spread / tick));
    this.#spreads = sessionSpreads(spreads, series.tradable, series.mids);
  }

  /** Takes other columns, as when the flow scoring changes. */
  replaceColumns(columns: SignalColumns): void {
    this.#scorer.replaceColumns(columns);
    this.#adaptive = null;
    this.#fired = null;
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
    const { maxHoldBins, warmupBins, entryDelayBins, folds, embargoBins } = evaluation;
    const rules: EvaluationRules = {
      maxHoldBins,
      warmupBins,
      entryDelayBins,
      cellWidthMs: runtime.cell_width_ms,
      startOfDayMs: this.#terms.startOfDayMs,
      folds: walkForwardFolds(warmupBins, scores.length, folds, maxHoldBins, embargoBins),
      isEveryShift: this.#terms.isOnly,
    };
    const session = this.#session(cell.tpTicks, cell.slTicks);
    const firings = this.#firings(cell, scores, session.market);
    const results = thresholds.values.map((threshold, index) => {
      const { tradeList, ...result } = evaluate(present(firings[index]), threshold, session, rules);
      const tradesHash = hash('sha256', tradeList).slice(0, 32);
      return { ...result, tradesHash, ...(this.#plan.execution !== undefined && { tradeList }) };
    });
    return { runId: cell.runId, thresholds: results, elapsedMs: nowMs() - startMs };
  }

  #session(tpTicks: number, slTicks: number): EvaluatedSession {
    const key = `${tpTicks}/${slTicks}`;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      const outcomes = this.#outcomes.of(tpTicks, slTicks);
      const market = createMarket(outcomes, this.#series.tradable, this.#plan.evaluation.warmupBins);
      session = { market, entries: layOutEntries(outcomes, this.#spreads) };
      this.#sessions.set(key, session);
    }
    return session;
  }

  #firings(cell: Cell, scores: Float64Array, { positionOf }: Market): readonly PlacedFirings[] {
    const { thresholds, evaluation } = this.#plan;
    const key = JSON.stringify([cell.parameters, cell.cooldownBins]);
    if (this.#fired?.key !== key) {
      const series =
        thresholds.kind === 'score'
          ? thresholds.values.map((value) => Float64Array.of(value))
          : this.#adaptiveThresholds(cell, scores);
      const firings = series.map((perBin) => {
        const found = findFirings(scores, perBin, this.#series.tradable, evaluation.warmupBins, cell.cooldownBins);
        return placeFirings(found, positionOf);
      });
      this.#fired = { key, firings };
    }
    return this.#fired.firings;
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
