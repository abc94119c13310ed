import { fillReasonNames, outcome, outcomeNames } from '../../execution/index.ts';
import type { OrderFills } from './fill_orders.ts';

/** Counts of fills and orders. */
export interface FillsSummary {
  readonly orders: number;
  readonly fills: number;
  /** Contracts or shares, wanted and filled. */
  readonly quantity: number;
  readonly filledQuantity: number;
  readonly byOutcome: Readonly<Record<(typeof outcomeNames)[number], number>>;
  readonly fillsByReason: Readonly<Record<(typeof fillReasonNames)[number], number>>;
  /** Orders above a tenth of their level, and orders that waited for a market. */
  readonly tooLarge: number;
  readonly delayed: number;
  /** Of missed orders: how far the mid moved away from them until their cancel, in price units; null without any. */
  readonly missedMoveMean: number | null;
}

export function summarizeFills({ ours, rows }: OrderFills): FillsSummary {
  const byOutcome = countNames(outcomeNames, ours.outcome, ours.count);
  const fillsByReason = countNames(fillReasonNames, rows.reason, rows.count);
  let missedMove = 0;
  let missedWithMids = 0;
  ours.outcome.forEach((state, order) => {
    const move = ((ours.endMid[order] ?? Number.NaN) - (ours.arrivalMid[order] ?? Number.NaN)) / 1e9;
    if (state !== outcome.missed || Number.isNaN(move)) return;
    missedMove += ours.side[order] === 1 ? move : -move;
    missedWithMids++;
  });
  const sum = (values: Iterable<number>): number => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };
  return {
    orders: ours.count,
    fills: rows.count,
    quantity: sum(ours.size),
    filledQuantity: sum(ours.size) - sum(ours.left),
    byOutcome,
    fillsByReason,
    tooLarge: sum(ours.tooLarge),
    delayed: sum(ours.delayed),
    missedMoveMean: missedWithMids === 0 ? null : missedMove / missedWithMids,
  };
}

function countNames<T extends string>(names: readonly T[], codes: Uint8Array, count: number): Record<T, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
  for (const code of codes.subarray(0, count)) {
    const name = names[code];
    if (name !== undefined) counts[name]++;
  }
  return counts;
}
