import { present } from '../../../src/errors.ts';
import { colourCount, colourTable, type Theme } from '../../shared/colour/colour_maps.ts';
import type { Scale } from '../model/sweeps.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of a value of a landscape, bytes. */
export function heatColour(scale: Scale, theme: Theme): (value: number) => Rgb {
  const colours = colourTable(scale.diverging ? 'purple-green' : 'ice', theme);
  return (value) => {
    const index = Math.round(scale.at(value) * (colourCount - 1)) * 4;
    return [present(colours[index]), present(colours[index + 1]), present(colours[index + 2])];
  };
}

export const cssColour = (rgb: Rgb) => `rgb(${rgb.join(' ')})`;
