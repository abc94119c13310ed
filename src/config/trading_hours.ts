import { type CaptureWindow, calendarDay, captureWindow, newYorkZone } from './capture.ts';
import { calendarOf, tradingDay as exchangeDay, previousTradingDate } from './exchange_calendar.ts';
import { type HourFields, hoursOf } from './hours.ts';
import { productRoot } from './product_root.ts';
import type { RuntimeConfig } from './runtime.ts';

/** Smallest sizes of the second, third and fourth class of trades, in contracts and in shares. */
const usualSizeBounds = { future_mbo: [2, 10, 50], equity_mbo: [100, 500, 2000] } as const;

const usualValueAreaPercent = 70;

/** When a trading day and its regular hours begin and end, nanoseconds since the session's start. */
export interface TradingHours {
  readonly startNs: number;
  readonly endNs: number;
  readonly regularStartNs: number;
  readonly regularEndNs: number;
}

/**
 * The trading days that a session has a part in, ascending: one of every date, holidays and weekends too. With `fromNs` (UNIX
 * nanoseconds) those before it too that end after that moment.
 */
export function tradingHours(
  runtime: HourFields,
  { sessionStartNs, sessionEndNs }: Pick<CaptureWindow, 'sessionStartNs' | 'sessionEndNs'>,
  fromNs = sessionStartNs,
): TradingHours[] {
  const dateAt = (ns: bigint) => new Temporal.ZonedDateTime(ns, newYorkZone).toPlainDate();
  const days: TradingHours[] = [];
  const last = dateAt(sessionEndNs).add({ days: 1 });
  for (let day = dateAt(fromNs); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const hours = hoursOn(runtime, day, sessionStartNs);
    if (hours.endNs > Number(fromNs - sessionStartNs) && hours.startNs < Number(sessionEndNs - sessionStartNs))
      days.push(hours);
  }
  return days;
}

/** The trading day of a date, its times counted from `originNs`. */
function hoursOn(runtime: HourFields, day: Temporal.PlainDate, originNs: bigint): TradingHours {
  const { tradingDay, regular } = hoursOf(runtime);
  const [open, close] = tradingDay;
  const at = (date: Temporal.PlainDate, time: string) =>
    Number(
      date.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(newYorkZone).epochNanoseconds - originNs,
    );
  const isOvernight = close <= open;
  const eve = isOvernight ? day.subtract({ days: 1 }) : day;
  const on = (time: string) => at(isOvernight && time >= open ? eve : day, time);
  const regularStartNs = on(regular[0]);
  const regularEndNs = regular[1] === close ? at(day, close) : on(regular[1]);
  return { startNs: at(eve, open), endNs: at(day, close), regularStartNs, regularEndNs };
}

/**
 * Dates of the sessions before that of `date` in which its trading day began or that have a part in the trading day before, ascending:
 * of futures on a Tuesday those of Sunday and Monday, on a Monday those of Thursday, Friday and Sunday, for the evening belongs to
 * the next trading day. Holidays are those of the instrument's exchange. Throws what `tradingDay` does.
 */
export function priorSessions(runtime: HourFields & { readonly symbol: string }, date: string): string[] {
  const { product_type: productType, symbol } = runtime;
  const { calendar } = calendarOf(productType, productRoot(productType, symbol));
  const isOpen = (day: Temporal.PlainDate) => exchangeDay(calendar, day.toString()).state !== 'closed';
  const session = calendarDay(date);
  let current = session;
  while (!isOpen(current)) current = current.add({ days: 1 });
  const prior = calendarDay(previousTradingDate(calendar, current.toString()));
  const hours = [prior, current].map((day) => hoursOn(runtime, day, 0n));
  const dates: string[] = [];
  for (
    let day = prior.subtract({ days: 1 });
    Temporal.PlainDate.compare(day, session) < 0;
    day = day.add({ days: 1 })
  ) {
    if (productType === 'equity_mbo' && !isOpen(day)) continue;
    const { sessionStartNs, sessionEndNs } = captureWindow(productType, day.toString(), '12:00');
    const [startNs, endNs] = [Number(sessionStartNs), Number(sessionEndNs)];
    if (hours.some((of) => of.startNs < endNs && of.endNs > startNs)) dates.push(day.toString());
  }
  return dates;
}

/** What features count by, beside trading hours. */
export function featureSettings(runtime: RuntimeConfig): {
  readonly since: NonNullable<RuntimeConfig['features_since']>;
  readonly sizeBounds: readonly number[];
  readonly valueAreaPercent: number;
} {
  return {
    since: runtime.features_since ?? 'trading_day',
    sizeBounds: runtime.trade_size_bounds ?? usualSizeBounds[runtime.product_type],
    valueAreaPercent: runtime.value_area_percent ?? usualValueAreaPercent,
  };
}
