import { present } from '../errors.ts';
import { createMarket, type Market, type Outcomes, OutcomeTable, tradeResult } from '../evaluation/index.ts';
import { type Firings, findFirings } from '../signals/index.ts';
import {
  benjaminiHochberg,
  breakEvenRate,
  type ShiftedFirings,
  ShiftTable,
  wilsonInterval,
} from '../statistics/index.ts';
import { BlockBootstrap, type Estimate } from './block_bootstrap.ts';
import { type Dimension, dimensions, type SignalRecord } from './signal_record.ts';

/** How trades of the derivative signal are opened and ended. */
export interface TradeRules {
  /** The signal fires where it crosses ±threshold (product.md, "Signals, evaluation, results"). */
  readonly threshold: number;
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly maxHoldBins: number;
  readonly cooldownBins: number;
}

/** Firings of a stretch or a regime, how they ended, and what speaks for an edge. */
export interface EdgeResult {
  readonly firings: number;
  readonly ups: number;
  readonly takeProfits: number;
  readonly stopLosses: number;
  readonly timeouts: number;
  /** With its Wilson interval. */
  readonly tpRate: Estimate;
  /** Rate of take-profits of trades of the same sides opened at every tradable bin of the same stretch or regime. */
  readonly chanceTpRate: number;
  /** Ticks that the mid moved the trade's way until its end, with its block-bootstrap interval. */
  readonly meanGainTicks: Estimate;
  /** Two-sided, against all circular shifts of the same firings among the tradable bins of the stretch or regime. */
  readonly pValue: number | null;
  /** Benjamini–Hochberg over all that are judged of the same table; null when it is not judged. */
  readonly qValue: number | null;
  readonly judged: boolean;
}

export interface ThresholdEdge extends EdgeResult {
  readonly threshold: number;
}

export interface RegimeEdge extends EdgeResult {
  readonly dimension: Dimension;
  readonly class: number;
  readonly bins: number;
}

export interface SignalStudy {
  readonly rules: TradeRules;
  readonly fewestFirings: number;
  readonly readyBins: number;
  readonly breakEvenRate: number;
  readonly thresholds: readonly ThresholdEdge[];
  readonly regimes: readonly RegimeEdge[];
  /** Mean move of the mid the signal's way in ticks, so many bins after a firing. */
  readonly path: MovePath;
  /**
   * The same the way of the flow's lean (mean flow score below spot less that above), after every tradable bin that has
   * one, and after those whose lean is in the top third of the leans before; null without flow scores.
   */
  readonly flow: { readonly all: MovePath; readonly strong: MovePath } | null;
}

export interface MovePath {
  /** Bins or firings that the path starts from. */
  readonly starts: number;
  readonly bins: readonly number[];
  readonly moveTicks: readonly Estimate[];
}

/** Fewer firings, or firings in fewer than ten blocks of time, are shown, not judged. */
export const fewestFirings = 30;
const mostBlocks = 128;

interface Scene {
  readonly record: SignalRecord;
  readonly rules: TradeRules;
  readonly outcomes: Outcomes;
  readonly warmupBins: number;
  readonly blocks: Blocks;
}

/**
 * The directional edge of the derivative signal, overall at each threshold and by regime at the rules' own. Regimes are
 * known when the signal fires; `tickInt` is in the mids' unit.
 */
export function studySignal(
  record: SignalRecord,
  rules: TradeRules,
  thresholds: readonly number[],
  tickInt: number,
): SignalStudy {
  const table = new OutcomeTable(record.mids, tickInt, rules.maxHoldBins);
  const warmupBins = record.firstReady ?? record.scores.length;
  const blocks = new Blocks(record.scores.length, rules.maxHoldBins);
  const scene = { record, rules, outcomes: table.of(rules.tpTicks, rules.slTicks), warmupBins, blocks };
  const everywhere = record.tradable;
  const firingsAt = (threshold: number) =>
    findFirings(record.scores, Float64Array.of(threshold), record.tradable, warmupBins, rules.cooldownBins);
  const firings = firingsAt(rules.threshold);
  const overall = thresholds.map((threshold) => ({
    threshold,
    ...edgeOf(scene, firingsAt(threshold), everywhere),
  }));
  const regimes = dimensions.flatMap((dimension) => regimesOf(scene, firings, dimension));
  return {
    rules,
    fewestFirings,
    readyBins: record.scores.length - warmupBins,
    breakEvenRate: breakEvenRate(rules.tpTicks, rules.slTicks),
    thresholds: withQValues(overall),
    regimes: withQValues(regimes),
    path: pathAfter(scene, firings.bins, firings.sides, tickInt),
    flow: flowPaths(scene, tickInt),
  };
}

function regimesOf(scene: Scene, firings: Firings, dimension: Dimension): RegimeEdge[] {
  const { record, warmupBins } = scene;
  const classes = record.classes[dimension];
  const counts = new Map<number, number>();
  for (let bin = warmupBins; bin < classes.length; bin++)
    counts.set(classes[bin]!, (counts.get(classes[bin]!) ?? 0) + 1);
  return [...counts.keys()]
    .filter((value) => value >= 0)
    .sort((a, b) => a - b)
    .map((value) => {
      const inside = record.tradable.map((tradable, bin) => (classes[bin] === value ? tradable : 0));
      return {
        dimension,
        class: value,
        bins: counts.get(value)!,
        ...edgeOf(scene, firings, inside),
      };
    });
}

/** The edge of those firings that lie on bins marked in `allowed`, against chance on the same bins. */
function edgeOf({ outcomes, warmupBins, blocks }: Scene, firings: Firings, allowed: Uint8Array): EdgeResult {
  const chosen = [...firings.bins.keys()].filter((i) => allowed[firings.bins[i]!] === 1);
  const sideOf = (i: number) => (firings.sides[i] === 1 ? outcomes.up : outcomes.down);
  const count = chosen.length;
  const results = chosen.map((i) => sideOf(i).result[firings.bins[i]!]);
  const takeProfits = results.filter((result) => result === tradeResult.takeProfit).length;
  const stopLosses = results.filter((result) => result === tradeResult.stopLoss).length;
  const ups = chosen.filter((i) => firings.sides[i] === 1).length;
  const interval = wilsonInterval(takeProfits, count);
  const market = createMarket(outcomes, allowed, warmupBins);
  const positions = (side: number) =>
    Int32Array.from(chosen.filter((i) => firings.sides[i] === side).map((i) => market.positionOf[firings.bins[i]!]!));
  const meanGainTicks = blocks.mean(
    chosen.map((i) => firings.bins[i]!),
    chosen.map((i) => sideOf(i).midGainTicks[firings.bins[i]!]!),
  );
  const enough = count >= fewestFirings && !Number.isNaN(meanGainTicks.low);
  const pValue = enough ? twoSided(market, { long: positions(1), short: positions(-1) }) : Number.NaN;
  const judged = !Number.isNaN(pValue);
  return {
    firings: count,
    ups,
    takeProfits,
    stopLosses,
    timeouts: count - takeProfits - stopLosses,
    tpRate: { value: count === 0 ? Number.NaN : takeProfits / count, low: interval.low, high: interval.high },
    chanceTpRate: chanceRate(outcomes, allowed, warmupBins, ups / count),
    meanGainTicks,
    pValue: judged ? pValue : null,
    qValue: null,
    judged,
  };
}

/** Twice the smaller share of all shifts, the identity included, in which the firings gain, or lose, at least as much. */
function twoSided({ longHalfTicks, shortHalfTicks }: Market, firings: ShiftedFirings): number {
  const share = (sign: 1 | -1) => {
    const [long, short] = [longHalfTicks, shortHalfTicks].map((gains) => gains.map((gain) => sign * gain));
    return new ShiftTable(present(long), present(short)).test(firings)?.pTiming ?? Number.NaN;
  };
  return Math.min(1, 2 * Math.min(share(1), share(-1)));
}

/** Means of values at bins, with intervals over at most 128 blocks of time that are no shorter than a trade. */
class Blocks {
  readonly #blockBins: number;
  readonly #count: number;
  readonly #bootstrap: BlockBootstrap;

  constructor(bins: number, shortest: number) {
    this.#blockBins = Math.max(shortest, Math.ceil(bins / mostBlocks));
    this.#count = Math.max(1, Math.ceil(bins / this.#blockBins));
    this.#bootstrap = new BlockBootstrap(this.#count, 3);
  }

  mean(at: readonly number[], values: readonly number[]): Estimate {
    const sums = new Float64Array(this.#count);
    const counts = new Float64Array(this.#count);
    at.forEach((bin, i) => {
      const block = Math.floor(bin / this.#blockBins);
      sums[block]! += values[i]!;
      counts[block]!++;
    });
    return this.#bootstrap.ratio(sums, counts);
  }
}

function chanceRate({ up, down }: Outcomes, allowed: Uint8Array, firstBin: number, upShare: number): number {
  let bins = 0;
  let upProfits = 0;
  let downProfits = 0;
  for (let bin = firstBin; bin < allowed.length; bin++) {
    if (allowed[bin] !== 1) continue;
    bins++;
    if (up.result[bin] === tradeResult.takeProfit) upProfits++;
    if (down.result[bin] === tradeResult.takeProfit) downProfits++;
  }
  return (upShare * upProfits + (1 - upShare) * downProfits) / bins;
}

function withQValues<T extends EdgeResult>(edges: readonly T[]): T[] {
  const qValues = benjaminiHochberg(Float64Array.from(edges, ({ pValue }) => pValue ?? Number.NaN));
  return edges.map((edge, i) => ({ ...edge, qValue: Number.isNaN(qValues[i]!) ? null : qValues[i]! }));
}

/** Horizons of the path, in bins: 1, 2, 3, 5, 7, 10, 15, 20, 30, … up to the longest trade. */
function pathBins(maxHoldBins: number): number[] {
  const steps = [1, 1.5, 2, 3, 5, 7];
  const all = Array.from({ length: 6 }, (_, power) => steps.map((step) => Math.round(step * 10 ** power))).flat();
  return [0, ...new Set(all.filter((bins) => bins <= maxHoldBins))].sort((a, b) => a - b);
}

function flowPaths(scene: Scene, tickInt: number): SignalStudy['flow'] {
  const { leans, leanClasses, tradable } = scene.record;
  const all = [...leans.keys()].filter((bin) => tradable[bin] === 1 && !Number.isNaN(leans[bin]!) && leans[bin] !== 0);
  if (all.length === 0) return null;
  const path = (starts: readonly number[]) =>
    pathAfter(
      scene,
      starts,
      starts.map((bin) => Math.sign(leans[bin]!)),
      tickInt,
    );
  return { all: path(all), strong: path(all.filter((bin) => leanClasses[bin] === 2)) };
}

/** Mean move of the mid the way of `sides` after bins `starts`; moves that begin or end without a mid do not count. */
function pathAfter(
  { record, rules, blocks }: Scene,
  starts: ArrayLike<number>,
  sides: ArrayLike<number>,
  tickInt: number,
): MovePath {
  const { mids } = record;
  const bins = pathBins(rules.maxHoldBins);
  const moveTicks = bins.map((after) => {
    const at: number[] = [];
    const moves: number[] = [];
    for (let i = 0; i < starts.length; i++) {
      const bin = starts[i]!;
      const later = mids[bin + after];
      if (later === undefined || Number.isNaN(later)) continue;
      at.push(bin);
      moves.push((sides[i]! * (later - mids[bin]!)) / tickInt);
    }
    return blocks.mean(at, moves);
  });
  return { starts: starts.length, bins, moveTicks };
}
