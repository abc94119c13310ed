import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { chosenSession, sessionSummary, sessionsOf, sessionWords } from './sessions.ts';

const document = {
  sessions: [{ date: '2026-02-02' }, { date: '2026-02-03' }, { date: '2026-02-04' }, { date: '2026-02-05' }],
  trials: [
    { run_id: 'a', threshold: 0.5, session_net_ticks: [0, null, -3.5, 1200], session_signals: [0, null, 2, 1] },
    { run_id: 'a', threshold: 1, session_net_ticks: [1], session_signals: [1] },
  ],
} as unknown as ExperimentDocumentResponse;
const sessions = sessionsOf(document, 'a', 0.5);

test('a trial has a result for each session of its experiment', () => {
  deepEqual(sessions.map(sessionWords), [
    '2026-02-02: no trades',
    '2026-02-03: not run',
    '2026-02-04: −3.5 ticks net in 2 trades',
    '2026-02-05: +1200.0 ticks net in 1 trade',
  ]);
  deepEqual(sessionsOf(document, 'a', 0.7), []);
  deepEqual(sessionsOf(document, 'b', 0.5), []);
});

test('the session that is shown is the one asked for, else the first with trades', () => {
  equal(chosenSession(sessions, '2026-02-03')?.date, '2026-02-03');
  equal(chosenSession(sessions, '2025-01-01')?.date, '2026-02-04');
  equal(chosenSession(sessions.slice(0, 2), null)?.date, '2026-02-02');
  equal(chosenSession([], null), null);
});

test('sessions are summed up by their signs and their total', () => {
  equal(sessionSummary(sessions), '1 of 3 sessions gain, 1 lose, 1 neither; +1196.5 ticks net in all.');
  equal(sessionSummary(sessions.slice(2)), '1 of 2 sessions gain, 1 lose; +1196.5 ticks net in all.');
});
