import type { Theme } from '../../shared/colour/colour_maps.ts';
import { oklch } from '../../shared/colour/oklab.ts';

/** Hues far apart for every common colour vision deficiency, in the order that they are taken. */
const hues = [245, 55, 165, 345, 100, 300, 205, 20, 130, 275];

/** Colour of a curve among up to twenty; after ten they come again, dashed. */
export function seriesColour(index: number, theme: Theme): string {
  const turn = index % hues.length;
  const lightness = (theme === 'dark' ? 0.78 : 0.5) + (turn % 2 === 0 ? 0.03 : -0.05);
  return `rgb(${oklch(lightness, 0.14, hues[turn]!).join(' ')})`;
}

export const seriesDash = (index: number): number[] => (index < hues.length ? [] : [6, 4]);
