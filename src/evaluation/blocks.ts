/** Most blocks that a session is cut into. */
export const maxBlocks = 128;

/** A session's bins from `firstBin` on, cut into `count` equal stretches of time. */
export interface Blocks {
  readonly firstBin: number;
  readonly bins: number;
  /** A power of two, at most `maxBlocks`; 0 for a session without bins after its warm-up. */
  readonly count: number;
}

/**
 * The most blocks, a power of two, of at least twice `maxHoldBins` bins each: a trade then reaches no further than the block
 * after its own. A session too short for two is one block.
 *
 * Blocks of a shorter hold are merged pairwise into those of a longer one (`mergeBlocks`), for all are equal cuts of the
 * same bins.
 */
export function cutBlocks(warmupBins: number, binCount: number, maxHoldBins: number): Blocks {
  const bins = Math.max(0, binCount - warmupBins);
  if (bins === 0) return { firstBin: warmupBins, bins, count: 0 };
  let count = 1;
  while (count < maxBlocks && bins / (2 * count) >= 2 * maxHoldBins) count *= 2;
  return { firstBin: warmupBins, bins, count };
}

/** The block that `bin` lies in. */
export function blockOf({ firstBin, bins, count }: Blocks, bin: number): number {
  return Math.floor(((bin - firstBin) * count) / bins);
}
