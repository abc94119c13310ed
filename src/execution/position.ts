import { AveragePrice } from './average_price.ts';

/** How positions of an entry are left. Times are nanoseconds. */
export interface ExitRules {
  /** From a decision to the arrival of its order or cancel. */
  readonly exitLatencyNs: number;
  /** From the first fill to the decision to leave by market. */
  readonly maxHoldNs: number;
}

/** What all positions of a pass share. */
export interface PositionSettings {
  /** In 1e-9 price units. */
  readonly tickInt: number;
  /** Whether a stop is triggered by trades, or by the best price at which the position could be left. */
  readonly trigger: StopTrigger;
  /** Times after a fill, and after a miss, at which the mid is kept. */
  readonly probesNs: readonly number[];
}

export type StopTrigger = 'trade' | 'quote';

/** How a position ended. */
export const exitReason = { none: 0, takeProfit: 1, stop: 2, timeout: 3, sessionEnd: 4 } as const;

/** Names of `exitReason`, by number. */
export const exitReasonNames = Object.keys(exitReason) as (keyof typeof exitReason)[];

/** A fill of an order of a position. */
export interface PositionFill {
  /** Number of the order that got it. */
  readonly order: number;
  readonly tsNs: number;
  readonly price: number;
  readonly size: number;
  /** A `fillReason`. */
  readonly reason: number;
  /** Number of its event; 0 between two events. */
  readonly event: number;
  /** Mid of the last valid book before it. */
  readonly mid: number;
}

/** An entry, which positions of other take-profits and stops share: its fills are theirs until they leave. */
export interface Entry {
  readonly number: number;
  readonly order: number;
  /** 1 long, −1 short. */
  readonly sign: 1 | -1;
  readonly rules: ExitRules;
  readonly fills: PositionFill[];
  readonly average: AveragePrice;
  readonly takeProfits: TakeProfit[];
  /** Positions that have not been left. */
  open: number;
  /** Mids at the decision, at the decision of the time-out, and when it was missed; NaN where there is none. */
  decisionMid: number;
  timeoutMid: number;
  missMid: number;
  /** Mids at each probe after the first fill, or after the miss. */
  readonly probes: number[];
}

/** The limit orders at one distance of an entry, which positions of other stops share. */
export interface TakeProfit {
  readonly number: number;
  readonly entry: Entry;
  readonly ticks: number;
  /** Orders that were sent, and those of them that may rest. */
  readonly sent: number[];
  orders: number[];
  readonly fills: PositionFill[];
  readonly positions: Position[];
  /** Of the entry's fills that it answers; how many these are, and the level that follows from them. */
  readonly average: AveragePrice;
  answered: number;
  price: number;
  /** Quantity that a clear of the book cancelled. */
  lost: number;
  /** Positions that have not been left. */
  open: number;
}

/** A position, and how it was left. */
export interface Position {
  readonly number: number;
  readonly takeProfit: TakeProfit;
  readonly slTicks: number;
  /** The stop's level; NaN before a fill. */
  stop: number;
  /** What triggered the stop; null for nothing. */
  trigger: { readonly tsNs: number; readonly event: number; readonly mid: number } | null;
  reason: number;
  /** Fills of the entry that are its own: the first so many. */
  entryFills: number;
  /** Fills of the take-profit that count, and the number of those that are void. */
  profitFills: readonly PositionFill[];
  voidFills: number;
  /** Orders that left it by market, mostly one; their fills, and when the first arrived. */
  readonly exitOrders: number[];
  readonly exitFills: PositionFill[];
  exitArrivalNs: number;
  /** Mid when the exit was decided. */
  exitMid: number;
  /** Quantity that the book could not give until the end, closed at the last mid. */
  closedAtMid: number;
}

export function newEntry(number: number, order: number, sign: 1 | -1, rules: ExitRules, probes: number): Entry {
  return {
    ...{ number, order, sign, rules, fills: [], average: new AveragePrice(), takeProfits: [], open: 0 },
    ...{ decisionMid: Number.NaN, timeoutMid: Number.NaN, missMid: Number.NaN },
    probes: new Array<number>(probes).fill(Number.NaN),
  };
}

export function newTakeProfit(number: number, entry: Entry, ticks: number): TakeProfit {
  return {
    ...{ number, entry, ticks, sent: [], orders: [], fills: [], positions: [], average: new AveragePrice() },
    ...{ answered: 0, price: Number.NaN, lost: 0, open: 0 },
  };
}

export function newPosition(number: number, takeProfit: TakeProfit, slTicks: number): Position {
  return {
    ...{ number, takeProfit, slTicks, stop: Number.NaN, trigger: null, reason: exitReason.none, entryFills: 0 },
    ...{ profitFills: [], voidFills: 0, exitOrders: [], exitFills: [] },
    ...{ exitArrivalNs: Number.NaN, exitMid: Number.NaN, closedAtMid: 0 },
  };
}

/** Contracts of fills. */
export function quantityOf(fills: readonly PositionFill[]): number {
  return fills.reduce((sum, { size }) => sum + size, 0);
}
