import { deepEqual, equal, ok } from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { type Book, sideAsk, sideBid } from '../../src/book/index.ts';
import { decodeDbn, encodeMetadata, type RecordBatch } from '../../src/dbn/index.ts';
import { Engine, type EngineOptions, gridColumns } from '../../src/engine/index.ts';
import { signals } from '../../src/signals/index.ts';
import { createWireFrame } from '../../src/wire/index.ts';
import { pick, seeded } from '../helpers/seeded.ts';
import { smallMetadata } from '../helpers/small_session.ts';
import { encodeRecorded } from '../helpers/stream_marks.ts';
import { engineOptions, sessions } from './engine_seeds.ts';
import { below, join, seedOf } from './mutate.ts';
import { mutateRecords, recordsOf } from './mutate_records.ts';
import type { Random, Target } from './target.ts';

/** Sessions whose records are whole and yet make little sense, replayed by the engine. */
export function makeTarget(kept: readonly Uint8Array[]): Target {
  const corpus = [...sessions(), ...kept];
  const heads = [
    smallMetadata,
    { ...smallMetadata, mappings: [] },
    { ...smallMetadata, symbols: [], mappings: [] },
  ].map((metadata) => encodeMetadata(metadata));
  return {
    corpus,
    codes: ['SYMBOL_UNKNOWN', 'PUBLISHER_UNKNOWN'],
    mutate: (random) => {
      const file = pick(random, corpus);
      const records = mutateRecords(random, recordsOf(file.subarray(headBytesOf(file))));
      const head = random() < 0.8 ? heads[0]! : pick(random, heads);
      return join([head, ...(random() < 0.5 ? records : withMarks(random, records))]);
    },
    read,
  };
}

/** The records with heartbeats and gaps between them, at times in and around the capture and at impossible ones. */
function withMarks(random: Random, records: readonly Uint8Array[]): Uint8Array[] {
  const { startNs } = engineOptions.capture;
  const time = (): bigint =>
    random() < 0.05
      ? pick(random, [0n, 2n ** 63n, 2n ** 64n - 1n])
      : startNs + BigInt(below(random, 16_000)) * 1_000_000n - 2_000_000_000n;
  return records.flatMap((record) => {
    const how = random();
    if (how > 0.1) return [record];
    const mark =
      how > 0.03
        ? encodeRecorded({ heartbeatNs: time() })
        : encodeRecorded({ gap: { fromNs: time(), toNs: time(), cause: 'lost' } });
    return [mark, record];
  });
}

const headBytesOf = (file: Uint8Array) => 8 + new DataView(file.buffer, file.byteOffset).getUint32(4, true);

/** Replays a session as it comes, then cut into pieces with pauses in between: both give the same bits. */
function read(input: Uint8Array): string {
  const random = seeded(seedOf(input));
  const { metadata, batches } = decodeDbn(input);
  const copies = Array.from(batches, (batch) => part(batch, 0, batch.count));
  const options: EngineOptions = {
    ...engineOptions,
    instrumentId: metadata!.mappings.length > 0 ? 7 : null,
    signal: { name: pick(random, signals).name, params: {} },
    firing: { threshold: { kind: 'score', value: 0.3 }, cooldownBins: 2, warmupBins: 3 },
    bookOnly: random() < 0.1,
    isRecording: random() < 0.3,
  };
  const whole = replay(options, copies, () => false);
  const cuts = copies.flatMap((batch) => cut(random, batch));
  const pieces = replay(options, cuts, () => random() < 0.05);
  deepEqual(pieces, whole);
  return whole.bins === 0 ? 'no bins' : 'bins';
}

/** Records `from` to `to` of a batch, as a batch of their own memory. */
function part(batch: RecordBatch, from: number, to: number): RecordBatch {
  const bytes = batch.bytes.slice(from * batch.recordBytes, to * batch.recordBytes);
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  return { ...batch, count: to - from, bytes, words, byteOffset: batch.byteOffset + from * batch.recordBytes };
}

function cut(random: Random, batch: RecordBatch): RecordBatch[] {
  const pieces: RecordBatch[] = [];
  for (let from = 0; from < batch.count; ) {
    const to = Math.min(batch.count, from + 1 + below(random, 50));
    pieces.push(part(batch, from, to));
    from = to;
  }
  return pieces;
}

/** What a replay gave, or the error that ended it: all that two replays of the same records must share. */
interface Replayed {
  readonly bins: number;
  readonly hash: number;
  readonly last: object | null;
  readonly counters: object;
}

/** Feeds batches to an engine, which `pauses` before some of them: it is saved, and another one goes on. */
function replay(options: EngineOptions, batches: readonly RecordBatch[], pauses: () => boolean): Replayed {
  // All columns in one piece of memory.
  const frame = createWireFrame(options.runtime.grid_radius_ticks);
  const withFrame = { ...options, frame };
  let engine = new Engine(withFrame);
  let bins = 0;
  let hash = 0;
  let last: object | null = null;
  const take = (): void => {
    if (bins % 16 === 0) checkBook(engine.book);
    bins++;
    hash = hashOf(engine, frame.bytes, hash);
    last = { ...engine.bin, signal: { ...engine.bin.signal } };
  };
  for (const batch of batches) {
    if (pauses()) engine = Engine.restore(withFrame, engine.save());
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (engine.binReady) take();
    }
  }
  if (engine.finish()) take();
  checkBook(engine.book);
  return { bins, hash, last, counters: { ...engine.counters } };
}

/** Takes a bin's numbers, which are finite, and the bytes of its frame into a hash. */
function hashOf({ bin, frame: { columns } }: Engine, frameBytes: Uint8Array, before: number): number {
  for (const value of [bin.midPrice, bin.spotPriceInt, bin.bestBidPriceInt, bin.bestAskPriceInt, bin.signal.score])
    ok(Number.isFinite(value), `a number of bin ${bin.seq} is ${value}`);
  for (const [name, type] of gridColumns) {
    if (type === 'float64') ok(allFinite(columns[name] as Float64Array), `${name} of bin ${bin.seq} is finite`);
  }
  return crc32(frameBytes, crc32(`${bin.seq} ${bin.eventCount} ${bin.firing} ${bin.signal.score}`, before));
}

function allFinite(values: Float64Array): boolean {
  let zero = 0;
  for (const value of values) zero += value * 0;
  return zero === 0;
}

/** What holds of every book: each level is the sum of its orders, and levels stand in the order of their prices. */
function checkBook(book: Book): void {
  const sums = { bids: new Map<number, [size: number, count: number]>(), asks: new Map() } as const;
  let orders = 0;
  book.orders.forEach((_lo, _hi, side, price, size) => {
    ok(side === sideBid || side === sideAsk, `an order's side is ${side}`);
    ok(size > 0 && Number.isInteger(price), `an order of ${size} at ${price}`);
    const levels = side === sideBid ? sums.bids : sums.asks;
    const [sum, count] = levels.get(price) ?? [0, 0];
    levels.set(price, [sum + size, count + 1]);
    orders++;
  });
  equal(book.orders.count, orders);
  for (const name of ['bids', 'asks'] as const) {
    const levels = book[name];
    equal(levels.length, sums[name].size, `${name}: levels`);
    if (levels.length === 0) ok(Number.isNaN(levels.best));
    else equal(levels.best, levels.priceAt(0));
    for (let depth = 0; depth < levels.length; depth++) {
      const price = levels.priceAt(depth);
      deepEqual([levels.sizeAt(depth), levels.countAt(depth)], sums[name].get(price), `${name} at ${price}`);
      const isSorted =
        depth === 0 || (name === 'bids' ? price < levels.priceAt(depth - 1) : price > levels.priceAt(depth - 1));
      ok(isSorted, `${name}: ${price} stands behind ${levels.priceAt(Math.max(0, depth - 1))}`);
    }
  }
  if (book.valid) ok(book.bids.best < book.asks.best, 'a valid book is not crossed');
}
