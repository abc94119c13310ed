import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { undefinedTimestamp } from './codes.ts';
import { encodeGapMark, type Gap, gapsOf, readStreamMark } from './gap_mark.ts';
import type { DbnVersion } from './metadata.ts';
import { batchOfRecord, encodeRecord, RecordReader } from './records.ts';
import { upgradeBatch } from './upgrade.ts';

const times = fc.bigInt({ min: 0n, max: undefinedTimestamp });
const gaps = fc.record(
  { fromNs: times, toNs: times, cause: fc.stringMatching(/^[a-z_]{1,12}$/) },
  { noNullPrototype: true },
);

test('a gap is read from the mark that was made of it, in every version, with ts_out and upgraded', () => {
  fc.assert(
    fc.property(gaps, fc.constantFrom<DbnVersion>(1, 2, 3), fc.boolean(), (gap, version, tsOut) => {
      const batch = batchOfRecord(encodeGapMark(gap, version, tsOut));
      deepEqual(gapsOf(batch), [gap]);
      deepEqual(gapsOf(upgradeBatch(batch, 3, tsOut)), [gap]);
      const record = new RecordReader({ tsOut }).read(batch, 0);
      equal(record.tsEvent, gap.fromNs);
      equal(record.layout, version === 1 ? 'systemV1' : 'systemV2');
    }),
  );
});

test('a mark has the text of the specification, and version 1 the part of it for which it has room', () => {
  const gap: Gap = { fromNs: 1_764_547_200_000_000_001n, toNs: 1_764_547_260_000_000_002n, cause: 'disconnected' };
  const textOf = (version: DbnVersion) => {
    const record = new RecordReader().read(batchOfRecord(encodeGapMark(gap, version, false)), 0);
    return 'msg' in record ? record.msg : null;
  };
  equal(textOf(3), 'spymaster.gap from=1764547200000000001 to=1764547260000000002 cause=disconnected');
  equal(textOf(1), 'spymaster.gap to=1764547260000000002 cause=disconnected');
});

test('a cause that is no word, or too long for the version, is refused', () => {
  for (const cause of ['', 'two words', 'Loss', 'a=b', 'x'.repeat(303)]) {
    throws(() => encodeGapMark({ fromNs: 0n, toNs: 1n, cause }, 3, false), { code: 'DBN_UNSUPPORTED' });
  }
  throws(() => encodeGapMark({ fromNs: 0n, toNs: undefinedTimestamp, cause: 'x'.repeat(30) }, 1, false), {
    code: 'DBN_UNSUPPORTED',
  });
});

const header = { rtype: 0x17, publisherId: 0, instrumentId: 0, tsEvent: 77n } as const;

test('heartbeats are known by their code, in version 1 by their text, and other messages say nothing', () => {
  const v2 = (code: number, msg: string) =>
    readStreamMark(batchOfRecord(encodeRecord({ layout: 'systemV2', ...header, code, msg })), 0);
  const v1 = (msg: string) => readStreamMark(batchOfRecord(encodeRecord({ layout: 'systemV1', ...header, msg })), 0);
  const heartbeat = { kind: 'heartbeat', tsNs: 77n };
  deepEqual(v2(0, ''), heartbeat);
  deepEqual(v1('Heartbeat'), heartbeat);
  equal(v1('Heartbeats'), null);
  equal(v2(1, 'Heartbeat'), null);
  equal(v2(3, 'spymaster.gap from=1 to=2 cause=lost'), null);
  for (const text of [
    'spymaster.gap',
    'spymaster.gap from=1 to=2',
    'spymaster.gap from=1 to=x cause=lost',
    ' spymaster.gap from=1 to=2 cause=lost',
    'spymaster.gap from=1 to=2 cause=lost and more',
    'spymaster.gap from=-1 to=2 cause=lost',
  ]) {
    equal(v2(255, text), null, text);
    equal(v1(text), null, text);
  }
});

test('an error message of skipped records is a gap at its own time, other errors are none', () => {
  const gap = (code: number) =>
    gapsOf(
      batchOfRecord(encodeRecord({ layout: 'errorV2', ...header, rtype: 0x15, err: 'slow reader', code, isLast: 1 })),
    );
  deepEqual(gap(7), [{ fromNs: 77n, toNs: 77n, cause: 'skipped' }]);
  for (const code of [1, 4, 6, 8, 255]) equal(gap(code), null);
});
