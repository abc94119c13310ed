import { present } from '../../errors.ts';
import {
  exitReasonNames,
  fillReason,
  fillReasonNames,
  outcomeNames,
  type PositionResult,
  positionResult,
} from '../../execution/index.ts';
import type { FollowedPosition, WantedPosition } from './follow_positions.ts';
import type { PassMarket } from './pass_store.ts';

/** Times after a fill or a miss at which the mid is compared, in nanoseconds. */
export const probesNs = [1e9, 10e9] as const;

/** A firing that is sent to the market. */
export interface ExecutedFiring {
  /** Bin that fired, of its session. */
  readonly bin: number;
  readonly side: number;
}

/** When and how positions of a run are left. */
export interface RunExits {
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly maxHoldNs: number;
  /** From the start of a firing's bin to its decision. */
  readonly decisionNs: number;
  readonly binNs: number;
  readonly tickInt: number;
}

/** What became of a firing. Money and distances in ticks a contract, times in nanoseconds since the session's start. */
export interface ExecutedTrade extends ExecutedFiring {
  readonly outcome: (typeof outcomeNames)[number];
  /** How it was left; `none` without a fill. */
  readonly reason: (typeof exitReasonNames)[number];
  /** Counts by `fillReason` of the fills of its entry and of its take-profit. */
  readonly entryFills: readonly number[];
  readonly profitFills: readonly number[];
  readonly quantity: number;
  /** Average prices in 1e-9 price units, and when it was entered; NaN without a fill. */
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly entryNs: number;
  /** Sum over its contracts, before fees. */
  readonly gainTicks: number;
  /** When it was left, since the session's start; NaN without a fill. */
  readonly exitNs: number;
  readonly entrySlippage: number;
  readonly exitSlippage: number;
  /** From the arrival to the first fill that was waited for; NaN where there is none. */
  readonly queueNs: number;
  /** Move of the mid against the order at each probe after the first fill, or after the miss; NaN where the session ended. */
  readonly against: readonly number[];
  readonly isTooLarge: boolean;
  readonly delayedEntry: boolean;
  readonly delayedExit: boolean;
  readonly voidFills: number;
  readonly closedAtMid: number;
}

/** The position of a firing. */
export function wantedOf({ bin, side }: ExecutedFiring, exits: RunExits): WantedPosition {
  const { tpTicks, slTicks, binNs, decisionNs } = exits;
  return { decisionNs: bin * binNs + decisionNs, side, tpTicks, slTicks };
}

/** What became of firings, in the order of their positions; `last` is the session's last event. */
export function executedTrades(
  firings: readonly ExecutedFiring[],
  followed: readonly FollowedPosition[],
  last: PassMarket['last'],
  tickInt: number,
): ExecutedTrade[] {
  return firings.map((firing, at) => {
    const { position, orders } = present(followed[at]);
    const { entry } = position.takeProfit;
    const entryFills = entry.fills.slice(0, position.entryFills);
    const result = entryFills.length === 0 ? null : positionResult(position, last);
    const waited = entryFills.find(({ reason }) => reason !== fillReason.take);
    const midThen = entry.fills[0]?.mid ?? entry.missMid;
    const ticks = (of: (one: PositionResult) => number) => (result === null ? Number.NaN : of(result) / tickInt);
    return {
      ...firing,
      outcome: entryOutcome({ position, orders }),
      reason: present(exitReasonNames[position.reason]),
      entryFills: countReasons(entryFills),
      profitFills: countReasons(position.profitFills),
      quantity: result?.quantity ?? 0,
      entryPrice: result?.entryPrice ?? Number.NaN,
      exitPrice: result?.exitPrice ?? Number.NaN,
      entryNs: result?.entryNs ?? Number.NaN,
      gainTicks: result === null ? 0 : result.gain / tickInt,
      exitNs: result?.exitNs ?? Number.NaN,
      entrySlippage: ticks((one) => one.entrySlippage),
      exitSlippage: ticks((one) => one.exitSlippage),
      queueNs: waited === undefined ? Number.NaN : waited.tsNs - present(orders.arrivalNs[entry.order]),
      against: entry.probes.map((mid) => (entry.sign * (midThen - mid)) / tickInt),
      isTooLarge: orders.tooLarge[entry.order] === 1,
      delayedEntry: orders.delayed[entry.order] === 1,
      delayedExit: position.exitOrders.some((order) => orders.delayed[order] === 1),
      voidFills: position.voidFills,
      closedAtMid: position.closedAtMid,
    };
  });
}

/** Of an entry as one position of it has it: what others of the same entry were filled after it was left is not its own. */
export function entryOutcome({ position, orders }: FollowedPosition): (typeof outcomeNames)[number] {
  const { order, fills } = position.takeProfit.entry;
  const filled = fills.slice(0, position.entryFills).reduce((sum, { size }) => sum + size, 0);
  if (filled === orders.size[order]) return 'filled';
  return filled > 0 ? 'partial' : present(outcomeNames[present(orders.outcome[order])]);
}

function countReasons(fills: readonly { readonly reason: number }[]): number[] {
  return fillReasonNames.map((_, reason) => fills.filter((fill) => fill.reason === reason).length);
}
