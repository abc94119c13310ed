import type { Outcomes } from './outcomes.ts';

/** The market side of an evaluation at one pair of take-profit and stop-loss. */
export interface Market {
  readonly outcomes: Outcomes;
  /** Per bin, 1 where a signal may fire: the book is valid and has a mid. */
  readonly tradable: Uint8Array;
  /** Number of tradable bins after the warm-up; firings are shifted among them alone, never to where none may be. */
  readonly positions: number;
  /** Per bin, its number among them. */
  readonly positionOf: Int32Array;
  /** Gain at the mid in ticks at each of them, twice over, as `circularShiftPValue` takes it. */
  readonly gainUp: Float64Array;
  readonly gainDown: Float64Array;
}

/** Lays out `outcomes` for shifting; `tradable` has an element a bin, firings begin at `warmupBins`. */
export function createMarket(outcomes: Outcomes, tradable: Uint8Array, warmupBins: number): Market {
  const positionOf = new Int32Array(tradable.length);
  let positions = 0;
  for (let bin = warmupBins; bin < tradable.length; bin++) {
    positionOf[bin] = positions;
    positions += tradable[bin]!;
  }
  const gainUp = new Float64Array(2 * positions);
  const gainDown = new Float64Array(2 * positions);
  for (let bin = warmupBins; bin < tradable.length; bin++) {
    if (tradable[bin] === 0) continue;
    gainUp[positionOf[bin]!] = outcomes.up.midGainTicks[bin]!;
    gainDown[positionOf[bin]!] = outcomes.down.midGainTicks[bin]!;
  }
  gainUp.copyWithin(positions, 0, positions);
  gainDown.copyWithin(positions, 0, positions);
  return { outcomes, tradable, positions, positionOf, gainUp, gainDown };
}
