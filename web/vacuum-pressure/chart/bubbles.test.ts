import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { bubbleBins, roundUp, smallestShown } from './bubbles.ts';

test('the more fills are in view, the larger is the smallest that is drawn', () => {
  const quantities = Array.from({ length: 1000 }, (_, index) => index + 1);
  equal(smallestShown(quantities.slice(0, 50), 60), 1);
  let before = 1;
  for (const most of [500, 200, 100, 20]) {
    const least = smallestShown([...quantities], most);
    ok(least >= before, `${least} after ${before}`);
    ok(quantities.filter((quantity) => quantity >= least).length <= most);
    before = least;
  }
});

test('cut-offs are round, and groups powers of two', () => {
  for (const [quantity, rounded] of [
    [1, 1],
    [1.2, 2],
    [14, 15],
    [19, 20],
    [20, 20],
    [499, 500],
    [701, 1000],
  ] as const) {
    equal(roundUp(quantity), rounded);
  }
  equal(bubbleBins(1 / 4), 2);
  equal(bubbleBins(5), 64);
});
