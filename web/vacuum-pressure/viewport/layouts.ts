import { storedList } from '../../shared/stored_list.ts';
import type { Topics } from '../session/topics.ts';
import {
  type CurrentSettings,
  defaultSettings,
  type OverlayName,
  overlayNames,
  type PanelName,
  panelNames,
  readSettings,
  type Settings,
} from './settings.ts';

/** Settings that a layout leaves alone: how the page looks at night, its clock, and whether it is heard. */
type OwnSettings = 'theme' | 'zone' | 'alertSound';
/** Everything that arranges the page: chart, layers, overlays, panels and their sizes. */
export type Layout = Omit<Settings, OwnSettings>;

export interface NamedLayout {
  readonly name: string;
  readonly layout: Layout;
}

const maxNameLength = 40;
const maxLayouts = 50;

export function layoutOf({ theme: _theme, zone: _zone, alertSound: _sound, ...layout }: Settings): Layout {
  return layout;
}

const only = <Name extends string>(names: readonly Name[], on: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, on.includes(name)])) as Record<Name, boolean>;

function preset(
  name: string,
  overlays: readonly OverlayName[],
  panels: readonly PanelName[],
  more: Partial<Layout> = {},
): NamedLayout {
  const layout = layoutOf(defaultSettings('dark'));
  return {
    name,
    layout: { ...layout, overlays: only(overlayNames, overlays), panels: only(panelNames, panels), ...more },
  };
}

/** Layouts that are always there. */
export const presets: readonly NamedLayout[] = [
  preset(
    'Research',
    ['quotes', 'spot', 'fills', 'firings', 'events', 'orders', 'invalid'],
    ['depth', 'book', 'signal', 'series', 'replay'],
  ),
  preset(
    'Tape reading',
    ['quotes', 'fills', 'orders', 'vwap', 'levels', 'invalid'],
    ['depth', 'ladder', 'tape', 'cvd', 'replay'],
    {
      volumeProfile: true,
    },
  ),
  preset('Clean', ['quotes', 'fills', 'invalid'], ['replay'], { readout: 'off' }),
];

/** A layout as the text of a link, and back; null for a text that is none. */
export function layoutText({ name, layout }: NamedLayout): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ name, layout }));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export function parseLayout(text: string): NamedLayout | null {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    return readLayout(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

/** A stored or shared layout; what is missing or makes no sense in it takes the default. */
function readLayout(value: unknown): NamedLayout | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, layout } = value as Partial<NamedLayout>;
  if (typeof name !== 'string' || name.trim() === '' || typeof layout !== 'object' || layout === null) return null;
  const settings = readSettings(JSON.stringify(layout), 'dark');
  return { name: name.trim().slice(0, maxNameLength), layout: layoutOf(settings) };
}

/** The layouts that a former visit stored, by name; what is none is left out. */
export function readLayouts(stored: string | null): readonly NamedLayout[] {
  return storedList(stored)
    .map(readLayout)
    .filter((layout) => layout !== null);
}

/** The user's layouts, and the settings that they are taken from and put into. */
export class Layouts {
  #list: readonly NamedLayout[] = [];
  readonly #topics: Topics;
  readonly #settings: CurrentSettings;

  constructor(topics: Topics, settings: CurrentSettings) {
    this.#topics = topics;
    this.#settings = settings;
  }

  get list(): readonly NamedLayout[] {
    return this.#list;
  }

  set(list: readonly NamedLayout[]): void {
    this.#list = list.slice(0, maxLayouts);
    this.#topics.emit('layouts');
  }

  /** Saves the page as it is under a name, in place of a layout of that name. */
  save(name: string): void {
    const layout = readLayout({ name, layout: layoutOf(this.#settings.current) });
    if (layout === null) return;
    const others = this.#list.filter((other) => other.name !== layout.name);
    this.set([...others, layout].sort((a, b) => a.name.localeCompare(b.name)));
  }

  remove(name: string): void {
    this.set(this.#list.filter((layout) => layout.name !== name));
  }

  apply({ layout }: NamedLayout): void {
    this.#settings.change(layout);
  }

  /** Whether the page is arranged as a layout says. */
  isShown({ layout }: NamedLayout): boolean {
    return JSON.stringify(sorted(layout)) === JSON.stringify(sorted(layoutOf(this.#settings.current)));
  }
}

/** The same value with all keys in order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
