import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchOf, type Mbo } from '../../test/oracle/mbo.ts';
import { type ClosedBin, captureFrom, closedBin, engineBins } from '../../test/oracle/runs.ts';
import { instrumentId, mboStreams } from '../../test/oracle/streams.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { type RecordBatch, sliceBatch } from '../dbn/index.ts';
import { Drive, type DriveOptions, Engine } from './index.ts';

const runtime = { ...defaultRuntimeConfig, n_absolute_ticks: 256, grid_radius_ticks: 8, cell_width_ms: 50 };

const { startNs } = captureFrom();
const sizes = fc.integer({ min: 1, max: 40 });
const streams = mboStreams({
  startNs: startNs - 1_000_000_000n,
  stepsNs: [0, 1_000_000, 10_000_000, 120_000_000],
  ids: [1n, 2n, 3n, 4n, 5n, 6n],
  priceOf: (n) => BigInt(86_000 + n) * 250_000_000n,
  farPrices: null,
  maxSize: 100,
  hostile: false,
  minLength: 60,
  maxLength: 120,
});

/** Batches of `size` records; `closed` counts how often reading was ended from outside. */
function batchesOf(records: readonly Mbo[], size: number) {
  const whole = batchOf(records);
  const closed = { count: 0 };
  async function* batches(): AsyncGenerator<RecordBatch, void, undefined> {
    let isOver = false;
    try {
      for (let at = 0; at < whole.count; at += size) yield sliceBatch(whole, at, Math.min(size, whole.count - at));
      isOver = true;
    } finally {
      if (!isOver) closed.count++;
    }
  }
  return { batches: batches(), closed, endByteOffset: whole.byteOffset + whole.bytes.length };
}

async function driven(engine: Engine, batches: AsyncIterable<RecordBatch>, options: DriveOptions) {
  const bins: ClosedBin[] = [];
  const drive = new Drive(engine, batches, options);
  while (await drive.advance()) bins.push(closedBin(engine));
  return { bins, drive };
}

test('bins and state are those of the engine, however records come in batches and slices', async () => {
  await fc.assert(
    fc.asyncProperty(streams, sizes, sizes, async (records, size, sliceRecords) => {
      const options = { runtime, capture: captureFrom(), instrumentId };
      const expected = engineBins(options, records);
      const { batches, closed, endByteOffset } = batchesOf(records, size);
      const engine = new Engine(options);
      const seen = { before: 0, after: 0 };
      const { bins, drive } = await driven(engine, batches, {
        sliceRecords,
        beforeSlice: ({ count }) => {
          seen.before += count;
          return undefined;
        },
        afterSlice: async (slice, used) => {
          equal(used, slice.count);
          seen.after += used;
        },
      });
      deepEqual(bins, expected.bins);
      deepEqual(engine.save(), expected.engine.save());
      deepEqual(seen, { before: records.length, after: records.length });
      deepEqual(
        [drive.recordCount, drive.byteOffset, drive.endsWithBatches, closed.count],
        [records.length, endByteOffset, true, 0],
      );
    }),
    { numRuns: 30 },
  );
});

test('a capture that ends closes the batches, and tells how much of them it used', async () => {
  const options = { runtime, capture: captureFrom(startNs + 300_000_000n), instrumentId };
  await fc.assert(
    fc.asyncProperty(streams, sizes, async (records, size) => {
      const expected = engineBins(options, records);
      const { batches, closed } = batchesOf(records, size);
      let used = 0;
      const { bins, drive } = await driven(new Engine(options), batches, {
        afterSlice: async (_slice, count) => {
          used += count;
        },
      });
      deepEqual(bins, expected.bins);
      const reaching = records.findIndex(({ tsEvent }) => tsEvent >= startNs + 300_000_000n);
      const isReached = reaching >= 0;
      equal(drive.endsWithBatches, !isReached);
      equal(used, isReached ? reaching + 1 : records.length);
      equal(drive.recordCount, isReached ? reaching : records.length);
      equal(closed.count, isReached ? 1 : 0);
      equal(await drive.advance(), false);
    }),
    { numRuns: 30 },
  );
});

test('a hook that throws leaves its slice for the next advance; what reading throws comes out', async () => {
  const records = fc.sample(streams, { numRuns: 1, seed: 7 })[0] ?? [];
  const options = { runtime, capture: captureFrom(), instrumentId };
  const expected = engineBins(options, records);
  const { batches } = batchesOf(records, 9);
  const engine = new Engine(options);
  let calls = 0;
  const drive = new Drive(engine, batches, {
    sliceRecords: 4,
    beforeSlice: async () => {
      if (++calls % 3 === 0) throw new Error('not now');
    },
  });
  const bins: ClosedBin[] = [];
  let refused = 0;
  for (;;) {
    try {
      if (!(await drive.advance())) break;
      bins.push(closedBin(engine));
    } catch {
      refused++;
    }
  }
  deepEqual(bins, expected.bins);
  equal(refused > 10, true);

  async function* damaged(): AsyncGenerator<RecordBatch, void, undefined> {
    yield batchOf(records.slice(0, 5));
    throw new Error('a damaged file');
  }
  const cut = new Drive(new Engine(options), damaged());
  await rejects(async () => {
    while (await cut.advance());
  }, /a damaged file/);
});
