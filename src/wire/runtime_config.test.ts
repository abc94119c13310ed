import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRuntimeConfig, plainProjection } from '../config/index.ts';
import { signals } from '../signals/index.ts';
import { firingRule, parseServerMessage, runtimeConfig, type Streamed } from './index.ts';

const streamed: Streamed = {
  runtime: defaultRuntimeConfig,
  streamDt: '2026-02-06',
  streamStartTime: '09:31',
  signal: null,
  projection: plainProjection,
  firing: null,
  serving: { serving_name: 'demo', serving_id: 'srv_demo', source: {} },
  effective: { a: 1 },
};
const spg = { name: 'spg', params: { reach_ticks: 12 } };

test('the first message says when the signal fires, and whose rule that is', () => {
  const none = { window_bins: null, cooldown_bins: 0, warmup_bins: 0 };
  deepEqual(runtimeConfig(streamed).firing, { kind: 'score', threshold: 0.15, ...none, basis: 'neutral' });
  // From before the kind and the warm-up were published.
  const old = runtimeConfig({ ...streamed, firing: { threshold: 0.4, cooldown_bins: 5 } });
  const fixed = { kind: 'score', threshold: 0.4, window_bins: null, cooldown_bins: 5, warmup_bins: 0 } as const;
  deepEqual(old.firing, { ...fixed, basis: 'published' });
  deepEqual(firingRule(old.firing), { threshold: { kind: 'score', value: 0.4 }, warmupBins: 0, cooldownBins: 5 });
  const firing = {
    kind: 'past_percentile',
    threshold: 99,
    window_bins: 600,
    cooldown_bins: 5,
    warmup_bins: 300,
  } as const;
  const percentile = runtimeConfig({ ...streamed, signal: spg, firing });
  deepEqual(percentile.firing, { ...firing, basis: 'published' });
  deepEqual(firingRule(percentile.firing), {
    threshold: { kind: 'past_percentile', percentile: 99, windowBins: 600 },
    warmupBins: 300,
    cooldownBins: 5,
  });
  deepEqual(parseServerMessage(JSON.stringify(percentile)), JSON.parse(JSON.stringify(percentile)));
  // A score of any size is not held against flow_neutral_threshold.
  const byDefault = { kind: 'past_percentile', threshold: 95, window_bins: 3000, cooldown_bins: 0, warmup_bins: 0 };
  deepEqual(runtimeConfig({ ...streamed, signal: spg }).firing, { ...byDefault, basis: 'default' });
});

test('the first message describes the signal that runs, with every parameter as it runs', () => {
  const { signal, state_model } = runtimeConfig({ ...streamed, signal: spg });
  equal(signal.name, 'spg');
  equal(state_model.name, 'spg');
  equal(signal.score_bound, null);
  deepEqual(signal.params, { reach_ticks: 12, fast_span_bins: 5, slow_span_bins: 20, centre_bins: 0 });
  const derivative = runtimeConfig(streamed).signal;
  equal(derivative.params.zscore_window_bins, defaultRuntimeConfig.state_model_zscore_window_bins);
  equal(derivative.score_bound, 1);
  notEqual(derivative.about, signal.about);
  for (const { name, bound } of signals) {
    equal(runtimeConfig({ ...streamed, signal: { name, params: {} } }).signal.score_bound, bound, name);
  }
});
