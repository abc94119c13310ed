import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { captureWindow } from './index.ts';

const ns = (utc: string) => BigInt(Date.parse(utc)) * 1_000_000n;

test('a futures session is the UTC day; clock times are New York', () => {
  deepEqual(captureWindow('future_mbo', '2026-02-06', '09:25', '09:26'), {
    sessionStartNs: ns('2026-02-06T00:00:00Z'),
    sessionEndNs: ns('2026-02-07T00:00:00Z'),
    startNs: ns('2026-02-06T14:25:00Z'),
    endNs: ns('2026-02-06T14:26:00Z'),
  });
});

test('an equity session is 02:00 to 16:00 in New York; no end means open', () => {
  deepEqual(captureWindow('equity_mbo', '2025-07-17', '09:30'), {
    sessionStartNs: ns('2025-07-17T06:00:00Z'),
    sessionEndNs: ns('2025-07-17T20:00:00Z'),
    startNs: ns('2025-07-17T13:30:00Z'),
    endNs: null,
  });
});

test('clock changes: the same clock time is another UTC time, and days have 23 or 25 hours', () => {
  equal(captureWindow('future_mbo', '2026-03-06', '09:30').startNs, ns('2026-03-06T14:30:00Z'));
  equal(captureWindow('future_mbo', '2026-03-09', '09:30').startNs, ns('2026-03-09T13:30:00Z'));
  equal(captureWindow('future_mbo', '2026-03-08', '01:59').startNs, ns('2026-03-08T06:59:00Z'));
  equal(captureWindow('future_mbo', '2026-03-08', '03:00').startNs, ns('2026-03-08T07:00:00Z'));
  throws(
    () => captureWindow('future_mbo', '2026-03-08', '02:30'),
    /clocks do not show the start 02:30 in the session of 2026-03-08, 2026-03-07 19:00 to 2026-03-08 20:00 .*set forward/,
  );
  throws(() => captureWindow('equity_mbo', '2026-03-08', '03:30'), /02:00 does not exist/);
  // The session of the spring change has the hour before 20:00 on both evenings, that of the autumn change on none.
  throws(
    () => captureWindow('future_mbo', '2026-03-08', '19:30'),
    /show the start 19:30 twice \(2026-03-07 19:30 at UTC-05 and 2026-03-08 19:30 at UTC-04\) .*set forward/,
  );
  throws(() => captureWindow('future_mbo', '2026-03-08', '09:00', '20:00'), /show the end 20:00 twice/);
  equal(captureWindow('future_mbo', '2026-03-08', '20:00').startNs, ns('2026-03-08T01:00:00Z'));
  throws(() => captureWindow('future_mbo', '2026-11-01', '19:30'), /do not show the start 19:30 .*set back/);
  throws(
    () => captureWindow('future_mbo', '2026-11-01', '01:30', '02:30'),
    /show the start 01:30 twice \(2026-11-01 01:30 at UTC-04 and 2026-11-01 01:30 at UTC-05\) .*set back/,
  );
  equal(captureWindow('future_mbo', '2026-11-01', '00:30', '02:30').endNs, ns('2026-11-01T07:30:00Z'));
});

test('the evening hours of a futures session are those before its date, and window order decides which is first', () => {
  const evening = captureWindow('future_mbo', '2026-02-06', '20:00', '21:30');
  equal(evening.startNs, ns('2026-02-06T01:00:00Z'));
  equal(evening.endNs, ns('2026-02-06T02:30:00Z'));
  const night = captureWindow('future_mbo', '2026-02-06', '23:59', '00:01');
  equal(night.startNs, ns('2026-02-06T04:59:00Z'));
  equal(night.endNs, ns('2026-02-06T05:01:00Z'));
  equal(captureWindow('future_mbo', '2026-02-06', '19:00').startNs, ns('2026-02-06T00:00:00Z'));
  equal(captureWindow('future_mbo', '2026-07-17', '20:00').startNs, ns('2026-07-17T00:00:00Z'));
  throws(() => captureWindow('future_mbo', '2026-02-06', '09:30', '20:00'), {
    message:
      /starts at 09:30 New York time \(2026-02-06 09:30\), which is not before its end at 20:00 \(2026-02-05 20:00\)/,
  });
  throws(() => captureWindow('equity_mbo', '2026-02-06', '20:00'), /the start 20:00 lies outside the session/);
});

test('a capture must start before it ends, inside its session', () => {
  throws(() => captureWindow('future_mbo', '2026-02-06', '10:00', '09:00'), {
    code: 'CONFIG_INVALID',
    message:
      /starts at 10:00 New York time \(2026-02-06 10:00\), which is not before its end at 09:00 \(2026-02-06 09:00\)/,
  });
  throws(() => captureWindow('future_mbo', '2026-02-06', '10:00', '10:00'), { code: 'CONFIG_INVALID' });
  throws(() => captureWindow('equity_mbo', '2026-02-06', '15:00', '16:01'), /end 16:01 lies outside/);
  equal(captureWindow('future_mbo', '2026-02-06', '18:59', '19:00').endNs, ns('2026-02-07T00:00:00Z'));
});

test('dates and times that do not exist are refused', () => {
  for (const [date, time] of [
    ['2026-02-30', '09:00'],
    ['20260206', '09:00'],
    ['2026-02-06', '24:00'],
    ['2026-02-06', '9:00'],
    ['2026-02-06', '09:00:00'],
  ] as const) {
    throws(() => captureWindow('future_mbo', date, time), { code: 'CONFIG_INVALID' });
  }
});
