import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Topics } from '../session/topics.ts';
import { Bookmarks, readBookmarks, withBookmark } from './bookmarks.ts';

test('bookmarks are kept in the order of their moments, one per moment', () => {
  const list = withBookmark(withBookmark(withBookmark([], { tsNs: '20', name: 'b' }), { tsNs: '3', name: 'a' }), {
    tsNs: '20',
    name: 'c',
  });
  deepEqual(
    list.map(({ name }) => name),
    ['a', 'c'],
  );
  deepEqual(readBookmarks(JSON.stringify(list)), list);
  equal(readBookmarks('[{"tsNs":"x","name":"a"},null,3]').length, 0);
  equal(readBookmarks('{').length, 0);
});

test('listeners hear of each bookmark that is added or removed', () => {
  const topics = new Topics();
  const bookmarks = new Bookmarks(topics);
  const told: string[][] = [];
  topics.on(['bookmarks'], () => told.push(bookmarks.list.map(({ name }) => name)));
  bookmarks.add(20n, 'b');
  bookmarks.add(3n, 'a');
  bookmarks.remove('20');
  deepEqual(told, [['b'], ['a', 'b'], ['a']]);
});
