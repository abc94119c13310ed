import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { readFileSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { createServingLake, type ServingLake, servingSpec } from '../../test/helpers/serving_lake.ts';
import { captureOf } from '../config/index.ts';
import { DbnDecoder } from '../dbn/index.ts';
import { Engine } from '../engine/index.ts';
import { openRecords } from '../files/index.ts';
import type { BookCheckpoint } from '../lake/index.ts';
import type { BookStore } from '../replay/replay_start.ts';
import { createWireFrame, decodeDepthFrame, firingRuleOf, gridUpdate } from '../wire/index.ts';
import { type Segment, segmentBins, segmentChannel, segmentFrame, segmentText } from './segment.ts';
import { SegmentCancelled, SegmentProducer } from './segment_producer.ts';

const never = () => false;

function produce(
  lake: Pick<ServingLake, 'spec' | 'rawFile'>,
  options: { checkpointBytes?: number; bookStore?: BookStore } = {},
) {
  const opened: (number | undefined)[] = [];
  const producer = new SegmentProducer({
    spec: lake.spec,
    open: (startByteOffset) => {
      opened.push(startByteOffset);
      return openRecords(lake.rawFile, startByteOffset === undefined ? {} : { startByteOffset });
    },
    bookStore: options.bookStore ?? null,
    nowMs: () => performance.now(),
    checkpointBytes: options.checkpointBytes ?? 64 << 20,
  });
  return { producer, opened };
}

interface Messages {
  readonly text: string;
  readonly frame: Buffer;
  /** Ticks and sizes of the bids, then of the asks, the best first. */
  readonly depth: readonly number[][];
}

/** Every bin's messages, from the engine alone. */
function oracle({ rawFile, spec }: ServingLake): Messages[] {
  const { runtime_snapshot: snapshot } = spec;
  const capture = captureOf(snapshot);
  const frame = createWireFrame(snapshot.grid_radius_ticks);
  const engine = new Engine({ runtime: snapshot, capture, instrumentId: 42, frame, firing: firingRuleOf(spec) });
  const decoder = new DbnDecoder();
  decoder.push(readFileSync(rawFile));
  const bins: Messages[] = [];
  const depth = () =>
    [engine.book.bids, engine.book.asks].flatMap((side) => {
      const levels = Array.from({ length: side.length }, (_, index) => index);
      return [levels.map((index) => side.priceAt(index) / 250_000_000), levels.map((index) => side.sizeAt(index))];
    });
  const take = () =>
    bins.push({
      text: JSON.stringify(gridUpdate(engine.bin, capture.sessionStartNs, 'derivative')),
      frame: Buffer.from(frame.bytes.slice()),
      depth: depth(),
    });
  for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (engine.binReady) take();
    }
  }
  if (engine.finish()) take();
  return bins;
}

function binsOf(segment: Segment): Messages[] {
  return Array.from({ length: segment.count }, (_, offset) => {
    const { seq, bids, asks } = decodeDepthFrame(segmentChannel(segment, offset, 'depth'));
    equal(seq, segment.index * segmentBins + offset);
    return {
      text: Buffer.from(segmentText(segment, offset)).toString(),
      frame: Buffer.from(segmentFrame(segment, offset)),
      depth: [bids.ticks, bids.sizes, asks.ticks, asks.sizes].map((values) => [...values]),
    };
  });
}

test('a segment has the channels that are wanted when its making begins, of the same bytes whichever others are', async () => {
  const lake = createServingLake(20);
  try {
    const { producer: all } = produce(lake);
    const whole = await all.segment(1, never);
    await all.close();
    for (const wanted of [[], ['depth'], ['features', 'events']] as const) {
      const { producer } = produce(lake);
      // The second is made by the cursor that made the first without any.
      await producer.segment(0, never, () => []);
      const segment = await producer.segment(1, never, () => wanted);
      deepEqual(segment.channels, wanted);
      for (let offset = 0; offset < segment.count; offset++) {
        deepEqual(segmentFrame(segment, offset), segmentFrame(whole, offset));
        deepEqual(segmentText(segment, offset), segmentText(whole, offset));
        for (const channel of wanted) {
          deepEqual(segmentChannel(segment, offset, channel), segmentChannel(whole, offset, channel));
        }
      }
      equal(segment.channelBytes.byteLength > 0, wanted.length > 0);
      await producer.close();
    }
  } finally {
    lake.remove();
  }
});

test('segments hold what the engine gives, in whatever order they are asked for', async () => {
  const lake = createServingLake(60);
  try {
    const expected = oracle(lake);
    equal(expected.length, 600);
    const count = Math.ceil(expected.length / segmentBins);
    const forwards = Array.from({ length: count }, (_, index) => index);
    const jumps = [7, 2, 9, 0, 3, 8, 8, 1, 6, 5, 4, 7];
    for (const [order, checkpointBytes] of [
      [forwards, 64 << 20],
      [[...forwards].reverse(), 64 << 20],
      [jumps, 64 << 20],
      [jumps, 1],
    ] as const) {
      const { producer } = produce(lake, { checkpointBytes });
      for (const index of order) {
        const segment = await producer.segment(index, never);
        const from = index * segmentBins;
        deepEqual(binsOf(segment), expected.slice(from, from + segmentBins), `segment ${index} of ${order}`);
        deepEqual(segment.end, index === count - 1 ? { kind: 'eof', binCount: expected.length } : null);
      }
      const behind = await producer.segment(1_000_000, never);
      deepEqual([behind.count, behind.end], [0, { kind: 'eof', binCount: expected.length }]);
      await producer.close();
    }
  } finally {
    lake.remove();
  }
});

test('clients in different places share the replays that exist, and a seek back restores a checkpoint', async () => {
  const lake = createServingLake(60);
  const { producer, opened } = produce(lake);
  try {
    await Promise.all([0, 1, 2].map((index) => producer.segment(index, never)));
    deepEqual(opened, [undefined], 'segments asked for together are made by one replay');
    await Promise.all([3, 4, 5, 6, 7, 8, 9].map((index) => producer.segment(index, never)));
    await producer.segment(8, never);
    equal(opened.at(1) !== undefined && opened.length, 2, 'only going back opens the file again, at a checkpoint');
    const places = await Promise.all([0, 6, 2, 9, 1].map((index) => producer.segment(index, never)));
    deepEqual(
      places.map(({ index }) => index),
      [0, 6, 2, 9, 1],
    );
  } finally {
    await producer.close();
    lake.remove();
  }
});

test('a cancelled segment stops, and its replay goes on to serve others', async () => {
  const lake = createServingLake(60);
  const { producer, opened } = produce(lake);
  try {
    await rejects(
      producer.segment(9, () => true),
      SegmentCancelled,
    );
    const expected = oracle(lake);
    deepEqual(binsOf(await producer.segment(9, never)), expected.slice(9 * segmentBins));
    ok(opened.length <= 1);
  } finally {
    await producer.close();
    lake.remove();
  }
});

test('a cut file gives its whole bins, then says where it was cut', async () => {
  const lake = createServingLake(30);
  try {
    const expected = oracle(lake);
    const size = readFileSync(lake.rawFile).byteLength;
    truncateSync(lake.rawFile, size - 1000);
    const { producer } = produce(lake);
    const bins: Messages[] = [];
    for (let index = 0; ; index++) {
      const segment = await producer.segment(index, never);
      bins.push(...binsOf(segment));
      if (segment.end === null) continue;
      ok(segment.end.kind === 'failed');
      match(segment.end.message, /at byte|byte \d+/);
      break;
    }
    ok(bins.length > 250 && bins.length < 300);
    deepEqual(bins, expected.slice(0, bins.length));
    await producer.close();
  } finally {
    lake.remove();
  }
});

test('the book before the warm-up is saved once and restored', async () => {
  const lake = createServingLake(30);
  const saved: BookCheckpoint[] = [];
  const bookStore: BookStore = {
    load: async () => saved[0] ?? null,
    save: async (checkpoint) => {
      saved.push(checkpoint);
    },
  };
  try {
    const first = produce(lake, { bookStore });
    const cold = await first.producer.segment(1, never);
    equal(saved.length, 1);
    const second = produce(lake, { bookStore });
    const warm = await second.producer.segment(1, never);
    equal(saved.length, 1);
    deepEqual(second.opened, [saved[0]?.byteOffset]);
    ok((saved[0]?.byteOffset ?? 0) > 20_000, 'the quiet minutes before the warm-up are skipped');
    deepEqual(binsOf(warm), binsOf(cold));
    const other = { rawFile: lake.rawFile, spec: servingSpec('srv_other', { n_absolute_ticks: 512, tau_velocity: 3 }) };
    const third = produce(other, { bookStore });
    const fourth = produce(other);
    deepEqual(
      binsOf(await third.producer.segment(1, never)),
      binsOf(await fourth.producer.segment(1, never)),
      'the book serves versions with other runtime fields too',
    );
    const stale: BookStore = {
      load: async () => ({ byteOffset: saved[0]?.byteOffset ?? 0, state: new Uint8Array(64) }),
      save: async () => {},
    };
    const fifth = produce(lake, { bookStore: stale });
    deepEqual(binsOf(await fifth.producer.segment(1, never)), binsOf(cold), 'a book of another release is made anew');
    await Promise.all([first, second, third, fourth, fifth].map(({ producer }) => producer.close()));
  } finally {
    lake.remove();
  }
});
