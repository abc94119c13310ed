import { dayStreamName, type Outcomes } from '../../../src/wire/index.ts';
import { streamHref } from '../../shared/servings.ts';
import { type SessionTrade, sessionTrade } from '../../shared/session_trade.ts';

/** The stream of a session of a run at a threshold, at the session's first trade. */
export function dayHref(runId: string, date: string, threshold: number): string {
  return `${streamHref(dayStreamName({ of: runId, date, threshold }))}#trade=first`;
}

/** A trade of a run as the page lists it. */
export interface ListedTrade extends SessionTrade {
  /** Its moment on the heatmap page. */
  readonly href: string;
  /** Entry, New York time, `09:31:05.200`. */
  readonly time: string;
  /** Prices in words, in the real book where that is known; empty where nothing was filled. */
  readonly entry: string;
  readonly exit: string;
}

export type TradeAt = (index: number) => ListedTrade;

const newYork = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'America/New_York', hourCycle: 'h23', fractionalSecondDigits: 3 },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

const newYorkSeconds = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'America/New_York', hourCycle: 'h23' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** New York time of a UNIX time in milliseconds: `09:31`, or `09:31:05` where it has seconds. */
export const newYorkTime = (unixMs: number) => newYorkSeconds.format(unixMs).replace(/^(..:..):00$/, '$1');

/** The trades of a session by their place; null for results that do not say when the session was. */
export function tradesOf(outcomes: Outcomes): TradeAt | null {
  const { run_id, threshold, session, start_ms, cell_width_ms: cellMs } = outcomes;
  if (session === null || start_ms === null) return null;
  const serving = streamHref(dayStreamName({ of: run_id, date: session, threshold }));
  const { executed } = outcomes;
  const prices = [...(executed?.entry_price ?? outcomes.entry_mid), ...(executed?.exit_price ?? outcomes.exit_mid)];
  const decimals = decimalsOf(prices.filter((price) => price !== null));
  return (index) => {
    const trade = sessionTrade(outcomes, start_ms, index);
    // A stream is asked for the bin that ends at a time.
    const endNs = BigInt(Math.round((trade.entryMs + cellMs) * 1000)) * 1000n;
    const held = trade.executed === null ? trade : trade.executed.held;
    return {
      ...trade,
      href: `${serving}#t=${endNs}&trade=${trade.firingBin}`,
      time: newYork.format(trade.entryMs),
      entry: held?.entryPrice.toFixed(decimals) ?? '',
      exit: held?.exitPrice.toFixed(decimals) ?? '',
    };
  };
}

/** Decimals that tell all prices apart, at least 2. */
function decimalsOf(prices: readonly number[]): number {
  const most = 6;
  for (let decimals = 2; decimals < most; decimals++) {
    const scale = 10 ** decimals;
    if (prices.every((price) => Math.abs(Math.round(price * scale) / scale - price) < 1e-9)) return decimals;
  }
  return most;
}
