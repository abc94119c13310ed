import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { madeRow, madeRun, threeRuns } from '../../../test/web/made_runs.ts';
import { type Parameters, toRun, varyingParameters, verdict } from './runs.ts';

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
