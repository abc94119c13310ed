import { AveragePrice } from './average_price.ts';
import type { FinishedPosition } from './finished_positions.ts';

/** What a position earned. Prices and distances in 1e-9 price units, times in nanoseconds since the pass's origin. */
export interface PositionResult {
  /** Contracts that the entry got. */
  readonly quantity: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  /** Sum over the contracts of what each earned, before fees. */
  readonly gain: number;
  /** A contract, by which the entry is worse than the mid at its decision. */
  readonly entrySlippage: number;
  /** A contract, by which the exit is worse than the mid at its decision; a take-profit than the mid before its fill. */
  readonly exitSlippage: number;
  readonly entryNs: number;
  /** Of the last fill; of the last event for what was closed at its mid. */
  readonly exitNs: number;
}

/** The result of a position with a fill; `last` is the mid and the time of the last event. */
export function positionResult(
  { takeProfit: { entry }, entryFills, profitFills, exitFills, exitMid, closedAtMid }: FinishedPosition,
  last: { readonly mid: number; readonly tsNs: number },
): PositionResult {
  const { sign, decisionMid } = entry;
  const entered = new AveragePrice();
  for (const { price, size } of entry.fills.slice(0, entryFills)) entered.add(price, size);
  const base = entry.fills[0]!.price;
  const left = new AveragePrice();
  let slippage = 0;
  for (const { price, size, mid } of profitFills) {
    left.add(price, size);
    slippage += sign * (mid - price) * size;
  }
  for (const { price, size } of exitFills) {
    left.add(price, size);
    slippage += sign * (exitMid - price) * size;
  }
  if (closedAtMid > 0) {
    left.add(last.mid, closedAtMid);
    slippage += sign * (exitMid - last.mid) * closedAtMid;
  }
  const fills = [...profitFills, ...exitFills];
  return {
    quantity: entered.quantity,
    entryPrice: entered.price,
    exitPrice: left.price,
    gain: sign * (left.momentFrom(base) - entered.momentFrom(base)),
    entrySlippage: sign * (entered.price - decisionMid),
    exitSlippage: slippage / left.quantity,
    entryNs: entry.fills[0]!.tsNs,
    exitNs: closedAtMid > 0 ? last.tsNs : fills.reduce((latest, { tsNs }) => Math.max(latest, tsNs), 0),
  };
}
