import { captureWindow, newYorkZone, openingBell } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { RawScan, ScannedSession, ScannedSymbol } from './raw_scan.ts';

/** A stretch of a session in which a symbol trades. */
export interface ActiveWindow {
  readonly symbol: string;
  readonly root: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** New York times HH:MM; the end is exclusive. */
  readonly start: string;
  readonly end: string;
}

export interface ActiveOptions {
  /** Absent: the symbol with most trades. */
  readonly symbol?: string | undefined;
  /** Absent: the day on which the symbol trades most. */
  readonly date?: string | undefined;
  readonly minutes: number;
}

/**
 * The first minutes of a file that are worth looking at: from the bell at 09:30 New York time where the symbol trades then, else
 * from the first minute with a quarter of the usual number of trades, so that a pre-open without trades is left out.
 *
 * Throws SYMBOL_UNKNOWN and DATE_OUTSIDE_FILE with what the file has.
 */
export function activeWindow(scan: RawScan, { symbol, date, minutes }: ActiveOptions): ActiveWindow {
  const all = scan.sessions.flatMap((session) => session.symbols.map((each) => ({ session, each })));
  const ofSymbol = all.filter(({ each }) => symbol === undefined || each.symbol === symbol);
  if (ofSymbol.length === 0) {
    const known = [...new Set(all.map(({ each }) => each.symbol))];
    throw new SpymasterError(
      'SYMBOL_UNKNOWN',
      `Cannot find ${symbol} in ${scan.path}: expected one of ${known.slice(0, 20).join(', ')}${known.length > 20 ? ' …' : ''}.`,
      { path: scan.path, known: known.slice(0, 100) },
    );
  }
  const ofDate = ofSymbol.filter(({ session }) => date === undefined || session.date === date);
  const [best] = ofDate.sort((a, b) => b.each.trades - a.each.trades || b.each.records - a.each.records);
  if (best === undefined) {
    const dates = [...new Set(ofSymbol.map(({ session }) => session.date))];
    throw new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot find the session ${date} in ${scan.path}: expected one of ${dates.join(', ')}.`,
      { path: scan.path, dates },
    );
  }
  return { symbol: best.each.symbol, root: best.session.root, date: best.session.date, ...clocks(scan, best, minutes) };
}

function clocks(
  { productType }: RawScan,
  { session, each }: { readonly session: ScannedSession; readonly each: ScannedSymbol },
  minutes: number,
): { start: string; end: string } {
  const midnight = Temporal.PlainDate.from(session.date).toZonedDateTime('UTC');
  const window = captureWindow(productType, session.date, openingBell);
  const minuteOf = (ns: bigint) => Number((ns - midnight.epochNanoseconds) / 60_000_000_000n);
  const clock = (minute: number) =>
    midnight.add({ minutes: minute }).withTimeZone(newYorkZone).toPlainTime().toString({ smallestUnit: 'minute' });
  const [first, last] = [minuteOf(window.sessionStartNs), minuteOf(window.sessionEndNs)];
  const atBell = minuteOf(window.startNs);
  const trades = each.tradesByMinute;
  const opening = Math.min(Math.max(each.firstMinute ?? first, first), last - 1);
  const from = trades === null ? opening : (trades[atBell] ?? 0) > 0 ? atBell : firstBusy(trades, first, last);
  // The session's own end is shown by the clocks at its start too, in futures.
  const to = Math.min(from + minutes, last - 1);
  return { start: clock(from), end: clock(to > from ? to : last) };
}

function firstBusy(trades: Uint32Array, first: number, last: number): number {
  const inside = trades.subarray(first, last);
  const traded = inside.filter((count) => count > 0);
  if (traded.length === 0) return first;
  const mean = traded.reduce((sum, count) => sum + count, 0) / traded.length;
  return first + inside.findIndex((count) => count >= mean / 4);
}
