import { present } from '../../../src/errors.ts';
import { listenToPageKeys } from '../../shared/page_keys.ts';
import type { Terminal } from '../playback/terminal.ts';
import { namedLayers } from '../viewport/layers.ts';
import { readouts } from '../viewport/settings.ts';
import { followModes, pan, xOf } from '../viewport/viewport.ts';
import { nextChart } from './chart_kind_menu.tsx';
import { copyLink, exportPicture } from './export_menu.tsx';
import { speeds } from './replay_bar.tsx';

/** A key, what it does in words, and what it does. */
export interface KeyBinding {
  readonly keys: readonly string[];
  readonly words: string;
  readonly run: (terminal: Terminal, event: KeyboardEvent) => void;
}

const zoomStep = 1.25;

/** Zooms as the wheel does: time about the crosshair or the middle; with Alt the price, about spot. */
function zoom({ chart }: Terminal, { key, altKey }: KeyboardEvent): void {
  const factor = /^[+=]$/.test(key) ? 1 / zoomStep : zoomStep;
  const { view, crosshair } = chart;
  if (altKey) chart.zoomPriceAboutSpot(factor);
  else chart.zoomAt(factor, crosshair === null ? view.widthPx / 2 : xOf(view, crosshair.time), 0, 'time');
}

function changeSpeed(terminal: Terminal, by: 1 | -1): void {
  const next = speeds[speeds.indexOf(terminal.playback.speed) + by];
  if (next !== undefined) terminal.playback.setSpeed(next);
}

function cycle<T>(values: readonly T[], value: T): T {
  return present(values[(values.indexOf(value) + 1) % values.length]);
}

function arrow(terminal: Terminal, { key, shiftKey }: KeyboardEvent): void {
  const by = shiftKey ? 10 : 1;
  const [bins, ticks] = present(
    { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[key],
  );
  if (terminal.chart.keyCrosshair) terminal.chart.moveCrosshair(present(bins), present(ticks));
  else if (bins !== 0) terminal.playback.step(present(bins));
  else terminal.chart.setView(pan(terminal.chart.view, 0, present(ticks) * 40));
}

/** Puts the tool away; without one, the crosshair. */
function putAway(terminal: Terminal): void {
  if (terminal.chart.tool === 'pan' && terminal.chart.measure === null) terminal.chart.setKeyCrosshair(false);
  terminal.chart.setTool('pan');
}

function applyBox(terminal: Terminal): void {
  const { zoomBox: box } = terminal.chart;
  if (box === null || box.from.time === box.to.time || box.from.price === box.to.price) return;
  terminal.chart.zoomInto(box);
  terminal.chart.setTool('pan');
}

/** All keys of the page. */
export const keyBindings: readonly KeyBinding[] = [
  {
    keys: ['Space'],
    words: 'Play or pause',
    run: (t) =>
      t.playback.paused || t.playback.connectionState.phase === 'ended' ? t.playback.play() : t.playback.pause(),
  },
  { keys: ['←', '→'], words: 'Step a bin back or on (Shift: ten)', run: arrow },
  { keys: ['Home'], words: 'Restart the replay', run: (t) => t.playback.restart() },
  { keys: ['End'], words: 'Follow the newest bin again', run: (t) => t.chart.followAgain() },
  { keys: ['J'], words: 'Jump to live', run: (t) => t.playback.toLive() },
  { keys: ['[', ']'], words: 'Slower, faster', run: (t, e) => changeSpeed(t, e.key === '[' ? -1 : 1) },
  {
    keys: ['+', '−'],
    words: 'Zoom time in or out (Alt: price)',
    run: zoom,
  },
  { keys: ['↑', '↓'], words: 'Pan the price', run: arrow },
  {
    keys: ['PgUp', 'PgDn'],
    words: 'Pan the time',
    run: (t, e) => t.chart.setView(pan(t.chart.view, (e.key === 'PageUp' ? 0.6 : -0.6) * t.chart.view.widthPx, 0)),
  },
  { keys: ['X'], words: 'Crosshair for the arrow keys', run: (t) => t.chart.setKeyCrosshair(!t.chart.keyCrosshair) },
  {
    keys: ['M'],
    words: 'Measure: drag a box, or move the crosshair',
    run: (t) => t.chart.setTool(t.chart.tool === 'measure' ? 'pan' : 'measure'),
  },
  {
    keys: ['Z'],
    words: 'Box zoom: drag a box, or move the crosshair and press Enter',
    run: (t) => t.chart.setTool(t.chart.tool === 'zoom' ? 'pan' : 'zoom'),
  },
  { keys: ['Enter'], words: 'Zoom into the box', run: applyBox },
  { keys: ['Esc'], words: 'Put tool or crosshair away', run: putAway },
  {
    keys: ['1', '…', '9'],
    words: 'Choose a layer',
    run: (t, e) => t.settings.change({ layer: namedLayers[Number(e.key) - 1] ?? t.settings.current.layer }),
  },
  {
    keys: ['F'],
    words: 'Next follow mode',
    run: (t) => t.settings.change({ followMode: cycle(followModes, t.settings.current.followMode) }),
  },
  { keys: ['K'], words: 'Everything by name', run: (t) => t.menus.show('Commands') },
  { keys: ['?'], words: 'Keys and gestures', run: (t) => t.menus.show('Keys') },
  { keys: ['A'], words: 'Alerts', run: (t) => t.menus.toggle('Alerts') },
  { keys: ['L'], words: 'Layouts', run: (t) => t.menus.toggle('Layouts') },
  { keys: ['O'], words: 'Overlays', run: (t) => t.menus.toggle('Overlays') },
  { keys: ['H'], words: 'Heatmap, footprint or candles', run: nextChart },
  {
    keys: ['D'],
    words: 'Ladder',
    run: ({ settings }) => {
      const { panels } = settings.current;
      settings.change({ panels: { ...panels, ladder: !panels.ladder } });
    },
  },
  {
    keys: ['T'],
    words: 'Tape',
    run: ({ settings }) => {
      const { panels } = settings.current;
      settings.change({ panels: { ...panels, tape: !panels.tape } });
    },
  },
  {
    keys: ['E'],
    words: 'Marks of events',
    run: ({ settings }) => {
      const { overlays } = settings.current;
      settings.change({ overlays: { ...overlays, events: !overlays.events } });
    },
  },
  { keys: ['V'], words: 'Reset the volume of the ladder', run: (t) => t.ladder.reset(t.chart.shownSeq) },
  { keys: ['B'], words: 'Bookmark the bin at the crosshair, else the bin shown', run: (t) => t.bookmark('') },
  { keys: ['P'], words: 'Save a picture of the chart', run: (t) => void exportPicture(t) },
  { keys: ['C'], words: 'Copy a link to the bin at the crosshair, else the bin shown', run: (t) => void copyLink(t) },
  {
    keys: ['R'],
    words: 'Readout at the crosshair: short, every column, off',
    run: (t) => t.settings.change({ readout: cycle(readouts, t.settings.current.readout) }),
  },
  {
    keys: ['I'],
    words: 'Dark or light',
    run: (t) => t.settings.change({ theme: t.settings.current.theme === 'dark' ? 'light' : 'dark' }),
  },
];

const names: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  '=': '+',
  '-': '−',
  _: '−',
  Escape: 'Esc',
};

/** The binding of a key press, or none. */
export function bindingOf(event: Pick<KeyboardEvent, 'key'>): KeyBinding | undefined {
  const { key } = event;
  const name = names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  if (/^[1-9]$/.test(key)) return keyBindings.find(({ keys }) => keys[0] === '1');
  return keyBindings.find(({ keys }) => keys.includes(name));
}

/** Runs the bindings wherever the focus is, but in text fields. Returns what ends it. */
export function listenToKeys(terminal: Terminal): () => void {
  return listenToPageKeys((event) => {
    const binding = bindingOf(event);
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(terminal, event);
  });
}
