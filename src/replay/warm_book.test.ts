import { deepEqual, equal } from 'node:assert/strict';
import { after, test } from 'node:test';
import { createServingLake } from '../../test/helpers/serving_lake.ts';
import { captureWindow, pickRuntime } from '../config/index.ts';
import { resolveInstrument } from '../dbn/index.ts';
import { Engine, warmUpNs } from '../engine/index.ts';
import { openRecords } from '../files/index.ts';
import { BookCache, fileIdentity } from '../lake/index.ts';
import { warmBook } from './warm_book.ts';

const serving = createServingLake(5);
after(() => serving.remove());

test('a replay that goes on from a warmed book ends in the state of one that read everything, bit for bit', async () => {
  const { lake, spec, rawFile } = serving;
  const { symbol, stream_dt: date, stream_start_time: startTime } = spec.runtime_snapshot;
  const runtime = pickRuntime(spec.runtime_snapshot);
  const capture = captureWindow('future_mbo', date, startTime);
  equal((await warmBook(lake, { runtime, date, startTime }, () => {})).state, 'made');
  const warmUpStartNs = capture.startNs - BigInt(warmUpNs);
  const key = {
    productType: 'future_mbo',
    symbol,
    publisherId: null,
    date,
    warmUpStartNs,
    file: await fileIdentity(rawFile),
  } as const;
  const book = (await new BookCache(lake, { notice: () => {} }).load(key))!;
  const end = async (startByteOffset: number | null): Promise<Uint8Array> => {
    const source = await openRecords(rawFile, startByteOffset === null ? {} : { startByteOffset });
    const instrumentId = resolveInstrument(source.metadata, symbol, date);
    const options = { runtime, capture, instrumentId };
    const engine = startByteOffset === null ? new Engine(options) : Engine.restoreBook(options, book.state);
    for await (const batch of source) {
      for (let index = 0; index < batch.count; ) index = engine.ingest(batch, index);
    }
    return engine.save();
  };
  equal(book.byteOffset > 50_000, true);
  deepEqual(await end(book.byteOffset), await end(null));
});
