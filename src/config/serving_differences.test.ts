import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { servingSpec } from '../../test/helpers/serving_lake.ts';
import { servingDifferences } from './index.ts';

test('two versions are compared field by field, their ids aside', () => {
  const a = servingSpec('srv_a');
  deepEqual(servingDifferences(a, { ...a, serving_id: 'srv_b' }), []);
  const b = {
    ...a,
    serving_id: 'srv_b',
    firing: { threshold: 0.5, cooldown_bins: 10 },
    runtime_snapshot: { ...a.runtime_snapshot, stream_dt: '2026-02-09' },
    source: { ...a.source, run_id: 'other' },
  };
  deepEqual(
    servingDifferences(a, b).map(({ field, after }) => [field, after]),
    [
      ['firing.threshold', 0.5],
      ['firing.cooldown_bins', 10],
      ['runtime_snapshot.stream_dt', '2026-02-09'],
      ['source.run_id', 'other'],
    ],
  );
});
