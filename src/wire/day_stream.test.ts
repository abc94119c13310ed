import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { dayStreamName, parseDayStreamName } from './day_stream.ts';

test('a name of a day of a stream is written and read', () => {
  for (const [name, of, date, threshold] of [
    ['3f9c2a1b.20260105', '3f9c2a1b', '2026-01-05', null],
    ['3f9c2a1b.20260105.t0.35', '3f9c2a1b', '2026-01-05', 0.35],
    ['3f9c2a1b.20260105.t99', '3f9c2a1b', '2026-01-05', 99],
    ['3f9c2a1b.20260105.t1e-7', '3f9c2a1b', '2026-01-05', 1e-7],
    ['my.alias-2.20260105', 'my.alias-2', '2026-01-05', null],
    ['twice.20260104.20260105', 'twice.20260104', '2026-01-05', null],
  ] as const) {
    deepEqual(parseDayStreamName(name), { of, date, threshold }, name);
    equal(dayStreamName({ of, date, threshold }), name);
  }
});

test('other names are no days of a stream', () => {
  const others = [
    '',
    'demo',
    'demo.2026',
    'demo.2026010',
    '.20260105',
    '../a.20260105',
    'a/b.20260105',
    'a b.20260105',
  ];
  const wrongThresholds = ['a.20260105.t', 'a.20260105.t-1', 'a.20260105.tNaN', 'a.20260105.0.35', 'a.20260105.t1.'];
  const longest = `${'a'.repeat(191)}.20260105`;
  for (const name of [...others, ...wrongThresholds, `a${longest}`]) equal(parseDayStreamName(name), null, name);
  equal(parseDayStreamName(longest)?.date, '2026-01-05');
});
