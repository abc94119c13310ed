import { insertSorted, replaceSorted } from '../spectrum/index.ts';

/** Part of the window that must have passed before the first threshold. */
const warmShare = 0.1;

/**
 * Thresholds that adapt to the past alone: at each bin, percentiles of the |score| of the `windowBins` bins before it,
 * itself not included. One series per percentile, one element a bin; NaN (fires nothing) until a tenth of the window has
 * passed, and where the percentile is 0, which would mean firing at every bin.
 */
export function pastPercentiles(
  scores: Float64Array,
  percentiles: readonly number[],
  windowBins: number,
): Float64Array[] {
  const sorted = new Float64Array(windowBins);
  const series = percentiles.map(() => new Float64Array(scores.length).fill(Number.NaN));
  const enough = Math.max(2, Math.ceil(windowBins * warmShare));
  for (let bin = 0; bin < scores.length; bin++) {
    const count = Math.min(bin, windowBins);
    if (count >= enough) {
      for (let index = 0; index < percentiles.length; index++) {
        const threshold = percentileSorted(sorted, count, percentiles[index]!);
        if (threshold > 0) series[index]![bin] = threshold;
      }
    }
    const size = Math.abs(scores[bin]!);
    if (bin < windowBins) insertSorted(sorted, 0, count, size);
    else replaceSorted(sorted, 0, windowBins, Math.abs(scores[bin - windowBins]!), size);
  }
  return series;
}

/** Percentile of the first `count` ascending values, by linear interpolation between the nearest two. */
function percentileSorted(sorted: Float64Array, count: number, percentile: number): number {
  const position = ((count - 1) * percentile) / 100;
  const below = Math.floor(position);
  const above = Math.min(below + 1, count - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
