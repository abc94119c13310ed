import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { walkForwardCurves, walkForwardWords } from './walk_forward.ts';

const walk = {
  test_sessions: 3,
  ...{ number: 1, tried: 1, count_sentence: '' },
  mean_net_pnl_ticks: 0.5,
  mean_net_pnl_ticks_low: -1,
  mean_net_pnl_ticks_high: 2,
  dates: ['2026-02-02', '2026-02-03', '2026-02-04'],
  net_ticks: [4, 0, -2],
  signals: [3, 0, 1],
  in_sample_net_ticks: [5, null, 1],
  stretches: [],
};

test('curves start at nothing earned and sum up session by session, with the ends of the interval', () => {
  deepEqual(walkForwardCurves(walk), {
    sessions: [0, 1, 2, 3],
    netTicks: [0, 4, 4, 2],
    lowTicks: [0, -3, -3, -4],
    highTicks: [0, 6, 6, 8],
    inSampleTicks: [0, 5, 5, 6],
  });
});

test('the walk-forward is told with its interval, or why there is none', () => {
  equal(
    walkForwardWords(walk),
    '+0.50 (−1.00 to +2.00) ticks a trade; 4 trades on 3 test sessions, each chosen on the sessions before it.',
  );
  const without = { ...walk, mean_net_pnl_ticks_low: null, mean_net_pnl_ticks_high: null };
  equal(walkForwardWords(without).includes('(no interval with fewer than ten test sessions)'), true);
  deepEqual(walkForwardCurves(without).lowTicks, [null, null, null, null]);
  equal(
    walkForwardWords({ ...walk, mean_net_pnl_ticks: null, signals: [0, 0, 0] }),
    'No trial could be chosen: 0 trades on 3 test sessions.',
  );
});
