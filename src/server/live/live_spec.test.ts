import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { servingSpec } from '../../../test/helpers/serving_lake.ts';
import { assertSameRoot, liveSpec } from './live_spec.ts';

const version = servingSpec('srv_a_00000001_00000001', { end_time: '10:30' });

test('a live session is the published version, on another contract and day, without its end', () => {
  const {
    serving_id: id,
    runtime_snapshot: live,
    ...rest
  } = liveSpec(version, { symbol: 'MNQM6', date: '2026-03-20' });
  const { serving_id: _id, runtime_snapshot: published, ...before } = version;
  equal(id, 'srv_a_00000001_00000001.20260320');
  deepEqual(rest, before);
  const { end_time: _end, ...fields } = published;
  deepEqual(live, { ...fields, symbol: 'MNQM6', stream_dt: '2026-03-20' });
});

test('a contract of another product is refused', () => {
  assertSameRoot(version, 'MNQM6');
  throws(
    () => assertSameRoot(version, 'ESH6'),
    /Cannot serve ESH6 live with srv_a_.*give a contract of MNQ with --symbol/,
  );
});
