import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Topics } from '../session/topics.ts';
import { Layouts, layoutOf, layoutText, parseLayout, presets, readLayouts } from './layouts.ts';
import { CurrentSettings, defaultSettings } from './settings.ts';

function opened() {
  const topics = new Topics();
  const settings = new CurrentSettings(topics, defaultSettings('light', 1600));
  return { settings, layouts: new Layouts(topics, settings) };
}

test('a layout is saved by name, found again after a visit, and put back with theme and zone as they are', () => {
  const { settings, layouts } = opened();
  settings.change({ chartKind: 'footprint', bookPx: 300 });
  layouts.save('  Mine ');
  layouts.save('Another');
  settings.change({ chartKind: 'candles', theme: 'dark', zone: 'UTC' });
  const again = readLayouts(JSON.stringify(layouts.list));
  deepEqual(again, layouts.list);
  deepEqual(
    again.map(({ name }) => name),
    ['Another', 'Mine'],
  );
  equal(layouts.isShown(again[1]!), false);
  layouts.apply(again[1]!);
  equal(layouts.isShown(again[1]!), true);
  const { chartKind, bookPx, theme, zone } = settings.current;
  deepEqual([chartKind, bookPx, theme, zone], ['footprint', 300, 'dark', 'UTC']);
  layouts.save('Mine');
  equal(layouts.list.length, 2);
  layouts.remove('Mine');
  equal(layouts.list.length, 1);
});

test('a layout goes through a link, whatever its name; damaged ones are none or take defaults', () => {
  const { settings } = opened();
  const layout = { name: 'Böhm’s 📈 "tape"', layout: layoutOf({ ...settings.current, ladderPx: 400 }) };
  const text = layoutText(layout);
  equal(encodeURIComponent(text), text);
  deepEqual(parseLayout(text), layout);
  const shared = (value: unknown) => parseLayout(btoa(JSON.stringify(value)));
  for (const wrong of ['', '%', 'AAAA', text.slice(0, 40)]) equal(parseLayout(wrong), null, wrong);
  for (const wrong of [5, null, [], {}, { name: ' ', layout: {} }, { name: 'x', layout: 7 }])
    equal(shared(wrong), null);
  deepEqual(
    shared({ name: 'x', layout: { ladderPx: 'wide', theme: 'light' } })?.layout,
    layoutOf(defaultSettings('dark')),
  );
});

test('the presets are layouts that come back as they are', () => {
  for (const one of presets) deepEqual(parseLayout(layoutText(one)), one);
});
