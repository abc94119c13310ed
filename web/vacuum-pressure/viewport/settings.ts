import { type ColumnName, gridColumns } from '../../../src/engine/index.ts';
import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { defaultEventFilter, defaultMarks, type EventFilter, isEventFilter } from '../session/event_filter.ts';
import type { Topics } from '../session/topics.ts';
import { type ChartChoice, defaultChart, isKnownChart } from './chart_kind.ts';
import type { FollowMode } from './viewport.ts';

/** How a layer is coloured; cut-offs are percentiles of what is in view, or exact values of the layer's unit. */
export interface LayerScale {
  readonly map: string;
  readonly cutoffs: 'percent' | 'value';
  readonly low: number;
  readonly high: number;
  readonly gamma: number;
  readonly contrast: number;
}

export const overlayNames = [
  'quotes',
  'mid',
  'spot',
  'fills',
  'chase',
  'firings',
  'events',
  'vwap',
  'levels',
  'orders',
  'invalid',
  'projection',
] as const;
export type OverlayName = (typeof overlayNames)[number];
export const panelNames = [
  'depth',
  'book',
  'ladder',
  'tape',
  'signal',
  'series',
  'shares',
  'cvd',
  'delta',
  'replay',
] as const;
export type PanelName = (typeof panelNames)[number];

export const readouts = ['off', 'short', 'full'] as const;
/** What is said of the cell under the crosshair: nothing, the named layers, or every column. */
export type Readout = (typeof readouts)[number];

/** What the page remembers between visits. */
export interface Settings extends ChartChoice {
  readonly theme: Theme;
  readonly zone: string;
  readonly layer: ColumnName;
  readonly scales: Readonly<Partial<Record<ColumnName, LayerScale>>>;
  readonly overlays: Readonly<Record<OverlayName, boolean>>;
  readonly panels: Readonly<Record<PanelName, boolean>>;
  /** Widths of the side panels and height of a pane of series, in CSS pixels. */
  readonly bookPx: number;
  readonly ladderPx: number;
  readonly tapePx: number;
  readonly signalPx: number;
  readonly seriesPx: number;
  readonly followMode: FollowMode;
  readonly volumeProfile: boolean;
  /** Which events the tape shows, and which are marked on the chart. */
  readonly tape: EventFilter;
  readonly marks: Readonly<Record<OrderEventKind, boolean>>;
  readonly readout: Readout;
  /** Whether alerts are heard. */
  readonly alertSound: boolean;
}

/** Windows at least this wide have room for the panel to the left of the map, in CSS pixels. */
const roomForBookPx = 1600;

/** The settings of a first visit, in a window of some width in CSS pixels. */
export function defaultSettings(theme: Theme, windowPx = 1280): Settings {
  const all = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, true])) as Record<Name, boolean>;
  return {
    theme,
    zone: 'America/New_York',
    ...defaultChart,
    layer: 'rest_depth',
    scales: {},
    overlays: { ...all(overlayNames), mid: false, chase: false, vwap: false, levels: false, projection: false },
    panels: {
      ...all(panelNames),
      book: windowPx >= roomForBookPx,
      ladder: false,
      tape: false,
      shares: false,
      cvd: false,
      delta: false,
    },
    bookPx: 168,
    ladderPx: 356,
    tapePx: 292,
    signalPx: 248,
    seriesPx: 132,
    followMode: 'margin',
    volumeProfile: false,
    tape: defaultEventFilter,
    marks: defaultMarks,
    readout: 'short',
    alertSound: true,
  };
}

/**
 * Settings from what a former visit stored: what is missing, or no longer makes sense, takes the default, so that an old
 * or damaged record never keeps the page from opening.
 */
export function readSettings(stored: string | null, theme: Theme, windowPx = 1280): Settings {
  const defaults = defaultSettings(theme, windowPx);
  let value: Partial<Settings>;
  try {
    value = (JSON.parse(stored ?? '{}') ?? {}) as Partial<Settings>;
  } catch {
    return defaults;
  }
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, fallback] of Object.entries(defaults)) {
    const candidate = value[key as keyof Settings];
    if (typeof candidate !== typeof fallback || candidate === null) continue;
    merged[key] =
      typeof fallback === 'object' && key !== 'scales' ? { ...fallback, ...(candidate as object) } : candidate;
  }
  const settings = merged as unknown as Settings;
  const isKnownLayer = gridColumns.some(([name]) => name === settings.layer);
  const { layer } = defaults;
  return {
    ...settings,
    ...(!isKnownLayer && { layer }),
    ...(!isKnownChart(settings) && defaultChart),
    ...(!isEventFilter(settings.tape) && { tape: defaults.tape }),
  };
}

/** The settings in use. */
export class CurrentSettings {
  #current: Settings;
  readonly #topics: Topics;

  constructor(topics: Topics, settings: Settings) {
    this.#topics = topics;
    this.#current = settings;
  }

  get current(): Settings {
    return this.#current;
  }

  change(patch: Partial<Settings>): void {
    this.#current = { ...this.#current, ...patch };
    this.#topics.emit('settings');
  }
}
