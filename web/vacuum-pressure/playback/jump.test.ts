import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { jumpSpan, maxJumpBins, missingHistory, spanUpTo } from './jump.ts';

test('a jump shows two thirds of the view before its moment and a third after it', () => {
  deepEqual(jumpSpan(1000, 300, null), { first: 801, last: 1100, moment: 1000 });
});

test('a jump stays inside the session', () => {
  deepEqual(jumpSpan(10, 300, 500), { first: 0, last: 110, moment: 10 });
  deepEqual(jumpSpan(490, 300, 500), { first: 200, last: 499, moment: 490 });
  deepEqual(jumpSpan(9000, 300, 500), { first: 200, last: 499, moment: 499 });
  deepEqual(jumpSpan(-7, 300, 500), { first: 0, last: 100, moment: 0 });
  deepEqual(jumpSpan(5, 300, 0), { first: 0, last: 0, moment: 0 });
});

test('a jump of a view that is zoomed far out fetches a bounded number of bins', () => {
  const { first, last } = jumpSpan(100_000, 1e6, null);
  equal(last - first + 1, maxJumpBins);
});

test('what is held need not be sent again, up to the first bin that is missing', () => {
  const held = new Set([5, 6, 7, 9]);
  const store = { has: (seq: number) => held.has(seq) };
  equal(missingHistory(store, spanUpTo(10, 6, null)), 2);
  equal(missingHistory(store, spanUpTo(8, 4, null)), 0);
  equal(missingHistory(store, spanUpTo(10, 20, null)), 10);
});
