import { type BarKind, barKinds } from '../session/bars.ts';

export const chartKinds = ['heatmap', 'footprint', 'candles'] as const;
/** How the chart shows the market: resting depth and its kin by price and time, or bars of what traded. */
export type ChartKind = (typeof chartKinds)[number];

/** Bar sizes that are offered: seconds, contracts, trades, ticks. */
export const barSizes: Readonly<Record<BarKind, readonly number[]>> = {
  time: [1, 5, 10, 15, 30, 60, 120, 300, 900, 1800, 3600],
  volume: [10, 25, 50, 100, 250, 500, 1000, 2500, 5000],
  trades: [10, 25, 50, 100, 250, 500, 1000, 2500],
  range: [2, 3, 4, 6, 8, 12, 16, 24, 40],
};

/** The part of the settings that says how the chart shows the market. */
export interface ChartChoice {
  readonly chartKind: ChartKind;
  /** What bars of footprints and candles are full by, and at which size, for each kind. */
  readonly barKind: BarKind;
  readonly barSizes: Readonly<Record<BarKind, number>>;
}

export const defaultChart: ChartChoice = {
  chartKind: 'heatmap',
  barKind: 'time',
  barSizes: { time: 60, volume: 500, trades: 250, range: 8 },
};

/** Whether settings that were stored say a kind of chart and bars that there are. */
export function isKnownChart({ chartKind, barKind, barSizes: sizes }: ChartChoice): boolean {
  return chartKinds.includes(chartKind) && barKinds.includes(barKind) && barKinds.every((kind) => sizes[kind] > 0);
}
