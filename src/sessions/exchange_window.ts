import { type CaptureWindow, calendarYears, type ExchangeCalendar, newYorkZone, tradingDay } from '../config/index.ts';

/** A window of a session against the hours of the exchange. */
export type WindowState =
  | { readonly state: 'open' }
  /** The exchange ends inside the window, at `endTime` HH:MM of New York. */
  | { readonly state: 'early'; readonly endTime: string; readonly reason: string }
  | { readonly state: 'closed'; readonly reason: string };

/**
 * What the exchange does in a capture of the session of a date. A session of futures is a UTC day, so that it holds hours of its
 * own trading date and, from 18:00 in New York, of the next (Sunday evening belongs to Monday). Throws what `tradingDay` does.
 */
export function windowState(
  calendar: ExchangeCalendar,
  date: string,
  { startNs, endNs, sessionEndNs }: CaptureWindow,
): WindowState {
  const own = tradingDay(calendar, date);
  const next = tradingDay(calendar, dayAfter(date));
  const end = endNs ?? sessionEndNs;
  const isIn = ({ hours }: typeof own) => hours !== null && hours.opensNs < end && startNs < hours.closesNs;
  if (isIn(own)) {
    const { hours, earlyClose, reason } = own;
    if (earlyClose === null || hours === null || end <= hours.closesNs) return { state: 'open' };
    return { state: 'early', endTime: earlyClose, reason: `${reason}, the exchange ends at ${earlyClose}` };
  }
  if (isIn(next)) return { state: 'open' };
  if (own.earlyClose !== null) {
    return { state: 'closed', reason: `${own.reason}: the exchange ends at ${own.earlyClose}, before the window` };
  }
  if (own.reason !== null) return { state: 'closed', reason: own.reason };
  const clock = (ns: bigint) =>
    new Temporal.ZonedDateTime(ns, newYorkZone).toPlainTime().toString({ smallestUnit: 'minute' });
  return { state: 'closed', reason: `the exchange is closed from ${clock(startNs)} to ${clock(end)}` };
}

/** The next date; of the last that the calendar has, the date itself. */
function dayAfter(date: string): string {
  const day = Temporal.PlainDate.from(date).add({ days: 1 });
  return day.year > calendarYears.last ? date : day.toString();
}

/** Whether a date is a Saturday or a Sunday. */
export function isWeekend(date: string): boolean {
  return Temporal.PlainDate.from(date).dayOfWeek > 5;
}
