import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedVersion } from '../../src/wire/index.ts';
import { nameOf, nearestFirst, sessionWords } from './servings.ts';

const version = (serving_id: string, ...aliases: string[]): ListedVersion => ({
  serving_id,
  aliases,
  created_at_utc: '2026-02-07T00:00:00Z',
  description: '',
  experiment_name: 'q1',
  signal_name: 'ads',
  run_id: 'run',
  session: { symbol: 'MNQH6', date: '2026-02-06', start_time: '09:30', end_time: null, cell_width_ms: 100 },
  verdict: null,
  problem: null,
});

test('versions go by their alias, and the nearest name comes first', () => {
  const versions = [version('srv_a', 'best'), version('srv_b'), version('srv_c', 'other', 'demo')];
  deepEqual(nearestFirst(versions, 'Demon').map(nameOf)[0], 'other');
  deepEqual(nearestFirst(versions, 'srv_b').map(nameOf)[0], 'srv_b');
  equal(nearestFirst(versions, null), versions);
});

test('a session is told with its times', () => {
  equal(sessionWords(version('srv_a')), 'MNQH6 2026-02-06, from 09:30 New York time');
  const closed = version('srv_a');
  equal(
    sessionWords({ ...closed, session: { ...closed.session!, end_time: '16:00' } }),
    'MNQH6 2026-02-06, from 09:30 to 16:00 New York time',
  );
});
