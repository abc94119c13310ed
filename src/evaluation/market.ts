import { ShiftTable } from '../statistics/index.ts';
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
  /** Gain at the mid of a trade opened at each of them, in half ticks. */
  readonly longHalfTicks: Int32Array;
  readonly shortHalfTicks: Int32Array;
  /** The same gains for shifting firings against. */
  readonly shifts: ShiftTable;
}

/** Lays out `outcomes` for shifting; `tradable` has an element a bin, firings begin at `warmupBins`. */
export function createMarket(outcomes: Outcomes, tradable: Uint8Array, warmupBins: number): Market {
  const positionOf = new Int32Array(tradable.length);
  let positions = 0;
  for (let bin = warmupBins; bin < tradable.length; bin++) {
    positionOf[bin] = positions;
    positions += tradable[bin]!;
  }
  const longHalfTicks = new Int32Array(positions);
  const shortHalfTicks = new Int32Array(positions);
  for (let bin = warmupBins; bin < tradable.length; bin++) {
    if (tradable[bin] === 0) continue;
    longHalfTicks[positionOf[bin]!] = Math.round(2 * outcomes.up.midGainTicks[bin]!);
    shortHalfTicks[positionOf[bin]!] = Math.round(2 * outcomes.down.midGainTicks[bin]!);
  }
  const shifts = new ShiftTable(longHalfTicks, shortHalfTicks);
  return { outcomes, tradable, positions, positionOf, longHalfTicks, shortHalfTicks, shifts };
}
