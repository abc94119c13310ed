import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, ZoneClock } from './format.ts';

const newYork = new ZoneClock('America/New_York');

test('New York time is right on both sides of a change of daylight saving time', () => {
  equal(newYork.time(Date.UTC(2026, 2, 8, 6, 59, 59)), '01:59:59');
  equal(newYork.time(Date.UTC(2026, 2, 8, 7, 0, 0)), '03:00:00');
  equal(newYork.time(Date.UTC(2026, 10, 1, 5, 30)), '01:30:00');
  equal(newYork.time(Date.UTC(2026, 10, 1, 6, 30)), '01:30:00');
  equal(newYork.date(Date.UTC(2026, 1, 7, 4, 59)), '2026-02-06');
});

test('decimals of a second appear when the step needs them', () => {
  const time = Date.UTC(2026, 1, 6, 14, 30, 5, 250);
  equal(newYork.label(time, 60_000), '09:30');
  equal(newYork.label(time, 5000), '09:30:05');
  equal(newYork.label(time, 200), '09:30:05.2');
  equal(newYork.label(time, 50), '09:30:05.25');
  equal(newYork.time(time, 3), '09:30:05.250');
});

test('a clock time is found inside the session, as the zone counts it', () => {
  const near = Date.UTC(2026, 1, 6, 20, 0);
  const start = Date.UTC(2026, 1, 6, 14, 0);
  equal(newYork.parse('09:30', near, start), Date.UTC(2026, 1, 6, 14, 30));
  equal(newYork.parse(' 9:30:05.5 ', near, start), Date.UTC(2026, 1, 6, 14, 30, 5, 500));
  equal(newYork.parse('18:00', Date.UTC(2026, 6, 1, 12), Date.UTC(2026, 6, 1, 11)), Date.UTC(2026, 6, 1, 22));
  equal(newYork.parse('12:00', Date.UTC(2026, 2, 8, 18), Date.UTC(2026, 2, 8, 17)), Date.UTC(2026, 2, 8, 16));
  for (const text of ['', '24:00', '9:60', 'noon', '9']) equal(newYork.parse(text, near, start), null, text);
  const evening = Date.UTC(2026, 1, 6, 1);
  equal(newYork.parse('00:30', Date.UTC(2026, 1, 6, 4, 50), evening), Date.UTC(2026, 1, 6, 5, 30));
  equal(newYork.parse('20:30', Date.UTC(2026, 1, 6, 14), evening), Date.UTC(2026, 1, 6, 1, 30));
  // Before the stream's start there is nothing: the time of the date that is shown.
  equal(newYork.parse('08:00', near, start), Date.UTC(2026, 1, 6, 13));
});

test('durations are in the unit that reads best', () => {
  equal(formatDuration(1500), '1.5 s');
  equal(formatDuration(-125_000), '−2 min 05 s');
  equal(formatDuration(3_720_000), '1 h 02 min');
});
