import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchesOfRecorded, type Recorded } from '../../test/helpers/stream_marks.ts';
import type { Mbo } from '../../test/oracle/mbo.ts';
import { type ClosedBin, captureFrom, closedBin, sessionStartNs } from '../../test/oracle/runs.ts';
import { instrumentId, mboStreams } from '../../test/oracle/streams.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { batchOfRecord, encodeRecord, type Gap } from '../dbn/index.ts';
import { Drive, Engine, type EngineOptions } from './index.ts';

const runtime = { ...defaultRuntimeConfig, n_absolute_ticks: 256, grid_radius_ticks: 8, cell_width_ms: 50 };
const capture = captureFrom();
const { startNs } = capture;
const options: EngineOptions = { runtime, capture, instrumentId };
const second = 1_000_000_000n;
const cellNs = 50_000_000n;

/** Streams whose first records come some time before the first bin, in the warm-up or before it. */
const streams = fc
  .tuple(
    fc.constantFrom(0n, 100n * second, 31n * 60n * second),
    mboStreams({
      startNs: startNs - 500_000_000n,
      stepsNs: [1, 1_000_000, 10_000_000, 120_000_000, 700_000_000],
      ids: [1n, 2n, 3n, 4n, 5n, 6n],
      priceOf: (n) => BigInt(86_000 + n) * 250_000_000n,
      farPrices: null,
      maxSize: 100,
      hostile: false,
      minLength: 5,
      maxLength: 25,
    }),
  )
  .map(([earlyNs, records]) =>
    records.map((record, i) => {
      if (i > 4) return record;
      return { ...record, tsEvent: record.tsEvent - earlyNs, tsRecv: record.tsRecv - earlyNs };
    }),
  );

async function binsOf(items: readonly Recorded[], how: { options?: EngineOptions; restart?: boolean } = {}) {
  const all = batchesOfRecorded(items);
  const given = how.options ?? options;
  async function* from(byteOffset: number) {
    for (const batch of all) {
      const skipped = Math.max(0, Math.floor((byteOffset - batch.byteOffset) / batch.recordBytes));
      if (skipped >= batch.count) continue;
      const start = skipped * batch.recordBytes;
      const bytes = batch.bytes.subarray(start);
      const words = batch.words.subarray(start / 4);
      yield { ...batch, bytes, words, count: batch.count - skipped, byteOffset: batch.byteOffset + start };
    }
  }
  const bins: ClosedBin[] = [];
  let engine = new Engine(given);
  let drive = new Drive(engine, from(0), { sliceRecords: 7 });
  while (await drive.advance()) {
    bins.push(closedBin(engine));
    if (how.restart !== true || engine.done) continue;
    engine = Engine.restore(given, engine.save());
    drive = new Drive(engine, from(drive.byteOffset), { sliceRecords: 3 });
  }
  return { bins, engine };
}

/** The items with others put before some of them: `places` are numbers that choose where. */
function withItems(items: readonly Mbo[], places: readonly number[], make: (next: Mbo | null, n: number) => Recorded) {
  const at = places.map((place) => place % (items.length + 1));
  return [...items, null].flatMap((item, index): Recorded[] => [
    ...at.flatMap((place, n) => (place === index ? [make(item, n)] : [])),
    ...(item === null ? [] : [item]),
  ]);
}

const places = fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 });

test('without its heartbeats a recording gives the same bins, but for empty ones after its last event', async () => {
  await fc.assert(
    fc.asyncProperty(streams, places, fc.array(fc.nat(2_500), { minLength: 12 }), async (records, at, leadsMs) => {
      const lastNs = records.at(-1)?.tsEvent ?? 0n;
      // No event comes more than a second after it happened.
      const items = withItems(records, at, (next, n) => ({
        heartbeatNs: (next?.tsEvent ?? lastNs + 2n * second) + second - BigInt(leadsMs[n] ?? 0) * 1_000_000n,
      }));
      const expected = await binsOf(records);
      const { bins, engine } = await binsOf(items);
      deepEqual(bins.slice(0, expected.bins.length), expected.bins);
      ok(bins.slice(expected.bins.length).every(({ eventCount }) => eventCount === 0));
      const { otherRecords, ...counters } = engine.counters;
      const { otherRecords: _, ...expectedCounters } = expected.engine.counters;
      deepEqual(counters, expectedCounters);
      equal(otherRecords, at.length);
      deepEqual((await binsOf(items, { restart: true })).bins, bins, 'a checkpoint at each bin');
    }),
    { numRuns: 12 },
  );
});

const quote = (tsEvent: bigint): Mbo[] => [
  { ...order, tsEvent, tsRecv: tsEvent, orderId: 1n, side: 'B', price: 99n * 250_000_000n },
  { ...order, tsEvent, tsRecv: tsEvent, orderId: 2n, side: 'A', price: 101n * 250_000_000n },
];
const order = { instrumentId, size: 5, flags: 128, action: 'A' };

test('a heartbeat closes the bins that end a second before it, at once, and none that ends later', async () => {
  const counts = [];
  for (const afterNs of [
    second,
    second + cellNs - 1n,
    second + cellNs,
    2n * second,
    2n ** 64n - 1n - startNs,
    -second,
  ]) {
    const { bins } = await binsOf([...quote(startNs - second), { heartbeatNs: startNs + afterNs }]);
    ok(bins.every(({ eventCount, eventId, bookValid }) => eventCount === 0 && eventId === 2 && bookValid));
    counts.push(bins.length);
  }
  deepEqual(counts, [0, 0, 1, 20, 0, 0]);
});

test('a heartbeat begins no warm-up, and none of its bins is open to an event that comes later still', async () => {
  const before = [...quote(startNs - 31n * 60n * second), { heartbeatNs: startNs - second }];
  const { engine } = await binsOf(before);
  ok(new Engine(options).saveBook() !== null);
  const running = new Engine(options);
  for (const batch of batchesOfRecorded(before)) running.ingest(batch, 0);
  ok(running.saveBook() !== null, 'the engine still waits for the warm-up');
  equal(engine.counters.otherRecords, 1);

  const late: Mbo = { ...order, tsEvent: startNs, tsRecv: startNs, orderId: 3n, side: 'B', price: 98n * 250_000_000n };
  const { bins, engine: after } = await binsOf([
    ...quote(startNs - second),
    { heartbeatNs: startNs + 2n * second },
    late,
  ]);
  deepEqual([bins.length, bins.at(-1)?.eventCount, after.counters.late], [21, 1, 1]);
});

test('a capture ends by a heartbeat too, with its last, cut bin if that had an event', async () => {
  const short = { ...options, capture: captureFrom(startNs + 70_000_000n) };
  const add = { ...order, orderId: 3n, side: 'B', price: 98n * 250_000_000n };
  for (const [moment, count] of [[startNs + 60_000_000n, 2] as const, [startNs + 10_000_000n, 1] as const]) {
    const items = [...quote(startNs - second), { ...add, tsEvent: moment, tsRecv: moment }];
    const { bins, engine } = await binsOf([...items, { heartbeatNs: startNs + 3n * second }], { options: short });
    equal(bins.length, count);
    equal(engine.done, true);
    deepEqual(bins, (await binsOf(items, { options: short })).bins);
  }
});

test("in a recording other instruments' receive times pass the time, in a historical file they do not", async () => {
  const other = (tsRecv: bigint, flags = 128): Mbo => ({
    ...order,
    instrumentId: 7,
    tsEvent: startNs,
    tsRecv,
    flags,
    orderId: 9n,
    side: 'B',
    price: 1n,
  });
  const ignored = [other(2n ** 64n - 1n), other(startNs + 9n * second, 8), other(startNs + 9n * second, 32 + 8)];
  const items = [...quote(startNs - second), ...ignored, other(startNs + second + 3n * cellNs), other(startNs)];
  const historical = await binsOf(items);
  equal(historical.bins.length, 0);
  const recording = await binsOf(items, { options: { ...options, isRecording: true } });
  equal(recording.bins.length, 3);
  for (const { engine } of [historical, recording]) equal(engine.counters.otherInstrument, items.length - 2);
  const restarted = await binsOf(items, { options: { ...options, isRecording: true }, restart: true });
  deepEqual(restarted.bins, recording.bins);
});

const gap = (fromNs: bigint, toNs = fromNs + second): { gap: Gap } => ({ gap: { fromNs, toNs, cause: 'lost' } });

test('a gap empties the book as a clear at its start would, without being an event', async () => {
  await fc.assert(
    fc.asyncProperty(streams, places, async (records, [place = 0]) => {
      const index = 1 + (place % records.length);
      const fromNs = (records[index - 1]?.tsEvent ?? 0n) + 1n;
      const later = records.slice(index).map((r) => ({ ...r, tsEvent: r.tsEvent + 2n, tsRecv: r.tsRecv + 2n }));
      const clear: Mbo = { ...order, tsEvent: fromNs, tsRecv: fromNs, action: 'R', side: 'N', orderId: 0n, price: 0n };
      const marked = await binsOf([...records.slice(0, index), gap(fromNs), ...later]);
      const cleared = await binsOf([...records.slice(0, index), clear, ...later]);
      const seen = ({ bins }: typeof marked) =>
        bins.map(({ columns: { last_event_id: _, ...columns }, endNs, midPrice, bestBidPriceInt, hasAsk }) => {
          return { columns, endNs, midPrice, bestBidPriceInt, hasAsk };
        });
      // A clear in a bin that nothing else happens in closes that bin at the end of the file.
      deepEqual(seen(marked), seen(cleared).slice(0, marked.bins.length));
      ok(cleared.bins.length - marked.bins.length <= 1);
      const gapNs = Number(fromNs - sessionStartNs);
      ok(marked.bins.every(({ endNs, bookValid }) => endNs <= gapNs || !bookValid));
      equal(marked.engine.counters.events, records.length);
      const restarted = await binsOf([...records.slice(0, index), gap(fromNs), ...later], { restart: true });
      deepEqual(restarted.bins, marked.bins);
    }),
    { numRuns: 12 },
  );
});

test('after a gap the book is not valid until a snapshot or a clear, whose orders are the book', async () => {
  const at = (n: bigint): bigint => startNs + n * cellNs;
  const snapshot = quote(at(4n)).map((record, i) => ({ ...record, flags: i === 0 ? 40 : 168 }));
  const clear: Mbo = { ...order, tsEvent: at(4n), tsRecv: at(4n), action: 'R', side: 'N', orderId: 0n, price: 0n };
  for (const again of [snapshot, [clear, ...quote(at(4n))]]) {
    const { bins } = await binsOf([
      ...quote(at(0n)),
      gap(at(1n) + 1n),
      ...quote(at(2n) + 1n),
      ...again,
      { heartbeatNs: at(5n) + second },
    ]);
    deepEqual(
      bins.map(({ hasBid, bookValid }) => [hasBid, bookValid]),
      [
        [true, true],
        [false, false],
        [true, false],
        [true, false],
        [true, true],
      ],
    );
  }
});

test('a book that is kept at the warm-up knows of the gap before it', () => {
  const early = startNs - 40n * 60n * second;
  const batches = batchesOfRecorded([...quote(early), gap(early + second), ...quote(early + 2n * second)]);
  const engine = new Engine(options);
  for (const batch of batches) engine.ingest(batch, 0);
  const state = engine.saveBook();
  ok(state !== null);
  const { book } = Engine.restoreBook(options, state);
  deepEqual([book.twoSided, book.valid], [true, false]);
});

test('records that the gateway skipped are a gap at the clock, and a gap behind the session is none', async () => {
  const header = { rtype: 0x15, publisherId: 0, instrumentId: 0, tsEvent: startNs + 10n * second };
  const skipped = encodeRecord({ layout: 'errorV2', ...header, err: 'slow', code: 7, isLast: 1 });
  const engine = new Engine(options);
  for (const batch of batchesOfRecorded(quote(startNs))) engine.ingest(batch, 0);
  for (const batch of batchesOfRecorded([gap(capture.sessionEndNs)])) engine.ingest(batch, 0);
  equal(engine.book.valid, true);
  equal(engine.ingest(batchOfRecord(skipped), 0), 1);
  deepEqual([engine.binReady, engine.book.orders.count, engine.book.valid], [false, 0, false]);
  equal(engine.finish(), true);
  equal(engine.bin.bookValid, false);
});
