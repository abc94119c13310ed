import { doesNotThrow, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoPriorDay } from './prior_day.ts';

test('a run is not streamed where its features know the day before and its signal reads them', () => {
  const source = { dt: '2026-02-05', file_name: 'a.dbn', size_bytes: 1, sha256: '0' };
  const prior = { dataset_id: 'd', prior_sources: [source] };
  const reads = (...columns: ('v_add' | 'delta' | 'cvd' | 'day_low' | 'prior_high')[]) => ({ name: 's', columns });
  throws(() => assertNoPriorDay('r', prior, reads('delta', 'cvd', 'day_low', 'prior_high')), {
    code: 'CONFIG_INVALID',
    message: /run r: its signal s reads cvd, day_low, prior_high, and .* dataset d /,
  });
  doesNotThrow(() => assertNoPriorDay('r', prior, reads('delta', 'v_add')));
  doesNotThrow(() => assertNoPriorDay('r', { dataset_id: 'd' }, reads('cvd')));
});
