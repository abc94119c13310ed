import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultRuntimeConfig, pickRuntime } from '../src/config/index.ts';
import { decodeDbn, encodeMetadata, symbolCstrLenV1 } from '../src/dbn/index.ts';
import { SpecFiles } from '../src/lake/index.ts';
import { generateDataset, replayInputs } from '../src/replay/index.ts';
import { warmBook } from '../src/replay/warm_book.ts';
import { segmentBins, segmentFrame, segmentText } from '../src/server/segment.ts';
import { SegmentProducer } from '../src/server/segment_producer.ts';
import { dbzOf } from './fuzz/dbn_seeds.ts';
import { runCommand } from './helpers/run_command.ts';
import { createServingLake, type ServingLake } from './helpers/serving_lake.ts';

// A session as legacy DBZ replays as the same session in plain DBN does, wherever a session is replayed.

const seconds = 30;
const plain = createServingLake(seconds);
const dbz = createServingLake(seconds);
const dbzFile = plainToDbz(dbz.rawFile);
after(() => {
  plain.remove();
  dbz.remove();
});

/** Puts the DBZ file of the same records in the place of a plain DBN file. */
function plainToDbz(path: string): string {
  const { metadata, batches } = decodeDbn(readFileSync(path));
  if (metadata === null) throw new Error('the session has metadata');
  const head = encodeMetadata({ ...metadata, version: 1, symbolCstrLen: symbolCstrLenV1 });
  let count = 0;
  const parts = Array.from(batches, (batch) => {
    count += batch.count;
    return batch.bytes.slice();
  });
  const file = path.replace(/\.dbn$/, '.dbz');
  writeFileSync(file, dbzOf(Buffer.concat([head, ...parts]), head.length, count));
  rmSync(path);
  return file;
}

const notice = (text: string): never => {
  throw new Error(text);
};

test('replay writes the same files', async () => {
  const { stream_dt, stream_start_time, ...snapshot } = plain.spec.runtime_snapshot;
  const config = plain.lake.path('replay.json');
  writeFileSync(config, JSON.stringify({ runtime: pickRuntime(snapshot), stream_dt, stream_start_time }));
  const [expected, found] = await Promise.all(
    [plain.rawFile, dbzFile].map(async (file, index) => {
      const out = plain.lake.path(`out${index}`);
      const { code, err } = await runCommand('replay', file, '--config', config, '--out', out);
      equal(code, 0, err);
      return ['bins.parquet', 'grid.parquet'].map((name) => readFileSync(join(out, name)));
    }),
  );
  deepEqual(found, expected);
});

test('generate makes the same dataset', async () => {
  const [expected, found] = await Promise.all(
    [plain, dbz].map(async ({ lake }) => {
      const spec = lake.path('demo.yaml');
      writeFileSync(
        spec,
        `name: demo
pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:31", end_time: "09:32"}
pipeline: {cell_width_ms: 1000}
`,
      );
      const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 256, grid_radius_ticks: 4 };
      const pipeline = await new SpecFiles(lake, instrument).pipeline(spec);
      const { manifest } = await generateDataset({ lake, pipeline, codeVersion: 'test' });
      const files = ['bins.parquet', 'features.parquet', 'grid_clean.parquet'];
      const tables = files.map((name) => readFileSync(join(lake.datasets(manifest.dataset_id), name)));
      return { id: manifest.dataset_id, tables, records: manifest.source.records };
    }),
  );
  deepEqual(found, expected);
});

/** Every bin's messages, segments asked for in this order. */
async function streamed({ spec, lake }: ServingLake, order: readonly number[]) {
  const producer = new SegmentProducer({
    ...replayInputs({ spec, lakeRoot: lake.root }, notice),
    nowMs: () => performance.now(),
    checkpointBytes: 64 << 20,
  });
  try {
    const bins: { text: string; frame: Buffer }[] = [];
    for (const index of order) {
      const segment = await producer.segment(index, () => false);
      for (let i = 0; i < segment.count; i++) {
        bins[index * segmentBins + i] = {
          text: Buffer.from(segmentText(segment, i)).toString(),
          frame: Buffer.from(segmentFrame(segment, i)),
        };
      }
    }
    return bins;
  } finally {
    await producer.close();
  }
}

test('serve streams the same bins, from a warmed book and from checkpoints too', async () => {
  const expected = await streamed(plain, [0, 1, 2, 3, 4]);
  equal(expected.length, seconds * 10);
  const { stream_dt: date, stream_start_time: startTime } = dbz.spec.runtime_snapshot;
  const request = { runtime: pickRuntime(dbz.spec.runtime_snapshot), date, startTime };
  equal((await warmBook(dbz.lake, request, notice)).state, 'made');
  deepEqual(await streamed(dbz, [0, 1, 2, 3, 4]), expected);
  deepEqual(await streamed(dbz, [4, 1, 0, 3, 2, 0]), expected);
});
