import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, type Mbo, undefinedPrice } from '../../test/oracle/mbo.ts';
import { Book } from './book.ts';

type Line = readonly [action: string, side: string, id: number, price: number, size: number, flags: number];

/** A book that took these records at one moment; a price of NaN is the undefined one. */
function bookOf(...records: readonly Line[]): Book {
  const book = new Book();
  for (const [action, side, id, price, size, flags] of records) {
    const mbo: Mbo = {
      instrumentId: 1,
      tsEvent: 1n,
      tsRecv: 1n,
      orderId: BigInt(id),
      price: Number.isNaN(price) ? undefinedPrice : BigInt(price),
      size,
      flags,
      action,
      side,
    };
    book.apply(batchOf([mbo]).words, 0, 1);
  }
  return book;
}

const last = 128;
const snapshot = 40;
const tob = 64;

test('a book is valid with both sides, between events and within them', () => {
  equal(bookOf(['A', 'B', 1, 99, 5, last]).valid, false);
  equal(bookOf(['A', 'B', 1, 99, 5, last], ['A', 'A', 2, 101, 5, 0]).valid, true);
});

test('crossed within an event is no anomaly; crossed or locked at F_LAST is, until a later F_LAST', () => {
  const quote: readonly Line[] = [
    ['A', 'B', 1, 99, 5, last],
    ['A', 'A', 2, 101, 5, last],
  ];
  const within = bookOf(...quote, ['A', 'B', 3, 101, 1, 0]);
  deepEqual([within.valid, within.counters.crossedAtLast], [true, 0]);
  const solved = bookOf(...quote, ['A', 'B', 3, 101, 1, 0], ['C', 'A', 2, 101, 5, last]);
  deepEqual([solved.twoSided, solved.counters.crossedAtLast], [false, 0]);
  const locked = bookOf(...quote, ['A', 'B', 3, 101, 1, last]);
  deepEqual([locked.valid, locked.counters.crossedAtLast], [false, 1]);
  equal(bookOf(...quote, ['A', 'B', 3, 101, 1, last], ['C', 'B', 3, 101, 1, 0]).valid, false);
  equal(bookOf(...quote, ['A', 'B', 3, 101, 1, last], ['C', 'B', 3, 101, 1, last]).valid, true);
});

test('a snapshot with R and F_LAST is over with it; one without either when a record is no snapshot', () => {
  const whole = bookOf(
    ['A', 'B', 9, 50, 1, last],
    ['R', 'N', 0, Number.NaN, 0, snapshot],
    ['A', 'B', 1, 99, 5, snapshot],
    ['A', 'A', 2, 101, 5, snapshot | last],
  );
  deepEqual([whole.inSnapshot, whole.valid, whole.orders.count], [false, true, 2]);
  const bare: readonly Line[] = [
    ['A', 'B', 1, 99, 5, snapshot],
    ['A', 'A', 2, 101, 5, snapshot],
  ];
  deepEqual([bookOf(...bare).inSnapshot, bookOf(...bare).valid], [true, false]);
  const over = bookOf(...bare, ['T', 'A', 0, 99, 1, 0]);
  deepEqual([over.inSnapshot, over.valid], [false, true]);
});

test('a book that may be bad stays so until a clear', () => {
  const bad = bookOf(['A', 'B', 1, 99, 5, last], ['A', 'A', 2, 101, 5, last | 4], ['N', 'N', 0, 0, 0, last]);
  deepEqual([bad.valid, bad.counters.maybeBadBook], [false, 1]);
  const anew = bookOf(
    ['A', 'B', 1, 99, 5, last | 4],
    ['R', 'N', 0, Number.NaN, 0, last],
    ['A', 'B', 1, 99, 5, last],
    ['A', 'A', 2, 101, 5, last],
  );
  equal(anew.valid, true);
});

test('an add of a top-of-book feed replaces its side, and empties it without a price', () => {
  const replaced = bookOf(
    ['A', 'B', 0, 99, 5, tob],
    ['A', 'A', 0, 101, 4, tob],
    ['A', 'B', 0, 98, 3, tob],
    ['A', 'A', 0, 102, 2, tob | last],
  );
  deepEqual([replaced.bids.best, replaced.asks.best, replaced.bids.length, replaced.orders.count], [98, 102, 1, 2]);
  equal(replaced.counters.duplicateAdd, 0);
  const emptied = bookOf(['A', 'B', 0, 99, 5, tob], ['A', 'A', 0, 101, 4, tob], ['A', 'B', 0, Number.NaN, 0, tob]);
  deepEqual([emptied.bids.length, emptied.asks.length, emptied.counters.nullPrice], [0, 1, 0]);
});

test('impossible events are counted: unknown orders, duplicate ids, no price', () => {
  const { counters, orders, bids } = bookOf(
    ['C', 'B', 1, 99, 5, last],
    ['M', 'B', 2, 99, 5, last],
    ['A', 'B', 2, 98, 6, last],
    ['A', 'B', 3, Number.NaN, 6, last],
    ['M', 'B', 2, Number.NaN, 6, last],
    ['F', 'B', 7, 99, 1, 0],
  );
  const { unknownCancel, unknownModify, duplicateAdd, nullPrice, fills, fillUnknown } = counters;
  deepEqual([unknownCancel, unknownModify, duplicateAdd, nullPrice, fills, fillUnknown], [1, 1, 1, 2, 1, 1]);
  deepEqual([orders.count, bids.best, bids.sizeAt(0)], [1, 98, 6]);
});

test('trades, fills and nones leave the book alone; a cancel takes no more than there is', () => {
  const book = bookOf(
    ['A', 'B', 1, 99, 5, last],
    ['T', 'A', 1, 99, 5, 0],
    ['F', 'B', 1, 99, 5, 0],
    ['N', 'B', 1, 99, 5, 0],
    ['C', 'B', 1, 99, 2, last],
  );
  deepEqual([book.bids.sizeAt(0), book.bids.countAt(0)], [3, 1]);
  equal(bookOf(['A', 'B', 1, 99, 5, last], ['C', 'B', 1, 99, 9, last]).bids.length, 0);
});
