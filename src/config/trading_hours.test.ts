import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { captureWindow } from './capture.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from './runtime.ts';
import { priorSessions, tradingHours } from './trading_hours.ts';

const hourNs = 3600e9;

/** Trading days as text, in hours of New York's clocks at their moments: `05-07 18:00 05-08 17:00 regular 09:30 16:00`. */
function tell(date: string, fields: Partial<RuntimeConfig> = {}): string[] {
  const runtime = { ...defaultRuntimeConfig, ...fields };
  const capture = captureWindow(runtime.product_type, date, '12:00');
  const at = (ns: number) =>
    new Temporal.ZonedDateTime(capture.sessionStartNs + BigInt(ns), 'America/New_York').toPlainDateTime();
  const long = (ns: number) => at(ns).toString({ smallestUnit: 'minute' }).slice(5).replace('T', ' ');
  return tradingHours(runtime, capture).map(
    ({ startNs, endNs, regularStartNs, regularEndNs }) =>
      `${long(startNs)} ${long(endNs)} regular ${long(regularStartNs)} ${long(regularEndNs).slice(6)}`,
  );
}

test('a session of futures has a part in two trading days, the first of which began before it', () => {
  deepEqual(tell('2024-05-08'), [
    '05-07 18:00 05-08 17:00 regular 05-08 09:30 16:00',
    '05-08 18:00 05-09 17:00 regular 05-09 09:30 16:00',
  ]);
  const capture = captureWindow('future_mbo', '2024-05-08', '12:00');
  deepEqual(
    tradingHours(defaultRuntimeConfig, capture).map(({ startNs }) => startNs / hourNs),
    [-2, 22],
  );
});

test('times are those of clocks, when they are set forward too', () => {
  // 2024-03-10: 02:00 becomes 03:00.
  deepEqual(tell('2024-03-10', { trading_day: '00:00–17:00' }), ['03-10 00:00 03-10 17:00 regular 03-10 09:30 16:00']);
  const capture = captureWindow('future_mbo', '2024-03-10', '12:00');
  deepEqual(
    tradingHours(defaultRuntimeConfig, capture).map(({ startNs, endNs }) => (endNs - startNs) / hourNs),
    [22, 23],
  );
});

test('stocks have one trading day a session, and a file says which hours', () => {
  deepEqual(tell('2024-05-08', { product_type: 'equity_mbo' }), ['05-08 04:00 05-08 20:00 regular 05-08 09:30 16:00']);
  deepEqual(tell('2024-05-08', { trading_day: '17:00 - 17:00 New York', regular: '08:20-13:30' }).slice(0, 1), [
    '05-07 17:00 05-08 17:00 regular 05-08 08:20 13:30',
  ]);
  deepEqual(tell('2024-05-08', { trading_day: '18:00–17:00', regular: '20:00–02:00' }).slice(0, 1), [
    '05-07 18:00 05-08 17:00 regular 05-07 20:00 02:00',
  ]);
});

test('sessions before are those since the beginning of the trading day before', () => {
  const future = (date: string) => priorSessions(defaultRuntimeConfig, date);
  deepEqual(future('2026-02-05'), ['2026-02-03', '2026-02-04']);
  // Monday: from Thursday's evening on, and Sunday's evening.
  deepEqual(future('2026-02-09'), ['2026-02-05', '2026-02-06', '2026-02-08']);
  deepEqual(future('2026-02-08'), ['2026-02-05', '2026-02-06']);
  // Futures do not trade on Christmas Day, a Friday, until the evening of Sunday.
  deepEqual(future('2026-12-28'), ['2026-12-23', '2026-12-24', '2026-12-27']);
  const stock = { product_type: 'equity_mbo', symbol: 'QQQ' } as const;
  deepEqual(priorSessions(stock, '2026-02-17'), ['2026-02-13']);
});
