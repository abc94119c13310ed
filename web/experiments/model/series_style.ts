import { curveColours, type Theme } from '../../../src/colours.ts';
import { present } from '../../../src/errors.ts';

const dashes = [[], [8, 4], [2, 3]] as const;

/** Colour of a curve; after seven they come again, with another dash. */
export const seriesColour = (index: number, theme: Theme): string =>
  present(curveColours[theme][index % curveColours[theme].length]);

/** Dash of a curve: of twenty, no two have colour and dash in common. */
export const seriesDash = (index: number): number[] => [
  ...present(dashes[Math.floor(index / curveColours.dark.length) % dashes.length]),
];
