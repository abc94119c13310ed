import { createSignal, type SignalColumns } from '../../src/signals/index.ts';
import { type Cell, cellRuntime, type SweepPlan } from '../../src/sweep/index.ts';

export interface Tally {
  count: number;
  takeProfits: number;
  stopLosses: number;
  midGainTicks: number;
}

/**
 * Evaluates a cell as the definition reads: the signal runs through all bins, each firing is walked forward bin by bin.
 * Computes less than ours: no p-value, no folds, no periods.
 */
export function evaluateCell(
  plan: SweepPlan,
  cell: Cell,
  mids: Float64Array,
  tradable: Uint8Array,
  columns: SignalColumns,
): Tally[] {
  const runtime = cellRuntime(plan, cell);
  const radius = runtime.grid_radius_ticks;
  const binS = runtime.cell_width_ms / 1000;
  const signal = createSignal(plan.signalName, cell.parameters, { radius, binS });
  const scores = Array.from(mids, (_, bin) => signal.update(columns, bin * (2 * radius + 1)));
  return plan.thresholds.values.map((threshold) => {
    const tally = { count: 0, takeProfits: 0, stopLosses: 0, midGainTicks: 0 };
    let last = Number.NEGATIVE_INFINITY;
    let previous = 0;
    scores.forEach((score, bin) => {
      const side = score >= threshold ? 1 : score <= -threshold ? -1 : 0;
      const crossed = side !== 0 && side !== previous;
      previous = side;
      if (!crossed || bin < plan.evaluation.warmupBins || tradable[bin] === 0) return;
      if (bin - last < cell.cooldownBins) return;
      last = bin;
      walk(plan, cell, mids, bin, side, tally);
    });
    return tally;
  });
}

function walk(plan: SweepPlan, cell: Cell, mids: Float64Array, bin: number, side: number, tally: Tally): void {
  const tick = plan.evaluation.tickSize * 1e9;
  const end = Math.min(bin + plan.evaluation.maxHoldBins, mids.length - 1);
  let moved = 0;
  tally.count++;
  for (let at = bin + 1; at <= end; at++) {
    if (Number.isNaN(mids[at])) continue;
    moved = (side * (mids[at]! - mids[bin]!)) / tick;
    if (moved >= cell.tpTicks) {
      tally.takeProfits++;
      break;
    }
    if (moved <= -cell.slTicks) {
      tally.stopLosses++;
      break;
    }
  }
  tally.midGainTicks += moved;
}
