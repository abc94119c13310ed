import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  copySelected,
  createColumns,
  decodeDbn,
  fillColumns,
  layouts,
  MboEncoder,
  type RecordBatch,
  RecordFilter,
  type RecordNamed,
  RecordReader,
} from './index.ts';

const day = 86_400_000_000_000n;

function mboBatch(records: readonly { id: number; ts: bigint }[]): RecordBatch {
  const encoder = new MboEncoder(new Uint8Array(records.length * 56));
  for (const [index, { id, ts }] of records.entries()) {
    encoder.write({
      publisherId: 1,
      instrumentId: id,
      tsEvent: ts - 1n,
      orderId: BigInt(index) << 40n,
      price: BigInt(index) * -7n,
      size: index,
      flags: index & 255,
      channelId: 3,
      action: 'A',
      side: 'B',
      tsRecv: ts,
      tsInDelta: -index,
      sequence: index,
    });
  }
  return [...decodeDbn(encoder.bytes, { fragment: true }).batches][0]!;
}

const recordsOf = fc.array(
  fc.record({ id: fc.integer({ min: 1, max: 4 }), ts: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }) }),
  { minLength: 1, maxLength: 40 },
);

test('RecordFilter selects the same records as a plain filter over objects', () => {
  const ranges = fc.record({
    start: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    end: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  fc.assert(
    fc.property(recordsOf, fc.option(ranges), fc.option(ranges), (records, time, ofInstrument2) => {
      const batch = mboBatch(records);
      const instruments = ofInstrument2 === null ? undefined : new Map([[2, [ofInstrument2]]]);
      const filter = new RecordFilter({
        ...(time === null ? {} : time),
        ...(instruments === undefined ? {} : { instruments }),
      });
      const out = new Uint32Array(batch.count);
      const found = out.subarray(0, filter.select(batch, out));
      const expected = records.flatMap(({ id, ts }, index) => {
        if (time !== null && (ts < time.start || ts >= time.end)) return [];
        if (ofInstrument2 !== null && (id !== 2 || ts < ofInstrument2.start || ts >= ofInstrument2.end)) return [];
        return [index];
      });
      deepEqual([...found], expected);
      const copied = copySelected(batch, out, found.length);
      for (const [to, index] of expected.entries()) {
        deepEqual(copied.slice(to * 56, to * 56 + 56), batch.bytes.slice(index * 56, index * 56 + 56));
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('RecordFilter drops other types at once', () => {
  const batch = mboBatch([{ id: 1, ts: day }]);
  equal(new RecordFilter({ rtypes: new Set([0]) }).select(batch, new Uint32Array(1)), 0);
  equal(new RecordFilter({ rtypes: new Set([160]) }).select(batch, new Uint32Array(1)), 1);
});

test('columns equal the records’ fields at any offset', () => {
  fc.assert(
    fc.property(recordsOf, fc.nat(5), (records, at) => {
      const batch = mboBatch(records);
      const columns = createColumns(layouts.mbo, records.length + 5);
      fillColumns(columns, at, batch, 0, batch.count);
      const reader = new RecordReader();
      for (let index = 0; index < batch.count; index++) {
        const record = reader.read(batch, index) as RecordNamed<'mbo'>;
        for (const { field, data } of columns.columns) {
          const value = data[at + index];
          const expected = (record as unknown as Record<string, unknown>)[field.name];
          equal(field.type === 'char' ? String.fromCharCode(value as number) : value, expected, field.name);
        }
      }
    }),
    { seed: 6, numRuns: 50 },
  );
});
