import type { DerivativeState, Side } from '../signals/index.ts';

export type { DerivativeState as SignalState } from '../signals/index.ts';

/**
 * A closed bin. Times are nanoseconds since the session's start, prices integers of 1e-9: both exact in a double.
 * The engine refills one object per bin: copy what must outlive the next call.
 */
export interface Bin {
  /** Number of the bin, from 0. */
  seq: number;
  /** Nanoseconds since the session's start; the bin is [startNs, endNs). */
  startNs: number;
  endNs: number;
  /** Events of the bin, trades and fills too. */
  eventCount: number;
  /** Running count of events at the bin's end. */
  eventId: number;
  /** Whether each side has a best price. Prices may be 0 or negative, so nothing else tells that one is missing. */
  hasBid: boolean;
  hasAsk: boolean;
  /** (bid + ask) / 2 in price units; 0 when a side is empty. */
  midPrice: number;
  /** Mid rounded to a tick, 1e-9 units; 0 when a side is empty. */
  spotPriceInt: number;
  /** Best prices, 1e-9 units; 0 when the side is empty. */
  bestBidPriceInt: number;
  bestAskPriceInt: number;
  /** Both sides present, not crossed or locked, no snapshot in progress, no known gap in the feed. */
  bookValid: boolean;
  /** The derivative signal; `score`, `ready` and `sampleCount` are those of the signal that runs. */
  signal: DerivativeState;
  /** Side to which the signal fires at the bin, and the threshold that it is held against; 0 and null where there is none. */
  firing: Side;
  firingThreshold: number | null;
  /** What the signal draws beside its score, NaN where it has no value; absent where it draws nothing. A view, refilled with the next bin. */
  signalSeries?: Float64Array;
}

/** What was wrong with the feed in a bin. */
export interface FeedTrouble {
  /** Records that a sound feed would not have; a book that is crossed, as before an open, is none. */
  anomalies: number;
  /** How often the records behind the book were lost: by gaps, or because the symbol moved to another instrument. */
  losses: number;
}

/** Whether a bin has a mid, and with it a spot and a window. */
export function hasMid({ hasBid, hasAsk }: Pick<Bin, 'hasBid' | 'hasAsk'>): boolean {
  return hasBid && hasAsk;
}
