import { canonicalJson } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import {
  lastWithMid,
  layOutEntries,
  listTrades,
  OutcomeTable,
  type SessionSpreads,
  sessionSpreads,
  type Trades,
} from '../evaluation/index.ts';
import { datasetSource, type Lake, type RunMeta, readManifest } from '../lake/index.ts';
import { flowColumns } from '../replay/index.ts';
import {
  findFirings,
  pastPercentiles,
  type SignalColumn,
  type SignalDefinition,
  type SignalParameters,
  signalContext,
  storedParameters,
} from '../signals/index.ts';
import { storedSignal } from '../user_signals/index.ts';
import { loadDataset, type SharedDataset } from './dataset.ts';
import { costTicks } from './family_clusters.ts';
import type { TradeCosts } from './plan.ts';
import { readsFlowScore } from './plan_signal.ts';
import type { ResolvedRun } from './run_rows.ts';
import { countStates, dominantStates, type RunStates } from './run_states.ts';
import { Scorer } from './scorer.ts';
import { placeOf, type SweepSession } from './sweep_session.ts';

/** Every trade of a run at one threshold in one session. */
export interface RunOutcomes {
  readonly session: SweepSession | null;
  readonly trades: Trades;
  /** Cost of each trade: spread and commission, ticks. */
  readonly costTicks: number[];
  /** Mid of every bin in 1e-9 price units, NaN where a bin has none. */
  readonly mids: Float64Array;
  readonly cellWidthMs: number;
  readonly binCount: number;
  /** `bin_seq` of the first bin. */
  readonly firstBinSeq: number;
  /** UNIX nanoseconds of the first bin's start; null when the dataset's manifest does not say. */
  readonly startNs: bigint | null;
  readonly states: RunStates;
}

/** Mids at which each trade is entered and left, in the instrument's currency; of a bin without a mid the last one before it. */
export function fillMids({ trades, mids }: Pick<RunOutcomes, 'trades' | 'mids'>) {
  const last = lastWithMid(mids);
  const midsAt = (bins: Int32Array) => Array.from(bins, (bin) => present(mids[present(last[bin])]) / 1e9);
  return { entry: midsAt(trades.entryBin), exit: midsAt(trades.exitBin) };
}

/** What a run resolved to; results of before 0.3 lack the sessions and the judgement, and have their costs elsewhere. */
type Resolved = Pick<ResolvedRun, 'runtime' | 'evaluation' | 'thresholds'> & Partial<ResolvedRun>;

/** A dataset in memory and what was computed of it last; runs that are looked at one after another mostly share it. */
interface Prepared {
  readonly key: string;
  readonly dataset: SharedDataset;
  readonly scorer: Scorer;
  readonly table: OutcomeTable;
  readonly spreads: SessionSpreads;
  readonly startNs: bigint | null;
}

/** Evaluates stored runs again, from what they resolved to, for the trades that their results sum up. */
export class OutcomeEvaluator {
  readonly #lake: Lake;
  #prepared: Prepared | null = null;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** The sessions that a run was evaluated on; one of an older result is not described. */
  sessionsOf(meta: RunMeta): readonly (SweepSession | null)[] {
    return (JSON.parse(meta.resolvedJson) as Resolved).sessions ?? [null];
  }

  /**
   * The trades in the run's session of this date, or in its first. Throws USAGE for a threshold or date that the run does not
   * have, what loading its dataset throws, and the signal's reason.
   */
  async of(meta: RunMeta, threshold: number, date?: string, signal?: AbortSignal): Promise<RunOutcomes> {
    const resolved = JSON.parse(meta.resolvedJson) as Resolved;
    const { runtime, evaluation, thresholds } = resolved;
    if (!thresholds.values.includes(threshold)) {
      throw new SpymasterError(
        'USAGE',
        `Cannot list outcomes of ${meta.runId} at threshold ${threshold}: it was evaluated at ${thresholds.values.join(', ')}.`,
        { key: 'threshold', run: meta.runId },
      );
    }
    const session = sessionOn(meta, this.sessionsOf(meta), date);
    const datasetId = session?.datasetId ?? meta.datasetId;
    const definition = await storedSignal(this.#lake, meta.signalName, resolved.signalSource);
    const { dataset, scorer, table, spreads, startNs } = await this.#prepare(
      definition,
      datasetId,
      session,
      resolved,
      signal,
    );
    const stored = JSON.parse(meta.signalParamsJson) as SignalParameters;
    const parameters = storedParameters(definition, stored) as SignalParameters;
    const scores = scorer.scores(parameters);
    const perBin =
      thresholds.kind === 'score'
        ? Float64Array.of(threshold)
        : present(pastPercentiles(scores, [threshold], thresholds.windowBins)[0]);
    const { warmupBins } = evaluation;
    const firings = findFirings(scores, perBin, dataset.series.tradable, warmupBins, meta.cooldownBins);
    const outcomes = table.of(meta.evalTpTicks, meta.evalSlTicks);
    const trades = listTrades(firings, layOutEntries(outcomes, spreads), evaluation.entryDelayBins ?? 0);
    const costs: TradeCosts = resolved.judgement?.costs ?? {
      spread: meta.slippageTicks,
      commissionTicks: meta.commissionTicks,
    };
    const dominant = dominantStates(meta.signalName, parameters, runtime, dataset.columns, dataset.binCount);
    return {
      session,
      trades,
      costTicks: Array.from(trades.spreadHalfTicks, (spread) => costTicks(costs, 1, spread)),
      mids: dataset.series.mids,
      cellWidthMs: runtime.cell_width_ms,
      binCount: dataset.binCount,
      firstBinSeq: dataset.firstBinSeq,
      startNs,
      states: countStates(dominant, firings, warmupBins),
    };
  }

  async #prepare(
    definition: SignalDefinition,
    datasetId: string,
    session: SweepSession | null,
    { runtime, evaluation, signalSource }: Resolved,
    signal?: AbortSignal,
  ): Promise<Prepared> {
    const { grid_radius_ticks: radius, cell_width_ms } = runtime;
    const { tickSize, maxHoldBins } = evaluation;
    const readsFlow = readsFlowScore(definition);
    const flowKey = readsFlow ? runtime : null;
    const signalKey = [definition.name, signalSource ?? null];
    const key = canonicalJson([datasetId, signalKey, radius, cell_width_ms, tickSize, maxHoldBins, flowKey]);
    if (this.#prepared?.key === key) return this.#prepared;
    // The old dataset goes before the new one comes: they may be large.
    this.#prepared = null;
    const names = new Set<SignalColumn>([...definition.columns, 'state5_code']);
    const dataset = await loadDataset(this.#lake, datasetId, radius, [...names], signal);
    const { binCount, firstBinSeq, series } = dataset;
    const flow = readsFlow
      ? await flowColumns(await datasetSource(this.#lake, datasetId), runtime, binCount, firstBinSeq)
      : {};
    const { capture } = (await readManifest(this.#lake, datasetId)) as { capture?: { start_ns: string } };
    const tick = Math.round(tickSize * 1e9);
    const spreadTicks = Int32Array.from(series.spreads, (spread) => Math.round(spread / tick));
    const context = signalContext(runtime, session?.date, session === null ? undefined : placeOf(session));
    this.#prepared = {
      key,
      dataset,
      scorer: new Scorer(definition, context, binCount, { ...dataset.columns, ...flow }),
      table: new OutcomeTable(series.mids, tick, maxHoldBins),
      spreads: sessionSpreads(spreadTicks, series.tradable, series.mids),
      startNs: capture === undefined ? null : BigInt(capture.start_ns),
    };
    return this.#prepared;
  }
}

function sessionOn(
  meta: RunMeta,
  sessions: readonly (SweepSession | null)[],
  date: string | undefined,
): SweepSession | null {
  if (date === undefined) return sessions[0] ?? null;
  const session = sessions.find((one) => one?.date === date);
  if (session !== undefined) return session;
  const known = sessions.flatMap((one) => (one === null ? [] : [one.date]));
  throw new SpymasterError(
    'USAGE',
    `Cannot list outcomes of ${meta.runId} on ${date}: it was evaluated on ${known.join(', ') || meta.datasetId}.`,
    { key: 'session', run: meta.runId },
  );
}
