import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, readSettings } from './settings.ts';

test('a first visit sees resting depth, no projection, and the left panel where there is room', () => {
  const { layer, overlays, panels } = defaultSettings('dark', 1280);
  deepEqual([layer, overlays.projection, panels.book], ['rest_depth', false, false]);
  deepEqual(defaultSettings('dark', 1600).panels.book, true);
});

test('settings come back; missing or damaged ones take the default', () => {
  const changed = { ...defaultSettings('dark'), theme: 'light' as const, bookPx: 300 };
  deepEqual(readSettings(JSON.stringify(changed), 'dark'), changed);
  for (const stored of [
    null,
    '',
    'null',
    '5',
    '{"theme":7,"panels":null}',
    '{"layer":"gone"}',
    '{"chartKind":"pie"}',
    '{"barSizes":{"time":0}}',
  ]) {
    deepEqual(readSettings(stored, 'dark'), defaultSettings('dark'), String(stored));
  }
  const partial = readSettings('{"panels":{"depth":false}}', 'dark');
  deepEqual(partial.panels, {
    depth: false,
    book: false,
    ladder: false,
    tape: false,
    signal: true,
    series: true,
    shares: false,
    cvd: false,
    delta: false,
    replay: true,
  });
});
