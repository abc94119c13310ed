import { canonicalJson, type RuntimeConfig } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { OutcomeTable } from '../evaluation/index.ts';
import { datasetSource, type Lake, type RunMeta, readManifest } from '../lake/index.ts';
import { flowColumns } from '../replay/index.ts';
import {
  type Firings,
  findFirings,
  pastPercentiles,
  type SignalColumn,
  type SignalParameters,
  signalContext,
  signalDefinition,
  storedParameters,
  type Thresholds,
} from '../signals/index.ts';
import { loadDataset, type SharedDataset } from './dataset.ts';
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

interface Resolved {
  readonly runtime: RuntimeConfig;
  readonly evaluation: EvaluationSettings;
  readonly thresholds: Thresholds;
}

/** A dataset in memory and what was computed of it last; runs that are looked at one after another mostly share it. */
interface Prepared {
  readonly key: string;
  readonly dataset: SharedDataset;
  readonly scorer: Scorer;
  readonly table: OutcomeTable;
  readonly startNs: bigint | null;
}

/** Evaluates stored runs again, from what they resolved to, for the trades that their results sum up. */
export class OutcomeEvaluator {
  readonly #lake: Lake;
  #prepared: Prepared | null = null;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** Throws USAGE for a threshold that the run does not have, what loading its dataset throws, and the signal's reason. */
  async of(meta: RunMeta, threshold: number, signal?: AbortSignal): Promise<RunOutcomes> {
    const resolved = JSON.parse(meta.resolvedJson) as Resolved;
    const { runtime, evaluation, thresholds } = resolved;
    if (!thresholds.values.includes(threshold)) {
      throw new SpymasterError(
        'USAGE',
        `Cannot list outcomes of ${meta.runId} at threshold ${threshold}: it was evaluated at ${thresholds.values.join(', ')}.`,
        { key: 'threshold', run: meta.runId },
      );
    }
    const { dataset, scorer, table, startNs } = await this.#prepare(meta, resolved, signal);
    const stored = JSON.parse(meta.signalParamsJson) as SignalParameters;
    const parameters = storedParameters(signalDefinition(meta.signalName), stored) as SignalParameters;
    const scores = scorer.scores(parameters);
    const perBin =
      thresholds.kind === 'score'
        ? Float64Array.of(threshold)
        : present(pastPercentiles(scores, [threshold], thresholds.windowBins)[0]);
    const { warmupBins } = evaluation;
    const firings = findFirings(scores, perBin, dataset.series.tradable, warmupBins, meta.cooldownBins);
    const outcomes = table.of(meta.evalTpTicks, meta.evalSlTicks);
    const sides = Array.from(firings.sides, (side) => (side === 1 ? outcomes.up : outcomes.down));
    const bins = Array.from(firings.bins);
    const ofFirings = (column: keyof (typeof outcomes)['up']) =>
      bins.map((bin, at) => present(present(sides[at])[column][bin]));
    const dominant = dominantStates(meta.signalName, parameters, runtime, dataset.columns, dataset.binCount);
    return {
      firings,
      exitBin: ofFirings('exitBin'),
      result: ofFirings('result'),
      gainTicks: ofFirings('gainTicks'),
      midGainTicks: ofFirings('midGainTicks'),
      costTicks: evaluation.commissionTicks + evaluation.slippageTicks,
      cellWidthMs: runtime.cell_width_ms,
      binCount: dataset.binCount,
      startNs,
      states: countStates(dominant, firings, warmupBins),
    };
  }

  async #prepare(meta: RunMeta, { runtime, evaluation }: Resolved, signal?: AbortSignal): Promise<Prepared> {
    const definition = signalDefinition(meta.signalName);
    const { grid_radius_ticks: radius, cell_width_ms } = runtime;
    const { tickSize, maxHoldBins } = evaluation;
    const readsFlow = readsFlowScore(definition);
    const flowKey = readsFlow ? runtime : null;
    const key = canonicalJson([meta.datasetId, definition.name, radius, cell_width_ms, tickSize, maxHoldBins, flowKey]);
    if (this.#prepared?.key === key) return this.#prepared;
    // The old dataset goes before the new one comes: they may be large.
    this.#prepared = null;
    const datasetId = meta.datasetId;
    const names = new Set<SignalColumn>([...definition.columns, 'state5_code']);
    const dataset = await loadDataset(this.#lake, datasetId, radius, [...names], signal);
    const { binCount, firstBinSeq, series } = dataset;
    const flow = readsFlow
      ? await flowColumns(await datasetSource(this.#lake, datasetId), runtime, binCount, firstBinSeq)
      : {};
    const { capture } = (await readManifest(this.#lake, datasetId)) as { capture?: { start_ns: string } };
    this.#prepared = {
      key,
      dataset,
      scorer: new Scorer(definition, signalContext(runtime), binCount, { ...dataset.columns, ...flow }),
      table: new OutcomeTable(series.mids, Math.round(tickSize * 1e9), maxHoldBins),
      startNs: capture === undefined ? null : BigInt(capture.start_ns),
    };
    return this.#prepared;
  }
}
