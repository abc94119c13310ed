import { type Blocks, blockOf, type Trades } from '../../evaluation/index.ts';
import type { ExecutedTrade } from './executed_trades.ts';

/** Sums per block of a session, for those blocks that have any; money in half ticks. */
export interface BlockedSums {
  readonly block: readonly number[];
  readonly n: readonly number[];
  readonly gross: readonly number[];
  readonly spread: readonly number[];
}

/** A sum and of how many; of moves in ticks. */
export interface MoveSum {
  readonly sum: number;
  readonly n: number;
}

/** What became in one session of a trial's firings in the real book, beside what its trades have. */
export interface UnitExecution {
  readonly orders: number;
  readonly missed: number;
  readonly partial: number;
  /** Contracts of entries that were filled. */
  readonly contracts: number;
  readonly tooLarge: number;
  /** The same firings filled at the mid, with half the spread at entry and exit. */
  readonly mid: BlockedSums;
  /** The trades where orders that meet ours fill nothing. */
  readonly withoutMet: BlockedSums;
  /** Move of the mid against the orders a second after a fill, and after a miss. */
  readonly afterFill: MoveSum;
  readonly afterMiss: MoveSum;
  /** Least share of executions at the front of their queue; null without any. */
  readonly frontShare: number | null;
  /** Where the market does not execute first in, first out, and was taken as if it did. */
  readonly notFifo?: true;
}

/** Sums up trades by the block of their firing. */
export function blockedSums(
  blocks: Blocks,
  trades: Pick<Trades, 'count' | 'firingBin' | 'grossHalfTicks' | 'spreadHalfTicks'>,
): BlockedSums {
  const sums = new Map<number, [n: number, gross: number, spread: number]>();
  for (let at = 0; at < trades.count; at++) {
    const block = blockOf(blocks, trades.firingBin[at] ?? 0);
    const [n, gross, spread] = sums.get(block) ?? [0, 0, 0];
    sums.set(block, [n + 1, gross + (trades.grossHalfTicks[at] ?? 0), spread + (trades.spreadHalfTicks[at] ?? 0)]);
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  return {
    block: sorted.map(([block]) => block),
    n: sorted.map(([, [n]]) => n),
    gross: sorted.map(([, [, gross]]) => gross),
    spread: sorted.map(([, [, , spread]]) => spread),
  };
}

/** The sum of the moves of trades at the first probe. */
export function moveSum(trades: readonly ExecutedTrade[]): MoveSum {
  const moves = trades.map(({ against }) => against[0] ?? Number.NaN).filter((move) => !Number.isNaN(move));
  return { n: moves.length, sum: moves.reduce((sum, move) => sum + move, 0) };
}
