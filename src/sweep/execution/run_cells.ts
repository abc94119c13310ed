import { notNull, present } from '../../errors.ts';
import type { CellResult } from '../cell_runner.ts';
import type { Cell } from '../plan.ts';
import { type CellFailure, runPool, type SweepPoolOptions } from '../sweep_pool.ts';
import { cellFirings, type ExecutedPositions, executedThreshold } from './executed_threshold.ts';
import { probesNs, type RunExits, wantedOf } from './executed_trades.ts';
import { followPositions, type WantedPosition } from './follow_positions.ts';
import type { PassStore } from './pass_store.ts';

export interface RunCellsOptions extends SweepPoolOptions {
  /** Keeps the passes of orders through the book. */
  readonly passes: PassStore;
}

/**
 * Runs cells as `runPool` does. Where their firings are sent to the real book, all cells are run first; then one pass of the feed
 * follows the entries of every bin at which a cell fires, shared by bin and side, with their take-profits and stops, but for what
 * the lake keeps of earlier passes; and the results stand on what was filled.
 * @throws NOT_FIFO where the market is not first in, first out, and what `followPositions` throws
 */
export async function runCells(options: RunCellsOptions): Promise<CellFailure[]> {
  const { plan, onResult, signal } = options;
  if (plan.execution === undefined) return await runPool(options);
  const results: { readonly number: number; readonly cell: Cell; readonly result: CellResult }[] = [];
  const failures = await runPool({
    ...options,
    onResult: (number, result) => results.push({ number, cell: plan.cells.at(number), result }),
  });
  if (signal?.aborted || results.length === 0) return failures;
  const executed = await followAll(options, results);
  for (const { number, cell, result } of results) {
    const thresholds = result.thresholds.map((one) => executedThreshold(one, cell, options, executed));
    onResult(number, { ...result, thresholds });
  }
  return failures;
}

async function followAll(
  { plan, source, passes, signal }: RunCellsOptions,
  results: readonly { readonly cell: Cell; readonly result: CellResult }[],
): Promise<ExecutedPositions> {
  const { notFifo, trigger, clock, ...terms } = present(plan.execution);
  const { path, ...identity } = notNull(source);
  const { tickSize, maxHoldBins, entryDelayBins } = plan.evaluation;
  const binNs = plan.runtime.cell_width_ms * 1e6;
  const tickInt = Math.round(tickSize * 1e9);
  const shared = { maxHoldNs: maxHoldBins * binNs, decisionNs: (1 + entryDelayBins) * binNs, binNs, tickInt };
  const exitsOf = ({ tpTicks, slTicks }: Cell): RunExits => ({ ...shared, tpTicks, slTicks });
  const wanted = new Map<string, WantedPosition>();
  for (const { cell, result } of results) {
    const exits = exitsOf(cell);
    for (const firing of result.thresholds.flatMap(cellFirings)) {
      const one = wantedOf(firing, exits);
      wanted.set(`${one.decisionNs}/${one.side}/${one.tpTicks}/${one.slTicks}`, one);
    }
  }
  const { symbol, publisher_id: publisherId } = plan.runtime;
  const session = {
    ...{ identity, symbol, publisherId, clock, maxHoldNs: shared.maxHoldNs },
    settings: { tickInt, trigger, probesNs },
  };
  // The same once more where nothing that meets them fills them.
  const requests = [true, false].map((met) => ({ terms: { ...terms, met }, wanted: [...wanted.values()] }));
  const followed = await followPositions({ store: passes, session, path, notFifo, signal }, requests);
  return { withMet: present(followed[0]), withoutMet: present(followed[1]), exitsOf };
}
