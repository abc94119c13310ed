import type uPlot from 'uplot';
import { curveColours } from '../../../src/colours.ts';
import type { SignalSeries } from '../../../src/signals/index.ts';
import { type Palette, palettes } from '../../shared/theme.ts';
import { formatQuantity, formatShare, formatSigned, formatValue } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { scoreScale } from '../viewport/score_scale.ts';
import type { PanelName } from '../viewport/settings.ts';
import type { Viewport } from '../viewport/viewport.ts';
import { type Columns, featureColumns, ownColumns, scoreColumns, shareColumns } from './series_columns.ts';
import { cvdKey, deltaKey, type KeyEntry, ownKey, scoreKey, shareKey } from './series_key.ts';
import { featureSeries, scoreSeries, shareSeries, stepLine } from './series_styles.ts';

type BuiltInPane = Extract<PanelName, 'series' | 'shares' | 'cvd' | 'delta'>;

/** A pane of the strip: what it draws, on which scale, and its key. */
export interface Pane {
  readonly name: BuiltInPane | 'own';
  readonly scale: string;
  readonly key: readonly KeyEntry[] | ((palette: Palette) => readonly KeyEntry[]);
  readonly words: (value: number) => string;
  readonly style: (palette: Palette) => Pick<uPlot.Options, 'series' | 'bands'>;
  readonly columns: (session: Session, view: Viewport) => Columns;
  readonly range: (session: Session, view: Viewport, columns: Columns) => readonly [min: number, max: number];
}

const around = (size: number): readonly [number, number] => [-1.08 * size, 1.08 * size];

/** The smallest and the largest value of lines; the first is the larger one where there is none. */
function extentOf(lines: Columns): readonly [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    for (const value of line) {
      if (value == null) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return [least, most];
}

/** The range of what is drawn, with a little room; `withZero`: 0 lies in its middle. */
function rangeOf([, ...lines]: Columns, withZero: boolean): readonly [number, number] {
  const [least, most] = extentOf(lines);
  if (least > most) return around(1);
  if (withZero) return around(Math.max(1, -least, most));
  const room = Math.max(1, 0.08 * (most - least));
  return [least - room, most + room];
}

const sizeWords = (value: number) => (value < 0 ? `−${formatQuantity(-value)}` : formatQuantity(value));

export const panes: readonly (Pane & { readonly name: BuiltInPane })[] = [
  {
    ...{ name: 'series', scale: 'score', key: scoreKey, style: scoreSeries, columns: scoreColumns },
    words: (value) => formatSigned(value, value === 0 ? 1 : 0),
    range: (session, view) => around(scoreScale(session, view)),
  },
  {
    ...{ name: 'shares', scale: 'share', key: shareKey, style: shareSeries, columns: shareColumns },
    words: formatShare,
    range: () => [0, 1],
  },
  {
    ...{ name: 'cvd', scale: 'cvd', key: cvdKey, words: sizeWords },
    style: (palette) => featureSeries(palette, 'cvd'),
    columns: (session, view) => featureColumns(session, view, 'cvd'),
    range: (_session, _view, columns) => rangeOf(columns, false),
  },
  {
    ...{ name: 'delta', scale: 'delta', key: deltaKey, words: sizeWords },
    style: (palette) => featureSeries(palette, 'delta'),
    columns: (session, view) => featureColumns(session, view, 'delta'),
    range: (_session, _view, columns) => rangeOf(columns, true),
  },
];

const curvesOf = (palette: Palette) => curveColours[palette === palettes.dark ? 'dark' : 'light'];

/** The pane of the series that a signal draws itself, as means where bins are narrower than pixels. */
export function ownPane(series: readonly SignalSeries[]): Pane {
  return {
    ...{ name: 'own', scale: 'own', words: (value) => formatValue(value), columns: ownColumns },
    key: (palette) => ownKey(series, curvesOf(palette)),
    style: (palette) => ({
      series: [{}, ...series.map(({ name }, at) => stepLine(name, 'own', curvesOf(palette)[at], 1.25))],
    }),
    range: (_session, _view, [, ...lines]) => {
      const [least, most] = extentOf(lines);
      if (least > most) return around(1);
      const room = 0.08 * (most - least) || 1;
      return [least - room, most + room];
    },
  };
}
