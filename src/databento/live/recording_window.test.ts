import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isMarketClosed, windowAt } from './recording_window.ts';

const ns = (text: string): bigint => Temporal.Instant.from(text).epochNanoseconds;
const shown = (ns: bigint): string => Temporal.Instant.fromEpochNanoseconds(ns).toString();

test('futures have a session every UTC day, whatever the clocks of New York do', () => {
  for (const [at, date] of [
    ['2026-03-07T23:59:59.999999999Z', '2026-03-07'],
    ['2026-03-08T00:00:00Z', '2026-03-08'],
    ['2026-11-01T05:30:00Z', '2026-11-01'],
  ] as const) {
    const window = windowAt('future_mbo', ns(at));
    deepEqual([window.date, shown(window.startNs)], [date, `${date}T00:00:00Z`]);
    equal(window.endNs - window.startNs, 86_400_000_000_000n);
  }
});

test('equities have one on trading days: an evening belongs to the next', () => {
  for (const [at, date, start, end] of [
    ['2026-02-06T14:30:00Z', '2026-02-06', '2026-02-06T07:00:00Z', '2026-02-06T21:00:00Z'],
    // Friday evening, Saturday, and the Sunday on which the clocks are set forward.
    ['2026-03-06T21:00:00Z', '2026-03-09', '2026-03-09T06:00:00Z', '2026-03-09T20:00:00Z'],
    ['2026-03-07T12:00:00Z', '2026-03-09', '2026-03-09T06:00:00Z', '2026-03-09T20:00:00Z'],
    ['2026-03-08T07:30:00Z', '2026-03-09', '2026-03-09T06:00:00Z', '2026-03-09T20:00:00Z'],
    // The evening before Thanksgiving.
    ['2026-11-25T22:00:00Z', '2026-11-27', '2026-11-27T07:00:00Z', '2026-11-27T21:00:00Z'],
  ] as const) {
    const window = windowAt('equity_mbo', ns(at));
    deepEqual([window.date, shown(window.startNs), shown(window.endNs)], [date, start, end]);
  }
});

test('the market of futures is closed in the halt, at weekends and on holidays', () => {
  for (const [at, isClosed] of [
    ['2026-02-06T15:00:00Z', false],
    ['2026-02-05T22:30:00Z', true],
    ['2026-02-05T23:00:00Z', false],
    ['2026-02-06T22:00:00Z', true],
    ['2026-02-08T22:59:59Z', true],
    ['2026-02-08T23:00:00Z', false],
    ['2026-12-25T15:00:00Z', true],
    ['2060-12-25T15:00:00Z', false],
  ] as const) {
    equal(isMarketClosed('future_mbo', ns(at)), isClosed, at);
  }
});
