import { present } from '../errors.ts';

/** Values of one setting, in the order in which they are swept. */
export interface Axis {
  /** As in the spec: `scoring.tanh_scale`, `derivative.d1_weight`, `eval.tp_ticks`. */
  readonly name: string;
  /** Key of its value in a point. */
  readonly key: string;
  readonly values: readonly unknown[];
}

/** A value of each axis, by the axes' keys. */
export type Point = Readonly<Record<string, unknown>>;

/** Every combination of the values of axes, the last axis fastest, found by number: nothing is held but the values. */
export class AxisProduct {
  readonly axes: readonly Axis[];
  readonly count: number;

  constructor(axes: readonly Axis[]) {
    this.axes = axes;
    this.count = pointCount(axes);
  }

  /** The point of a number from 0 to `count` − 1. */
  at(number: number): Point {
    const point: Record<string, unknown> = {};
    let rest = number;
    for (const { key, values } of this.axes.toReversed()) {
      point[key] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    return point;
  }

  /** The number of the combination at a position, were the axes in the order of the first group that has their keys. */
  numberAt(position: number, groups: readonly (readonly string[])[]): number {
    const groupOf = (key: string) => groups.findIndex((keys) => keys.includes(key));
    const group = this.axes.map(({ key }) => (groupOf(key) < 0 ? groups.length : groupOf(key)));
    const slowestFirst = group.map((_, place) => place).sort((a, b) => present(group[a]) - present(group[b]) || a - b);
    const digits: number[] = [];
    let rest = position;
    for (const place of slowestFirst.reverse()) {
      const { length } = present(this.axes[place]).values;
      digits[place] = rest % length;
      rest = Math.floor(rest / length);
    }
    return this.axes.reduce((number, { values }, place) => number * values.length + present(digits[place]), 0);
  }

  /** The same combinations in an order that does not depend on the order of the values. */
  sorted(): AxisProduct {
    const texts = (values: readonly unknown[]) => values.map((value) => ({ value, text: JSON.stringify(value) }));
    return new AxisProduct(
      this.axes.map((axis) => ({
        ...axis,
        values: texts(axis.values)
          .sort((a, b) => (a.text < b.text ? -1 : 1))
          .map(({ value }) => value),
      })),
    );
  }
}

/** Combinations of the values of axes; 1 for no axis. */
export function pointCount(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/** An axis without the values that come to the same as one before them; `resolved` gives a value as a cell would have it. */
export function withoutRepeats(axis: Axis, resolved: (value: unknown) => unknown): Axis {
  const seen = new Set<string>();
  const values = axis.values.filter((value) => {
    const text = JSON.stringify(resolved(value));
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  return { ...axis, values };
}
