import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type VerdictInput, verdictOf } from './verdict.ts';

const holding: VerdictInput = {
  sessions: 30,
  tested: 40,
  best: { mean: 0.8, low: 0.4, high: 1.2, detectable: 0.6, cost: 1 },
  survivor: { adjusted: 0.01, withoutBest: { mean: 0.7, low: 0.2, high: 1.2 } },
  walkForward: { testSessions: 10, low: 0.1 },
  finalAhead: false,
};
const kind = (change: Partial<VerdictInput>) => verdictOf({ ...holding, ...change }).kind;
const none = { survivor: null };
const around = { mean: 0.1, low: -0.5, high: 0.7, detectable: 0.6, cost: 1 };

test('each verdict in its turn', () => {
  equal(kind({ tested: 0, best: null, survivor: null }), 'not_enough_data');
  equal(kind({ ...none, best: { ...around, detectable: 1.01 } }), 'not_enough_data');
  equal(kind({ ...none, best: { ...around, low: -2, high: -0.1 } }), 'loses_after_costs');
  equal(kind({ ...none, best: around }), 'nothing_here');
  equal(kind({ ...none, best: { ...around, detectable: 1 } }), 'nothing_here');
  equal(kind({ sessions: 9 }), 'too_few_days');
  equal(kind({ walkForward: { testSessions: 9, low: null } }), 'too_few_days');
  equal(kind({ walkForward: null }), 'too_few_days');
  equal(
    kind({ survivor: { adjusted: 0.01, withoutBest: { mean: 0.3, low: -0.01, high: 0.6 } } }),
    'one_day_carries_it',
  );
  equal(kind({ survivor: { adjusted: 0.01, withoutBest: null } }), 'one_day_carries_it');
  equal(kind({ walkForward: { testSessions: 10, low: 0 } }), 'not_the_walk_forward');
  equal(kind({ walkForward: { testSessions: 10, low: null } }), 'not_the_walk_forward');
  equal(kind({}), 'holds');
});

test('the earlier verdict wins', () => {
  // Loses too, but could not have found its own cost: not enough data.
  equal(kind({ ...none, best: { ...around, high: -0.1, low: -3, detectable: 1.5 } }), 'not_enough_data');
  // A survivor needs no power.
  equal(kind({ best: { ...around, low: 0.1, detectable: 1.5 } }), 'holds');
  equal(kind({ sessions: 9, survivor: { adjusted: 0.01, withoutBest: null } }), 'too_few_days');
  equal(
    kind({ survivor: { adjusted: 0.01, withoutBest: null }, walkForward: { testSessions: 10, low: -1 } }),
    'one_day_carries_it',
  );
});

test('the numbers that decided stand with it', () => {
  deepEqual(verdictOf(holding), {
    kind: 'holds',
    interim: false,
    adjusted: 0.01,
    withoutBestLow: 0.2,
    walkForwardLow: 0.1,
  });
  deepEqual(verdictOf({ ...holding, sessions: 8, finalAhead: true }), {
    kind: 'too_few_days',
    interim: true,
    adjusted: 0.01,
    sessions: 8,
    testSessions: 10,
    awaitsFinal: false,
  });
});

test('before its date nothing holds', () => {
  const { interim, ...rest } = verdictOf({ ...holding, finalAhead: true });
  equal(interim, true);
  deepEqual(rest, { kind: 'too_few_days', adjusted: 0.01, sessions: 30, testSessions: 10, awaitsFinal: true });
  equal(verdictOf({ ...holding, ...none, best: around, finalAhead: true }).interim, true);
});
