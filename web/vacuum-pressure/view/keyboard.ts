import { zoomAt } from '../chart/chart_input.ts';
import { namedLayers } from '../model/layers.ts';
import type { Terminal } from '../model/terminal.ts';
import { followModes, pan } from '../model/viewport.ts';
import { speeds } from './replay_bar.tsx';

/** A key, what it does in words, and what it does. */
export interface KeyBinding {
  readonly keys: readonly string[];
  readonly words: string;
  readonly run: (terminal: Terminal, event: KeyboardEvent) => void;
}

const zoomStep = 1.25;
const middle = ({ view }: Terminal): [number, number] => [view.widthPx / 2, view.heightPx / 2];
const axesOf = (event: KeyboardEvent) => (event.shiftKey ? 'time' : event.altKey ? 'price' : 'both');

function changeSpeed(terminal: Terminal, by: 1 | -1): void {
  const next = speeds[speeds.indexOf(terminal.speed) + by];
  if (next !== undefined) terminal.setSpeed(next);
}

function cycle<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length]!;
}

/** All keys of the page. */
export const keyBindings: readonly KeyBinding[] = [
  { keys: ['Space'], words: 'Play or pause', run: (t) => (t.paused ? t.play() : t.pause()) },
  {
    keys: ['←', '→'],
    words: 'Step a bin back or on (Shift: ten)',
    run: (t, e) => t.step((e.key === 'ArrowLeft' ? -1 : 1) * (e.shiftKey ? 10 : 1)),
  },
  { keys: ['Home'], words: 'Restart the replay', run: (t) => t.restart() },
  { keys: ['End'], words: 'Follow the newest bin again', run: (t) => t.followAgain() },
  { keys: ['[', ']'], words: 'Slower, faster', run: (t, e) => changeSpeed(t, e.key === '[' ? -1 : 1) },
  {
    keys: ['+', '−'],
    words: 'Zoom in or out (Shift: time only, Alt: price only)',
    run: (t, e) => zoomAt(t, /^[+=]$/.test(e.key) ? 1 / zoomStep : zoomStep, ...middle(t), axesOf(e)),
  },
  {
    keys: ['↑', '↓'],
    words: 'Pan the price',
    run: (t, e) => t.setView(pan(t.view, 0, e.key === 'ArrowUp' ? 40 : -40)),
  },
  {
    keys: ['PageUp', 'PageDown'],
    words: 'Pan the time',
    run: (t, e) => t.setView(pan(t.view, (e.key === 'PageUp' ? 0.6 : -0.6) * t.view.widthPx, 0)),
  },
  {
    keys: ['1', '…', '9'],
    words: 'Choose a layer',
    run: (t, e) => t.change({ layer: namedLayers[Number(e.key) - 1] ?? t.settings.layer }),
  },
  {
    keys: ['F'],
    words: 'Next follow mode',
    run: (t) => t.change({ followMode: cycle(followModes, t.settings.followMode) }),
  },
  { keys: ['M'], words: 'Measure: drag a box', run: (t) => t.setTool(t.tool === 'measure' ? 'pan' : 'measure') },
  { keys: ['Z'], words: 'Box zoom: drag a box', run: (t) => t.setTool(t.tool === 'zoom' ? 'pan' : 'zoom') },
  { keys: ['Esc'], words: 'Put the tool away', run: (t) => t.setTool('pan') },
  { keys: ['R'], words: 'Readout at the crosshair', run: (t) => t.change({ readout: !t.settings.readout }) },
  {
    keys: ['T'],
    words: 'Dark or light',
    run: (t) => t.change({ theme: t.settings.theme === 'dark' ? 'light' : 'dark' }),
  },
];

const names: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
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

/** Runs the bindings on key presses that no control takes for itself. Returns what ends it. */
export function listenToKeys(terminal: Terminal, onHelp: () => void): () => void {
  const listen = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || target.closest('input, select, textarea, dialog, [role="separator"]')) return;
    if (event.key === ' ' && target.closest('button')) return;
    if (event.key === '?') return onHelp();
    const binding = bindingOf(event);
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(terminal, event);
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}
