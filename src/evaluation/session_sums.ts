import { type Blocks, blockOf } from './blocks.ts';
import { tradeResult } from './outcomes.ts';
import type { Trades } from './trades.ts';

/**
 * Sums of a trial's trades per block of a session, for those blocks that trades fired in; arrays have an element a block.
 * All are integers, money in half ticks, so that sums over blocks and sessions are exact in any order.
 */
export interface BlockSums {
  /** Number of the block, ascending. */
  readonly block: Int32Array;
  readonly longs: Int32Array;
  readonly shorts: Int32Array;
  readonly takeProfits: Int32Array;
  readonly stopLosses: Int32Array;
  /** Trades that gained, and that lost, at the mid before costs. */
  readonly winners: Int32Array;
  readonly losers: Int32Array;
  readonly longGross: Int32Array;
  readonly shortGross: Int32Array;
  readonly longSpread: Int32Array;
  readonly shortSpread: Int32Array;
}

/** Names of the sums of a block. */
export const blockSumNames = [
  'longs',
  'shorts',
  'takeProfits',
  'stopLosses',
  'winners',
  'losers',
  'longGross',
  'shortGross',
  'longSpread',
  'shortSpread',
] as const satisfies readonly (keyof BlockSums)[];

/** Sums up trades by the block of their firing. */
export function sumByBlock(trades: Trades, blocks: Blocks): BlockSums {
  const dense = Object.fromEntries(blockSumNames.map((name) => [name, new Int32Array(blocks.count)])) as Record<
    (typeof blockSumNames)[number],
    Int32Array
  >;
  for (let index = 0; index < trades.count; index++) {
    const at = blockOf(blocks, trades.firingBin[index]!);
    const gross = trades.grossHalfTicks[index]!;
    const spread = trades.spreadHalfTicks[index]!;
    if (trades.side[index] === 1) {
      dense.longs[at]!++;
      dense.longGross[at]! += gross;
      dense.longSpread[at]! += spread;
    } else {
      dense.shorts[at]!++;
      dense.shortGross[at]! += gross;
      dense.shortSpread[at]! += spread;
    }
    if (trades.result[index] === tradeResult.takeProfit) dense.takeProfits[at]!++;
    else if (trades.result[index] === tradeResult.stopLoss) dense.stopLosses[at]!++;
    if (gross > 0) dense.winners[at]!++;
    else if (gross < 0) dense.losers[at]!++;
  }
  const used = Int32Array.from(dense.longs.keys().filter((at) => dense.longs[at]! + dense.shorts[at]! > 0));
  return {
    block: used,
    ...(Object.fromEntries(blockSumNames.map((name) => [name, used.map((at) => dense[name][at]!)])) as typeof dense),
  };
}

/**
 * The `share` of trades (rounded up) that gained the most at the mid, of equal ones the earliest: their number, gain and
 * spreads in half ticks.
 */
export function largestTrades({ count, grossHalfTicks, spreadHalfTicks }: Trades, share: number) {
  const wanted = Math.ceil(share * count);
  const ascending = grossHalfTicks.slice().sort();
  const least = ascending[count - wanted] ?? Number.POSITIVE_INFINITY;
  let equals = wanted - (count - 1 - ascending.lastIndexOf(least));
  const sums = { count: wanted, grossHalfTicks: 0, spreadHalfTicks: 0 };
  for (let index = 0; index < count; index++) {
    const gross = grossHalfTicks[index]!;
    if (gross < least || (gross === least && equals-- <= 0)) continue;
    sums.grossHalfTicks += gross;
    sums.spreadHalfTicks += spreadHalfTicks[index]!;
  }
  return sums;
}
