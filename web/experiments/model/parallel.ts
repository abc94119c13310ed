import { present } from '../../../src/errors.ts';
import { type Brush, brushOf } from './query.ts';
import type { Run } from './runs.ts';
import { type Axis, extentOf, type Metric, scaleOf } from './sweeps.ts';

/** An axis of the parallel coordinates: places on it where a brush can begin and end. */
export interface Stops {
  /** The column of the table that it is. */
  readonly column: string;
  readonly label: string;
  /** From the foot, 0, to the top, 1, ascending. */
  readonly heights: readonly number[];
  /** Of each stop, in the table's unit. */
  readonly values: readonly (number | string)[];
  /** What is written beside it: height and text. */
  readonly ticks: readonly (readonly [number, string])[];
  /** Stops that a key moves a brush's end by. */
  readonly keyStep: number;
}

/** Runs that share a value stand side by side around it, the better above, so that lines do not hide each other. */
const spread = (place: number, rank: number) => 0.04 + 0.92 * place + 0.06 * (rank - 0.5);

export function parameterStops({ column, label, values }: Axis): Stops {
  const heights = values.map((_, index) => spread(index / (values.length - 1), 0.5));
  const ticks = values.map((value, index) => [present(heights[index]), String(value)] as const);
  return { column, label, heights, values, ticks, keyStep: 1 };
}

const metricSteps = 100;

export function metricStops(metric: Metric, low: number, high: number): Stops {
  const indices = Array.from({ length: metricSteps + 1 }, (_, index) => index);
  const valueAt = (index: number) => low + (index / metricSteps) * (high - low);
  const ticks = [0, 25, 50, 75, 100].map((index) => [index / metricSteps, metric.text(valueAt(index))] as const);
  return {
    column: metric.id,
    label: metric.label,
    heights: indices.map((index) => index / metricSteps),
    values: indices.map((index) => Number((valueAt(index) / metric.unit).toPrecision(4))),
    ticks: high > low ? ticks : ticks.slice(2, 3),
    keyStep: 5,
  };
}

/** The brush from one stop to another, both included; null when it lets everything pass. */
export function brushBetween({ values }: Stops, from: number, to: number): Brush | null {
  const last = values.length - 1;
  if (from <= 0 && to >= last) return null;
  const inside = values.slice(Math.max(0, from), to + 1);
  if (values.some((value) => typeof value === 'string')) return { values: inside.map(String) };
  return {
    low: from <= 0 ? Number.NEGATIVE_INFINITY : (inside[0] as number),
    high: to >= last ? Number.POSITIVE_INFINITY : (inside.at(-1) as number),
  };
}

/** The first and last stop that a brush lets pass; null when it passes none. */
export function stopsIn({ values }: Stops, brush: Brush): readonly [number, number] | null {
  const passes = (value: number | string) =>
    'values' in brush
      ? brush.values.includes(String(value))
      : typeof value === 'number' && value >= brush.low && value <= brush.high;
  const [first, last] = [values.findIndex(passes), values.findLastIndex(passes)];
  return first < 0 ? null : [first, last];
}

/** The first and last stop that a search lets pass on an axis; all of them without a condition. */
export function stopsOf(axis: Stops, search: string): readonly [number, number] {
  const brush = brushOf(search, axis.column);
  return (brush === null ? null : stopsIn(axis, brush)) ?? [0, axis.values.length - 1];
}

/** Lines that share a value stand up to this far above and below it. */
const reach = 0.03;

/** The first and last stop whose lines a stroke from height `foot` to height `top` touches; null when it touches none. */
export function stopsBetween({ heights }: Stops, foot: number, top: number): readonly [number, number] | null {
  const touches = (height: number) => height >= foot - reach && height <= top + reach;
  const first = heights.findIndex(touches);
  return first < 0 ? null : [first, heights.findLastIndex(touches)];
}

export interface Line {
  readonly run: Run;
  /** Height on each axis and on the metric's, 0 at the foot to 1. */
  readonly heights: readonly number[];
  /** Place on the colour scale. */
  readonly colour: number;
}

export interface Lines {
  /** Worst first. */
  readonly lines: readonly Line[];
  readonly diverging: boolean;
  /** The axes' and, at the end, the metric's. */
  readonly stops: readonly Stops[];
}

/** Every run that has the metric as a line over the axes to it. */
export function linesOf(runs: readonly Run[], axes: readonly Axis[], metric: Metric): Lines {
  const judged = runs.flatMap((run) => {
    const value = metric.value(run);
    return value === null ? [] : [{ run, value }];
  });
  const values = judged.map(({ value }) => value);
  const { low, high } = extentOf(values);
  const scale = scaleOf(values, metric);
  const direction = metric.lessIsBetter ? -1 : 1;
  judged.sort((a, b) => direction * (a.value - b.value));
  const places = axes.map(({ values: all }) => new Map(all.map((value, index) => [value, index / (all.length - 1)])));
  const lines = judged.map(({ run, value }, rank) => ({
    run,
    heights: [
      ...axes.map((axis, index) =>
        spread(present(present(places[index]).get(axis.value(run))), (rank + 0.5) / judged.length),
      ),
      high > low ? (value - low) / (high - low) : 0.5,
    ],
    colour: visible(scale.at(value), scale.diverging),
  }));
  const stops = [...axes.map(parameterStops), ...(judged.length === 0 ? [] : [metricStops(metric, low, high)])];
  return { lines, diverging: scale.diverging, stops };
}

/** A place on the scale that keeps its distance from the colour of the ground, which is that of nothing. */
function visible(place: number, diverging: boolean): number {
  if (!diverging) return 0.3 + 0.7 * place;
  const fromMiddle = 2 * place - 1;
  return 0.5 + 0.5 * (fromMiddle < 0 ? -1 : 1) * (0.35 + 0.65 * Math.abs(fromMiddle));
}

/** `axes` in the order of `names`; those that are not named keep their order and come after. */
export function inOrder(axes: readonly Axis[], names: readonly string[]): Axis[] {
  const place = ({ name }: Axis) => (names.includes(name) ? names.indexOf(name) : names.length);
  return axes.toSorted((a, b) => place(a) - place(b));
}

/** The names with one moved by some places. */
export function moved(names: readonly string[], name: string, by: number): string[] {
  const from = names.indexOf(name);
  const to = Math.min(Math.max(from + by, 0), names.length - 1);
  const rest = names.filter((other) => other !== name);
  return [...rest.slice(0, to), name, ...rest.slice(to)];
}
