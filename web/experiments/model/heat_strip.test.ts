import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentTrial } from '../../../src/wire/index.ts';
import { fillStrip, stripReachTicks, stripTrials, stripWords } from './heat_strip.ts';

const trial = (
  run_id: string,
  mean_net_pnl_ticks: number | null,
  session_net_ticks: (number | null)[],
  threshold = 1,
) =>
  ({
    run_id,
    threshold,
    mean_net_pnl_ticks,
    mean_net_pnl_ticks_low: null,
    p_adjusted: null,
    q_value: null,
    session_net_ticks,
    session_signals: session_net_ticks.map((net) => (net === null ? null : 3)),
  }) as DocumentTrial;

test('trials that pass come by evidence, those without trades last', () => {
  const trials = [
    trial('d', 1, []),
    { ...trial('d', 0.2, [], 2), p_adjusted: 0.4 },
    trial('c', null, []),
    trial('b', 2, [], 0.6),
    trial('b', 2, [], 0.5),
    trial('a', 9, []),
  ];
  deepEqual(
    stripTrials({ trials }, new Set(['b', 'c', 'd'])).map(({ run_id, threshold }) => [run_id, threshold]),
    [
      ['d', 2],
      ['b', 0.5],
      ['b', 0.6],
      ['d', 1],
      ['c', 1],
    ],
  );
});

test('the scale holds all but the largest cells, of small strips and of large ones', () => {
  equal(stripReachTicks([trial('a', 1, [-4, 0, null])], 3), 4);
  equal(stripReachTicks([], 3), 1);
  const rows = Array.from({ length: 1000 }, (_, at) =>
    trial(
      'a',
      1,
      Array.from({ length: 100 }, () => (at % 50 === 0 ? 900 : 7)),
    ),
  );
  equal(stripReachTicks(rows, 100), 7);
});

test('a cell is coloured from loss to gain about zero, what lies beyond the scale as its end', () => {
  const pixels = new Uint32Array(10);
  const trials = [trial('z', 0, []), trial('a', 1, [-2, -1, 0, 1]), trial('b', 1, [90, -90, null, 2])];
  fillStrip(pixels, trials, [1, 2, 4], { reachTicks: 2, colours: Uint32Array.of(10, 11, 12, 13, 14), missing: 99 });
  deepEqual([...pixels], [10, 11, 12, 13, 14, 10, 99, 14, 0, 0]);
});

test('a cell names its trial, session, result and trades', () => {
  equal(
    stripWords(trial('0123456789', -0.5, [4.5]), 0, '2026-02-02'),
    '01234567 at 1, −0.50 ticks a trade over all; 2026-02-02: +4.5 ticks net in 3 trades',
  );
});
