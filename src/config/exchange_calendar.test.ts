import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { calendarOf, calendarYears, type ExchangeCalendar, previousTradingDate, tradingDay } from './index.ts';

const stateOf = (calendar: ExchangeCalendar, date: string): string => {
  const { state, earlyClose } = tradingDay(calendar, date);
  return earlyClose ?? state;
};

/** All weekdays of a year on which an exchange is closed, or ends early. */
function exceptionsOf(calendar: ExchangeCalendar, year: number): string[] {
  const days: string[] = [];
  for (let day = Temporal.PlainDate.from({ year, month: 1, day: 1 }); day.year === year; day = day.add({ days: 1 })) {
    const state = day.dayOfWeek > 5 ? 'open' : stateOf(calendar, day.toString());
    if (state !== 'open') days.push(`${day.toString().slice(5)} ${state}`);
  }
  return days;
}

test('stock exchanges are closed and end early as their published calendars say', () => {
  const closed = (...dates: string[]) => dates.map((date) => `${date} closed`);
  deepEqual(exceptionsOf('us_equities', 2015), [
    ...closed('01-01', '01-19', '02-16', '04-03', '05-25', '07-03', '09-07', '11-26'),
    '11-27 13:00',
    '12-24 13:00',
    '12-25 closed',
  ]);
  deepEqual(exceptionsOf('us_equities', 2018), [
    ...closed('01-01', '01-15', '02-19', '03-30', '05-28'),
    '07-03 13:00',
    ...closed('07-04', '09-03', '11-22'),
    '11-23 13:00',
    '12-05 closed',
    '12-24 13:00',
    '12-25 closed',
  ]);
  // New Year's Day of 2022 is a Saturday and is not kept; Christmas Day of 2021 is kept on the Friday before.
  deepEqual(exceptionsOf('us_equities', 2021), [
    ...closed('01-01', '01-18', '02-15', '04-02', '05-31', '07-05', '09-06', '11-25'),
    '11-26 13:00',
    '12-24 closed',
  ]);
  deepEqual(exceptionsOf('us_equities', 2022), [
    ...closed('01-17', '02-21', '04-15', '05-30', '06-20', '07-04', '09-05', '11-24'),
    '11-25 13:00',
    '12-26 closed',
  ]);
  deepEqual(exceptionsOf('us_equities', 2025), [
    ...closed('01-01', '01-09', '01-20', '02-17', '04-18', '05-26', '06-19'),
    '07-03 13:00',
    ...closed('07-04', '09-01', '11-27'),
    '11-28 13:00',
    '12-24 13:00',
    '12-25 closed',
  ]);
  deepEqual(exceptionsOf('us_equities', 2026), [
    ...closed('01-01', '01-19', '02-16', '04-03', '05-25', '06-19', '07-03', '09-07', '11-26'),
    '11-27 13:00',
    '12-24 13:00',
    '12-25 closed',
  ]);
});

test('futures on equity indices trade half of most holidays', () => {
  deepEqual(exceptionsOf('cme_equity_index', 2018), [
    ...['01-01 closed', '01-15 13:00', '02-19 13:00', '03-30 closed', '05-28 13:00', '07-03 13:15', '07-04 13:00'],
    ...['09-03 13:00', '11-22 13:00', '11-23 13:15', '12-05 09:30', '12-24 13:15', '12-25 closed'],
  ]);
  deepEqual(exceptionsOf('cme_equity_index', 2023), [
    ...['01-02 closed', '01-16 13:00', '02-20 13:00', '04-07 09:15', '05-29 13:00', '06-19 13:00', '07-03 13:15'],
    ...['07-04 13:00', '09-04 13:00', '11-23 13:00', '11-24 13:15', '12-25 closed'],
  ]);
  deepEqual(exceptionsOf('cme_equity_index', 2026), [
    ...['01-01 closed', '01-19 13:00', '02-16 13:00', '04-03 09:15', '05-25 13:00', '06-19 13:00', '07-03 13:00'],
    ...['09-07 13:00', '11-26 13:00', '11-27 13:15', '12-24 13:15', '12-25 closed'],
  ]);
  const goodFridays = ['2015-04-03', '2016-03-25', '2021-04-02', '2022-04-15', '2024-03-29', '2025-04-18'];
  deepEqual(
    goodFridays.map((date) => stateOf('cme_equity_index', date)),
    ['09:15', 'closed', '09:15', 'closed', 'closed', 'closed'],
  );
  equal(stateOf('cme_equity_index', '2025-01-09'), '09:30');
  // Juneteenth is kept since 2022.
  equal(stateOf('cme_equity_index', '2020-06-19'), 'open');
  equal(tradingDay('cme_equity_index', '2022-06-20').reason, 'Juneteenth');
});

test('hours are on New York clocks, whatever they are set to; a week of futures opens on Sunday evening', () => {
  const hoursOf = (calendar: ExchangeCalendar, date: string) => {
    const { hours } = tradingDay(calendar, date);
    return [hours!.opensNs, hours!.closesNs].map((ns) => Temporal.Instant.fromEpochNanoseconds(ns).toString());
  };
  // Clocks go forward on Sunday 2026-03-08, back on Sunday 2026-11-01.
  deepEqual(hoursOf('cme_equity_index', '2026-03-06'), ['2026-03-05T23:00:00Z', '2026-03-06T22:00:00Z']);
  deepEqual(hoursOf('cme_equity_index', '2026-03-09'), ['2026-03-08T22:00:00Z', '2026-03-09T21:00:00Z']);
  deepEqual(hoursOf('cme_equity_index', '2026-11-02'), ['2026-11-01T23:00:00Z', '2026-11-02T22:00:00Z']);
  deepEqual(hoursOf('us_equities', '2026-11-27'), ['2026-11-27T09:00:00Z', '2026-11-27T18:00:00Z']);
  deepEqual(hoursOf('cme_equity_index', '2026-11-26'), ['2026-11-25T23:00:00Z', '2026-11-26T18:00:00Z']);
});

test('the day before skips closed days and keeps half days', () => {
  equal(previousTradingDate('us_equities', '2026-02-17'), '2026-02-13');
  equal(previousTradingDate('cme_equity_index', '2026-02-17'), '2026-02-16');
  equal(previousTradingDate('cme_equity_index', '2026-01-02'), '2025-12-31');
  equal(previousTradingDate('cme_equity_index', '2026-03-09'), '2026-03-06');
  equal(tradingDay('cme_equity_index', '2026-03-08').reason, 'Sunday');
});

test('a day that never was, or of a year that is not covered, is refused', () => {
  throws(() => tradingDay('us_equities', '2026-02-30'), {
    code: 'CONFIG_INVALID',
    message: /2026-02-30 is not in the calendar/,
  });
  const message = new RegExp(`covers the years ${calendarYears.first} to ${calendarYears.last}`);
  throws(() => tradingDay('us_equities', '2014-12-31'), { code: 'CONFIG_INVALID', message });
  throws(() => tradingDay('us_equities', '2036-01-02'), { code: 'CONFIG_INVALID', message });
});

test('futures of other products are told from those whose calendar it is', () => {
  deepEqual(calendarOf('future_mbo', 'MNQ'), { calendar: 'cme_equity_index', isOwn: true });
  deepEqual(calendarOf('future_mbo', 'CL'), { calendar: 'cme_equity_index', isOwn: false });
  deepEqual(calendarOf('equity_mbo', 'AAPL'), { calendar: 'us_equities', isOwn: true });
});
