import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchOf, type Mbo } from '../../test/oracle/mbo.ts';
import { captureFrom, engineBins, ingestAll, sessionStartNs } from '../../test/oracle/runs.ts';
import { hostileIds, instrumentId, mboStreams } from '../../test/oracle/streams.ts';
import { type CaptureWindow, captureWindow, defaultRuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { Engine, gridColumns } from './index.ts';

const second = 1_000_000_000n;
const minute = 60n * second;
const runtime = {
  ...defaultRuntimeConfig,
  n_absolute_ticks: 256,
  grid_radius_ticks: 8,
  flow_windows: [2, 3],
  flow_rollup_weights: [1, 1],
  flow_zscore_window_bins: 10,
  flow_zscore_min_periods: 3,
};
const capture = captureFrom();
const { startNs } = capture;

let nextId = 1n;
/** An add at a moment; price in ticks. */
function add(tsEvent: bigint, side: string, atTick: number, size = 1): Mbo {
  const price = BigInt(atTick) * 250_000_000n;
  return { instrumentId, tsEvent, tsRecv: tsEvent, orderId: nextId++, price, size, flags: 128, action: 'A', side };
}

const seenBy = (records: readonly Mbo[], window: CaptureWindow = capture, fields = {}) =>
  engineBins({ runtime: { ...runtime, ...fields }, capture: window, instrumentId }, records);

test('bins start at the capture, empty ones are emitted, and the last one is if it had an event', () => {
  const quote = [add(startNs - second, 'B', 99), add(startNs - second, 'A', 101)];
  equal(seenBy(quote).bins.length, 0, 'nothing happened after the start');
  const { bins } = seenBy([...quote, add(startNs + 350_000_000n, 'B', 98)]);
  deepEqual(
    bins.map(({ seq, startNs: from, endNs, eventCount, eventId }) => [seq, from, endNs, eventCount, eventId]),
    [0, 1, 2, 3].map((seq) => {
      const from = Number(startNs - sessionStartNs) + seq * 100_000_000;
      return [seq, from, from + 100_000_000, seq === 3 ? 1 : 0, seq === 3 ? 3 : 2];
    }),
  );
  ok(bins.every(({ midPrice, bookValid }) => midPrice === 25 && bookValid));
});

test('an event at the very end of a bin belongs to the next one', () => {
  const { bins } = seenBy([add(startNs, 'B', 99), add(startNs + 100_000_000n, 'A', 101)]);
  deepEqual(
    bins.map(({ eventCount, bestAskPriceInt }) => [eventCount, bestAskPriceInt]),
    [
      [1, 0],
      [1, 25_250_000_000],
    ],
  );
});

test('a capture that ends within a bin emits it if it had an event, and then nothing more', () => {
  const window = captureFrom(startNs + 250_000_000n);
  const early = [add(startNs, 'B', 99), add(startNs, 'A', 101)];
  const late = add(startNs + 260_000_000n, 'B', 98);
  equal(seenBy([...early, late], window).bins.length, 2);
  const { bins, engine } = seenBy([...early, add(startNs + 240_000_000n, 'B', 97), late], window);
  deepEqual(
    bins.map(({ eventCount }) => eventCount),
    [2, 0, 1],
  );
  ok(engine.done);
  equal(engine.counters.events, 3, 'what comes after the end is not an event');
  equal(engine.ingest(batchOf([late, late]), 0), 2);
  equal(engine.binReady, false);
});

test('warm-up feeds the physics and emits nothing; earlier events change the book alone', () => {
  const before = startNs - 31n * minute;
  const { bins } = seenBy([
    add(before, 'B', 99, 5),
    add(before, 'A', 101, 5),
    add(startNs - 29n * minute, 'B', 98, 7),
    add(startNs + 1n, 'A', 102, 3),
  ]);
  const { columns } = bins[0]!;
  deepEqual(
    [6, 7, 9, 10].map((row) => columns.rest_depth[row]),
    [7, 5, 5, 3],
  );
  deepEqual(
    [6, 7, 9, 10].map((row) => columns.last_event_id[row]),
    [3, 0, 0, 4],
  );
});

test('snapshot records take place when they were received and may be older than the session', () => {
  const old = sessionStartNs - 3_600n * second;
  const snapshot = (order: Mbo, flags: number): Mbo => ({ ...order, tsEvent: old, tsRecv: startNs, flags });
  const { bins, engine } = seenBy([
    { ...add(old, 'N', 0), action: 'R' },
    snapshot(add(old, 'B', 99, 4), 40),
    snapshot(add(old, 'A', 101, 6), 168),
    add(startNs + 1n, 'B', 98),
  ]);
  deepEqual([engine.counters.late, engine.counters.outOfSession, engine.counters.events], [0, 0, 4]);
  equal(bins[0]?.bookValid, true);
  equal(bins[0]?.columns.bid_depth[7], 4);
});

test('a snapshot without F_LAST ends with the first record that is none, a trade too', () => {
  const snapshot = (order: Mbo): Mbo => ({ ...order, flags: 40 });
  const book = [snapshot(add(startNs, 'B', 99, 4)), snapshot(add(startNs, 'A', 101, 6))];
  const trade: Mbo = { ...add(startNs + 1n, 'B', 101), action: 'T', flags: 0 };
  equal(seenBy(book).bins[0]?.bookValid, false);
  const { bins } = seenBy([...book, trade]);
  equal(bins[0]?.bookValid, true);
  deepEqual([bins[0]?.columns.bid_depth[7], bins[0]?.columns.ask_depth[9]], [4, 6]);
});

test('time does not run backwards: a late event happens now and is counted', () => {
  const { bins, engine } = seenBy([
    add(startNs, 'B', 99),
    add(startNs + 150_000_000n, 'A', 101),
    add(startNs + 50_000_000n, 'B', 98),
  ]);
  equal(engine.counters.late, 1);
  deepEqual(
    bins.map(({ eventCount }) => eventCount),
    [1, 2],
  );
});

test('records before the session act on the book alone, records after it do nothing', () => {
  const after = capture.sessionEndNs;
  const { engine, bins } = seenBy([add(sessionStartNs - 1n, 'B', 99), add(startNs, 'B', 98), add(after, 'A', 101)]);
  const { beforeSession, outOfSession, events } = engine.counters;
  deepEqual([beforeSession, outOfSession, events], [1, 1, 1]);
  deepEqual([bins[0]?.bestBidPriceInt, bins[0]?.bestAskPriceInt], [99 * 250_000_000, 0]);
});

test('an equity session is [02:00, 16:00) New York time on either side of a change of clocks', () => {
  const utc = (moment: string) => BigInt(Date.parse(moment)) * 1_000_000n;
  const fields = { product_type: 'equity_mbo' as const, cell_width_ms: 3_600_000 };
  for (const [date, opens, closes] of [
    ['2025-03-07', '07:00', '21:00'],
    ['2025-03-10', '06:00', '20:00'],
    ['2025-10-31', '06:00', '20:00'],
    ['2025-11-03', '07:00', '21:00'],
  ] as const) {
    const window = captureWindow('equity_mbo', date, '09:30', '10:00');
    const at = (time: string) => utc(`${date}T${time}:00Z`);
    const records = [at(opens) - 1n, at(opens), at(closes) - 1n, at(closes)].map((ts) => add(ts, 'B', 99));
    const { engine } = engineBins(
      { runtime: { ...runtime, ...fields }, capture: { ...window, endNs: null }, instrumentId },
      records,
    );
    const { beforeSession, outOfSession, events } = engine.counters;
    deepEqual([beforeSession, outOfSession, events], [1, 1, 2], date);
  }
});

test('an equity grid gathers prices in buckets; best prices and mid stay real', () => {
  const fields = { product_type: 'equity_mbo' as const, tick_size: 0.01, bucket_size_dollars: 0.1 };
  const at = (side: string, price: bigint, size: number): Mbo => ({ ...add(startNs, side, 0, size), price });
  const { bins } = seenBy(
    [
      at('B', 50_010_000_000n, 3),
      at('B', 49_960_000_000n, 4),
      at('B', 49_940_000_000n, 5),
      at('A', 50_060_000_000n, 6),
    ],
    capture,
    fields,
  );
  const bin = bins[0]!;
  deepEqual([bin.bestBidPriceInt, bin.bestAskPriceInt, bin.midPrice], [50_010_000_000, 50_060_000_000, 50.035]);
  equal(bin.spotPriceInt, 50_000_000_000);
  // 49.96 and 50.01 lie in the bucket of 50.00, 49.94 in that of 49.90, 50.06 in that of 50.10.
  deepEqual(bin.columns.bid_depth.slice(7, 10), [5, 7, 0]);
  deepEqual(bin.columns.ask_depth.slice(7, 10), [0, 0, 6]);
});

test('without a spot every column but k is 0', () => {
  const { bins } = seenBy([
    add(startNs, 'B', 99, 4),
    add(startNs, 'A', 101, 4),
    { ...add(startNs + 150_000_000n, 'N', 0), action: 'R' },
  ]);
  const [full, empty] = bins;
  ok(full !== undefined && empty !== undefined);
  ok(full.columns.rest_depth.some((depth) => depth > 0));
  for (const [name] of gridColumns) {
    deepEqual(empty.columns[name], name === 'k' ? full.columns.k : full.columns.k.map(() => 0), name);
  }
  deepEqual([empty.midPrice, empty.spotPriceInt, empty.bestBidPriceInt, empty.bookValid], [0, 0, 0, false]);
});

test('a file without mappings is taken if it holds one instrument, and refused at a second', () => {
  const first = add(startNs, 'B', 99);
  const unmapped = { runtime, capture, instrumentId: null };
  equal(engineBins(unmapped, [first, add(startNs, 'A', 101)]).engine.counters.events, 2);
  throws(
    () => engineBins(unmapped, [first, { ...first, instrumentId: 7 }]),
    (error) => error instanceof SpymasterError && error.code === 'SYMBOL_UNKNOWN' && /42 and 7/.test(error.message),
  );
  const adopted = new Engine(unmapped);
  adopted.ingest(batchOf([first]), 0);
  const engine = Engine.restore(unmapped, adopted.save());
  throws(() => engine.ingest(batchOf([{ ...first, instrumentId: 7 }]), 0), SpymasterError);
});

test('records of other types and other instruments are skipped and counted', () => {
  const engine = new Engine({ runtime, capture, instrumentId });
  const batch = batchOf([add(startNs, 'B', 99), { ...add(startNs, 'B', 98), instrumentId: 7 }]);
  equal(engine.ingest({ ...batch, rtype: 19 }, 0), 2);
  equal(engine.ingest(batch, 0), 2);
  const { otherRecords, otherInstrument, events } = engine.counters;
  deepEqual([otherRecords, otherInstrument, events], [2, 1, 1]);
});

test('records longer than known are read by their own length', () => {
  const records = [add(startNs, 'B', 99), add(startNs, 'A', 101)];
  const short = batchOf(records);
  const words = new Uint32Array(32);
  for (let i = 0; i < 2; i++) words.set(short.words.subarray(i * 14, i * 14 + 14), i * 16);
  const long = { ...short, recordBytes: 64, words, bytes: new Uint8Array(words.buffer) };
  const engine = new Engine({ runtime, capture, instrumentId });
  ingestAll(engine, long, () => {});
  ok(engine.finish());
  equal(engine.bin.midPrice, 25);
});

test('prices without a slot act on the book and are counted', () => {
  const { bins, engine } = seenBy([
    add(startNs, 'B', 1_000),
    add(startNs, 'A', 1_002),
    add(startNs, 'B', 100),
    add(startNs, 'A', 9_000),
  ]);
  equal(engine.counters.outOfRange, 2);
  equal(engine.book.bids.length, 2);
  equal(bins[0]?.spotPriceInt, 1_001 * 250_000_000);
});

test('damaged state bytes are STATE_INVALID', () => {
  const options = { runtime, capture, instrumentId };
  const state = seenBy([add(startNs, 'B', 99), add(startNs, 'A', 101)]).engine.save();
  const isStateInvalid = (error: unknown) => error instanceof SpymasterError && error.code === 'STATE_INVALID';
  for (let at = 0; at < state.length; at += 101) {
    const damaged = state.slice();
    damaged[at]! ^= 0x10;
    throws(() => Engine.restore(options, damaged), isStateInvalid, `byte ${at}`);
    throws(() => Engine.restore(options, state.slice(0, at)), isStateInvalid, `cut at ${at}`);
  }
});

test('a saved book is no saved engine, and the other way round', () => {
  const options = { runtime, capture, instrumentId };
  const engine = new Engine(options);
  engine.ingest(batchOf([add(sessionStartNs, 'B', 99)]), 0);
  const book = engine.saveBook();
  ok(book !== null);
  equal(Engine.restoreBook(options, book).book.bids.length, 1);
  throws(() => Engine.restore(options, book), { code: 'STATE_INVALID' });
  throws(() => Engine.restoreBook(options, engine.save()), { code: 'STATE_INVALID' });
});

const extreme = mboStreams({
  startNs: startNs - minute,
  stepsNs: [0, 0, 1, 1, 1_000, 1_000_000_000, 60_000_000_000, 7_200_000_000_000],
  ids: hostileIds,
  priceOf: (n) => BigInt(n - 10) * 250_000_000n,
  farPrices: [-(2n ** 53n), 2n ** 53n],
  maxSize: 2 ** 32 - 2,
  hostile: true,
  minLength: 50,
  maxLength: 200,
});

test('no value is ever NaN or infinite, whatever the sizes, prices and times', () => {
  let bins = 0;
  fc.assert(
    fc.property(extreme, fc.constantFrom(0.001, 2, 1e6), (records, tau) => {
      const taus = { tau_velocity: tau, tau_acceleration: tau, tau_jerk: tau, tau_rest_decay: tau };
      const result = seenBy(records, capture, { ...taus, cell_width_ms: 60_000 });
      for (const { columns, signal, ...fields } of result.bins) {
        bins++;
        for (const value of Object.values({ ...fields, ...signal })) ok(Number.isFinite(Number(value)));
        for (const [name] of gridColumns) ok(columns[name].every(Number.isFinite), `bin ${fields.seq}, ${name}`);
      }
    }),
    { numRuns: 8, endOnFailure: true },
  );
  ok(bins > 500, `${bins} bins were looked at`);
});

test('following the book alone gives the same bins, without grid and signal', () => {
  fc.assert(
    fc.property(extreme, (records) => {
      const bookOf = ({ bins }: ReturnType<typeof seenBy>) => bins.map(({ signal, columns, ...rest }) => rest);
      const options = { runtime: { ...runtime, cell_width_ms: 60_000 }, capture, instrumentId };
      const whole = engineBins(options, records);
      const book = engineBins({ ...options, bookOnly: true }, records);
      deepEqual(bookOf(book), bookOf(whole));
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
