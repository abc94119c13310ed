import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
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
