import type { Firings } from '../signals/index.ts';
import type { ShiftedFirings, ShiftMoments } from '../statistics/index.ts';
import { type Blocks, cutBlocks } from './blocks.ts';
import type { Entries } from './entries.ts';
import type { Fold } from './folds.ts';
import type { Market } from './market.ts';
import { tradeResult } from './outcomes.ts';
import { type BlockSums, largestTrades, sumByBlock } from './session_sums.ts';
import { listTrades, sumTrades, type Tally, type Trades, tallyTrades } from './trades.ts';

/** Trading rules that scores are evaluated by, apart from thresholds. Ticks and bins as in `ExperimentSpec.eval`. */
export interface EvaluationRules {
  readonly maxHoldBins: number;
  readonly warmupBins: number;
  /** Bins between a firing and the entry. */
  readonly entryDelayBins: number;
  readonly cellWidthMs: number;
  /** Time of day at which the first bin starts, in milliseconds after midnight in New York. */
  readonly startOfDayMs: number;
  readonly folds: readonly Fold[];
  /** Whether firings are shifted by every number of bins, as the p-value of one session needs, or by some. */
  readonly isEveryShift: boolean;
}

/** Firings of a session by bin, and by position among its tradable bins, where they are shifted. */
export interface PlacedFirings extends Firings {
  readonly positions: ShiftedFirings;
}

/** Places firings among the tradable bins: `positionOf` as in `Market`. */
export function placeFirings(firings: Firings, positionOf: Int32Array): PlacedFirings {
  const at = (side: number) => firings.bins.filter((_, i) => firings.sides[i] === side).map((bin) => positionOf[bin]!);
  return { ...firings, positions: { long: at(1), short: at(-1) } };
}

/** A session's bins that trades are judged on. */
export interface EvaluatedSession {
  readonly market: Market;
  /** With the market's outcomes. */
  readonly entries: Entries;
}

/** One threshold of a cell in one session: everything that is kept of it. Money in half ticks, before commission. */
export interface SessionResult {
  readonly threshold: number;
  /** Firing bin, exit bin, side and outcome of each trade, in order: trials with equal lists traded the same. */
  readonly tradeList: Int32Array;
  readonly count: number;
  readonly longs: number;
  readonly blocks: Blocks;
  readonly sums: BlockSums;
  /** Ticks before costs when orders fill at their prices. */
  readonly orderPriceTicks: number;
  /** Gross gain and spreads of the same firings entered one bin later. */
  readonly laterGrossHalfTicks: number;
  readonly laterSpreadHalfTicks: number;
  /** The largest 5 % of the trades. */
  readonly largest: Omit<Tally, 'takeProfits' | 'stopLosses'>;
  /** Trades by the hour in which they fired, 24 of them. */
  readonly hours: readonly number[];
  readonly medianTimeToOutcomeMs: number | null;
  /** Trades still open at the session's end. */
  readonly openAtEnd: number;
  /** Trades whose exit bin has no valid book: the spread before it is taken. */
  readonly invalidExit: number;
  /** Firings while a trade of an earlier one was still open. */
  readonly overlapping: number;
  /** Crossings that fired nothing, for want of a valid book and for the cooldown. */
  readonly invalidBook: number;
  readonly cooling: number;
  /** Against the same firings at other moments of the session; null without firings. */
  readonly timing: ShiftTiming | null;
  readonly foldTrain: readonly Tally[];
  readonly foldTest: readonly Tally[];
}

/** How the firings compare with their circular shifts; the p-value where every shift was taken. */
export type ShiftTiming = ShiftMoments & { readonly pTiming?: number };

const largestShare = 0.05;

/** Judges the firings at one threshold in a session; `threshold` names it in the result. */
export function evaluate(
  firings: PlacedFirings,
  threshold: number,
  { market, entries }: EvaluatedSession,
  rules: EvaluationRules,
): SessionResult {
  const { warmupBins, maxHoldBins, entryDelayBins } = rules;
  const { tradable, shifts } = market;
  const bins = tradable.length;
  const trades = listTrades(firings, entries, entryDelayBins);
  const later = sumTrades(firings, entries, entryDelayBins + 1);
  const blocks = cutBlocks(warmupBins, bins, maxHoldBins);
  return {
    threshold,
    blocks,
    ...summarizeTrades(trades, blocks, rules, tradable),
    laterGrossHalfTicks: later.grossHalfTicks,
    laterSpreadHalfTicks: later.spreadHalfTicks,
    invalidBook: firings.invalidBookCount,
    cooling: firings.coolingCount,
    timing: rules.isEveryShift
      ? shifts.test(firings.positions)
      : shifts.moments(firings.positions, Math.ceil(maxHoldBins / 10)),
  };
}

/** What of a session's result follows from its trades alone; `tradable` has an element a bin. */
export function summarizeTrades(
  trades: Trades,
  blocks: Blocks,
  rules: Pick<EvaluationRules, 'cellWidthMs' | 'startOfDayMs' | 'folds'>,
  tradable: Uint8Array,
) {
  return {
    tradeList: listOf(trades),
    count: trades.count,
    longs: trades.side.reduce((sum, side) => sum + (side === 1 ? 1 : 0), 0),
    sums: sumByBlock(trades, blocks),
    orderPriceTicks: trades.orderPriceTicks.reduce((sum, ticks) => sum + ticks, 0),
    largest: largestTrades(trades, largestShare),
    hours: countByHour(trades, rules),
    ...durations(trades, rules.cellWidthMs, tradable),
    foldTrain: rules.folds.map((fold) => tallyTrades(trades, fold.trainFrom, fold.trainTo)),
    foldTest: rules.folds.map((fold) => tallyTrades(trades, fold.testFrom, fold.testTo)),
  };
}

function listOf({ count, firingBin, side, exitBin, result }: Trades): Int32Array {
  const list = new Int32Array(count * 3);
  for (let index = 0; index < count; index++) {
    list[3 * index] = firingBin[index]!;
    list[3 * index + 1] = exitBin[index]!;
    list[3 * index + 2] = 4 * (side[index]! + 1) + result[index]! + 1;
  }
  return list;
}

function countByHour(
  { count, firingBin }: Trades,
  { cellWidthMs, startOfDayMs }: Pick<EvaluationRules, 'cellWidthMs' | 'startOfDayMs'>,
): number[] {
  const hours = new Array<number>(24).fill(0);
  for (let index = 0; index < count; index++) {
    const hour = Math.floor((startOfDayMs + firingBin[index]! * cellWidthMs) / 3_600_000) % 24;
    hours[hour]!++;
  }
  return hours;
}

type Durations = Pick<SessionResult, 'medianTimeToOutcomeMs' | 'openAtEnd' | 'invalidExit' | 'overlapping'>;

function durations({ count, entryBin, exitBin, result }: Trades, cellWidthMs: number, tradable: Uint8Array): Durations {
  const lengths = new Int32Array(count);
  const lastBin = tradable.length - 1;
  let [overlapping, openAtEnd, invalidExit, openUntil] = [0, 0, 0, -1];
  for (let index = 0; index < count; index++) {
    const entry = entryBin[index]!;
    const exit = exitBin[index]!;
    lengths[index] = exit - entry;
    if (entry < openUntil) overlapping++;
    if (exit === lastBin && result[index] === tradeResult.timeout) openAtEnd++;
    if (tradable[exit] === 0) invalidExit++;
    openUntil = Math.max(openUntil, exit);
  }
  lengths.sort();
  const middle = count >> 1;
  const medianBins = count % 2 === 1 ? lengths[middle]! : (lengths[middle - 1]! + lengths[middle]!) / 2;
  return { medianTimeToOutcomeMs: count === 0 ? null : medianBins * cellWidthMs, openAtEnd, invalidExit, overlapping };
}
