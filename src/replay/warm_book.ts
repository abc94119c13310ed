import { captureWindow, type RuntimeConfig } from '../config/index.ts';
import { type RecordBatch, resolveInstrument, rtypeMbo, sliceBatch } from '../dbn/index.ts';
import { Engine, eventTimeWord, warmUpNs } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { openRecords } from '../files/index.ts';
import { BookCache, type BookCheckpointKey, fileIdentity, findRawFile, type Lake } from '../lake/index.ts';
import { defaultOrderEventParams } from '../orders/index.ts';

/** One checkpoint to make: the book of a session at the warm-up of a capture that starts at `startTime`. */
export interface WarmRequest {
  readonly runtime: RuntimeConfig;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
  /** New York clock time HH:MM. */
  readonly startTime: string;
}

/**
 * Result: `made`; `there` before; `no file` of that session in the lake; `nothing before`: the file has no event
 * before the warm-up, so there is no reading to save.
 */
export interface WarmedBook {
  readonly date: string;
  readonly state: 'made' | 'there' | 'no file' | 'nothing before';
  /** Events that a replay need not read any more. */
  readonly events: number;
}

/**
 * Makes the checkpoint that a replay of this capture will look for, unless it is there and whole. Throws what opening and
 * reading the file throws; `notice` is told why a checkpoint could not be kept.
 */
export async function warmBook(
  lake: Lake,
  { runtime, date, startTime }: WarmRequest,
  notice: (text: string) => void,
): Promise<WarmedBook> {
  const { product_type: productType, symbol, publisher_id: publisherId = null } = runtime;
  const capture = captureWindow(productType, date, startTime);
  const warmUpStartNs = capture.startNs - BigInt(warmUpNs);
  let path: string;
  try {
    path = await findRawFile(lake, productType, symbol, date);
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.code !== 'FILE_NOT_FOUND') throw error;
    return { date, state: 'no file', events: 0 };
  }
  const key: BookCheckpointKey = {
    productType,
    symbol,
    publisherId,
    date,
    warmUpStartNs,
    file: await fileIdentity(path),
  };
  const cache = new BookCache(lake, { notice });
  if ((await cache.load(key)) !== null) return { date, state: 'there', events: 0 };
  await using source = await openRecords(path);
  const instrumentId = resolveInstrument(source.metadata, symbol, date);
  const engine = new Engine({
    runtime,
    capture,
    instrumentId,
    isRecording: source.metadata.schema === null,
    orderEvents: defaultOrderEventParams,
    makesFeatures: true,
  });
  for await (const batch of source) {
    const reached = firstReaching(batch, warmUpStartNs);
    engine.ingest(sliceBatch(batch, 0, reached), 0);
    if (reached === batch.count) continue;
    const state = engine.saveBook();
    if (state === null || engine.counters.events === 0) break;
    await cache.save(key, { state, byteOffset: batch.byteOffset + reached * batch.recordBytes });
    return { date, state: 'made', events: engine.counters.events };
  }
  return { date, state: 'nothing before', events: engine.counters.events };
}

/** Index of the first record of a batch whose event time (model.md §1.3) is at or after `tsNs`; its count when none is. */
export function firstReaching({ rtype, words, recordBytes, count }: RecordBatch, tsNs: bigint): number {
  if (rtype !== rtypeMbo) return count;
  const hi = Number(tsNs >> 32n);
  const lo = Number(tsNs & 0xffffffffn);
  for (let i = 0, at = 0; i < count; i++, at += recordBytes / 4) {
    const timeAt = eventTimeWord(words, at);
    const [recordLo = 0, recordHi = 0] = [words[timeAt], words[timeAt + 1]];
    if (recordHi > hi || (recordHi === hi && recordLo >= lo)) return i;
  }
  return count;
}
