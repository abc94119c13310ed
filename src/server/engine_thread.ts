import { parentPort, workerData } from 'node:worker_threads';
import { captureWindow } from '../config/index.ts';
import { warmUpNs } from '../engine/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import { BookCache, type BookCheckpointKey, fileIdentity, findRawFile, Lake, openRecords } from '../lake/index.ts';
import type { EngineReply, EngineRequest, EngineThreadData } from './engine_protocol.ts';
import { SegmentCancelled, SegmentProducer } from './segment_producer.ts';

/* The worker thread that computes one serving version (see engine_protocol.ts). */

assert(parentPort !== null, 'the engine thread is started as a worker');
const port = parentPort;
const { spec, lakeRoot } = workerData as EngineThreadData;
const lake = new Lake(lakeRoot);
const { product_type, symbol, stream_dt, stream_start_time } = spec.runtime_snapshot;
const nowMs = () => performance.timeOrigin + performance.now();
const findFile = () => findRawFile(lake, product_type, symbol, stream_dt);

const books = new BookCache(lake, {
  notice: (text) => port.postMessage({ kind: 'notice', text } satisfies EngineReply),
});

async function bookKey(): Promise<BookCheckpointKey> {
  const { startNs } = captureWindow(product_type, stream_dt, stream_start_time);
  return {
    productType: product_type,
    symbol,
    date: stream_dt,
    warmUpStartNs: startNs - BigInt(warmUpNs),
    file: await fileIdentity(await findFile()),
  };
}

const producer = new SegmentProducer({
  spec,
  open: async (startByteOffset) =>
    openRecords(await findFile(), startByteOffset === undefined ? {} : { startByteOffset }),
  bookStore: {
    load: async () => books.load(await bookKey()),
    save: async (checkpoint) => books.save(await bookKey(), checkpoint),
  },
  nowMs,
});

/** Requests under way by segment; a cancelled one is taken out. */
const wanted = new Map<number, object>();

port.on('message', (request: EngineRequest) => {
  if (request.kind === 'cancel') {
    wanted.delete(request.index);
    return;
  }
  void answer(request.index);
});

async function answer(index: number): Promise<void> {
  const token = {};
  wanted.set(index, token);
  const startMs = nowMs();
  try {
    const segment = await producer.segment(index, () => wanted.get(index) !== token);
    const { bytes, textOffsets, timings, eventCounts } = segment;
    port.postMessage({ kind: 'segment', index, segment, tookMs: nowMs() - startMs } satisfies EngineReply, [
      bytes.buffer,
      textOffsets.buffer,
      timings.buffer,
      eventCounts.buffer,
    ]);
  } catch (error) {
    if (error instanceof SegmentCancelled) return;
    if (!(error instanceof SpymasterError)) throw error;
    const { code, message, fields } = error;
    port.postMessage({ kind: 'failed', index, code, message, fields } satisfies EngineReply);
  } finally {
    if (wanted.get(index) === token) wanted.delete(index);
  }
}
