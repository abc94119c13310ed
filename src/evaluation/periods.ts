/**
 * Time cut into equal periods of at least `minPeriodBins` bins, so that trades of different periods hardly overlap, and
 * into blocks of equally many periods, for cross-validation.
 */
export interface Periods {
  readonly firstBin: number;
  readonly bins: number;
  readonly count: number;
  /** Even, at most 16; 0 when there are too few periods for a Sharpe ratio to mean anything. */
  readonly blocks: number;
}

/** The most blocks of at least two periods each that fit into bins [firstBin, endBin). */
export function cutPeriods(firstBin: number, endBin: number, minPeriodBins: number): Periods {
  const bins = Math.max(0, endBin - firstBin);
  for (const blocks of [16, 8, 4, 2]) {
    const perBlock = Math.floor(bins / (blocks * Math.max(1, minPeriodBins)));
    if (perBlock >= 2) return { firstBin, bins, count: blocks * perBlock, blocks };
  }
  return { firstBin, bins, count: 0, blocks: 0 };
}

/** The period of `bin`: periods are as equal as whole bins allow. */
export function periodOf(periods: Periods, bin: number): number {
  return Math.floor(((bin - periods.firstBin) * periods.count) / periods.bins);
}
