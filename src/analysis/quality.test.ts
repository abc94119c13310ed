import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { noise } from '../../test/helpers/lab_dataset.ts';
import { batchOf, type Mbo, undefinedTime } from '../../test/oracle/mbo.ts';
import { captureFrom } from '../../test/oracle/runs.ts';
import { type Bin, createGridFrame } from '../engine/index.ts';
import { BookWatch } from './book_quality.ts';
import { FeedWatch } from './feed_quality.ts';
import { distanceBands, SpectrumWatch } from './spectrum_health.ts';

const capture = captureFrom(captureFrom().startNs + 300_000_000_000n);
const { startNs, sessionStartNs } = capture;

function record(afterNs: number, changes: Partial<Mbo> = {}): Mbo {
  const tsEvent = startNs + BigInt(afterNs);
  const made = { instrumentId: 7, tsEvent, tsRecv: tsEvent + 1000n, orderId: 1n, price: 25_000_000_000n };
  return { ...made, size: 1, flags: 128, action: 'A', side: 'B', ...changes };
}

function watched(records: readonly Mbo[], cut: number, instrumentId: number | null = 7) {
  const watch = new FeedWatch(capture, { symbol: 'MNQH6', instrumentId, publisherId: null });
  watch.add(batchOf(records.slice(0, cut)));
  watch.add(batchOf(records.slice(cut)));
  return watch.report();
}

test('gaps, rates, delays and late events are those of a slow list, however the records are cut', () => {
  const random = noise(3);
  const records: Mbo[] = [];
  let nowNs = -2e9;
  for (let i = 0; i < 3000; i++) {
    nowNs += i === 1500 ? 41e9 : Math.floor(random() ** 4 * 4e8);
    const delayNs = BigInt(Math.floor(random() * 1e6) - 1000);
    const other = random() < 0.1;
    const lateNs = random() < 0.02 ? Math.floor(random() * 5e6) : 0;
    const made = record(nowNs - lateNs, { instrumentId: other ? 8 : 7 });
    records.push({ ...made, tsRecv: made.tsEvent + delayNs });
  }
  const inside: { ns: number; delayNs: number; lateNs: number }[] = [];
  let clockNs = Number.NEGATIVE_INFINITY;
  for (const { tsEvent, tsRecv, instrumentId } of records) {
    if (instrumentId !== 7) continue;
    const ns = Number(tsEvent - sessionStartNs);
    const lateNs = Math.max(0, clockNs - ns);
    clockNs = Math.max(clockNs, ns);
    if (clockNs < 3.6e12 || clockNs >= 3.9e12) continue;
    inside.push({ ns: clockNs, delayNs: Number(tsRecv - tsEvent), lateNs });
  }
  const told = watched(records, 1234);
  deepEqual(told, watched(records, 1), 'the same, however cut');
  const gaps = inside.flatMap(({ ns, lateNs }, i) => (lateNs > 0 ? [] : [{ from: inside[i - 1]?.ns ?? 3.6e12, ns }]));
  const longest = gaps
    .map(({ from, ns }) => ({ startNs: from, lengthNs: ns - from }))
    .sort((a, b) => b.lengthNs - a.lengthNs);
  deepEqual(told.gaps.longest.slice(0, 10), longest.slice(0, 10));
  ok(told.gaps.longest[0]!.lengthNs >= 41e9);
  deepEqual([told.events, told.firstNs, told.lastNs], [inside.length, inside[0]!.ns, inside.at(-1)!.ns]);
  const late = inside.filter(({ lateNs }) => lateNs > 0);
  deepEqual(told.late, { count: late.length, maxNs: Math.max(...late.map(({ lateNs }) => lateNs)) });
  const negative = inside.filter(({ delayNs }) => delayNs < 0);
  ok(negative.length > 0);
  const { skew } = told;
  deepEqual([skew.count, skew.negative], [inside.length, negative.length]);
  equal(skew.mostNegativeNs, Math.min(...negative.map(({ delayNs }) => delayNs)));
  equal(skew.quantiles.max, Math.max(...inside.map(({ delayNs }) => delayNs)));
  const perSecond = new Map<number, number>();
  for (const { ns } of inside) {
    const second = Math.floor((ns - 3.6e12) / 1e9);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  const busiest = [...perSecond].reduce((a, b) => (b[1] > a[1] ? b : a));
  deepEqual([told.rate.max, told.rate.maxAtNs], [busiest[1], 3.6e12 + busiest[0] * 1e9]);
  equal(told.rate.quietSeconds, told.rate.seconds - perSecond.size);
  ok(told.rate.quietSeconds >= 40);
});

test('snapshots, bad receipts and undefined times have no delay; an empty capture has nothing', () => {
  const feed = watched(
    [
      record(0, { flags: 32 | 128, tsEvent: startNs - 9_000_000_000_000n, tsRecv: startNs }),
      record(10, { flags: 128 | 8 }),
      record(20, { tsRecv: undefinedTime }),
      record(30, { tsEvent: undefinedTime, action: 'R' }),
      record(40, { action: 'T' }),
    ],
    2,
    null,
  );
  deepEqual([feed.skew.count, feed.skew.badTsRecv, feed.events], [1, 1, 5]);
  deepEqual(feed.actions, [
    { action: 'A', count: 3 },
    { action: 'R', count: 1 },
    { action: 'T', count: 1 },
  ]);
  const none = watched([], 0);
  deepEqual([none.events, none.firstNs, none.gaps.longest, none.rate.seconds], [0, null, [], 0]);
});

const tickInt = 250_000_000;
const binOf = (seq: number, changes: Partial<Bin> = {}): Bin => ({
  ...{
    hasBid: true,
    hasAsk: true,
    seq,
    startNs: seq * 1e8,
    endNs: (seq + 1) * 1e8,
    eventCount: 1,
    eventId: seq,
    midPrice: 25,
    spotPriceInt: 25e9,
  },
  ...{ bestBidPriceInt: 25e9, bestAskPriceInt: 25e9 + tickInt, bookValid: true },
  ...{ signal: { ready: true } as Bin['signal'], firing: 0, firingThreshold: null },
  ...changes,
});

test('spans of books that are not valid are told apart by cause, one running at the end too', () => {
  const book = new BookWatch(tickInt);
  const crossed = { bookValid: false, bestBidPriceInt: 25e9 + 2 * tickInt };
  const states: Partial<Bin>[] = [
    ...[{}, crossed, crossed, {}, crossed, { bookValid: false, bestAskPriceInt: 25e9 }, { bookValid: false }],
    ...[
      { bookValid: false, hasBid: false, midPrice: 0, bestBidPriceInt: 0 },
      { bookValid: false, hasAsk: false, midPrice: 0, bestAskPriceInt: 0 },
    ],
    ...[{ eventCount: 0 }, { eventCount: 0 }, {}, { eventCount: 0 }],
    ...[{ bookValid: false, hasBid: false, hasAsk: false, midPrice: 0, bestBidPriceInt: 0, bestAskPriceInt: 0 }],
  ];
  states.forEach((state, seq) => {
    book.add(binOf(seq, state));
  });
  const { causes, longestSpans, invalidBins, emptyBins, longestEmptyRun, spreadTicks } = book.report();
  deepEqual(causes, [
    { cause: 'crossed', spans: 2, bins: 3 },
    ...['empty', 'flagged', 'locked', 'no_ask', 'no_bid'].map((cause) => ({ cause, spans: 1, bins: 1 })),
  ]);
  deepEqual(longestSpans[0], { cause: 'crossed', startNs: 1e8, bins: 2 });
  deepEqual([longestSpans.length, invalidBins, emptyBins], [7, 8, 3]);
  deepEqual(longestEmptyRun, { bins: 2, startNs: 9e8 });
  deepEqual([spreadTicks.max, spreadTicks.shares[0]], [1, 1]);
});

test('states, scores and sparsity are those of a slow count over all cells', () => {
  const radius = 12;
  const rows = 2 * radius + 1;
  const watch = new SpectrumWatch({ radius, flowMinPeriods: 3, signalMinPeriods: 1, hasFlow: true });
  const random = noise(9);
  const cells: {
    k: number;
    seq: number;
    state: number;
    score: number;
    code: number;
    empty: boolean;
    velocity: number;
  }[] = [];
  for (let seq = 0; seq < 40; seq++) {
    const windowless = seq === 10;
    const frame = createGridFrame(radius);
    for (let row = 0; row < rows && !windowless; row++) {
      const { columns } = frame;
      columns.state5_code[row] = Math.floor(random() * 5) - 2;
      columns.flow_score[row] = seq < 2 || random() < 0.3 ? 0 : 2 * random() - 1;
      columns.flow_state_code[row] = Math.sign(Math.round(columns.flow_score[row]! * 2));
      columns.v_add[row] = random() < 0.5 ? 0 : 1;
      const { state5_code: states, flow_score: scores, flow_state_code: codes, v_add: velocities } = columns;
      const [state, velocity] = [states[row]!, velocities[row]!];
      const empty = state === 0 && velocity === 0;
      cells.push({ k: row - radius, seq, state, score: scores[row]!, code: codes[row]!, empty, velocity });
    }
    watch.add(binOf(seq, windowless ? { hasAsk: false, midPrice: 0 } : {}), frame);
  }
  const told = watch.report();
  const share = (some: readonly unknown[], all: readonly unknown[]) => some.length / all.length;
  const above = cells.filter(({ k }) => k > 0);
  told.state5[2]!.shares.forEach((each, i) => {
    equal(
      each,
      share(
        above.filter(({ state }) => state === i - 2),
        above,
      ),
    );
  });
  equal(told.emptyRows, cells.filter(({ empty }) => empty).length + rows);
  equal(
    told.emptyRowShare,
    share(
      cells.filter(({ empty }) => empty),
      cells,
    ),
  );
  const atK = cells.filter(({ k }) => k === -3);
  equal(
    told.emptyShareByK[radius - 3],
    share(
      atK.filter(({ empty }) => empty),
      atK,
    ),
  );
  const velocities = told.groups.find(({ group }) => group.startsWith('velocities'))!;
  equal(
    velocities.emptyRowShare,
    share(
      cells.filter(({ velocity }) => velocity === 0),
      cells,
    ),
  );
  const ready = cells.filter(({ seq }) => seq >= 2);
  const { bands, readyBins } = told.flow!;
  deepEqual([told.windowlessBins, readyBins, told.warmUp.firstFlowBin], [1, 37, 2]);
  deepEqual(
    bands.map(({ band }) => band),
    [{ from: 0, to: 12 }, ...distanceBands(12)],
  );
  for (const { band, rows: count, zeroShare, stateShares, mean, quantiles, histogram } of bands) {
    const inside = ready.filter(({ k }) => Math.abs(k) >= band.from && Math.abs(k) <= band.to);
    const scored = inside
      .filter(({ score }) => score !== 0)
      .map(({ score }) => score)
      .sort((a, b) => a - b);
    equal(count, inside.length);
    ok(Math.abs(zeroShare - (1 - scored.length / inside.length)) < 1e-12);
    stateShares.forEach((each, i) => {
      equal(
        each,
        share(
          inside.filter(({ code }) => code === i - 1),
          inside,
        ),
      );
    });
    ok(Math.abs(mean - scored.reduce((a, b) => a + b, 0) / scored.length) < 1e-12);
    ok(Math.abs(quantiles[3]! - scored[Math.ceil(scored.length / 2) - 1]!) <= 0.0005);
    equal(
      histogram.reduce((a, b) => a + b, 0),
      scored.length,
    );
  }
});
