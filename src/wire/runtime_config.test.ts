import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRuntimeConfig, plainProjection } from '../config/index.ts';
import { parseServerMessage, runtimeConfig, type Streamed } from './index.ts';

const streamed: Streamed = {
  runtime: defaultRuntimeConfig,
  streamDt: '2026-02-06',
  streamStartTime: '09:31',
  signalName: 'derivative',
  projection: plainProjection,
  firing: null,
  serving: { serving_name: 'demo', serving_id: 'srv_demo', source: {} },
  effective: { a: 1 },
};

test('the first message says where firings are marked, and whose threshold that is', () => {
  const neutral = runtimeConfig(streamed);
  deepEqual(neutral.firing, { threshold: 0.15, cooldown_bins: 0, basis: 'neutral' });
  const published = runtimeConfig({ ...streamed, firing: { threshold: 0.4, cooldown_bins: 5 } });
  deepEqual(published.firing, { threshold: 0.4, cooldown_bins: 5, basis: 'published' });
  // Marks change no streamed value, and neither does the name that was asked for.
  equal(published.effective_config_hash, neutral.effective_config_hash);
  deepEqual(parseServerMessage(JSON.stringify(published)), JSON.parse(JSON.stringify(published)));
});
