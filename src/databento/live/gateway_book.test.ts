import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { readShared } from '../../../test/helpers/shared.ts';
import { Book, type PriceLevels } from '../../book/index.ts';
import { decodeDbn, flag, MboEncoder, mboRecordBytes, type RecordBatch, RecordReader } from '../../dbn/index.ts';
import { SnapshotBooks } from './gateway_book.ts';

/** A batch of MBO records without `ts_out`. */
function batchOf(bytes: Uint8Array): RecordBatch {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return { rtype: 160, recordBytes: 56, count: bytes.length / 56, bytes, words, byteOffset: 0 };
}

const levelsOf = (levels: PriceLevels) =>
  Array.from({ length: levels.length }, (_, depth) => [
    levels.priceAt(depth),
    levels.sizeAt(depth),
    levels.countAt(depth),
  ]);

test('a book made from a snapshot is the book of all the records before it', () => {
  const { batches } = decodeDbn(new Uint8Array(readShared('data', 'synthetic-mnqh6-20260206.mbo.dbn.zst')));
  const whole = new Book();
  const snapshots = new SnapshotBooks(() => true);
  let count = 0;
  let compared = 0;
  for (const batch of batches) {
    if (batch.rtype !== 160) continue;
    for (let index = 0; index < batch.count; index++) {
      whole.apply(batch.words, index * 14, ++count);
      snapshots.apply(batch, index * 14);
      if (count % 9973 !== 0) continue;
      compared++;
      const taken = batchOf(snapshots.snapshot(BigInt(count), [], 0));
      const made = new Book();
      for (let at = 0; at < taken.count; at++) made.apply(taken.words, at * 14, 0);
      equal(taken.count, 1 + whole.orders.count);
      ok(!made.inSnapshot);
      deepEqual([levelsOf(made.bids), levelsOf(made.asks)], [levelsOf(whole.bids), levelsOf(whole.asks)]);
    }
  }
  ok(compared >= 5);
});

test('orders stand in order of priority: another price or a larger size goes to the end, a smaller size stays', () => {
  const encoder = new MboEncoder(new Uint8Array(100 * mboRecordBytes));
  const write = (
    action: string,
    orderId: number,
    price: number,
    size: number,
    side = 'B',
    instrumentId = 1,
    flags = 0,
  ) =>
    encoder.write({
      ...{
        publisherId: 1,
        instrumentId,
        tsEvent: 5n,
        tsRecv: 6n,
        orderId: BigInt(orderId),
        price: BigInt(price),
        size,
      },
      ...{ flags, channelId: 3, action, side, tsInDelta: 9, sequence: encoder.count },
    });
  write('A', 99, 1, 1);
  write('R', 0, 0, 0, 'N');
  for (const id of [1, 2, 3, 4, 5]) write('A', id, 100, 10);
  write('M', 1, 100, 4);
  write('M', 2, 100, 11);
  write('M', 3, 101, 10);
  write('C', 4, 100, 3);
  write('F', 5, 100, 10);
  write('T', 5, 100, 10);
  write('M', 6, 90, 2, 'A');
  write('C', 7, 100, 1);
  write('A', 1, 7, 8, 'A', 2);
  write('A', 8, 50, 5, 'B', 3, flag.tob);
  write('A', 9, 51, 6, 'B', 3, flag.tob);
  const books = new SnapshotBooks((id) => id !== 4);
  const batch = batchOf(encoder.bytes);
  for (let at = 0; at < batch.count; at++) books.apply(batch, at * 14);
  const taken = batchOf(books.snapshot(77n, [1, 9], 40));
  const reader = new RecordReader();
  const rows = Array.from({ length: taken.count }, (_, index) => {
    const record = reader.read(taken, index);
    if (record.layout !== 'mbo') throw new Error('a snapshot has MBO records alone');
    equal(record.tsRecv, 77n);
    const { publisherId, instrumentId, action, orderId, size, flags, channelId } = record;
    return `${publisherId} ${instrumentId} ${action} ${orderId} ${size} ${flags} ${channelId}`;
  });
  deepEqual(rows, [
    '1 1 R 0 0 40 3',
    '1 1 A 1 4 40 3',
    '1 1 A 4 7 40 3',
    '1 1 A 5 10 40 3',
    '1 1 A 2 11 40 3',
    '1 1 A 3 10 40 3',
    '1 1 A 6 2 168 3',
    '1 2 R 0 0 40 3',
    '1 2 A 1 8 168 3',
    '1 3 R 0 0 40 3',
    '1 3 A 9 6 168 3',
    '40 9 R 0 0 168 0',
  ]);
});
