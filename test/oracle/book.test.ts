import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Book, type PriceLevels } from '../../src/book/index.ts';
import { rtypeMbo } from '../../src/dbn/index.ts';
import { StateReader, StateWriter } from '../../src/state.ts';
import { decode } from '../helpers/golden.ts';
import { readShared, sessionFiles } from '../helpers/shared.ts';
import { batchOf, describeMbo, readMbo } from './mbo.ts';
import { NaiveBook, type NaiveLevel } from './naive_book.ts';
import { hostileIds, mboStreams } from './streams.ts';

const recordWords = 14;

function levelsOf(levels: PriceLevels): NaiveLevel[] {
  return Array.from({ length: levels.length }, (_, depth) => ({
    price: BigInt(levels.priceAt(depth)),
    size: levels.sizeAt(depth),
    count: levels.countAt(depth),
  }));
}

function compareTops(book: Book, naive: NaiveBook): void {
  equal(book.orders.count, naive.orders.size);
  deepEqual([book.bids.length, book.asks.length], [naive.sides.B.size, naive.sides.A.size]);
  equal(book.inSnapshot, naive.inSnapshot);
  deepEqual(book.counters, naive.counters);
}

function compareWhole(book: Book, naive: NaiveBook): void {
  compareTops(book, naive);
  equal(book.valid, naive.valid);
  deepEqual(levelsOf(book.bids), naive.levels('B'));
  deepEqual(levelsOf(book.asks), naive.levels('A'));
  equal(book.bids.best, Number(naive.best('B') ?? Number.NaN));
  equal(book.asks.best, Number(naive.best('A') ?? Number.NaN));
}

const hostileStreams = mboStreams({
  startNs: 1_770_000_000_000_000_000n,
  stepsNs: [0, 0, 0, 1, 1_000],
  ids: hostileIds,
  // Both sides of zero, on and off the tick, and as far out as a double is exact.
  priceOf: (n) => BigInt(n - 10) * 250_000_000n + BigInt(n % 2),
  farPrices: [-(2n ** 53n), 2n ** 53n],
  maxSize: 2 ** 32 - 2,
  hostile: true,
  minLength: 1,
  maxLength: 300,
});

test('the book equals a naive one after every record of hostile streams', () => {
  fc.assert(
    fc.property(hostileStreams, fc.nat(299), (records, saveAt) => {
      let book = new Book();
      const naive = new NaiveBook();
      const { words } = batchOf(records);
      records.forEach((record, i) => {
        book.apply(words, i * recordWords, Number(record.tsEvent % 1_000_000_000n));
        naive.apply(record, Number(record.tsEvent % 1_000_000_000n));
        if (i === saveAt) book = throughBytes(book);
        try {
          compareWhole(book, naive);
        } catch (cause) {
          throw new Error(`after record ${i}: ${describeMbo(record)}`, { cause });
        }
      });
    }),
    { numRuns: 150 },
  );
});

function throughBytes(book: Book): Book {
  const writer = new StateWriter();
  book.save(writer);
  const bytes = writer.finish();
  const restored = new Book();
  restored.restore(new StateReader(bytes));
  const again = new StateWriter();
  restored.save(again);
  ok(Buffer.from(again.finish()).equals(bytes), 'a restored book saves the same bytes');
  return restored;
}

for (const name of sessionFiles) {
  test(`the book equals a naive one throughout ${name}`, () => {
    let book = new Book();
    const naive = new NaiveBook();
    let applied = 0;
    decode(readShared('data', name), 1 << 20, (batch) => {
      for (let i = 0; batch.rtype === rtypeMbo && i < batch.count; i++) {
        const record = readMbo(batch, i);
        const nowNs = Number(record.tsEvent % 1_000_000_000_000n);
        book.apply(batch.words, i * recordWords, nowNs);
        naive.apply(record, nowNs);
        compareTops(book, naive);
        if (++applied % 997 !== 0) continue;
        compareWhole(book, naive);
        book = throughBytes(book);
      }
    });
    compareWhole(book, naive);
    ok(applied > 10_000);
  });
}
