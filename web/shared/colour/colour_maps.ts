import type { Theme } from '../../../src/colours.ts';
import { present } from '../../../src/errors.ts';
import { oklch, type Rgb } from './oklab.ts';

export type { Theme };
export type ColourMapKind = 'diverging' | 'sequential' | 'states';

export interface ColourMap {
  readonly id: string;
  readonly label: string;
  readonly kind: ColourMapKind;
}

/** Entries of every table: odd, so that a diverging map has an exact middle. */
export const colourCount = 255;
const middle = (colourCount - 1) / 2;

/** Hues of the negative and the positive end; both pairs stay apart under every common colour vision deficiency. */
const divergingHues: Readonly<Record<string, readonly [number, number]>> = {
  'rose-cyan': [0, 203],
  'purple-green': [318, 150],
};
/** Hue at the weak and the strong end, and peak chroma. */
const sequentialRamps: Readonly<Record<string, readonly [number, number, number]>> = {
  ice: [265, 205, 0.13],
  ember: [15, 95, 0.17],
  grey: [250, 250, 0.01],
  viridis: [305, 105, 0.15],
};

export const colourMaps: readonly ColourMap[] = [
  { id: 'rose-cyan', label: 'Rose – cyan', kind: 'diverging' },
  { id: 'purple-green', label: 'Purple – green', kind: 'diverging' },
  { id: 'ember', label: 'Ember', kind: 'sequential' },
  { id: 'ice', label: 'Ice', kind: 'sequential' },
  { id: 'grey', label: 'Grey', kind: 'sequential' },
  { id: 'viridis', label: 'Viridis', kind: 'sequential' },
  { id: 'states', label: 'Five states', kind: 'states' },
];

/** Lightness of nothing and of the strong end: nothing is black on the dark page and white on the light one. */
const lightnessRange: Readonly<Record<Theme, readonly [number, number]>> = { dark: [0, 0.88], light: [1, 0.38] };
/** Lightness of little and of much of an amount: little melts into the page. */
const amountRange: Readonly<Record<Theme, readonly [number, number]>> = { dark: [0.15, 0.95], light: [0.975, 0.3] };

function diverging([negativeHue, positiveHue]: readonly [number, number], theme: Theme, position: number): Rgb {
  const [neutral, strong] = lightnessRange[theme];
  const size = Math.abs(position);
  const lightness = neutral + (strong - neutral) * size;
  const chroma = 0.16 * Math.min(1, size * 1.6) * (theme === 'dark' ? 1 - 0.25 * size : 1);
  return oklch(lightness, chroma, position < 0 ? negativeHue : positiveHue);
}

function sequential([weakHue, strongHue, chroma]: readonly [number, number, number], theme: Theme, size: number): Rgb {
  const [little, much] = amountRange[theme];
  const lightness = little + (much - little) * size;
  // On the light page much is dark: the hues run the other way, so that yellow stays light and violet dark.
  const turn = theme === 'dark' ? size : 1 - size;
  return oklch(lightness, chroma * Math.sin(Math.PI * (0.08 + 0.82 * size)), weakHue + (strongHue - weakHue) * turn);
}

/** Bear vacuum, bear pressure, mixed, bull pressure, bull vacuum: vacuum is the stronger of each pair. */
function states(theme: Theme, position: number): Rgb {
  const code = Math.round(position * 2);
  return diverging([0, 203], theme, code === 0 ? 0.06 : Math.sign(code) * (Math.abs(code) === 2 ? 0.95 : 0.5));
}

/**
 * RGBA bytes of a colour map, `colourCount` entries; entry i of a diverging map stands for i / 127 − 1, of a sequential
 * one for i / 254. Even in OKLab lightness. Throws when the id is not in `colourMaps`.
 */
export function colourTable(id: string, theme: Theme): Uint8Array {
  const map = colourMaps.find((candidate) => candidate.id === id);
  if (map === undefined) throw new Error(`Cannot build colour map "${id}": known are ${colourMaps.map((m) => m.id)}`);
  const table = new Uint8Array(colourCount * 4);
  for (let index = 0; index < colourCount; index++) {
    const signed = index / middle - 1;
    const rgb =
      map.kind === 'diverging'
        ? diverging(present(divergingHues[id]), theme, signed)
        : map.kind === 'states'
          ? states(theme, signed)
          : sequential(present(sequentialRamps[id]), theme, index / (colourCount - 1));
    table.set([...rgb, 255], index * 4);
  }
  return table;
}
