import { present } from '../../errors.ts';
import {
  type Entry,
  exitReasonNames,
  fillReason,
  fillReasonNames,
  type OurOrder,
  outcomeNames,
  type Position,
  type PositionResult,
  type Positions,
  positionResult,
} from '../../execution/index.ts';
import type { ExecutedSession } from '../../replay/index.ts';
import type { ExecutionTerms } from './execution_terms.ts';

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

/** Sends firings to the market on these terms, one position each. */
export function sendFirings(
  positions: Positions,
  firings: readonly ExecutedFiring[],
  terms: ExecutionTerms,
  exits: RunExits,
): Position[] {
  const exitLatencyNs = Math.round(terms.exitLatencyUs * 1000);
  return firings.map(({ bin, side }) => {
    const entry = positions.enter(entryOrder(bin, side, terms, exits), { exitLatencyNs, maxHoldNs: exits.maxHoldNs });
    return positions.open(entry, exits.tpTicks, exits.slTicks);
  });
}

/** The order of a firing. */
export function entryOrder(bin: number, side: number, terms: ExecutionTerms, exits: RunExits): OurOrder {
  const decisionNs = bin * exits.binNs + exits.decisionNs;
  return {
    decisionNs,
    arrivalNs: decisionNs + Math.round(terms.entryLatencyUs * 1000),
    side: side === 1 ? 'B' : 'A',
    kind: terms.entry,
    price: terms.entry === 'join' ? -terms.ticksBehind * exits.tickInt : 0,
    size: terms.size,
    maxWaitNs: Math.round(terms.maxWaitMs * 1e6) + Math.round(terms.exitLatencyUs * 1000),
    withoutMet: !terms.met,
  };
}

/** What became of the positions of firings. */
export function executedTrades(
  { ours, last }: Pick<ExecutedSession, 'ours' | 'last'>,
  firings: readonly ExecutedFiring[],
  positions: readonly Position[],
  tickInt: number,
): ExecutedTrade[] {
  return firings.map((firing, at) => {
    const position = present(positions[at]);
    const { entry } = position.takeProfit;
    const result = entry.fills.length === 0 ? null : positionResult(position, last);
    const waited = entry.fills.find(({ reason }) => reason !== fillReason.take);
    const midThen = entry.fills[0]?.mid ?? entry.missMid;
    const ticks = (of: (one: PositionResult) => number) => (result === null ? Number.NaN : of(result) / tickInt);
    return {
      ...firing,
      outcome: outcomeOf(entry, present(ours.outcome[entry.order])),
      reason: present(exitReasonNames[position.reason]),
      entryFills: countReasons(entry.fills.slice(0, position.entryFills)),
      profitFills: countReasons(position.profitFills),
      quantity: result?.quantity ?? 0,
      gainTicks: result === null ? 0 : result.gain / tickInt,
      exitNs: result?.exitNs ?? Number.NaN,
      entrySlippage: ticks((one) => one.entrySlippage),
      exitSlippage: ticks((one) => one.exitSlippage),
      queueNs: waited === undefined ? Number.NaN : waited.tsNs - present(ours.arrivalNs[entry.order]),
      against: entry.probes.map((mid) => (entry.sign * (midThen - mid)) / tickInt),
      isTooLarge: ours.tooLarge[entry.order] === 1,
      delayedEntry: ours.delayed[entry.order] === 1,
      delayedExit: position.exitOrders.some((order) => ours.delayed[order] === 1),
      voidFills: position.voidFills,
      closedAtMid: position.closedAtMid,
    };
  });
}

/** An entry that its exit cancelled is a partial one, whatever became of it. */
function outcomeOf({ fills }: Entry, state: number): ExecutedTrade['outcome'] {
  const name = present(outcomeNames[state]);
  return name === 'missed' && fills.length > 0 ? 'partial' : name;
}

function countReasons(fills: readonly { readonly reason: number }[]): number[] {
  return fillReasonNames.map((_, reason) => fills.filter((fill) => fill.reason === reason).length);
}
