import { curveColours } from '../../../src/colours.ts';
import { present } from '../../../src/errors.ts';
import type { SignalSeries } from '../../../src/signals/index.ts';
import { type Palette, palettes } from '../../shared/theme.ts';
import { formatQuantity, formatShare, formatSigned, formatValue } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { scoreScale } from '../viewport/score_scale.ts';
import type { PanelName } from '../viewport/settings.ts';
import type { Viewport } from '../viewport/viewport.ts';
import { featureColumns, ownColumns, type StepColumns, scoreColumns, shareColumns } from './series_columns.ts';
import { cvdKey, deltaKey, type KeyEntry, ownKey, scoreKey, shareKey } from './series_key.ts';
import { featureMarks, ownMarks, type SeriesMark, scoreMarks, shareMarks } from './series_styles.ts';

type BuiltInPane = Extract<PanelName, 'series' | 'shares' | 'cvd' | 'delta'>;

/** A pane of the strip: what it draws, on which scale, and its key. */
export interface Pane {
  readonly name: BuiltInPane | 'own';
  readonly key: readonly KeyEntry[] | ((palette: Palette) => readonly KeyEntry[]);
  readonly words: (value: number) => string;
  readonly marks: (palette: Palette) => readonly SeriesMark[];
  readonly columns: (session: Session, view: Viewport) => StepColumns;
  /** The values at the pane's lower and upper edge; `columns` gives those in view. */
  readonly range: (session: Session, view: Viewport, columns: () => StepColumns) => readonly [min: number, max: number];
}

const around = (size: number): readonly [number, number] => [-1.08 * size, 1.08 * size];

/** The smallest and the largest value of lines; the first is the larger one where there is none. */
function extentOf({ lines }: StepColumns): readonly [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    for (const value of line) {
      // A comparison with NaN is false.
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return [least, most];
}

/** The range of what is drawn, with a little room; `withZero`: 0 lies in its middle. */
function rangeOf(columns: StepColumns, withZero: boolean): readonly [number, number] {
  const [least, most] = extentOf(columns);
  if (least > most) return around(1);
  if (withZero) return around(Math.max(1, -least, most));
  const room = Math.max(1, 0.08 * (most - least));
  return [least - room, most + room];
}

const sizeWords = (value: number) => (value < 0 ? `−${formatQuantity(-value)}` : formatQuantity(value));

export const panes: readonly (Pane & { readonly name: BuiltInPane })[] = [
  {
    ...{ name: 'series', key: scoreKey, marks: scoreMarks, columns: scoreColumns },
    words: (value) => formatSigned(value, value === 0 ? 1 : 0),
    range: (session, view) => around(scoreScale(session, view)),
  },
  {
    ...{ name: 'shares', key: shareKey, marks: shareMarks, columns: shareColumns },
    words: formatShare,
    range: () => [0, 1],
  },
  {
    ...{ name: 'cvd', key: cvdKey, marks: featureMarks, words: sizeWords },
    columns: (session, view) => featureColumns(session, view, 'cvd'),
    range: (_session, _view, columns) => rangeOf(columns(), false),
  },
  {
    ...{ name: 'delta', key: deltaKey, marks: featureMarks, words: sizeWords },
    columns: (session, view) => featureColumns(session, view, 'delta'),
    range: (_session, _view, columns) => rangeOf(columns(), true),
  },
];

const curvesOf = (palette: Palette) => curveColours[palette === palettes.dark ? 'dark' : 'light'];

/** The pane of the series that a signal draws itself, as means where bins are narrower than pixels. */
export function ownPane(series: readonly SignalSeries[]): Pane {
  return {
    ...{ name: 'own', words: (value) => formatValue(value), columns: ownColumns },
    key: (palette) => ownKey(series, curvesOf(palette)),
    marks: (palette) => ownMarks(series.map((_, at) => present(curvesOf(palette)[at]))),
    range: (_session, _view, columns) => {
      const [least, most] = extentOf(columns());
      if (least > most) return around(1);
      const room = 0.08 * (most - least) || 1;
      return [least - room, most + room];
    },
  };
}
