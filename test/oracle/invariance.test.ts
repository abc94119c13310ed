import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { DbnDecoder, type RecordBatch } from '../../src/dbn/index.ts';
import { Engine, type EngineOptions, gridColumns } from '../../src/engine/index.ts';
import { readGoldenConfig } from '../helpers/golden.ts';
import { seeded } from '../helpers/seeded.ts';
import { readShared } from '../helpers/shared.ts';
import { batchOf, type Mbo, undefinedPrice } from './mbo.ts';
import { type ClosedBin, captureFrom, engineBins, ingestAll, sessionStartNs, smallConfigs } from './runs.ts';
import { hostileIds, instrumentId, mboStreams } from './streams.ts';

/** Every bit of the bin that `engine` has just closed, in one line. */
function bitsOf(engine: Engine): string {
  const hash = createHash('md5');
  for (const [name] of gridColumns) hash.update(engine.frame.columns[name]);
  const { signal, ...fields } = engine.bin;
  hash.update(Float64Array.from(Object.values({ ...fields, ...signal }), Number));
  return hash.digest('base64');
}

const millisecond = 1_000_000;
const streams = mboStreams({
  startNs: captureFrom().startNs - 50_000_000n,
  stepsNs: [0, 0, 0, 1, 1_000, millisecond, 5 * millisecond, 20 * millisecond, 60 * millisecond],
  ids: hostileIds,
  priceOf: (n) => 5_000_000_000_000n + BigInt(n - 10) * 250_000_000n,
  farPrices: null,
  maxSize: 5_000,
  hostile: true,
  minLength: 50,
  maxLength: 300,
});

interface Outcome {
  readonly bits: readonly string[];
  readonly counters: Engine['counters'];
  readonly state: Uint8Array;
}

/** Runs an engine over a stream in the batches that `cuts` make of it; between them `between` may replace the engine. */
function run(
  options: EngineOptions,
  records: readonly Mbo[],
  cuts: readonly number[] = [],
  between: (engine: Engine) => Engine = (engine) => engine,
): Outcome {
  let engine = new Engine(options);
  const bits: string[] = [];
  const edges = [0, ...cuts.map((cut) => Math.min(cut, records.length)).sort((a, b) => a - b), records.length];
  for (let i = 1; i < edges.length; i++) {
    const batch = batchOf(records.slice(edges[i - 1], edges[i]));
    for (let at = 0; at < batch.count; ) {
      at = engine.ingest(batch, at);
      if (!engine.binReady) continue;
      bits.push(bitsOf(engine));
      // In the middle of a batch too, between the bins that one record closes.
      if (bits.length % 7 === 0) engine = between(engine);
    }
    engine = between(engine);
  }
  const state = engine.save();
  if (engine.finish()) bits.push(bitsOf(engine));
  return { bits, counters: engine.counters, state };
}

/** A bin with its prices as distances from `originInt`; null where the bin says that it has none. */
function relativeBin(bin: ClosedBin, originInt: number): object {
  const { hasBid, hasAsk, bestBidPriceInt, bestAskPriceInt, spotPriceInt, midPrice, ...others } = bin;
  const hasBoth = hasBid && hasAsk;
  equal(midPrice, hasBoth ? (bestBidPriceInt + bestAskPriceInt) / 2e9 : 0);
  return {
    ...others,
    bid: hasBid ? bestBidPriceInt - originInt : null,
    ask: hasAsk ? bestAskPriceInt - originInt : null,
    spot: hasBoth ? spotPriceInt - originInt : null,
  };
}

test('a market that is shifted by whole ticks, to 0 and below too, gives the same bins but for their prices', () => {
  const middle = 5_000_000_000_000n;
  let zeroPrices = 0;
  fc.assert(
    fc.property(smallConfigs, streams, fc.integer({ min: -12, max: 12 }), (runtime, records, ticks) => {
      const capture = captureFrom();
      const tickInt = runtime.product_type === 'equity_mbo' ? 1_000_000_000n : 250_000_000n;
      const expected = engineBins({ runtime, capture, instrumentId }, records);
      for (const originInt of [BigInt(ticks) * tickInt, -middle]) {
        const shifted = records.map((record) => {
          const isPrice = record.price !== undefinedPrice && record.price < 2n ** 53n;
          return isPrice ? { ...record, price: record.price - middle + originInt } : record;
        });
        const { bins, engine } = engineBins({ runtime, capture, instrumentId }, shifted);
        deepEqual(
          bins.map((bin) => relativeBin(bin, Number(originInt))),
          expected.bins.map((bin) => relativeBin(bin, Number(middle))),
        );
        deepEqual(engine.counters, expected.engine.counters);
        zeroPrices += bins.filter((bin) => bin.hasBid && bin.hasAsk && bin.midPrice === 0).length;
      }
    }),
    { numRuns: 25, endOnFailure: true, seed: 7 },
  );
  ok(zeroPrices > 0, 'some mids were exactly 0');
});

test('a second run, and batches cut anywhere, give the same bits', () => {
  fc.assert(
    fc.property(smallConfigs, streams, fc.array(fc.nat(300), { maxLength: 20 }), (runtime, records, cuts) => {
      const options = { runtime, capture: captureFrom(), instrumentId };
      const whole = run(options, records);
      deepEqual(run(options, records), whole);
      deepEqual(run(options, records, cuts), whole);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('an engine that is saved and restored at any moment goes on with the same bits', () => {
  fc.assert(
    fc.property(smallConfigs, streams, fc.array(fc.nat(300), { maxLength: 20 }), (runtime, records, cuts) => {
      const options = { runtime, capture: captureFrom(), instrumentId };
      const restored = run(options, records, cuts, (engine) => {
        const state = engine.save();
        const copy = Engine.restore(options, state);
        deepEqual(copy.save(), state);
        deepEqual(copy.counters, engine.counters);
        return copy;
      });
      deepEqual(restored, run(options, records));
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

/** An order of `driftingMarket`, as its add. */
function orderAt(tsEvent: bigint, orderId: number, tick: number, side: string, size: number): Mbo {
  const price = BigInt(20_000 + tick) * 250_000_000n;
  const flags = 128;
  return { instrumentId, tsEvent, tsRecv: tsEvent, orderId: BigInt(orderId), price, size, flags, action: 'A', side };
}

/**
 * A market whose mid moves one tick every few records, always the same way, with orders up to nine ticks to either side
 * that leave soon after they came. All along its way lie orders from before the warm-up, and leave when it is near.
 */
function driftingMarket(random: readonly number[], direction: 1 | -1): Mbo[] {
  const early = captureFrom().startNs - 31n * 60_000_000_000n;
  const waiting = Array.from({ length: 30 }, (_, i) =>
    orderAt(early, 10_000 + i, direction * (20 + 10 * i), direction > 0 ? 'A' : 'B', 5 + i),
  );
  const orders: Mbo[] = [];
  const records: Mbo[] = [...waiting];
  random.forEach((number, i) => {
    const tsEvent = captureFrom().startNs + BigInt(i) * 3_000_000n;
    const leave = (order: Mbo | undefined) => {
      if (order === undefined) return;
      const leaving = { ...order, tsEvent, tsRecv: tsEvent };
      if (number % 3 === 0) records.push({ ...leaving, action: 'F', flags: 0 });
      records.push({ ...leaving, action: 'C' });
    };
    const mid = Math.floor(i / 6);
    const bid = number % 2 === 0;
    const distance = (1 + ((number >> 1) % 9)) * (bid ? -1 : 1);
    const order = orderAt(tsEvent, i + 1, direction * mid + distance, bid ? 'B' : 'A', 1 + ((number >> 5) % 20));
    orders.push(order);
    records.push(order);
    if (orders.length > 40) leave(orders.shift());
    if (mid > 16 + 10 * (30 - waiting.length)) leave(waiting.shift());
  });
  return records;
}

test('a grid that moves with the price shows the same bits as one that has no need to', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1_000), { minLength: 1_200, maxLength: 1_500, size: 'max' }),
      fc.constantFrom<1 | -1>(1, -1),
      (random, direction) => {
        const fields = { grid_radius_ticks: 8, flow_windows: [2, 5, 8, 12], flow_zscore_window_bins: 30 };
        const runtime = { ...defaultRuntimeConfig, ...fields, flow_zscore_min_periods: 5, cell_width_ms: 20 };
        const records = driftingMarket(random, direction);
        // Over 200 ticks of drift take the small grid from end to end more than twice; a quarter of the large is 256.
        const [small, large] = [96, 1_024].map((slots) =>
          run({ runtime: { ...runtime, n_absolute_ticks: slots }, capture: captureFrom(), instrumentId }, records),
        );
        deepEqual(small?.bits, large?.bits);
        deepEqual(small?.counters, large?.counters);
        ok(small !== undefined && small.bits.length > 100);
      },
    ),
    { numRuns: 6, endOnFailure: true },
  );
});

/** Bins of a real file's first records, decoded from chunks of the sizes that `nextBytes` gives. */
function chunked(bytes: Uint8Array, options: EngineOptions, nextBytes: () => number): string[] {
  const engine = new Engine(options);
  const decoder = new DbnDecoder();
  const bits: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = Math.min(at + nextBytes(), bytes.length);
    decoder.push(bytes.subarray(at, next));
    at = next;
    for (let batch: RecordBatch | null = decoder.next(); batch !== null; batch = decoder.next()) {
      ingestAll(engine, batch, (closed) => bits.push(bitsOf(closed)));
    }
  }
  decoder.end();
  return bits;
}

test('the bits do not depend on the chunks in which a file is read', () => {
  const { runtime } = readGoldenConfig('synthetic-mnq');
  const file = readShared('data', 'synthetic-mnqh6-20260206.mbo.dbn.zst');
  const metadataBytes = 8 + new DataView(file.buffer, file.byteOffset).getUint32(4, true);
  // The snapshot and the market's first minutes.
  const bytes = new Uint8Array(file.subarray(0, metadataBytes + 5_000 * 56));
  const firstTrade = new DataView(bytes.buffer).getBigUint64(metadataBytes + 2_000 * 56 + 8, true);
  const capture = { ...captureFrom(), sessionStartNs, startNs: firstTrade };
  const options = { runtime: { ...runtime, n_absolute_ticks: 256, cell_width_ms: 1_000 }, capture, instrumentId: null };
  const whole = chunked(bytes, options, () => bytes.length);

  ok(whole.length > 50, `${whole.length} bins`);
  for (const size of [1, 7, 56, 57, 4_096])
    deepEqual(
      chunked(bytes, options, () => size),
      whole,
      `chunks of ${size}`,
    );
  const random = seeded(12_345);
  deepEqual(
    chunked(bytes, options, () => 1 + Math.floor(random() * 3_000)),
    whole,
    'chunks of random size',
  );
});
