import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { missingShared as skip } from '../../test/helpers/shared.ts';
import { content, corpusFiles, decompress } from '../../test/interop/dbn_corpus.ts';
import {
  batchOfRecord,
  decodeDbn,
  encodeMetadata,
  encodeRecord,
  type RecordNamed,
  RecordReader,
  toNumbers,
} from './index.ts';

test('corpus: every file survives being made into objects and encoded again, byte for byte', { skip }, () => {
  const seen = new Set<string>();
  for (const { name, raw, isFragment, isDbz } of corpusFiles()) {
    const { metadata, batches } = decodeDbn(raw, { fragment: isFragment, decompress });
    const reader = new RecordReader({ tsOut: metadata?.tsOut ?? false });
    const encoded: Uint8Array[] = metadata === null || isDbz ? [] : [encodeMetadata(metadata)];
    for (const batch of batches) {
      for (let index = 0; index < batch.count; index++) {
        const record = reader.read(batch, index);
        seen.add(record.layout);
        encoded.push(encodeRecord(record));
      }
    }
    if (!isDbz) ok(Buffer.concat(encoded).equals(content(raw)), name);
  }
  deepEqual(
    [...seen].sort(),
    'bbo cbbo cmbp1 definitionV1 definitionV2 definitionV3 imbalance mbo mbp1 mbp10 ohlcv statisticsV1 statisticsV3 status trades'.split(
      ' ',
    ),
  );
});

const mbo: RecordNamed<'mbo'> = {
  layout: 'mbo',
  tsRecv: 1_703_500_000_123_456_789n,
  tsEvent: 1_703_500_000_000_000_001n,
  rtype: 160,
  publisherId: 1,
  instrumentId: 17077,
  action: 'A',
  side: 'B',
  price: 3_720_250_000_000n,
  size: 2,
  channelId: 0,
  orderId: 2n ** 63n + 1n,
  flags: 130,
  tsInDelta: -17,
  sequence: 9,
};

test('records of every kind keep ts_out, unknown bytes behind them and reserved bytes', () => {
  const reader = new RecordReader({ tsOut: true });
  const withTsOut = { ...mbo, tsOut: 12345678901234567890n };
  const bytes = encodeRecord(withTsOut);
  equal(bytes.length, 64);
  equal(bytes[0], 16);
  deepEqual(reader.read(batchOfRecord(bytes), 0), withTsOut);

  const longer = new Uint8Array(72);
  longer.set(encodeRecord(mbo));
  longer.fill(7, 56);
  longer[0] = 18;
  const read = new RecordReader().read(batchOfRecord(longer), 0);
  deepEqual(read, { ...mbo, reserved: new Uint8Array(16).fill(7) });
  deepEqual(encodeRecord(read), longer);

  const unknown = new Uint8Array(24).fill(1);
  unknown.set([6, 0x77]);
  const strange = new RecordReader().read(batchOfRecord(unknown), 0);
  equal(strange.layout, 'unknown');
  deepEqual(encodeRecord(strange), unknown);
});

test('number forms: prices in units, times in milliseconds, undefined values null', () => {
  const numbers = toNumbers({ ...mbo, tsEvent: 0xffff_ffff_ffff_ffffn });
  equal(numbers.price, 3720.25);
  equal(numbers.tsRecv, 1_703_500_000_123.4568);
  equal(numbers.tsEvent, null);
  equal(numbers.orderId, 2 ** 63);
  equal(toNumbers({ ...mbo, price: 2n ** 63n - 1n }).price, null);
});

test('a value that does not fit its field is refused by name', () => {
  for (const wrong of [
    { size: 2 ** 32 },
    { size: 1.5 },
    { flags: -1 },
    { tsInDelta: 2 ** 31 },
    { price: 2n ** 63n },
    { orderId: -1n },
    { action: 'AB' },
    { side: '' },
  ]) {
    const [field] = Object.keys(wrong);
    throws(
      () => encodeRecord({ ...mbo, ...wrong }),
      (error: Error) => error.message.includes(field!.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
    );
  }
});
