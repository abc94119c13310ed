import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findFirings } from '../signals/index.ts';
import { randomSource } from '../statistics/index.ts';
import { type EvaluationRules, evaluate } from './evaluate.ts';
import { walkForwardFolds } from './folds.ts';
import { createMarket } from './market.ts';
import { OutcomeTable } from './outcomes.ts';
import { cutPeriods, periodOf } from './periods.ts';

interface Trade {
  bin: number;
  side: 1 | -1;
  exit: number;
  result: 'tp' | 'sl' | 'timeout';
  gain: number;
  midGain: number;
}

interface Case {
  mids: number[];
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
    trades.push(trade);
  });
  return { trades, invalid, cooling };
}

const rulesOf = (given: Case): EvaluationRules => ({
  tpTicks: given.tp,
  slTicks: given.sl,
  maxHoldBins: given.maxHold,
  warmupBins: given.warmup,
  cooldownBins: given.cooldown,
  costTicks: 0.25,
  cellWidthMs: 100,
  folds: walkForwardFolds(given.warmup, given.mids.length, 2, given.maxHold, 1),
});

function run(given: Case, scores = Float64Array.from(given.scores)) {
  const tradable = Uint8Array.from(given.mids, (mid, bin) => (given.valid[bin] && !Number.isNaN(mid) ? 1 : 0));
  const outcomes = new OutcomeTable(Float64Array.from(given.mids), 2, given.maxHold).of(given.tp, given.sl);
  const market = createMarket(outcomes, tradable, given.warmup);
  return evaluate(scores, given.threshold, Float64Array.of(given.threshold), market, rulesOf(given), 5);
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
      const share = (ending: Trade['result']) =>
        n === 0 ? null : trades.filter((trade) => trade.result === ending).length / n;
      equal(result.count, n);
      equal(result.ups, trades.filter((trade) => trade.side === 1).length);
      equal(result.tpRate, share('tp'));
      equal(result.slRate, share('sl'));
      equal(result.timeoutRate, share('timeout'));
      equal(result.invalidBook, invalid);
      equal(result.cooling, cooling);
      const gain = trades.reduce((sum, trade) => sum + trade.gain, 0);
      equal(result.meanPnlTicks, n === 0 ? null : gain / n);
      equal(result.meanNetPnlTicks, n === 0 ? null : (gain - 0.25 * n) / n);
      const midGain = trades.reduce((sum, trade) => sum + trade.midGain, 0);
      equal(result.midGainTicks, midGain);
      const times = trades.map((trade) => (trade.exit - trade.bin) * 100).sort((a, b) => a - b);
      const median = n % 2 === 1 ? times[n >> 1]! : (times[n / 2 - 1]! + times[n / 2]!) / 2;
      equal(result.medianTimeToOutcomeMs, n === 0 ? null : median);
      equal(
        result.overlapping,
        trades.filter((trade, i) => trades.slice(0, i).some((other) => other.exit > trade.bin)).length,
      );
      equal(result.eventsPerHour, n / (((length - given.warmup) * 100) / 3_600_000));
      ok(result.tpRateLow <= (result.tpRate ?? 0.5) + 1e-15 && (result.tpRate ?? 0.5) <= result.tpRateHigh + 1e-15);

      rulesOf(given).folds.forEach((fold, index) => {
        const train = trades.filter((trade) => trade.bin >= fold.trainFrom && trade.bin < fold.trainTo);
        const tested = trades.filter((trade) => trade.bin >= fold.testFrom && trade.bin < fold.testTo);
        equal(result.foldTrain[index]?.count, train.length);
        equal(result.foldTest[index]?.takeProfits, tested.filter((trade) => trade.result === 'tp').length);
        // Purged: no training trade is open once the test begins.
        ok(train.every((trade) => trade.exit < fold.testFrom));
      });
      const total = result.blockSums.reduce((sum, value) => sum + value, 0);
      ok(result.periods === 0 || Math.abs(total - (midGain - 0.25 * n)) < 1e-9);
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

test('periods and folds share out all bins', () => {
  const periods = cutPeriods(100, 36_000, 1200);
  deepEqual([periods.blocks, periods.count], [8, 24]);
  const counts = new Int32Array(periods.count);
  for (let bin = 100; bin < 36_000; bin++) counts[periodOf(periods, bin)]!++;
  ok(Math.max(...counts) - Math.min(...counts) <= 1 && Math.min(...counts) >= 1200);
  equal(cutPeriods(0, 100, 60).count, 0);

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
