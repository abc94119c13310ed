import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { readBookmarks, withBookmark } from '../playback/bookmarks.ts';
import { defaultSettings, readSettings } from './settings.ts';

test('settings come back; missing or damaged ones take the default', () => {
  const changed = { ...defaultSettings('dark'), theme: 'light' as const, depthPx: 300 };
  deepEqual(readSettings(JSON.stringify(changed), 'dark'), changed);
  for (const stored of [null, '', 'null', '5', '{"theme":7,"panels":null}', '{"layer":"gone"}']) {
    deepEqual(readSettings(stored, 'dark'), defaultSettings('dark'), String(stored));
  }
  const partial = readSettings('{"panels":{"depth":false}}', 'dark');
  deepEqual(partial.panels, { depth: false, signal: true, series: true, replay: true });
});

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
