import type { Firings } from '../signals/index.ts';
import { type Outcomes, tradeResult } from './outcomes.ts';

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

/** What `listTrades` reads of a session, beside the outcomes. */
export interface SessionSpreads {
  /** Per bin, the spread in ticks of the last valid two-sided book up to its end, at least 1; 0 before the first one. */
  readonly lastSpread: Int32Array;
  /** Per bin, the first bin from it on that has a mid, or the number of bins. */
  readonly nextWithMid: Int32Array;
}

/** Lays out the spreads of a session: `spreads` in ticks and `mids` (NaN without both sides) have an element a bin. */
export function sessionSpreads(spreads: Int32Array, tradable: Uint8Array, mids: Float64Array): SessionSpreads {
  const count = spreads.length;
  const lastSpread = new Int32Array(count);
  for (let bin = 0, last = 0; bin < count; bin++) {
    if (tradable[bin] === 1) last = Math.max(1, spreads[bin]!);
    lastSpread[bin] = last;
  }
  const nextWithMid = new Int32Array(count);
  for (let bin = count - 1, next = count; bin >= 0; bin--) {
    if (!Number.isNaN(mids[bin]!)) next = bin;
    nextWithMid[bin] = next;
  }
  return { lastSpread, nextWithMid };
}

/**
 * The trade that each firing opens `delayBins` bins after it. A firing after whose delay the session has no mid any more
 * opens and closes at the session's last mid: it earns nothing and pays its spreads.
 */
export function listTrades(
  firings: Firings,
  outcomes: Outcomes,
  { lastSpread, nextWithMid }: SessionSpreads,
  delayBins: number,
): Trades {
  const count = firings.bins.length;
  const bins = lastSpread.length;
  const trades = {
    count,
    firingBin: firings.bins,
    side: firings.sides,
    entryBin: new Int32Array(count),
    exitBin: new Int32Array(count),
    result: new Int8Array(count),
    grossHalfTicks: new Int32Array(count),
    spreadHalfTicks: new Int32Array(count),
    orderPriceTicks: new Float64Array(count),
  };
  for (let index = 0; index < count; index++) {
    const from = trades.firingBin[index]! + delayBins;
    const entry = from < bins ? nextWithMid[from]! : bins;
    if (entry === bins) {
      trades.entryBin[index] = trades.exitBin[index] = bins - 1;
      trades.spreadHalfTicks[index] = 2 * lastSpread[bins - 1]!;
      continue;
    }
    const { exitBin, result, midGainTicks, gainTicks } = trades.side[index] === 1 ? outcomes.up : outcomes.down;
    const exit = exitBin[entry]!;
    trades.entryBin[index] = entry;
    trades.exitBin[index] = exit;
    trades.result[index] = result[entry]!;
    trades.grossHalfTicks[index] = Math.round(2 * midGainTicks[entry]!);
    trades.spreadHalfTicks[index] = lastSpread[entry]! + lastSpread[exit]!;
    trades.orderPriceTicks[index] = gainTicks[entry]!;
  }
  return trades;
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
