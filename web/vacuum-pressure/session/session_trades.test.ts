import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcomes } from '../../../src/wire/index.ts';
import { sessionTrades, tradeIndex } from './session_trades.ts';

const perCode = [0, 0, 0, 0, 0];
const outcomes: Outcomes = {
  ...{ run_id: 'r', threshold: 0.3, cell_width_ms: 100, session: '2026-02-06', bins: 100, start_ms: 1_000_000 },
  ...{ bin: [10, 20, 30], entry_bin: [11, 21, 31], exit_bin: [15, 29, 60], side: [1, -1, 1], result: [1, -1, 0] },
  ...{ cost_ticks: [0.5, 1, 0.5], gain_ticks: [4, -4, 0], mid_gain_ticks: [4.5, -4, 1] },
  ...{ entry_mid: [100, 101, 100.5], exit_mid: [101.125, 102, 100.75] },
  ...{ executed: null, is_executed: false },
  states: { bins: 0, all: perCode, long: perCode, short: perCode, transitions: [] },
};

test('trades have times, prices and a word for their outcome', () => {
  const [first, second, third] = sessionTrades(outcomes);
  deepEqual(first, {
    ...{ side: 'long', outcome: 'take-profit', entryMs: 1_001_100, exitMs: 1_001_500 },
    ...{ entryPrice: 100, exitPrice: 101.125, costTicks: 0.5, netTicks: 4, firingBin: 10, executed: null },
  });
  deepEqual([second?.side, second?.outcome, second?.netTicks], ['short', 'stop-loss', -5]);
  equal(third?.outcome, 'time-out');
});

test('an executed trade has its fills, or what became of its entry', () => {
  const executed = {
    ...{ outcome: ['partial', 'missed', 'filled'], reason: ['stop', 'none', 'sessionEnd'], quantity: [2, 0, 1] },
    ...{ entry_price: [100, null, 1], exit_price: [101, null, 2], entry_ms: [1, null, 3], exit_ms: [2, null, 4] },
    ...{ net_ticks: [3, null, -1], fills: [['take', 'queue'], [], ['met']], too_large: [false, true, false] },
  } as unknown as Outcomes['executed'];
  const trades = sessionTrades({ ...outcomes, executed });
  deepEqual(trades[0]?.executed, {
    held: { entryMs: 1, exitMs: 2, entryPrice: 100, exitPrice: 101, quantity: 2, netTicks: 3 },
    ...{ outcome: 'stop-loss', fills: 'take, queue, partial', isTooLarge: false },
  });
  deepEqual(trades[1]?.executed, { outcome: 'missed', held: null, fills: '', isTooLarge: true });
  equal(trades[2]?.executed?.outcome, 'session end');
});

test('a trade is found by its firing, or as the first', () => {
  const trades = sessionTrades(outcomes);
  deepEqual([tradeIndex(trades, 20), tradeIndex(trades, 'first'), tradeIndex(trades, 21)], [1, 0, -1]);
  equal(tradeIndex([], 'first'), -1);
});

test('an answer that is not whole gives no trades', () => {
  const broken: Partial<Outcomes>[] = [{ exit_bin: [15, 29] }, { entry_mid: [1, Number.NaN, 3] }, { start_ms: null }];
  for (const change of broken) throws(() => sessionTrades({ ...outcomes, ...change }), /not whole/);
  const { exit_mid, ...older } = outcomes;
  throws(() => sessionTrades(older as Outcomes), /not whole/);
});
