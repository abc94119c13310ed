import { SpymasterError } from '../errors.ts';
import { calendarDay, newYorkZone } from './capture.ts';
import type { ProductType } from './runtime.ts';

/*
 * When exchanges are open, by rule. Sources: NYSE, "Holidays & Trading Hours" with its rules 7.2 and 7.2E, which Nasdaq
 * follows; CME Group, "Holiday Calendar" and the yearly Globex holiday schedules for equity index products. Closures that
 * no rule foresees are listed by date.
 */

/** US stock exchanges, and CME Globex for futures on equity indices. */
export type ExchangeCalendar = 'us_equities' | 'cme_equity_index';

/** Years for which the rules were compared with the exchanges' schedules, or, of the future, with their announced rules. */
export const calendarYears = { first: 2015, last: 2035 } as const;

/** A calendar day on an exchange. */
export interface TradingDay {
  readonly date: string;
  /** `early`: trading ends before the usual time. */
  readonly state: 'open' | 'early' | 'closed';
  /** The name of the holiday, or of the day of the weekend; null on an ordinary day. */
  readonly reason: string | null;
  /** Trading hours [opensNs, closesNs) in UNIX nanoseconds; null where it is closed. */
  readonly hours: { readonly opensNs: bigint; readonly closesNs: bigint } | null;
  /** New York clock time at which trading ends early, HH:MM; null otherwise. */
  readonly earlyClose: string | null;
}

/** Roots of the futures on equity indices that trade on CME Globex. */
const equityIndexRoots: ReadonlySet<string> = new Set([
  ...['ES', 'MES', 'NQ', 'MNQ', 'RTY', 'M2K', 'YM', 'MYM', 'EMD', 'RS1', 'NKD', 'NIY'],
]);

/** The calendar of an instrument, and whether it is known to be its own: other futures keep other holidays. */
export function calendarOf(
  productType: ProductType,
  root: string,
): { readonly calendar: ExchangeCalendar; readonly isOwn: boolean } {
  if (productType === 'equity_mbo') return { calendar: 'us_equities', isOwn: true };
  return { calendar: 'cme_equity_index', isOwn: equityIndexRoots.has(root) };
}

/**
 * What an exchange does on a date YYYY-MM-DD. Trading in stocks runs from 04:00 to 20:00 with the pre-market and the evening, or to
 * 13:00 on a half day; a trading date of CME Globex runs from 18:00 of the evening before (Sunday for Monday) to 17:00.
 * Throws CONFIG_INVALID for a day that is not in the calendar, or outside `calendarYears`.
 */
export function tradingDay(calendar: ExchangeCalendar, date: string): TradingDay {
  const day = calendarDay(date);
  const { first, last } = calendarYears;
  if (day.year < first || day.year > last) {
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot tell whether the exchange is open on ${date}: the calendar covers the years ${first} to ${last}; give dates in them.`,
      { key: 'date', value: date },
    );
  }
  const closed = (reason: string): TradingDay => ({ date, state: 'closed', reason, hours: null, earlyClose: null });
  if (day.dayOfWeek > 5) return closed(day.dayOfWeek === 6 ? 'Saturday' : 'Sunday');
  const found = exceptions(day.year).get(date);
  const rule = found?.[calendar];
  if (found !== undefined && rule === 'closed') return closed(found.name);
  const early = typeof rule === 'object' ? rule.closes : null;
  const [open, close] = calendar === 'us_equities' ? ['04:00', '20:00'] : ['18:00', '17:00'];
  const opensOn = calendar === 'us_equities' ? day : day.subtract({ days: 1 });
  return {
    date,
    state: early === null ? 'open' : 'early',
    reason: early === null ? null : (found?.name ?? null),
    hours: { opensNs: newYorkNs(opensOn, open as string), closesNs: newYorkNs(day, early ?? (close as string)) },
    earlyClose: early,
  };
}

/** The last date before `date` on which the exchange was open, for however long; throws what `tradingDay` does. */
export function previousTradingDate(calendar: ExchangeCalendar, date: string): string {
  for (let day = calendarDay(date).subtract({ days: 1 }); ; day = day.subtract({ days: 1 })) {
    if (tradingDay(calendar, day.toString()).state !== 'closed') return day.toString();
  }
}

/** What an exchange does on a day that is not like others: trades as usual, ends early in New York time, or is closed. */
type Exception = 'usual' | 'closed' | { readonly closes: string };

interface SpecialDay extends Readonly<Record<ExchangeCalendar, Exception>> {
  readonly name: string;
}

/** Stocks are closed; futures on them trade until noon in Chicago. */
const holiday = (name: string): SpecialDay => ({
  name,
  us_equities: 'closed',
  cme_equity_index: { closes: '13:00' },
});
const closedEverywhere = (name: string): SpecialDay => ({
  name,
  us_equities: 'closed',
  cme_equity_index: 'closed',
});
/** Stocks end at 13:00, futures at 12:15 in Chicago. */
const halfDay = (name: string): SpecialDay => ({
  name,
  us_equities: { closes: '13:00' },
  cme_equity_index: { closes: '13:15' },
});

/** Closures that were decreed: stocks are closed, futures end when stocks would have opened, 08:30 in Chicago. */
const decreed: Readonly<Record<string, string>> = {
  '2018-12-05': 'Day of mourning for George H. W. Bush',
  '2025-01-09': 'Day of mourning for Jimmy Carter',
};

/** The days of a year that are not like others, by date. */
function exceptions(year: number): ReadonlyMap<string, SpecialDay> {
  const days = new Map<string, SpecialDay>();
  const on = (month: number, day: number) => Temporal.PlainDate.from({ year, month, day });
  const add = (day: Temporal.PlainDate, special: SpecialDay) => days.set(day.toString(), special);
  const newYear = on(1, 1);
  // On a Saturday it is not kept: the Friday before is the last of the year.
  if (newYear.dayOfWeek !== 6) add(observed(newYear), closedEverywhere("New Year's Day"));
  add(weekdayOf(year, 1, 1, 3), holiday('Martin Luther King Jr. Day'));
  add(weekdayOf(year, 2, 1, 3), holiday("Presidents' Day"));
  add(easterSunday(year).subtract({ days: 2 }), goodFriday(year));
  const lastOfMay = on(5, 31);
  add(lastOfMay.subtract({ days: lastOfMay.dayOfWeek - 1 }), holiday('Memorial Day'));
  if (year >= 2022) add(observed(on(6, 19)), holiday('Juneteenth'));
  const independence = on(7, 4);
  add(observed(independence), holiday('Independence Day'));
  if (independence.dayOfWeek >= 2 && independence.dayOfWeek <= 5) {
    add(on(7, 3), halfDay('the day before Independence Day'));
  }
  add(weekdayOf(year, 9, 1, 1), holiday('Labor Day'));
  const thanksgiving = weekdayOf(year, 11, 4, 4);
  add(thanksgiving, holiday('Thanksgiving Day'));
  add(thanksgiving.add({ days: 1 }), halfDay('the day after Thanksgiving'));
  const christmas = on(12, 25);
  add(observed(christmas), closedEverywhere('Christmas Day'));
  // Else the 24th is a day of the weekend, or the Friday on which a Christmas Day on Saturday is kept.
  if (christmas.dayOfWeek >= 2 && christmas.dayOfWeek <= 5) add(on(12, 24), halfDay('Christmas Eve'));
  for (const [date, name] of Object.entries(decreed)) {
    if (date.startsWith(`${year}-`)) {
      days.set(date, { name, us_equities: 'closed', cme_equity_index: { closes: '09:30' } });
    }
  }
  return days;
}

/**
 * Stocks are closed on every Good Friday. CME's equity index futures are too, but for years in which it is the first Friday
 * of April, when the report on employment comes out: they trade until 08:15 in Chicago (2015, 2021, 2023, 2026).
 */
function goodFriday(year: number): SpecialDay {
  const day = easterSunday(year).subtract({ days: 2 });
  const isFirstFriday = day.month === 4 && day.day <= 7;
  const name = 'Good Friday';
  return isFirstFriday
    ? { name, us_equities: 'closed', cme_equity_index: { closes: '09:15' } }
    : closedEverywhere(name);
}

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
function observed(day: Temporal.PlainDate): Temporal.PlainDate {
  if (day.dayOfWeek === 6) return day.subtract({ days: 1 });
  return day.dayOfWeek === 7 ? day.add({ days: 1 }) : day;
}

/** The n-th weekday (1 = Monday) of a month. */
function weekdayOf(year: number, month: number, weekday: number, n: number): Temporal.PlainDate {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + 7 * (n - 1) });
}

/** Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(n / 31), day: (n % 31) + 1 });
}

/** No exchange opens or closes in the hour in which clocks change. */
function newYorkNs(day: Temporal.PlainDate, time: string): bigint {
  return day.toZonedDateTime({ timeZone: newYorkZone, plainTime: time }).epochNanoseconds;
}
