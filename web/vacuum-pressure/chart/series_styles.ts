import type { Palette } from '../../shared/theme.ts';

/** A colour, or one above 0 and another below. */
export type Ink = string | { readonly above: string; readonly below: string };

/** What is drawn of a pane's columns, the first of it undermost: a line, or the area between two of them. */
export type SeriesMark =
  | { readonly line: number; readonly ink: Ink; readonly widthPx: number; readonly dash?: readonly number[] }
  | { readonly low: number; readonly high: number; readonly ink: Ink };

const linePx = 1.25;
const faded = ({ above, below }: { above: string; below: string }): Ink => ({
  above: `${above}80`,
  below: `${below}80`,
});

/** A band from the smallest to the largest value, a line where they are equal. */
const bandOf = (ink: { above: string; below: string }): readonly SeriesMark[] => [
  { line: 0, ink, widthPx: linePx },
  { low: 0, high: 1, ink: faded(ink) },
  { line: 1, ink, widthPx: linePx },
];

/** The score as a band, between its thresholds. */
export const scoreMarks = (palette: Palette): readonly SeriesMark[] => [
  ...bandOf({ above: palette.bull, below: palette.bear }),
  ...[2, 3].map((line) => ({ line, ink: palette.ours, widthPx: 1, dash: [4, 4] })),
];

/** Shares of the states as areas that fill the pane. */
export const shareMarks = (palette: Palette): readonly SeriesMark[] => [
  { low: 0, high: 1, ink: `${palette.bull}b0` },
  { low: 1, high: 2, ink: `${palette.neutral}60` },
  { low: 2, high: 3, ink: `${palette.bear}b0` },
];

/** A feature as a band: of buyers' colour above 0, of sellers' below. */
export const featureMarks = (palette: Palette): readonly SeriesMark[] =>
  bandOf({ above: palette.bid, below: palette.ask });

/** A line for each of the signal's own series. */
export const ownMarks = (colours: readonly string[]): readonly SeriesMark[] =>
  colours.map((ink, line) => ({ line, ink, widthPx: linePx }));
