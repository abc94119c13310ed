import { present } from '../../../src/errors.ts';
import { oklch, type Rgb } from './oklab.ts';

export type Theme = 'dark' | 'light';
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
  'orange-blue': [55, 245],
  'magenta-teal': [345, 180],
};
/** Hue at the weak and the strong end, and peak chroma. */
const sequentialRamps: Readonly<Record<string, readonly [number, number, number]>> = {
  ice: [265, 205, 0.13],
  ember: [15, 95, 0.17],
  violet: [290, 330, 0.17],
  grey: [250, 250, 0.01],
};

export const colourMaps: readonly ColourMap[] = [
  { id: 'orange-blue', label: 'Orange – blue', kind: 'diverging' },
  { id: 'magenta-teal', label: 'Magenta – teal', kind: 'diverging' },
  { id: 'ice', label: 'Ice', kind: 'sequential' },
  { id: 'ember', label: 'Ember', kind: 'sequential' },
  { id: 'violet', label: 'Violet', kind: 'sequential' },
  { id: 'grey', label: 'Grey', kind: 'sequential' },
  { id: 'states', label: 'Five states', kind: 'states' },
];

/** Lightness of the neutral and of the strong end: zero melts into the page, strong values leave it. */
const lightnessRange: Readonly<Record<Theme, readonly [number, number]>> = { dark: [0.19, 0.86], light: [0.975, 0.4] };

/** Nothing is the page's own cool grey. */
const neutralChroma = 0.012;
const neutralHue = 255;

function diverging([negativeHue, positiveHue]: readonly [number, number], theme: Theme, position: number): Rgb {
  const [neutral, strong] = lightnessRange[theme];
  const size = Math.abs(position);
  const lightness = neutral + (strong - neutral) * size;
  if (size < 1e-9) return oklch(neutral, neutralChroma, neutralHue);
  const chroma = 0.16 * Math.min(1, size * 1.6) * (theme === 'dark' ? 1 - 0.25 * size : 1);
  return oklch(lightness, chroma, position < 0 ? negativeHue : positiveHue);
}

function sequential([weakHue, strongHue, chroma]: readonly [number, number, number], theme: Theme, size: number): Rgb {
  const [neutral] = lightnessRange[theme];
  const lightness = neutral + ((theme === 'dark' ? 0.95 : 0.3) - neutral) * size;
  return oklch(lightness, chroma * Math.sin(Math.PI * (0.08 + 0.82 * size)), weakHue + (strongHue - weakHue) * size);
}

/** Bear vacuum, bear pressure, mixed, bull pressure, bull vacuum: vacuum is the stronger of each pair. */
function states(theme: Theme, position: number): Rgb {
  const code = Math.round(position * 2);
  return diverging([55, 245], theme, code === 0 ? 0.06 : Math.sign(code) * (Math.abs(code) === 2 ? 0.95 : 0.5));
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
