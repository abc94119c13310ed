import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { BookDepth, type BookSizes, bookColumns, bookRows, sampleBins } from './book_depth.ts';

const levels = (...pairs: (readonly [tick: number, size: number])[]): BookSizes['bids'] => ({
  ticks: Float64Array.from(pairs, ([tick]) => tick),
  sizes: Float64Array.from(pairs, ([, size]) => size),
});
const frame = (seq: number, spot = 20_000): BookSizes => ({
  seq,
  bids: levels([spot - 1, 5], [spot - 400, 1000 + (seq % 7)], [spot - 5000, 9]),
  asks: levels([spot + 1, 6], [spot + 300, 800]),
});

test('a wall is known as far as a column reaches, an empty price is 0, and beyond it nothing is known', () => {
  const book = new BookDepth();
  book.put(frame(3));
  const at = (tick: number) => book.value(3, 20_000 + tick);
  deepEqual([at(-1), at(1), at(-400), at(300), at(299)], [5, 6, 1003, 800, 0]);
  ok(Number.isNaN(at(-5000)) && Number.isNaN(at(bookRows)));
  ok(Number.isNaN(book.value(sampleBins + 3, 20_000)));
});

test('of bins that left the ring, one in a block stays', () => {
  const book = new BookDepth();
  for (let seq = 0; seq < 2 * bookColumns; seq++) book.put(frame(seq, 20_000 + Math.floor(seq / 100)));
  const wall = (seq: number) => book.value(seq, 20_000 + Math.floor(seq / 100) - 400);
  equal(wall(2 * bookColumns - 1), 1000 + ((2 * bookColumns - 1) % 7));
  // The bin that was first in its block stands for all 64.
  const first = 10 * sampleBins;
  equal(book.value(first + 40, 20_000 + Math.floor(first / 100) - 400), 1000 + (first % 7));
});

test('what changed since a count is told once', () => {
  const { recent } = new BookDepth();
  const column = new Float32Array(bookRows);
  const told: number[] = [];
  for (const number of [1, 2, bookColumns + 1]) recent.put(number, 0, column);
  recent.forChanged(1, (slot, number) => told.push(slot, number));
  deepEqual(told, [1, bookColumns + 1, 2, 2]);
  recent.forChanged(recent.changes, () => told.push(-1));
  equal(told.length, 4);
});

test('a book without orders has nothing where there was something; before the first order nothing is known', () => {
  const book = new BookDepth();
  book.put({ seq: 1, bids: levels(), asks: levels() });
  ok(Number.isNaN(book.value(1, 0)));
  book.put(frame(2));
  book.put({ seq: 3, bids: levels(), asks: levels() });
  deepEqual([book.value(2, 19_600), book.value(3, 19_600)], [1002, 0]);
});
