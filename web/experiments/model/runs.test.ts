import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { madeRow, madeRun, threeRuns } from '../../../test/web/made_runs.ts';
import { netReachTicks, netVerdict, onNetScale, type Parameters, toRun, varyingParameters, verdict } from './runs.ts';

test('a run has the parameters of its signal and of the scoring, shared between rows with the same text', () => {
  const known = new Map<string, Parameters>();
  const [first, second, other] = [
    madeRow('a', {}, { span: 1 }),
    madeRow('b', {}, { span: 1 }),
    madeRow('c', { scoring_json: '{"tanh_scale":2}' }, { span: 1 }),
  ].map((row) => toRun(row, known));
  deepEqual(first?.parameters, { span: 1, 'scoring.tanh_scale': 3 });
  equal(first?.parameters, second?.parameters);
  deepEqual(varyingParameters([first, second, other].filter((run) => run !== undefined)), ['scoring.tanh_scale']);
});

test('the text that is searched has every name of the run in lower case', () => {
  const { searchText } = madeRun('AB12', { signal_name: 'Ads', experiment_name: 'First Try' });
  equal(searchText, 'ab12 ads d1 first try spec');
});

test('an interval is judged against break-even by both of its ends', () => {
  deepEqual(threeRuns.map(verdict), ['above', 'below', 'open']);
  const at = (low: number | null, high: number | null, even: number | null) =>
    verdict({ tp_rate_low: low, tp_rate_high: high, break_even_rate: even });
  equal(at(0.5, 0.6, 0.5), 'open', 'an interval that begins at break-even is not above it');
  equal(at(0.4, 0.5, 0.5), 'open');
  equal(at(0, 1, 0.5), 'open', 'without signals');
  equal(at(null, null, 0.5), 'open', 'without an interval');
  equal(at(0.6, 0.7, null), 'open');
});

const net = (low: number | null, high: number | null, survives: boolean | null = null) => ({
  mean_net_pnl_ticks_low: low,
  mean_net_pnl_ticks_high: high,
  survives,
});

test('net PnL is judged against zero by both ends of its interval', () => {
  deepEqual([net(0.1, 2), net(-2, -0.1), net(-1, 1), net(0, 1), net(null, null)].map(netVerdict), [
    'above',
    'below',
    'open',
    'open',
    'open',
  ]);
});

test('the scale of net PnL holds what survives and nine in ten intervals, and cuts the widest at its ends', () => {
  equal(netReachTicks([...Array.from({ length: 9 }, (_, at) => net(-1, at / 10)), net(-80, 90)]), 1);
  equal(netReachTicks([...Array.from({ length: 9 }, () => net(-1, 0.5)), net(1, 2, true)]), 2);
  equal(netReachTicks([net(-3, 1)]), 3);
  deepEqual([netReachTicks([]), netReachTicks([net(null, null)]), netReachTicks([net(0, 0)])], [1, 1, 1]);
  deepEqual([onNetScale(0, 2), onNetScale(-2, 2), onNetScale(1, 2), onNetScale(90, 2)], [0.5, 0, 0.75, 1]);
});
