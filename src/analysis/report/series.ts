import type { SeriesName } from '../analysis.ts';
import type { AnalysisReport } from '../analysis_report.ts';

/** A plot over time. */
export interface Panel {
  readonly id: string;
  readonly name: SeriesName;
  readonly title: string;
  readonly unit: string;
  readonly about: string;
  readonly colour: number;
  /** Decimals of shown values. */
  readonly digits: number;
  /** Whether the axis starts at 0. */
  readonly zero: boolean;
}

const panels: readonly Omit<Panel, 'id'>[] = [
  {
    name: 'mid',
    title: 'Mid price',
    unit: 'price',
    about: 'Mean of best bid and best ask at each bin’s end.',
    colour: 1,
    digits: 4,
    zero: false,
  },
  {
    name: 'eventsPerS',
    title: 'Event rate',
    unit: 'events/s',
    about: 'Events of each bin over its width.',
    colour: 2,
    digits: 0,
    zero: true,
  },
  {
    name: 'spreadTicks',
    title: 'Spread',
    unit: 'ticks',
    about: 'Best ask less best bid, of bins with a valid book.',
    colour: 3,
    digits: 2,
    zero: true,
  },
  {
    name: 'signalScore',
    title: 'Derivative signal',
    unit: 'score',
    about: 'Score from −1 to 1, once it is ready.',
    colour: 5,
    digits: 3,
    zero: false,
  },
  {
    name: 'flowActiveShare',
    title: 'Rows with a flow state',
    unit: 'share of rows',
    about: 'Rows of the window whose flow score is beyond the neutral threshold, once it is ready.',
    colour: 4,
    digits: 3,
    zero: true,
  },
];

/** The plots over time that a report has data for. */
export function panelsOf({ series }: AnalysisReport): Panel[] {
  return panels
    .filter(({ name }) => series[name].mean.some(Number.isFinite))
    .map((panel, index) => ({ ...panel, id: `panel-${index}` }));
}

/** Data for the page's script: times in UNIX seconds, one array per line, null where there is no value. */
export function seriesData({ subject, series, book }: AnalysisReport, shown: readonly Panel[]): object {
  const startS = Number(subject.sessionStartNs / 1_000_000n) / 1000 + subject.startNs / 1e9;
  const cellS = subject.cellWidthMs / 1000;
  const { binsPerPoint, mean } = series.mid;
  const values = (items: readonly number[]) =>
    items.map((item) => (Number.isFinite(item) ? Number(item.toPrecision(9)) : null));
  const second = (value: number) => Number(value.toFixed(3));
  return {
    times: mean.map((_, point) => second(startS + (point + 0.5) * binsPerPoint * cellS)),
    invalid: book.longestSpans.map(({ startNs, bins }) => {
      const from = startS + (startNs - subject.startNs) / 1e9;
      return [second(from), second(from + bins * cellS)];
    }),
    panels: shown.map(({ id, name, unit, colour, digits, zero }) => {
      const { min, max, mean: means } = series[name];
      return { id, unit, colour, digits, zero, min: values(min), max: values(max), mean: values(means) };
    }),
  };
}
