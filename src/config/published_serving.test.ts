import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertInstrument,
  defaultRuntimeConfig,
  formatPublishedServing,
  formatYaml,
  type Plain,
  type PublishedServingSpec,
  parseInstrument,
  parsePublishedServing,
  productRoot,
  readPublishedServing,
} from './index.ts';

const spec: PublishedServingSpec = {
  serving_id: 'srv_demo_12345678_abcdef01',
  description: 'the demo',
  runtime_snapshot: { ...defaultRuntimeConfig, stream_dt: '2026-02-06', stream_start_time: '09:25' },
  signal: { name: 'ads', params: { b: 0.1, a: true } },
  firing: { threshold: 0.35, cooldown_bins: 5 },
  source: {
    run_id: 'r',
    experiment_name: 'demo',
    config_hash: 'abcdef01',
    promoted_at_utc: '2026-02-07T00:00:00Z',
    serving_spec_name: 'mnq',
    signal_name: 'ads',
  },
};

test('a published spec survives its YAML bit for bit', () => {
  const { text, sha256 } = formatPublishedServing(spec);
  deepEqual(readPublishedServing(text, 'f'), spec);
  equal(formatPublishedServing(readPublishedServing(text, 'f')).sha256, sha256);
});

test('the canonical text ignores key order and sees every change', () => {
  const reversed = Object.fromEntries(
    Object.entries({
      ...spec,
      runtime_snapshot: Object.fromEntries(Object.entries(spec.runtime_snapshot).reverse()),
    }).reverse(),
  );
  const { sha256 } = formatPublishedServing(spec);
  equal(formatPublishedServing(parsePublishedServing(reversed, 'f')).sha256, sha256);
  notEqual(formatPublishedServing({ ...spec, description: 'x' }).sha256, sha256);
});

test('the snapshot obeys the runtime rules', () => {
  const bad = { ...spec, runtime_snapshot: { ...spec.runtime_snapshot, flow_zscore_min_periods: 9999, stream_dtt: 1 } };
  throws(() => parsePublishedServing(bad, 'f'), /runtime_snapshot\.flow_zscore_min_periods is 9999/);
  throws(() => parsePublishedServing(bad, 'f'), /nearest known key is "stream_dt"/);
  throws(
    () => parsePublishedServing({ ...spec, serving_id: '../etc' }, 'f'),
    /serving_id is "..\/etc"; allowed: a name/,
  );
});

test('the instrument lock names both instruments', () => {
  const lock = parseInstrument(formatYaml(defaultRuntimeConfig as unknown as Plain), 'instrument.yaml');
  deepEqual(lock, defaultRuntimeConfig);
  assertInstrument(lock, 'future_mbo', 'MNQH6');
  throws(() => assertInstrument(lock, 'future_mbo', 'ESH4'), {
    code: 'INSTRUMENT_LOCKED',
    message: /Cannot use future_mbo ESH4: this environment is locked to future_mbo MNQH6/,
  });
  throws(() => assertInstrument(lock, 'equity_mbo', 'MNQH6'), { code: 'INSTRUMENT_LOCKED' });
});

test('the product root of a future drops month and year', () => {
  for (const [symbol, root] of [
    ['MNQH6', 'MNQ'],
    ['ESZ25', 'ES'],
    ['CLX5', 'CL'],
    ['6EH4', '6E'],
    ['MNQ', 'MNQ'],
  ] as const) {
    equal(productRoot('future_mbo', symbol), root);
  }
  equal(productRoot('equity_mbo', 'QQQ'), 'QQQ');
  equal(productRoot('equity_mbo', 'ARM5'), 'ARM5');
});
