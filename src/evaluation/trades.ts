import type { Firings } from '../signals/index.ts';
import { type Entries, entryWidth, noEntry } from './entries.ts';
import { tradeResult } from './outcomes.ts';

/** The trades of one trial in one session; arrays have an element a firing, in the order of the firings. */
export interface Trades {
  readonly count: number;
  readonly firingBin: Int32Array;
  /** 1 long, −1 short. */
  readonly side: Int8Array;
  /** The firing bin, or the first bin with a mid from `entryDelayBins` after it on. */
  readonly entryBin: Int32Array;
  readonly exitBin: Int32Array;
  /** `tradeResult` of each. */
  readonly result: Int8Array;
  /** Move of the mid the trade's way from entry to exit, in half ticks. */
  readonly grossHalfTicks: Int32Array;
  /** Half the spread at entry and half the spread at exit, in half ticks. */
  readonly spreadHalfTicks: Int32Array;
  /** Before costs, when orders fill at their prices: flatters a take-profit that is further away than the stop-loss. */
  readonly orderPriceTicks: Float64Array;
}

/**
 * The trade that each firing opens `delayBins` bins after it. A firing after whose delay the session has no mid any more
 * opens and closes at the session's last mid: it earns nothing and pays its spreads.
 */
export function listTrades(firings: Firings, entries: Entries, delayBins: number): Trades {
  const { bins, outcomes, long, short } = entries;
  const { up, down, tpTicks, slTicks } = outcomes;
  const count = firings.bins.length;
  const entryBin = new Int32Array(count);
  const exitBin = new Int32Array(count);
  const result = new Int8Array(count);
  const grossHalfTicks = new Int32Array(count);
  const spreadHalfTicks = new Int32Array(count);
  const orderPriceTicks = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const isLong = firings.sides[index] === 1;
    const side = isLong ? long : short;
    const at = entryWidth * Math.min(firings.bins[index]! + delayBins, bins);
    const ended = side[at + 1]!;
    entryBin[index] = side[at]!;
    exitBin[index] = ended >> 2;
    grossHalfTicks[index] = side[at + 2]!;
    spreadHalfTicks[index] = side[at + 3]!;
    const code = ended & 3;
    if (code === noEntry) continue;
    const how = code + tradeResult.stopLoss;
    result[index] = how;
    if (how === tradeResult.takeProfit) orderPriceTicks[index] = tpTicks;
    else if (how === tradeResult.stopLoss) orderPriceTicks[index] = -slTicks;
    else orderPriceTicks[index] = (isLong ? up : down).gainTicks[side[at]!]!;
  }
  const { bins: firingBin, sides: side } = firings;
  return { count, firingBin, side, entryBin, exitBin, result, grossHalfTicks, spreadHalfTicks, orderPriceTicks };
}

/** The gain at the mid and the spreads of all these trades, in half ticks. */
export function sumTrades({ bins: firingBins, sides }: Firings, { bins, long, short }: Entries, delayBins: number) {
  const sums = { grossHalfTicks: 0, spreadHalfTicks: 0 };
  for (let index = 0; index < firingBins.length; index++) {
    const side = sides[index] === 1 ? long : short;
    const at = entryWidth * Math.min(firingBins[index]! + delayBins, bins);
    sums.grossHalfTicks += side[at + 2]!;
    sums.spreadHalfTicks += side[at + 3]!;
  }
  return sums;
}

/** Trades of a stretch of firing bins, by how they ended; sums in half ticks. */
export interface Tally {
  readonly count: number;
  readonly takeProfits: number;
  readonly stopLosses: number;
  readonly grossHalfTicks: number;
  readonly spreadHalfTicks: number;
}

/** Sums up the trades that fired in bins [from, to). */
export function tallyTrades(trades: Trades, from: number, to: number): Tally {
  const tally = { count: 0, takeProfits: 0, stopLosses: 0, grossHalfTicks: 0, spreadHalfTicks: 0 };
  for (let index = 0; index < trades.count; index++) {
    const bin = trades.firingBin[index]!;
    if (bin < from || bin >= to) continue;
    tally.count++;
    if (trades.result[index] === tradeResult.takeProfit) tally.takeProfits++;
    else if (trades.result[index] === tradeResult.stopLoss) tally.stopLosses++;
    tally.grossHalfTicks += trades.grossHalfTicks[index]!;
    tally.spreadHalfTicks += trades.spreadHalfTicks[index]!;
  }
  return tally;
}
