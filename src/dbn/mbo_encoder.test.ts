import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { highWord, lowWord, MboEncoder, mboRecordBytes, packFlags } from './mbo_encoder.ts';

test('MboEncoder writes the same record from words and from exact values', () => {
  const encoder = new MboEncoder(new Uint8Array(3 * mboRecordBytes + 10));
  equal(encoder.capacity, 3);
  const tsEvent = 1_703_500_000_123_456_789n;
  encoder.write({
    publisherId: 1,
    instrumentId: 4_000_000_000,
    tsEvent,
    orderId: 0xfedc_ba98_7654_3210n,
    price: -12_250_000_000n,
    size: 4_294_967_295,
    flags: 130,
    channelId: 7,
    action: 'A',
    side: 'B',
    tsRecv: tsEvent + 1n,
    tsInDelta: -5,
    sequence: 9,
  });
  const price = -12_250_000_000;
  encoder.writeWords(
    1,
    4_000_000_000,
    Number(tsEvent & 0xffffffffn),
    Number(tsEvent >> 32n),
    0x7654_3210,
    0xfedc_ba98,
    lowWord(price),
    highWord(price),
    4_294_967_295,
    packFlags(130, 7, 65, 66),
    Number((tsEvent + 1n) & 0xffffffffn),
    Number(tsEvent >> 32n),
    -5,
    9,
  );
  const bytes = encoder.bytes;
  deepEqual(bytes.slice(0, 56), bytes.slice(56));
  const view = new DataView(bytes.buffer);
  equal(view.getUint8(0), 14);
  equal(view.getUint8(1), 160);
  equal(view.getBigUint64(8, true), tsEvent);
  equal(view.getBigInt64(24, true), -12_250_000_000n);
  equal(view.getInt32(48, true), -5);
  equal(encoder.full, false);
  encoder.reset();
  equal(encoder.bytes.length, 0);
});
