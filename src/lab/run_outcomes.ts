import type { RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type Lake, type ResultRow, readManifest } from '../lake/index.ts';
import { type SignalColumn, type SignalParameters, signalDefinition, type Thresholds } from '../signals/index.ts';
import { pastPercentiles } from './adaptive_thresholds.ts';
import { loadDataset } from './dataset.ts';
import { datasetSource } from './dataset_source.ts';
import { type Firings, findFirings, OutcomeTable } from './evaluation/index.ts';
import { flowColumns } from './flow_columns.ts';
import { type EvaluationSettings, readsFlowScore } from './plan.ts';
import { countStates, dominantStates, type RunStates } from './run_states.ts';
import { Scorer } from './scorer.ts';

/** Every trade of a run at one threshold; arrays have an element a firing. */
export interface RunOutcomes {
  readonly firings: Firings;
  readonly exitBin: number[];
  /** `tradeResult` of each. */
  readonly result: number[];
  /** Before costs, when orders fill at their prices, and at the mid of the exit. */
  readonly gainTicks: number[];
  readonly midGainTicks: number[];
  /** What a round trip costs. */
  readonly costTicks: number;
  readonly cellWidthMs: number;
  readonly binCount: number;
  /** UNIX nanoseconds of the first bin's start; null when the dataset's manifest does not say. */
  readonly startNs: bigint | null;
  readonly states: RunStates;
}

/**
 * Evaluates a stored run again, from what it resolved to, for the trades that its results sum up.
 * Throws USAGE for a threshold that the run does not have, and what loading its dataset throws.
 */
export async function runOutcomes(
  lake: Lake,
  meta: ResultRow<'runs_meta'> & { readonly resolved_json: string },
  threshold: number,
): Promise<RunOutcomes> {
  const { runtime, evaluation, thresholds } = JSON.parse(meta.resolved_json) as {
    runtime: RuntimeConfig;
    evaluation: EvaluationSettings;
    thresholds: Thresholds;
  };
  const index = thresholds.values.indexOf(threshold);
  if (index < 0) {
    throw new SpymasterError(
      'USAGE',
      `Cannot list outcomes of ${meta.run_id} at threshold ${threshold}: it was evaluated at ${thresholds.values.join(', ')}.`,
      { key: 'threshold', run: meta.run_id! },
    );
  }
  const definition = signalDefinition(meta.signal_name!);
  const datasetId = meta.dataset_id!;
  const names = new Set<SignalColumn>([...definition.columns, 'state5_code']);
  const dataset = await loadDataset(lake, datasetId, runtime.grid_radius_ticks, [...names]);
  const { binCount, firstBinSeq, series } = dataset;
  const flow = readsFlowScore(definition)
    ? await flowColumns(await datasetSource(lake, datasetId), runtime, binCount, firstBinSeq)
    : {};
  const context = { radius: runtime.grid_radius_ticks, binS: runtime.cell_width_ms / 1000 };
  const scorer = new Scorer(definition, context, binCount, { ...dataset.columns, ...flow });
  const parameters = JSON.parse(meta.signal_params_json!) as SignalParameters;
  const scores = scorer.scores(parameters);
  const perBin =
    thresholds.kind === 'score'
      ? Float64Array.of(threshold)
      : pastPercentiles(scores, [threshold], thresholds.windowBins)[0]!;
  const firings = findFirings(scores, perBin, series.tradable, evaluation.warmupBins, meta.cooldown_bins!);
  const table = new OutcomeTable(series.mids, Math.round(evaluation.tickSize * 1e9), evaluation.maxHoldBins);
  const outcomes = table.of(meta.eval_tp_ticks!, meta.eval_sl_ticks!);
  const sides = Array.from(firings.sides, (side) => (side === 1 ? outcomes.up : outcomes.down));
  const bins = Array.from(firings.bins);
  const dominant = dominantStates(definition.name, parameters, runtime, dataset.columns, binCount);
  const { capture } = (await readManifest(lake, datasetId)) as { capture?: { start_ns: string } };
  return {
    firings,
    exitBin: bins.map((bin, at) => sides[at]!.exitBin[bin]!),
    result: bins.map((bin, at) => sides[at]!.result[bin]!),
    gainTicks: bins.map((bin, at) => sides[at]!.gainTicks[bin]!),
    midGainTicks: bins.map((bin, at) => sides[at]!.midGainTicks[bin]!),
    costTicks: evaluation.commissionTicks + evaluation.slippageTicks,
    cellWidthMs: runtime.cell_width_ms,
    binCount,
    startNs: capture === undefined ? null : BigInt(capture.start_ns),
    states: countStates(dominant, firings, evaluation.warmupBins),
  };
}
