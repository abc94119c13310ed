import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { RunningSweep } from '../../../src/wire/index.ts';
import { paceText, progressText } from './sweep_text.ts';

const sweep: RunningSweep = {
  ...{ sweep_id: 's', experiment_name: 'e', dataset_id: 'd', signal_name: 'ads', phase: 'cells' },
  ...{ total: 40, done: 10, skipped: 0, instance: 'i', host: 'h', pid: 1, is_cancellable: true },
  ...{
    started_utc: '2026-01-01T00:00:00Z',
    phase_started_utc: '2026-01-01T00:01:00Z',
    updated_utc: '2026-01-01T00:02:00Z',
  },
  ...{ state: 'running', is_stalled: false },
};
const texts = (changes: Partial<RunningSweep>) => {
  const changed = { ...sweep, ...changes };
  return [progressText(changed), paceText(changed)];
};

test('the pace is of the part of the work that goes on', () => {
  deepEqual(texts({}), ['10 of 40 cells', '10 a minute, 3 min 0 s left']);
  deepEqual(
    texts({ phase_started_utc: null }),
    ['10 of 40 cells', '5 a minute, 6 min 0 s left'],
    'of an older release',
  );
  deepEqual(texts({ phase: 'datasets', total: 4, done: 1.5 }), ['1 of 4 datasets made', '1 min 40 s left']);
  deepEqual(texts({ phase: 'datasets', total: 1, done: 0.25 })[0], 'making its dataset, 25 %');
  deepEqual(texts({ total: 0, done: 0 }), ['starting', 'starting']);
  deepEqual(texts({ phase: 'judging' }), ['judging the results', '']);
});

test('a sweep that does not go on has its reason in place of a pace', () => {
  deepEqual(texts({ state: 'killed' })[1], 'its process is gone; run it again and it goes on');
  deepEqual(texts({ state: 'silent' })[1], 'its process lives and has not answered for a while');
  deepEqual(texts({ state: 'cancelling' })[1], 'ending');
});
