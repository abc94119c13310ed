import type { Run } from './runs.ts';
import type { Axis, Metric } from './sweeps.ts';

/** How much an axis of a sweep matters to a metric. */
export interface Importance {
  readonly axis: Axis;
  /** Share of the variance between runs that the means of the axis's values explain, η², 0 to 1; null where runs do not differ. */
  readonly share: number | null;
}

/**
 * The axes, the one that explains most first: one-way η² of each over the runs that have the metric (Fisher 1925, sums of squares between and
 * in all). Shares of a whole grid add up to at most 1; what is missing are interactions.
 */
export function axisImportance(runs: readonly Run[], axes: readonly Axis[], metric: Metric): Importance[] {
  const judged = runs.flatMap((run) => {
    const value = metric.value(run);
    return value === null ? [] : [{ run, value }];
  });
  const mean = meanOf(judged);
  const total = judged.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const shares = axes.map((axis) => {
    const groups = [...Map.groupBy(judged, ({ run }) => axis.value(run)).values()];
    const between = groups.reduce((sum, group) => sum + group.length * (meanOf(group) - mean) ** 2, 0);
    return { axis, share: total > 0 ? Math.min(1, between / total) : null };
  });
  return shares.sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}

const meanOf = (judged: readonly { readonly value: number }[]) =>
  judged.reduce((sum, { value }) => sum + value, 0) / judged.length;
