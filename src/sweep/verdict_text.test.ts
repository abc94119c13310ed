import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { requirementSentence, verdictHeadline, verdictSentence } from './verdict_text.ts';

test('a verdict names itself and the numbers that decided it', () => {
  const loses = { kind: 'loses_after_costs', interim: false, mean: -0.876, low: -1.15, high: -0.6 } as const;
  equal(verdictHeadline(loses), 'loses after costs');
  equal(verdictSentence(loses), 'The best tested trial earns −0.88 (−1.15 to −0.60) ticks a trade after costs.');
  const early = {
    kind: 'too_few_days',
    ...{ interim: true, adjusted: 0.0123, sessions: 5, testSessions: 0, awaitsFinal: false },
  } as const;
  equal(verdictHeadline(early), 'interim: too few days');
  match(verdictSentence(early), /adjusted p 0\.012\), on 5 sessions, of which the walk-forward tests 0: ten of each/);
  match(verdictSentence({ ...early, awaitsFinal: true }), /the date on which to judge lies ahead/);
  match(verdictSentence({ kind: 'not_enough_data', interim: false, tested: 0, best: null }), /nothing can be tested/);
});

test('what it would take is said of a trial that was named before, and not of the best of a search', () => {
  const needs = { sessions: 20, detectable: 0.42, mean: 0.21, low: -0.09, high: 0.51, sessionsNeeded: 76 };
  equal(
    requirementSentence(needs, false),
    '20 sessions could have shown 0.42 ticks a trade; this is 0.21 (−0.09 to 0.51); about 76 sessions would be needed if 0.21 were true.',
  );
  match(requirementSentence(needs, true), /0\.21 \(−0\.09 to 0\.51\), inflated by the search\.$/);
  match(
    requirementSentence({ ...needs, mean: -0.1, low: -0.4, high: 0.2, sessionsNeeded: null }, false),
    /this is −0\.10 \(−0\.40 to 0\.20\)\.$/,
  );
});
