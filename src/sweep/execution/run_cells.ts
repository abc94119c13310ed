import { notNull, present } from '../../errors.ts';
import type { Position } from '../../execution/index.ts';
import { executeSession } from '../../replay/index.ts';
import type { CellResult } from '../cell_runner.ts';
import type { Cell } from '../plan.ts';
import { type CellFailure, runPool, type SweepPoolOptions } from '../sweep_pool.ts';
import { cellFirings, type ExecutedPositions, executedThreshold } from './executed_threshold.ts';
import { entryOrder, probesNs, type RunExits } from './executed_trades.ts';

/**
 * Runs cells as `runPool` does. Where their firings are sent to the real book, all cells are run first; then one pass of the feed
 * follows the entries of every bin at which a cell fires, shared by bin and side, with their take-profits and stops; and the
 * results stand on what was filled.
 * @throws NOT_FIFO where the market is not first in, first out, and what `executeSession` throws
 */
export async function runCells(options: SweepPoolOptions): Promise<CellFailure[]> {
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
  { plan, source, signal }: SweepPoolOptions,
  results: readonly { readonly cell: Cell; readonly result: CellResult }[],
): Promise<ExecutedPositions> {
  const execution = present(plan.execution);
  const { path, capture } = notNull(source);
  const { tickSize, maxHoldBins, entryDelayBins } = plan.evaluation;
  const binNs = plan.runtime.cell_width_ms * 1e6;
  const tickInt = Math.round(tickSize * 1e9);
  const decisionNs = (1 + entryDelayBins) * binNs;
  const maxHoldNs = maxHoldBins * binNs;
  const rules = { exitLatencyNs: Math.round(execution.exitLatencyUs * 1000), maxHoldNs };
  const settings = { tickInt, trigger: execution.trigger, probesNs: probesNs.slice(0, 1) };
  const { symbol, publisher_id: publisherId } = plan.runtime;
  const positions = new Map<string, Position>();
  const session = await executeSession(
    { path, symbol, publisherId, capture, settings, clock: execution.clock, notFifo: execution.notFifo, signal },
    (book) => {
      // With the same entries once more where nothing that meets them fills them.
      for (const met of [true, false]) {
        const entries = new Map<string, ReturnType<typeof book.enter>>();
        for (const { cell, result } of results) {
          const { tpTicks, slTicks } = cell;
          const exits: RunExits = { tpTicks, slTicks, maxHoldNs, decisionNs, binNs, tickInt };
          for (const { bin, side } of result.thresholds.flatMap(cellFirings)) {
            const key = `${met}/${bin}/${side}`;
            const whole = `${key}/${tpTicks}/${slTicks}`;
            if (positions.has(whole)) continue;
            const entry = entries.get(key) ?? book.enter(entryOrder(bin, side, { ...execution, met }, exits), rules);
            entries.set(key, entry);
            positions.set(whole, book.open(entry, tpTicks, slTicks));
          }
        }
      }
    },
  );
  const find = (bin: number, side: number, { tpTicks, slTicks }: Cell, met: boolean) =>
    present(positions.get(`${met}/${bin}/${side}/${tpTicks}/${slTicks}`));
  return { session, tickInt, binNs, find };
}
