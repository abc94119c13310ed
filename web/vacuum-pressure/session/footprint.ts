import type { Bar } from './bars.ts';

/** An imbalance is this many times the volume across the diagonal, and at least so many contracts. */
export const imbalanceRatio = 3;
/** Imbalances of one side at this many neighbouring prices are stacked. */
export const stackedPrices = 3;

/** What stands out at a price of a bar. */
export interface FootprintMark {
  readonly tick: number;
  /** Which side took far more than the other, diagonally: buyers at this ask against sellers at the bid one tick below, and so on. */
  readonly imbalance: 'bought' | 'sold' | null;
  /** Whether it is one of at least `stackedPrices` such prices in a row. */
  readonly isStacked: boolean;
}

export interface Footprint {
  /** The prices of the bar from the lowest up. */
  readonly marks: readonly FootprintMark[];
  /** Price with the most volume; of several, the one nearest to the bar's mean price. */
  readonly pointOfControl: number;
  /** Both sides traded at the bar's end: its auction is not finished there. */
  readonly isUnfinishedHigh: boolean;
  readonly isUnfinishedLow: boolean;
}

/** What a footprint shows of a bar. */
export function footprintOf({ levels, low, high, volume }: Bar): Footprint {
  const at = (tick: number, side: 'bought' | 'sold') => levels.get(tick)?.[side] ?? 0;
  const outweighs = (own: number, other: number) => own >= imbalanceRatio * Math.max(1, other);
  const imbalances: FootprintMark['imbalance'][] = [];
  let pointOfControl = low;
  let weighted = 0;
  for (const [tick, { total }] of levels) weighted += tick * total;
  const mean = weighted / volume;
  for (let tick = low; tick <= high; tick++) {
    const isBought = outweighs(at(tick, 'bought'), at(tick - 1, 'sold'));
    const isSold = outweighs(at(tick, 'sold'), at(tick + 1, 'bought'));
    // Both at once: each side outweighs its own neighbour, and neither stands out.
    imbalances.push(isBought === isSold ? null : isBought ? 'bought' : 'sold');
    const [total, most] = [levels.get(tick)?.total ?? 0, levels.get(pointOfControl)?.total ?? 0];
    const isNearer = Math.abs(tick - mean) < Math.abs(pointOfControl - mean);
    if (total > most || (total === most && isNearer)) pointOfControl = tick;
  }
  const isUnfinished = (tick: number) => at(tick, 'bought') > 0 && at(tick, 'sold') > 0;
  return {
    marks: imbalances.map((imbalance, index) => ({
      tick: low + index,
      imbalance,
      isStacked: imbalance !== null && runLength(imbalances, index) >= stackedPrices,
    })),
    pointOfControl,
    isUnfinishedHigh: isUnfinished(high),
    isUnfinishedLow: isUnfinished(low),
  };
}

/** Neighbours in a row that equal the value at `index`, itself included. */
function runLength<T>(values: readonly T[], index: number): number {
  let [first, end] = [index, index + 1];
  while (first > 0 && values[first - 1] === values[index]) first--;
  while (end < values.length && values[end] === values[index]) end++;
  return end - first;
}
