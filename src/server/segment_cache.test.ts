import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SegmentWriter, segmentBytes } from './segment.ts';
import { SegmentCache } from './segment_cache.ts';

const empty = (index: number) => new SegmentWriter(index, 8).finish({ kind: 'eof', binCount: 0 });
const size = segmentBytes(empty(0));

test('the segments used last stay, within the budget, whichever version they are of', () => {
  const cache = new SegmentCache(3 * size);
  for (const [servingId, index] of [
    ['a', 0],
    ['a', 1],
    ['b', 0],
  ] as const) {
    cache.set(servingId, empty(index));
  }
  ok(cache.get('a', 0));
  cache.set('b', empty(1));
  equal(cache.get('a', 1), undefined, 'the one not used for longest goes');
  ok(cache.get('a', 0) && cache.get('b', 0) && cache.get('b', 1));
  cache.set('b', empty(1));
  equal(cache.bytes, 3 * size, 'a segment that is set again counts once');
});

test('a cache without room keeps nothing', () => {
  const cache = new SegmentCache(size - 1);
  cache.set('a', empty(0));
  equal(cache.get('a', 0), undefined);
  equal(cache.bytes, 0);
});
