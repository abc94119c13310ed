import { canonicalJson } from '../../config/index.ts';
import { notNull, present } from '../../errors.ts';
import type { DatasetSource } from '../../lake/index.ts';
import type { CellResult } from '../cell_runner.ts';
import type { Cell, SweepPlan } from '../plan.ts';
import { type CellFailure, runPool, type SweepPoolOptions } from '../sweep_pool.ts';
import { cellFirings, type EvaluatedAt, executedThreshold } from './executed_threshold.ts';
import { probesNs, type RunExits, wantedOf } from './executed_trades.ts';
import { type FollowedPositions, followPositions, type WantedPosition } from './follow_positions.ts';
import type { PassStore } from './pass_store.ts';

/** Above which what waits for a pass is followed before more cells run. */
export interface WaitingLimits {
  /** Of trades and sums of the results. */
  readonly bytes: number;
  /** Different positions. */
  readonly positions: number;
}

/** Together with a batch of cells and the pass itself in 2 GB. */
const defaultLimits: WaitingLimits = { bytes: 512 << 20, positions: 400_000 };

/** A result whose firings are not followed yet. */
interface WaitingResult extends EvaluatedAt {
  readonly number: number;
  readonly cell: Cell;
  readonly result: CellResult;
  readonly onResult: SweepPoolOptions['onResult'];
  readonly relieve: SweepPoolOptions['relieve'];
}

/** Results that one pass can follow: their firings are sent to the same book on the same terms. */
interface WaitingGroup {
  readonly plan: Omit<SweepPlan, 'cells'>;
  readonly source: DatasetSource;
  readonly results: WaitingResult[];
  /** By what tells them apart. */
  readonly wanted: Map<string, WantedPosition>;
}

/**
 * Runs cells of one session as `runPool` does, of any number of plans. Where their firings are sent to the real book, results wait
 * until `settle`: then one pass of the feed follows the entries of every bin at which some cell fires, shared by bin and side, with
 * their take-profits and stops, but for what the lake keeps of earlier passes; and the results stand on what was filled.
 */
export class SessionCells {
  readonly #passes: PassStore;
  readonly #limits: WaitingLimits;
  readonly #signal: AbortSignal | undefined;
  #groups = new Map<string, WaitingGroup>();
  #bytes = 0;

  constructor(passes: PassStore, signal?: AbortSignal, limits = defaultLimits) {
    this.#passes = passes;
    this.#signal = signal;
    this.#limits = limits;
  }

  /** Gives the failures. Throws what `runPool` throws, and when much waits what `settle` throws. */
  async run(options: Omit<SweepPoolOptions, 'signal'>): Promise<CellFailure[]> {
    const pool = { ...options, ...(this.#signal !== undefined && { signal: this.#signal }) };
    if (options.plan.execution === undefined) return await runPool(pool);
    const { plan, dataset, source, terms, onResult, relieve } = options;
    const { cells, ...about } = plan;
    // Of the dataset only what is needed stays in memory.
    const at = { plan: about, tradable: dataset.series.tradable, terms, onResult, relieve };
    const group = this.#group(about, notNull(source));
    const failures = await runPool({
      ...pool,
      onResult: (number, result) => {
        const cell = cells.at(number);
        group.results.push({ ...at, number, cell, result });
        this.#bytes += bytesOf(result);
        const exits = exitsOf(about, cell);
        for (const firing of result.thresholds.flatMap(cellFirings)) {
          const one = wantedOf(firing, exits);
          group.wanted.set(`${one.decisionNs}/${one.side}/${one.tpTicks}/${one.slTicks}`, one);
        }
      },
    });
    const positions = this.#groups.values().reduce((sum, { wanted }) => sum + wanted.size, 0);
    if (this.#bytes > this.#limits.bytes || positions > this.#limits.positions) await this.settle();
    return failures;
  }

  /**
   * Follows what waits, and hands out its results; once the signal has aborted they are given up.
   * @throws NOT_FIFO where the market is not first in, first out, and what `followPositions` throws
   */
  async settle(): Promise<void> {
    const groups = this.#groups;
    this.#groups = new Map();
    this.#bytes = 0;
    for (const group of groups.values()) {
      if (this.#signal?.aborted) return;
      if (group.results.length > 0) await this.#follow(group);
    }
  }

  async #follow({ plan, source, results, wanted }: WaitingGroup): Promise<void> {
    const { notFifo, trigger, clock, ...terms } = present(plan.execution);
    const { path, ...identity } = source;
    const { tickInt, maxHoldNs } = exitsOf(plan, { tpTicks: 0, slTicks: 0 });
    const { symbol, publisher_id: publisherId } = plan.runtime;
    const session = {
      ...{ identity, symbol, publisherId, clock, maxHoldNs },
      settings: { tickInt, trigger, probesNs },
    };
    // The same once more where nothing that meets them fills them.
    const requests = [true, false].map((met) => ({ terms: { ...terms, met }, wanted: [...wanted.values()] }));
    const options = { store: this.#passes, session, path, notFifo, signal: this.#signal };
    const [withMet, withoutMet] = (await followPositions(options, requests)) as [FollowedPositions, FollowedPositions];
    for (const waiting of results) {
      const { number, cell, result, onResult, relieve } = waiting;
      const executed = { withMet, withoutMet, exits: exitsOf(waiting.plan, cell) };
      const thresholds = result.thresholds.map((one) => executedThreshold(one, waiting, executed));
      onResult(number, { ...result, thresholds });
      await relieve?.();
    }
  }

  #group(plan: Omit<SweepPlan, 'cells'>, source: DatasetSource): WaitingGroup {
    const { maxHoldNs, decisionNs, tickInt } = exitsOf(plan, { tpTicks: 0, slTicks: 0 });
    const { symbol, publisher_id: publisherId = null } = plan.runtime;
    const key = canonicalJson({
      ...{ execution: plan.execution, symbol, publisherId, maxHoldNs, decisionNs, tickInt },
      ...{ path: source.path, records: source.records },
    });
    const group = this.#groups.get(key) ?? { plan, source, results: [], wanted: new Map() };
    this.#groups.set(key, group);
    return group;
  }
}

/** When and how positions of a cell are left. */
function exitsOf(
  { evaluation, runtime }: Omit<SweepPlan, 'cells'>,
  { tpTicks, slTicks }: Pick<Cell, 'tpTicks' | 'slTicks'>,
): RunExits {
  const { tickSize, maxHoldBins, entryDelayBins } = evaluation;
  const binNs = runtime.cell_width_ms * 1e6;
  return {
    ...{ tpTicks, slTicks, binNs, tickInt: Math.round(tickSize * 1e9) },
    ...{ maxHoldNs: maxHoldBins * binNs, decisionNs: (1 + entryDelayBins) * binNs },
  };
}

/** About what a result takes while it waits. */
function bytesOf({ thresholds }: CellResult): number {
  const arrays = thresholds.flatMap(({ tradeList, sums }) => [present(tradeList), ...Object.values(sums)]);
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 2000 * thresholds.length);
}

/** Runs cells of one plan in a session, and follows them. Throws what `SessionCells` throws. */
export async function runCells(passes: PassStore, { signal, ...options }: SweepPoolOptions): Promise<CellFailure[]> {
  const session = new SessionCells(passes, signal);
  const failures = await session.run(options);
  await session.settle();
  return failures;
}
