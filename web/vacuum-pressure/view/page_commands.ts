import type { ServingList } from '../../../src/wire/index.ts';
import { experimentHref, nameOf, sessionWords, streamHref } from '../../shared/servings.ts';
import type { Command } from '../playback/commands.ts';
import type { Terminal } from '../playback/terminal.ts';
import { unixMsOf, ZoneClock } from '../session/format.ts';
import { layerOf, namedLayers, otherLayers } from '../viewport/layers.ts';
import { presets } from '../viewport/layouts.ts';
import { type OverlayName, overlayNames, type PanelName, panelNames } from '../viewport/settings.ts';
import { keyBindings } from './keyboard.ts';
import { speeds } from './replay_bar.tsx';
import { overlayWords, panelWords } from './setting_words.ts';
import { speedWords } from './top_bar.tsx';

/** Keys that mean what they do only while they are pressed. */
const withoutName = new Set(['←', '→', '↑', '↓', '+', '−', '[', ']', 'PgUp', 'PgDn', '1', 'Enter', 'Esc', 'K']);

/** Everything that the page does by a key of its own. */
function ofKeys(terminal: Terminal): Command[] {
  return keyBindings
    .filter(({ keys }) => !keys.some((key) => withoutName.has(key)))
    .map(({ keys, words, run }) => ({
      ...{ group: 'Do', words, run: () => run(terminal, new KeyboardEvent('keydown', { key: keys[0] ?? '' })) },
      ...(keys[0] !== undefined && { key: keys[0] }),
    }));
}

/** What is shown: layers, overlays, panels and layouts. */
function ofSettings({ settings, layouts, data }: Terminal): Command[] {
  const contract = data.session?.contract ?? { quantityUnit: '', radius: 0 };
  const { overlays, panels } = settings.current;
  const overlay = (name: OverlayName) => settings.change({ overlays: { ...overlays, [name]: !overlays[name] } });
  const panel = (name: PanelName) => settings.change({ panels: { ...panels, [name]: !panels[name] } });
  return [
    ...[...namedLayers, ...otherLayers].map((layer) => ({
      ...{ group: 'Layer', words: layerOf(layer, contract).label },
      run: () => settings.change({ layer, chartKind: 'heatmap' }),
    })),
    ...overlayNames.map((name) => ({ group: 'Overlay', words: overlayWords[name], run: () => overlay(name) })),
    ...panelNames.map((name) => ({ group: 'Panel', words: panelWords[name], run: () => panel(name) })),
    ...[...presets, ...layouts.list].map((layout) => ({
      ...{ group: 'Layout', words: layout.name, run: () => layouts.apply(layout) },
    })),
  ];
}

/** Where playback goes on, and how fast. */
function ofPlayback({ playback, bookmarks, settings }: Terminal): Command[] {
  const clock = new ZoneClock(settings.current.zone);
  return [
    ...bookmarks.list.map(({ tsNs, name }) => ({
      ...{ group: 'Bookmark', words: `${clock.time(unixMsOf(tsNs), 1)} ${name}` },
      run: () => playback.seekTime(unixMsOf(tsNs)),
    })),
    ...speeds.map((speed) => ({ group: 'Speed', words: speedWords(speed), run: () => playback.setSpeed(speed) })),
  ];
}

/** Versions that the server streams, and the experiments that they are of. */
function ofServer({ versions }: ServingList, open: (href: string) => void): Command[] {
  const experiments = new Set(versions.map(({ experiment_name: name }) => name));
  return [
    ...versions.map((version) => ({
      ...{ group: 'Version', words: `${nameOf(version)} ${sessionWords(version)}` },
      run: () => open(streamHref(nameOf(version))),
    })),
    ...[...experiments].map((name) => ({ group: 'Experiment', words: name, run: () => open(experimentHref(name)) })),
  ];
}

/** A jump, where the text is a clock time of the session. */
export function jumpCommand({ settings, data, chart, playback }: Terminal, text: string): Command[] {
  const clock = new ZoneClock(settings.current.zone);
  const unixMs = clock.parse(text.trim(), data.unixMs(chart.shownSeq), data.unixMs(0));
  if (unixMs === null) return [];
  return [{ group: 'Go to', words: clock.time(unixMs, 0), run: () => playback.seekTime(unixMs) }];
}

/** Everything that the page can do or show, by name. */
export function pageCommands(
  terminal: Terminal,
  servings: ServingList | null,
  open: (href: string) => void,
  openFile: () => void,
): Command[] {
  return [
    ...ofKeys(terminal),
    { group: 'Do', words: 'Open a file', run: openFile },
    ...ofSettings(terminal),
    ...ofPlayback(terminal),
    ...(servings === null ? [] : ofServer(servings, open)),
  ];
}
