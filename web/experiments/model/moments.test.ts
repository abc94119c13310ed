import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcomes } from '../../../src/wire/index.ts';
import { dayHref, newYorkTime, tradesOf } from './moments.ts';

const runId = '3f9c2a1b3f9c2a1b3f9c2a1b3f9c2a1b';
const start = Date.parse('2026-02-06T14:25Z');
const perCode = [0, 0, 0, 0, 0];
const outcomes: Outcomes = {
  ...{ run_id: runId, threshold: 0.35, cell_width_ms: 100, session: '2026-02-06', bins: 100 },
  ...{ start_ms: start, bin: [10, 20], entry_bin: [11, 20], exit_bin: [15, 29] },
  ...{ side: [1, -1], result: [1, 0], cost_ticks: [0.5, 1], gain_ticks: [4, -4], mid_gain_ticks: [4.5, -4] },
  ...{ entry_mid: [100, 101.125], exit_mid: [101.25, 102] },
  ...{ executed: null, is_executed: false },
  states: { bins: 0, all: perCode, long: perCode, short: perCode, transitions: [] },
};

test('New York time has seconds where they are not 0', () => {
  deepEqual([start, start + 65_000].map(newYorkTime), ['09:25', '09:26:05']);
});

test('a day leads to its first trade on the heatmap page', () => {
  equal(dayHref(runId, '2026-02-06', 0.35), `./vacuum-pressure.html?serving=${runId}.20260206.t0.35#trade=first`);
});

test('a trade has its time, prices and outcome, and leads to its entry', () => {
  const tradeAt = tradesOf(outcomes)!;
  deepEqual(tradeAt(0), {
    href: `./vacuum-pressure.html?serving=${runId}.20260206.t0.35#t=1770387901200000000&trade=10`,
    ...{ time: '09:25:01.100', side: 'long', entry: '100.000', exit: '101.250', outcome: 'take-profit' },
    ...{
      entryMs: start + 1100,
      exitMs: start + 1500,
      entryPrice: 100,
      exitPrice: 101.25,
      executed: null,
      firingBin: 10,
    },
    ...{ costTicks: 0.5, netTicks: 4 },
  });
  deepEqual([tradeAt(1).side, tradeAt(1).outcome, tradeAt(1).netTicks], ['short', 'time-out', -5]);
});

test('results of an older method have no moments', () => {
  equal(tradesOf({ ...outcomes, session: null }), null);
  equal(tradesOf({ ...outcomes, start_ms: null }), null);
});
