import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findFirings } from '../signals/index.ts';
import { randomSource } from '../statistics/index.ts';
import { blockOf, cutBlocks } from './blocks.ts';
import { layOutEntries } from './entries.ts';
import { type EvaluationRules, evaluate, placeFirings } from './evaluate.ts';
import { walkForwardFolds } from './folds.ts';
import { createMarket } from './market.ts';
import { OutcomeTable } from './outcomes.ts';
import type { blockSumNames } from './session_sums.ts';
import { sessionSpreads } from './spreads.ts';

interface Trade {
  bin: number;
  side: 1 | -1;
  exit: number;
  result: 'tp' | 'sl' | 'timeout';
  gain: number;
  midGain: number;
  /** Ticks. */
  spread: number;
}

interface Case {
  mids: number[];
  spreads: number[];
  valid: boolean[];
  scores: number[];
  threshold: number;
  tp: number;
  sl: number;
  maxHold: number;
  cooldown: number;
  warmup: number;
}

/** The evaluation of product.md word by word, a bin at a time; ticks are 2 units of mid. */
function literalTrades(given: Case): { trades: Trade[]; invalid: number; cooling: number } {
  const { mids, valid, scores, threshold, tp, sl, maxHold, cooldown, warmup } = given;
  const halfSpread = (bin: number) => {
    let at = bin;
    while (!valid[at] || Number.isNaN(mids[at])) at--;
    return Math.max(1, given.spreads[at]!) / 2;
  };
  const sideOf = (score: number) => (score >= threshold ? 1 : score <= -threshold ? -1 : 0);
  const trades: Trade[] = [];
  let invalid = 0;
  let cooling = 0;
  scores.forEach((score, bin) => {
    const side = sideOf(score);
    const before = bin === 0 ? 0 : sideOf(scores[bin - 1]!);
    if (side === 0 || side === before || bin < warmup) return;
    if (!valid[bin] || Number.isNaN(mids[bin])) {
      invalid++;
      return;
    }
    const last = trades.at(-1);
    if (last !== undefined && bin - last.bin < cooldown) {
      cooling++;
      return;
    }
    const trade: Trade = {
      bin,
      side,
      exit: Math.min(bin + maxHold, mids.length - 1),
      result: 'timeout',
      gain: 0,
      midGain: 0,
      spread: 0,
    };
    for (let at = bin + 1; at <= trade.exit; at++) {
      if (Number.isNaN(mids[at])) continue;
      const moved = (side * (mids[at]! - mids[bin]!)) / 2;
      trade.gain = moved;
      trade.midGain = moved;
      if (moved >= tp) {
        Object.assign(trade, { exit: at, result: 'tp', gain: tp });
        break;
      }
      if (moved <= -sl) {
        Object.assign(trade, { exit: at, result: 'sl', gain: -sl });
        break;
      }
    }
    trade.spread = halfSpread(bin) + halfSpread(trade.exit);
    trades.push(trade);
  });
  return { trades, invalid, cooling };
}

const rulesOf = (given: Case): EvaluationRules => ({
  maxHoldBins: given.maxHold,
  warmupBins: given.warmup,
  entryDelayBins: 0,
  startOfDayMs: 9.5 * 3_600_000,
  isEveryShift: true,
  cellWidthMs: 100,
  folds: walkForwardFolds(given.warmup, given.mids.length, 2, given.maxHold, 1),
});

function run(given: Case, scores = Float64Array.from(given.scores)) {
  const tradable = Uint8Array.from(given.mids, (mid, bin) => (given.valid[bin] && !Number.isNaN(mid) ? 1 : 0));
  const outcomes = new OutcomeTable(Float64Array.from(given.mids), 2, given.maxHold).of(given.tp, given.sl);
  const market = createMarket(outcomes, tradable, given.warmup);
  const spreads = sessionSpreads(Int32Array.from(given.spreads), tradable, Float64Array.from(given.mids));
  const firings = findFirings(scores, Float64Array.of(given.threshold), tradable, given.warmup, given.cooldown);
  const placed = placeFirings(firings, market.positionOf);
  return evaluate(placed, given.threshold, { market, entries: layOutEntries(outcomes, spreads) }, rulesOf(given));
}

const length = 80;
const cases: fc.Arbitrary<Case> = fc.record({
  mids: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: length, maxLength: length }).chain((steps) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((holes) => {
      // Around 0: prices of any sign are prices.
      let mid = 0;
      return steps.map((step, bin) => {
        mid += step;
        return holes[bin] === 0 ? Number.NaN : mid;
      });
    }),
  ),
  spreads: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: length, maxLength: length }),
  valid: fc.array(
    fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    { minLength: length, maxLength: length },
  ),
  scores: fc.array(
    fc.integer({ min: -4, max: 4 }).map((n) => n / 4),
    { minLength: length, maxLength: length },
  ),
  threshold: fc.constantFrom(0.25, 0.5, 0.75),
  tp: fc.constantFrom(0.5, 1, 2, 3.5),
  sl: fc.constantFrom(0.5, 1, 2, 4),
  maxHold: fc.constantFrom(1, 2, 7, 200),
  cooldown: fc.constantFrom(0, 1, 3, 9),
  warmup: fc.constantFrom(0, 5, 30),
});

test('evaluate equals the literal walk', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const { trades, invalid, cooling } = literalTrades(given);
      const result = run(given);
      const n = trades.length;
      const count = (ending: Trade['result']) => trades.filter((trade) => trade.result === ending).length;
      const sum = (of: (trade: Trade) => number, some = trades) => some.reduce((total, trade) => total + of(trade), 0);
      equal(result.count, n);
      equal(result.longs, trades.filter((trade) => trade.side === 1).length);
      equal(result.invalidBook, invalid);
      equal(result.cooling, cooling);
      equal(
        result.orderPriceTicks,
        sum((trade) => trade.gain),
      );
      const times = trades.map((trade) => (trade.exit - trade.bin) * 100).sort((a, b) => a - b);
      const median = n % 2 === 1 ? times[n >> 1]! : (times[n / 2 - 1]! + times[n / 2]!) / 2;
      equal(result.medianTimeToOutcomeMs, n === 0 ? null : median);
      equal(
        result.overlapping,
        trades.filter((trade, i) => trades.slice(0, i).some((other) => other.exit > trade.bin)).length,
      );
      equal(
        result.openAtEnd,
        trades.filter(({ exit, result: end }) => exit === length - 1 && end === 'timeout').length,
      );
      equal(result.hours[9], n);

      // Blocks hold every trade once; gains and spreads in half ticks.
      const { sums, blocks } = result;
      const total = (name: (typeof blockSumNames)[number]) => sums[name].reduce((all, value) => all + value, 0);
      equal(total('takeProfits'), count('tp'));
      equal(total('stopLosses'), count('sl'));
      equal(total('winners'), trades.filter((trade) => trade.midGain > 0).length);
      equal(total('losers'), trades.filter((trade) => trade.midGain < 0).length);
      equal(total('longGross') + total('shortGross'), 2 * sum((trade) => trade.midGain));
      equal(total('longSpread') + total('shortSpread'), 2 * sum((trade) => trade.spread));
      sums.block.forEach((block, at) => {
        const own = trades.filter((trade) => blockOf(blocks, trade.bin) === block && trade.side === 1);
        equal(sums.longs[at], own.length);
        equal(sums.longGross[at], 2 * sum((trade) => trade.midGain, own));
      });
      const sorted = trades.map((trade) => trade.midGain).sort((a, b) => b - a);
      const largest = sorted.slice(0, Math.ceil(0.05 * n));
      equal(result.largest.grossHalfTicks, 2 * largest.reduce((all, gain) => all + gain, 0));

      rulesOf(given).folds.forEach((fold, index) => {
        const train = trades.filter((trade) => trade.bin >= fold.trainFrom && trade.bin < fold.trainTo);
        const tested = trades.filter((trade) => trade.bin >= fold.testFrom && trade.bin < fold.testTo);
        equal(result.foldTrain[index]?.count, train.length);
        equal(result.foldTest[index]?.takeProfits, tested.filter((trade) => trade.result === 'tp').length);
        // Purged: no training trade is open once the test begins.
        ok(train.every((trade) => trade.exit < fold.testFrom));
      });
    }),
    { numRuns: 400 },
  );
});

test('no value of a bin depends on later bins', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: length }), (given, cut) => {
      const find = (scores: readonly number[], count: number) => {
        const tradable = new Uint8Array(count).fill(1);
        return findFirings(Float64Array.from(scores), Float64Array.of(given.threshold), tradable, 0, given.cooldown);
      };
      const whole = find(given.scores, length);
      const prefix = find(given.scores.slice(0, cut), cut);
      deepEqual(
        Array.from(prefix.bins),
        Array.from(whole.bins).filter((bin) => bin < cut),
      );
    }),
    { numRuns: 100 },
  );
});

test('a threshold per bin fires where the past gives one', () => {
  const scores = Float64Array.of(3, 0, 3, 0, 3, -5);
  const thresholds = Float64Array.of(Number.NaN, Number.NaN, 4, 4, 2, 4);
  const { bins, sides } = findFirings(scores, thresholds, new Uint8Array(6).fill(1), 0, 0);
  deepEqual(
    [Array.from(bins), Array.from(sides)],
    [
      [4, 5],
      [1, -1],
    ],
  );
});

test('blocks are equal powers of two, no shorter than two holds, and those of a longer hold are pairs of them', () => {
  const fine = cutBlocks(100, 36_100, 100);
  deepEqual([fine.count, cutBlocks(100, 36_100, 1200).count], [128, 8]);
  deepEqual([cutBlocks(0, 100, 60).count, cutBlocks(100, 100, 5).count, cutBlocks(0, 30, 60).count], [1, 0, 1]);
  const counts = new Int32Array(fine.count);
  const coarse = cutBlocks(100, 36_100, 1200);
  for (let bin = 100; bin < 36_100; bin++) {
    counts[blockOf(fine, bin)]!++;
    equal(blockOf(coarse, bin), Math.floor(blockOf(fine, bin) / 16));
  }
  ok(Math.max(...counts) - Math.min(...counts) <= 1 && Math.min(...counts) >= 281);
});

test('entry one bin later takes the outcome of that bin, and where no mid comes any more the last one', () => {
  const given: Case = {
    mids: [10, 10, 12, 14, 14, 14],
    spreads: [1, 1, 1, 2, 2, 3],
    valid: [true, true, true, true, true, true],
    scores: [0, 1, 0, 0, 0, 1],
    threshold: 0.5,
    ...{ tp: 1, sl: 1, maxHold: 10, cooldown: 0, warmup: 0 },
  };
  const result = run(given);
  // From 10 to 12 is one tick of two; entered at 12 it is one to 14. The last firing has no later bin.
  deepEqual([result.count, result.sums.longGross[0]], [2, 2]);
  deepEqual([result.laterGrossHalfTicks, result.laterSpreadHalfTicks], [2, 1 + 2 + 2 * 3]);
});

test('folds share out all bins', () => {
  const folds = walkForwardFolds(100, 1100, 4, 20, 10);
  deepEqual(folds[0], { trainFrom: 100, trainTo: 270, testFrom: 300, testTo: 500 });
  deepEqual(
    folds.map((fold) => fold.testTo),
    [500, 700, 900, 1100],
  );
  deepEqual(walkForwardFolds(0, 100, 4, 20, 20).length, 2);
});

test('at the mid, a market without drift gives nothing whatever take-profit and stop-loss are', () => {
  // Jumps of up to 3 ticks over stops of 2: fills at the orders' prices would flatter the wide take-profit.
  const random = randomSource(4);
  let mid = 50_000;
  const mids = Float64Array.from({ length: 60_000 }, () => {
    mid += 2 * (random.below(7) - 3);
    return mid;
  });
  const { up } = new OutcomeTable(mids, 2, 100).of(8, 2);
  const mean = (gains: Float64Array) => gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  ok(mean(up.gainTicks) > 0.2, `nominal ${mean(up.gainTicks)}`);
  ok(Math.abs(mean(up.midGainTicks)) < 0.15, `at the mid ${mean(up.midGainTicks)}`);
});
