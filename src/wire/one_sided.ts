/** Firings from which a preponderance of one side is told, and the share of them that makes it one. */
const fewest = 100;
const share = 0.95;

/**
 * The side of all but a few firings; null where both sides have some, or where there are too few to tell. What such a signal
 * earns is what the market did that day: a drift looks like skill.
 */
export function oneSided(up: number, down: number): 'long' | 'short' | null {
  const count = up + down;
  if (count < fewest) return null;
  return up >= share * count ? 'long' : down >= share * count ? 'short' : null;
}
