import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  batchOfRecord,
  encodeGapMark,
  MboEncoder,
  mboRecordBytes,
  type RecordBatch,
  rtypeMbo,
} from '../../dbn/index.ts';
import { ReplayOverlap } from './replay_overlap.ts';
import { SnapshotOverlap } from './snapshot_overlap.ts';
import { TailCollector } from './tail.ts';

/** A record of the tests: `n` tells it from all others, or does not where two are equal in every field. */
interface Made {
  readonly instrument: number;
  readonly ns: number;
  readonly n: number;
  readonly snapshotNs?: number;
  /** Shift of ts_recv and ts_in_delta, as another capture server has them. */
  readonly shift?: number;
}

const epochNs = 1_770_387_960_000_000_000n;
const snapshotFlag = 32;

/** Records as batches of up to `size`. */
function batches(made: readonly Made[], size = 3): RecordBatch[] {
  const all: RecordBatch[] = [];
  for (let from = 0; from < made.length; from += size) {
    const part = made.slice(from, from + size);
    const bytes = new Uint8Array(part.length * mboRecordBytes);
    const encoder = new MboEncoder(bytes);
    for (const { instrument, ns, n, snapshotNs, shift = 0 } of part) {
      encoder.write({
        ...{ publisherId: 1, instrumentId: instrument, orderId: BigInt(n), price: 5n, size: 1, channelId: 0 },
        ...{ action: 'A', side: 'B', sequence: n, flags: snapshotNs === undefined ? 0 : snapshotFlag },
        tsEvent: epochNs + BigInt(ns),
        tsRecv: epochNs + BigInt((snapshotNs ?? ns + 1000) + shift),
        tsInDelta: shift,
      });
    }
    const words = new Uint32Array(bytes.buffer);
    all.push({ rtype: rtypeMbo, recordBytes: mboRecordBytes, count: part.length, bytes, words, byteOffset: 0 });
  }
  return all;
}

/** Instrument and number of records, as text. */
function shown(chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    return Array.from(
      { length: chunk.length / mboRecordBytes },
      (_, i) => `${view.getUint32(i * 56 + 4, true)}:${view.getBigUint64(i * 56 + 16, true)}`,
    );
  });
}

const names = (made: readonly Made[]): string[] => made.map(({ instrument, n }) => `${instrument}:${n}`);
const byInstrument = (all: readonly string[]) =>
  all.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

/** The tail of a file of these records, from 5 s before its last one on. */
function tailOf(file: readonly Made[], fromNs?: number): TailCollector {
  const last = Math.max(...file.filter(({ snapshotNs }) => snapshotNs === undefined).map(({ ns }) => ns));
  const tail = new TailCollector(epochNs + BigInt(fromNs ?? last - 5e9), true);
  for (const batch of batches(file, 4)) tail.add(batch);
  return tail;
}

/** A feed of two instruments with steps of up to 3 s, of which some records look alike. */
const feed = fc
  .array(
    fc.record({
      instrument: fc.constantFrom(7, 8),
      stepNs: fc.constantFrom(0, 0, 1, 1_000_000, 900_000_000, 3_000_000_000),
      isAlike: fc.boolean(),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .map((steps) => {
    let ns = 100e9;
    let n = 0;
    return steps.map(({ instrument, stepNs, isAlike }): Made => {
      ns += stepNs;
      if (!isAlike || stepNs > 0) n++;
      return { instrument, ns, n };
    });
  });
const part = fc.nat({ max: 999 }).map((thousandths) => thousandths / 1000);

test('a replay from 5 s before the end of a recording goes on from it, also from another capture server and in any chunks', () => {
  fc.assert(
    fc.property(feed, part, fc.boolean(), fc.integer({ min: 1, max: 9 }), (records, at, ignoresStart, size) => {
      const file = records.slice(0, 1 + Math.floor(at * records.length));
      const tail = tailOf(file);
      const overlap = new ReplayOverlap(tail);
      const startNs = Number(tail.startNs - epochNs);
      const replay = records
        .filter(({ ns }) => ignoresStart || ns >= startNs)
        .map((record) => ({ ...record, shift: 17 }));
      // Another server may bring the instruments' records of one moment in another order.
      const reordered = replay.toSorted((a, b) => a.ns - b.ns || b.instrument - a.instrument);
      const got: Uint8Array[] = [];
      for (const batch of batches(reordered, size)) {
        overlap.add(batch);
        got.push(...overlap.take());
      }
      equal(overlap.state, 'joined');
      deepEqual(byInstrument([...names(file), ...shown(got)]), byInstrument(names(records)));
    }),
  );
});

test('a replay that lacks a record of the tail is broken, and hands out nothing', () => {
  fc.assert(
    fc.property(feed, part, part, fc.constantFrom('omitted', 'changed'), (records, at, which, how) => {
      // All records differ, so that one that is missing is seen.
      const all = records.map((record, index) => ({ ...record, n: index }));
      const file = all.slice(0, 1 + Math.floor(at * all.length));
      const tail = tailOf(file);
      const startNs = Number(tail.startNs - epochNs);
      const inTail = file.filter(({ ns }) => ns >= startNs);
      const hit = inTail[Math.floor(which * inTail.length)];
      const replay = all
        .filter(({ ns }) => ns >= startNs)
        .flatMap((record) => (record !== hit ? [record] : how === 'omitted' ? [] : [{ ...record, n: 5000 }]));
      const overlap = new ReplayOverlap(tail);
      for (const batch of batches(replay)) overlap.add(batch);
      overlap.end();
      equal(overlap.state, 'broken');
      deepEqual(overlap.take(), []);
    }),
  );
});

test('of a recording that begins with a snapshot inside of the last 5 s, what came before it is dropped', () => {
  const before = [1, 2, 3].map((n): Made => ({ instrument: 7, ns: n * 1e8, n }));
  const after = [4, 5, 6, 7].map((n): Made => ({ instrument: 7, ns: n * 1e8, n }));
  const file = [{ instrument: 7, ns: 0, n: 1, snapshotNs: 3.5e8 }, ...after.slice(0, 2)];
  const overlap = new ReplayOverlap(tailOf(file));
  for (const batch of batches([...before, ...after], 2)) overlap.add(batch);
  equal(overlap.state, 'joined');
  deepEqual(shown(overlap.take()), ['7:6', '7:7']);
});

test('without any record of its own a recording cannot be gone on with by a replay', () => {
  const tail = new TailCollector(0n, true);
  for (const batch of batches([{ instrument: 7, ns: 0, n: 1, snapshotNs: 5 }])) tail.add(batch);
  equal(new ReplayOverlap(tail).state, 'broken');
});

test('a gap takes from the tail what stands before it', () => {
  const tail = new TailCollector(0n, true);
  for (const batch of batches([{ instrument: 7, ns: 1, n: 1 }])) tail.add(batch);
  tail.add(batchOfRecord(encodeGapMark({ fromNs: 1n, toNs: 2n, cause: 'disconnected' }, 3, false)));
  equal(tail.lastEventNs, null);
  for (const batch of batches([{ instrument: 7, ns: 9, n: 2 }])) tail.add(batch);
  deepEqual([tail.lastEventNs, tail.streams.values().next().value?.beginsInside], [epochNs + 9n, true]);
});

const booked = new Set([7]);

/** A snapshot as it is sent after the first `taken` records, and the feed behind it. */
function snapshotFeed(records: readonly Made[], taken: number): Made[] {
  const snapshotNs = (records[taken - 1]?.ns ?? 0) + 1000;
  const orders = [7, 8].flatMap((instrument) =>
    [1, 2].map((n): Made => ({ instrument, ns: n, n: 100_000 + n, snapshotNs })),
  );
  return [...orders, ...records.slice(taken).map((record) => ({ ...record, shift: 17 }))];
}

test('a snapshot from before the end of a recording leaves no gap, one from behind it leaves one', () => {
  const spread = feed.map((records) =>
    records.map((record, index): Made => ({ ...record, instrument: 7, n: index, ns: 100e9 + index * 3e8 })),
  );
  fc.assert(
    fc.property(spread, part, part, fc.integer({ min: 1, max: 9 }), (records, at, when, size) => {
      const file = records.slice(0, 1 + Math.floor(at * records.length));
      const taken = 1 + Math.floor(when * records.length);
      const coming = snapshotFeed(records, taken).filter(({ instrument }) => instrument === 7);
      const last = file.at(-1) as Made;
      const overlap = new SnapshotOverlap(tailOf(file, 0), epochNs + BigInt(last.ns + 1000), booked);
      const got: Uint8Array[] = [];
      for (const batch of batches(coming, size)) {
        overlap.add(batch);
        got.push(...overlap.take());
      }
      if (taken < file.length) {
        equal(overlap.state, 'joined');
        deepEqual([...names(file), ...shown(got)], names(records));
      } else {
        equal(overlap.state, 'gap');
        deepEqual(shown(got), names(coming));
        equal(overlap.snapshotNs, epochNs + BigInt((records[taken - 1] as Made).ns + 1000));
      }
    }),
  );
});

test('a feed behind a snapshot that leaves the recording asks for another snapshot', () => {
  const records = Array.from({ length: 12 }, (_, n): Made => ({ instrument: 7, ns: n * 1e8, n }));
  const tail = tailOf(records.slice(0, 9), 0);
  const overlap = new SnapshotOverlap(tail, epochNs + 900_000_000n, booked);
  const coming = snapshotFeed(records, 4).filter(({ instrument, n }) => instrument === 7 && n !== 6);
  for (const batch of batches(coming)) overlap.add(batch);
  deepEqual([overlap.state, overlap.take()], ['retry', []]);
});

test('of the same snapshot only what the recording has not is taken', () => {
  const records = Array.from({ length: 3 }, (_, n): Made => ({ instrument: 7, ns: 1e9 + n, n }));
  const coming = snapshotFeed(records, 1).filter(({ instrument }) => instrument === 7);
  const tail = new TailCollector(0n, true);
  for (const batch of batches(coming.slice(0, 1))) tail.add(batch);
  const overlap = new SnapshotOverlap(tail, epochNs + 1_000_001_000n, booked);
  for (const batch of batches(coming)) overlap.add(batch);
  equal(overlap.state, 'joined');
  deepEqual(shown(overlap.take()), ['7:100002', '7:1', '7:2']);
});

test('a silent feed behind a snapshot that should have brought the end of the recording asks for another', () => {
  const records = Array.from({ length: 8 }, (_, n): Made => ({ instrument: 7, ns: n * 1e8, n }));
  const overlap = new SnapshotOverlap(tailOf(records, 0), epochNs + 800_000_000n, booked);
  const coming = snapshotFeed(records.slice(0, 6), 4).filter(({ instrument }) => instrument === 7);
  for (const batch of batches(coming)) overlap.add(batch);
  equal(overlap.state, 'open');
  overlap.idle();
  equal(overlap.state, 'retry');
});
