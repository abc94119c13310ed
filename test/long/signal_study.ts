import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { dimensions, type SignalRecord, SignalWatch } from '../../src/analysis/signal_record.ts';
import { studySignal } from '../../src/analysis/signal_study.ts';
import { captureWindow } from '../../src/config/index.ts';
import type { Bin } from '../../src/engine/index.ts';
import { noise } from '../helpers/lab_dataset.ts';

const rules = { threshold: 0.3, tpTicks: 4, slTicks: 4, maxHoldBins: 20, cooldownBins: 3 };
const tick = 100;

/** Noise as signal over a random walk; in bins of class 2 of volatility the walk then follows the signal for a while. */
function made(seed: number, bins: number, edge: number): SignalRecord {
  const random = noise(seed);
  const scores = new Float64Array(bins);
  const mids = new Float64Array(bins);
  const stretch = () => Int8Array.from({ length: bins }, (_, bin) => Math.floor(bin / 100) % 3);
  const volatility = stretch();
  let mid = 1_000_000;
  let lean = 0;
  for (let bin = 0; bin < bins; bin++) {
    scores[bin] = random() < 0.1 ? (random() < 0.5 ? 0.5 : -0.5) : 0;
    mid += Math.sign(random() - 0.5 + lean) * tick;
    mids[bin] = mid;
    lean *= 0.8;
    if (scores[bin] !== 0 && volatility[bin] === 2) lean = edge * Math.sign(scores[bin]!);
  }
  const classes = Object.fromEntries(dimensions.map((name) => [name, new Int8Array(bins)]));
  const record = {
    scores,
    mids,
    tradable: new Uint8Array(bins).fill(1),
    firstReady: 0,
    leans: scores,
    leanClasses: volatility,
  };
  return { ...record, classes: { ...classes, volatility } as SignalRecord['classes'] };
}

test('an edge planted in one regime is found there and not elsewhere', () => {
  const { regimes, thresholds, path, flow } = studySignal(made(1, 12_000, 0.4), rules, [0.3], tick);
  const found = regimes.filter(({ qValue }) => qValue !== null && qValue <= 0.05);
  ok(
    found.some(({ dimension, class: value }) => dimension === 'volatility' && value === 2),
    JSON.stringify(regimes),
  );
  const calm = regimes.filter(({ dimension, class: value }) => dimension === 'volatility' && value !== 2);
  ok(calm.length === 2 && calm.every(({ qValue }) => qValue! > 0.05), JSON.stringify(calm));
  const planted = found.find(({ dimension }) => dimension === 'volatility')!;
  ok(planted.meanGainTicks.low > 0.3 && planted.tpRate.low > planted.chanceTpRate, JSON.stringify(planted));
  ok(thresholds[0]!.meanGainTicks.value > 0);
  deepEqual([path.bins[0], path.moveTicks[0]!.value], [0, 0]);
  // The lean is the signal itself here, and strong where the edge is.
  ok(flow!.strong.moveTicks.at(-1)!.low > flow!.all.moveTicks.at(-1)!.value && flow!.all.moveTicks.at(-1)!.low > 0);
});

test('where there is nothing to find, something is found no more often than was declared', () => {
  const sessions = 16;
  let alarms = 0;
  for (let seed = 0; seed < sessions; seed++) {
    const { regimes } = studySignal(made(1000 + seed, 1800, 0), rules, [0.3], tick);
    if (regimes.some(({ qValue }) => qValue !== null && qValue <= 0.05)) alarms++;
  }
  // At most 5 % are expected; 5 or more of 16 would then happen once in a thousand tries.
  ok(alarms <= 4, `${alarms} of ${sessions}`);
});

test('small p-values are as rare as they say where trades are long and overlap', () => {
  const sessions = 200;
  const pValues = Array.from({ length: sessions }, (_, seed) => {
    const { classes, ...record } = made(seed, 1100, 0);
    const none = Object.fromEntries(dimensions.map((name) => [name, new Int8Array(1100).fill(-1)]));
    const long = { ...rules, tpTicks: 20, slTicks: 20, maxHoldBins: 100 };
    const study = studySignal({ ...record, classes: none as SignalRecord['classes'] }, long, [0.3], tick);
    return study.thresholds[0]?.pValue ?? 1;
  });
  const share = (level: number) => pValues.filter((p) => p <= level).length / sessions;
  // Three standard errors above the level.
  for (const level of [0.1, 0.05, 0.01]) {
    ok(share(level) <= level + 3 * Math.sqrt((level * (1 - level)) / sessions), `${share(level)} at ${level}`);
  }
});

test('regimes with few firings are shown and not judged', () => {
  const { regimes } = studySignal(made(2, 400, 0), rules, [0.3], tick);
  const few = regimes.filter(({ firings }) => firings < 30);
  ok(few.length > 0 && few.every(({ judged, pValue, qValue }) => !judged && pValue === null && qValue === null));
});

const bin = (changes: Partial<Bin>): Bin =>
  ({
    ...{
      hasBid: true,
      hasAsk: true,
      seq: 0,
      startNs: 0,
      endNs: 0,
      eventCount: 1,
      eventId: 0,
      midPrice: 1,
      spotPriceInt: 0,
      bookValid: true,
    },
    ...{ bestBidPriceInt: 100 * tick, bestAskPriceInt: 101 * tick },
    signal: { ready: true, score: 0 },
    ...changes,
  }) as unknown as Bin;

test('hours are those of New York clocks, on the days when they change and on others', () => {
  for (const date of ['2025-03-09', '2025-11-02', '2026-03-08', '2026-11-01', '2026-02-06']) {
    const capture = captureWindow('future_mbo', date, '00:10');
    const watch = new SignalWatch(capture, 1, tick);
    const startNs = Number(capture.startNs - capture.sessionStartNs);
    const minutes = 8 * 60;
    const expected: number[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      const endNs = startNs + (minute + 1) * 6e10;
      watch.add(bin({ startNs: endNs - 6e10, endNs }), Number.NaN);
      const at = Temporal.Instant.fromEpochNanoseconds(capture.sessionStartNs + BigInt(endNs - 1));
      expected.push(at.toZonedDateTimeISO('America/New_York').hour);
    }
    deepEqual([...watch.record().classes.hour], expected, date);
  }
});

test('spreads have fixed classes, and a bin without a valid book has none', () => {
  const watch = new SignalWatch(captureWindow('future_mbo', '2026-02-06', '09:30'), 1, tick);
  for (const spread of [1, 2, 3, 4, 9]) watch.add(bin({ bestAskPriceInt: (100 + spread) * tick }), 0.1);
  watch.add(bin({ bookValid: false }), 0.1);
  watch.add(bin({ hasAsk: false, midPrice: 0, bookValid: false, bestAskPriceInt: 0 }), Number.NaN);
  const { classes, tradable, mids } = watch.record();
  deepEqual([...classes.spread], [0, 1, 2, 3, 3, -1, -1]);
  deepEqual([...tradable], [1, 1, 1, 1, 1, 0, 0]);
  equal(mids[6], Number.NaN);
});
