import {
  calendarYears,
  captureWindow,
  newYorkZone,
  openingBell,
  type ProductType,
  tradingDay,
} from '../../config/index.ts';

/** The session of a date (model.md §1.4), whose recording ends with it; both times are UNIX nanoseconds. */
export interface RecordingWindow {
  readonly date: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/**
 * The session whose file a moment belongs to: the one that is on, or the next. Futures have one every UTC day, equities one on every
 * trading day, so that the evening after a session is in the file of the next, where it acts on the book alone.
 */
export function windowAt(productType: ProductType, ns: bigint): RecordingWindow {
  const zone = productType === 'future_mbo' ? 'UTC' : newYorkZone;
  let day = new Temporal.ZonedDateTime(ns, zone).toPlainDate();
  for (; ; day = day.add({ days: 1 })) {
    if (productType === 'equity_mbo' && isClosed(day)) continue;
    const window = windowOf(productType, day.toString());
    if (ns < window.endNs) return window;
  }
}

/** The session of a date; throws CONFIG_INVALID for a date that is none. */
export function windowOf(productType: ProductType, date: string): RecordingWindow {
  const { sessionStartNs: startNs, sessionEndNs: endNs } = captureWindow(productType, date, openingBell);
  return { date, startNs, endNs };
}

/** Whether the exchange is closed at a moment, by its calendar; false where that is not known. */
export function isMarketClosed(productType: ProductType, ns: bigint): boolean {
  const day = new Temporal.ZonedDateTime(ns, newYorkZone).toPlainDate();
  if (day.year < calendarYears.first || day.year >= calendarYears.last) return false;
  const calendar = productType === 'equity_mbo' ? 'us_equities' : 'cme_equity_index';
  return ![day, day.add({ days: 1 })].some((each) => {
    const { hours } = tradingDay(calendar, each.toString());
    return hours !== null && hours.opensNs <= ns && ns < hours.closesNs;
  });
}

/** Whether stocks do not trade on a day; false for years that the calendar does not know. */
function isClosed(day: Temporal.PlainDate): boolean {
  if (day.dayOfWeek > 5) return true;
  const isKnown = day.year >= calendarYears.first && day.year <= calendarYears.last;
  return isKnown && tradingDay('us_equities', day.toString()).state === 'closed';
}
