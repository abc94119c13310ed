/** Where a signal fires: bins in order, and the side of each (1 up, −1 down). Arrays are copies of exact length. */
export interface Firings {
  readonly bins: Int32Array;
  readonly sides: Int8Array;
  /** Crossings that fired nothing because the book was not valid or had no mid. */
  readonly invalidBookCount: number;
  /** Crossings that fired nothing because the last firing was too recent. */
  readonly coolingCount: number;
}

/**
 * Finds where `scores` cross ±threshold from neutral or from the other side, not before `warmupBins`, on bins that
 * `tradable` marks with 1, at least `cooldownBins` after the last firing.
 *
 * `thresholds` holds one value for all bins or one per bin; a bin whose threshold is not a number fires nothing and
 * counts as neutral. A crossing that may not fire is not made up for later: the score must leave and cross again.
 */
export function findFirings(
  scores: Float64Array,
  thresholds: Float64Array,
  tradable: Uint8Array,
  warmupBins: number,
  cooldownBins: number,
): Firings {
  const bins: number[] = [];
  const sides: number[] = [];
  const perBin = thresholds.length > 1;
  let threshold = thresholds[0]!;
  let previousSide = 0;
  let lastFired = Number.NEGATIVE_INFINITY;
  let invalidBookCount = 0;
  let coolingCount = 0;
  for (let bin = 0; bin < scores.length; bin++) {
    if (perBin) threshold = thresholds[bin]!;
    const score = scores[bin]!;
    const side = score >= threshold ? 1 : score <= -threshold ? -1 : 0;
    const crossed = side !== 0 && side !== previousSide;
    previousSide = side;
    if (!crossed || bin < warmupBins) continue;
    if (tradable[bin] === 0) invalidBookCount++;
    else if (bin - lastFired < cooldownBins) coolingCount++;
    else {
      bins.push(bin);
      sides.push(side);
      lastFired = bin;
    }
  }
  return { bins: Int32Array.from(bins), sides: Int8Array.from(sides), invalidBookCount, coolingCount };
}
