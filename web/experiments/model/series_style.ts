import { present } from '../../../src/errors.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';

/**
 * Seven colours that stay apart for every common colour vision deficiency (after Okabe & Ito 2008), lightened for the dark
 * ground and darkened for the light one.
 */
const colours: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#56b4e9', '#e69f00', '#2fc89b', '#e48fbd', '#f0e442', '#ff7a45', '#b9a7ff'],
  light: ['#0072b2', '#b25f00', '#00795a', '#a8407f', '#857700', '#c8361a', '#5b4bc4'],
};

const dashes = [[], [8, 4], [2, 3]] as const;

/** Colour of a curve; after seven they come again, with another dash. */
export const seriesColour = (index: number, theme: Theme): string =>
  present(colours[theme][index % colours[theme].length]);

/** Dash of a curve: of twenty, no two have colour and dash in common. */
export const seriesDash = (index: number): number[] => [
  ...present(dashes[Math.floor(index / colours.dark.length) % dashes.length]),
];
