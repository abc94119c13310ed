import { parentPort, workerData } from 'node:worker_threads';
import { assert, sentError } from '../errors.ts';
import { pollingGrowth, preciseNowMs } from '../files/index.ts';
import { type RecordingOrigin, type ReplayOrigin, recordingInputs, replayInputs } from '../replay/index.ts';
import type { Channel } from '../wire/index.ts';
import type { EngineReply, EngineRequest } from './engine_protocol.ts';
import { hasChannels, type Segment } from './segment.ts';
import { SegmentCancelled, SegmentProducer } from './segment_producer.ts';
import type { WithSignal } from './threads.ts';
import { loadStreamed } from './user_signal.ts';

/* The worker thread that computes one serving version (see engine_protocol.ts). */

assert(parentPort !== null, 'the engine thread is started as a worker');
const port = parentPort;

const { streamed, ...origin } = workerData as (ReplayOrigin | RecordingOrigin) & WithSignal;
await loadStreamed(streamed);
let hasEnded = false;
const inputs =
  'path' in origin
    ? recordingInputs(
        origin,
        pollingGrowth(origin.path, () => hasEnded),
      )
    : replayInputs(origin, (text) => port.postMessage({ kind: 'notice', text } satisfies EngineReply));
const producer = new SegmentProducer({ ...inputs, nowMs: preciseNowMs });

/** The channels that are wanted of the segments under way; a cancelled one is taken out. */
const wanted = new Map<number, { channels: readonly Channel[] }>();

port.on('message', (request: EngineRequest) => {
  if (request.kind === 'ping') {
    port.postMessage({ kind: 'pong' } satisfies EngineReply);
    return;
  }
  if (request.kind === 'checkpoint') {
    producer.addCheckpoint(request.checkpoint);
    return;
  }
  if (request.kind === 'ended') {
    hasEnded = true;
    return;
  }
  if (request.kind === 'cancel') {
    wanted.delete(request.index);
    return;
  }
  const underWay = wanted.get(request.index);
  if (underWay === undefined) void answer(request);
  else underWay.channels = request.channels;
});

async function answer({ index, channels }: { index: number; channels: readonly Channel[] }): Promise<void> {
  const request = { channels };
  wanted.set(index, request);
  const startMs = preciseNowMs();
  try {
    const isCancelled = () => wanted.get(index) !== request;
    let segment: Segment;
    // Who comes while it is made may want more of it.
    do segment = await producer.segment(index, isCancelled, () => request.channels);
    while (!hasChannels(segment, request.channels));
    const { bytes, offsets, channelBytes, channelOffsets, timings, eventCounts } = segment;
    port.postMessage({ kind: 'segment', index, segment, tookMs: preciseNowMs() - startMs } satisfies EngineReply, [
      bytes.buffer,
      offsets.buffer,
      channelBytes.buffer,
      channelOffsets.buffer,
      timings.buffer,
      eventCounts.buffer,
    ]);
  } catch (error) {
    if (error instanceof SegmentCancelled) return;
    port.postMessage({ kind: 'failed', index, ...sentError(error) } satisfies EngineReply);
  } finally {
    if (wanted.get(index) === request) wanted.delete(index);
  }
}
