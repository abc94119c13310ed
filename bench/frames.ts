import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type WebSocket, WebSocketServer } from 'ws';
import { defaultRuntimeConfig } from '../src/config/index.ts';
import { DbnDecoder } from '../src/dbn/index.ts';
import { type Bin, Engine } from '../src/engine/index.ts';
import { type Segment, SegmentWriter, segmentBins, segmentFrame, segmentText } from '../src/server/segment.ts';
import { socketSink } from '../src/server/stream_client.ts';
import { createWireFrame, gridUpdate, type WireFrame } from '../src/wire/index.ts';
import { encodeFrame } from './naive/frame.ts';
import type { ReaderReport, ReadersData } from './peers/stream_readers.ts';
import { type Bench, compare, hashOf } from './support/harness.ts';
import { captureToEnd, sessionBytes, sessionStartNs } from './support/session.ts';

const seed = 20260206;
/** Bins that are kept, and hashed off the clock: a server lets old ones go, too, so that memory is used again. */
const keptBins = 4 * segmentBins;
/** Bins that a playback hands over before other work gets its turn. */
const burst = 8;
/** Unread bytes at which the sender waits for the reader. */
const maxBufferedBytes = 1 << 20;

interface ClosedBin {
  readonly bin: Bin;
  /** The grid as the engine left it. */
  readonly frame: WireFrame;
}

/** Making a bin's two messages from what the engine holds at its end, and handing them to a WebSocket. */
export const bench: Bench = async ({ tiny }) => {
  const bins = closedBins(tiny ? 1 : 13).slice(0, tiny ? 8 : 2 * segmentBins);
  // Both go round the same bins and end with the same ones; the baseline just makes fewer rounds.
  const frames = tiny ? bins.length : 128 * bins.length;
  const baselineFrames = tiny ? bins.length : 8 * bins.length;
  const runs = tiny ? 1 : 7;
  const build = await compare({
    name: 'frame, build',
    unit: 'µs/frame',
    seed,
    ours: { quantity: frames, runs, run: () => buildSegments(bins, frames) },
    baseline: {
      name: 'Arrow table per bin',
      quantity: baselineFrames,
      runs,
      run: () => buildTables(bins, baselineFrames),
    },
  });
  const ours = await connectReader();
  const naive = await connectReader();
  const send = await compare({
    name: 'frame, build and send',
    unit: 'µs/frame',
    seed,
    ours: { quantity: frames, runs, run: () => sendSegments(bins, frames, ours.peer) },
    baseline: {
      name: 'Arrow table per bin, sent',
      quantity: baselineFrames,
      runs,
      run: () => sendTables(bins, baselineFrames, naive.peer),
    },
  });
  for (const { messages } of [await ours.close(), await naive.close()]) {
    if (messages === 0 || messages % (2 * baselineFrames) !== 0)
      throw new Error(`${messages} messages arrived: some were lost`);
  }
  return [build, send];
};

/** Bins of a busy session, with copies of all that the engine says of them. */
function closedBins(seconds: number): ClosedBin[] {
  const runtime = defaultRuntimeConfig;
  const frame = createWireFrame(runtime.grid_radius_ticks);
  const engine = new Engine({ runtime, capture: captureToEnd, instrumentId: null, frame });
  const decoder = new DbnDecoder();
  decoder.push(sessionBytes(seed, seconds).bytes);
  const bins: ClosedBin[] = [];
  for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (!engine.binReady) continue;
      const copy = createWireFrame(runtime.grid_radius_ticks);
      copy.bytes.set(frame.bytes);
      bins.push({ bin: structuredClone(engine.bin), frame: copy });
    }
  }
  return bins;
}

/** Segments of `frames` bins, built one after the other. */
function* segmentsOf(bins: readonly ClosedBin[], frames: number): Generator<Segment> {
  const timing = { firstEventMs: 0, lastEventMs: 0, readyMs: 0 };
  for (let at = 0; at < frames; ) {
    const writer = new SegmentWriter(Math.floor(at / segmentBins), bins[0]!.frame.bytes.byteLength);
    for (; at < frames && writer.count < segmentBins; at++) {
      const { bin, frame } = bins[at % bins.length]!;
      writer.add(
        frame.bytes,
        textOf(bin),
        { depth: new Uint8Array(0), events: '', features: '' },
        timing,
        bin.eventCount,
      );
    }
    yield writer.finish(writer.count === segmentBins ? null : { kind: 'eof', binCount: frames });
  }
}

function textOf(bin: Bin): string {
  return JSON.stringify(gridUpdate(bin, sessionStartNs, 'derivative'));
}

function buildSegments(bins: readonly ClosedBin[], frames: number): () => string {
  const kept: Segment[] = [];
  for (const segment of segmentsOf(bins, frames)) keep(kept, segment);
  return () => hashSegments(kept);
}

async function sendSegments(bins: readonly ClosedBin[], frames: number, { socket, connection }: Peer) {
  const kept: Segment[] = [];
  const sink = socketSink({ socket, connection, channels: () => [], onSent: () => {}, onFailed: () => {} });
  const pace = { dueMs: 0, sentMs: 0, blockedMs: 0 };
  for (const segment of segmentsOf(bins, frames)) {
    keep(kept, segment);
    for (let offset = 0; offset < segment.count; offset++) {
      const taken = Promise.withResolvers<void>();
      sink.send(segment, offset, pace, taken.resolve);
      const isFull = sink.bufferedBytes > maxBufferedBytes;
      const endsBurst = offset % burst === burst - 1;
      if (isFull || endsBurst) sink.flush();
      if (isFull) await taken.promise;
      else if (endsBurst) await nextTick();
    }
  }
  return () => hashSegments(kept);
}

const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));

function keep(kept: Segment[], segment: Segment): void {
  kept.push(segment);
  if (kept.length > keptBins / segmentBins) kept.shift();
}

function hashSegments(segments: Segment[]): string {
  return hashOf(
    ...segments.flatMap((segment) =>
      Array.from({ length: segment.count }, (_, i) => [segmentText(segment, i), segmentFrame(segment, i)]).flat(),
    ),
  );
}

function buildTables(bins: readonly ClosedBin[], frames: number): () => string {
  const kept: (string | Uint8Array)[] = [];
  for (let at = 0; at < frames; at++) {
    const { bin, frame } = bins[at % bins.length]!;
    kept.push(textOf(bin), encodeFrame(frame));
    if (kept.length > 2 * keptBins) kept.splice(0, 2 * segmentBins);
  }
  return () => hashOf(...kept);
}

async function sendTables(bins: readonly ClosedBin[], frames: number, { socket }: Peer) {
  const kept: (string | Uint8Array)[] = [];
  for (let at = 0; at < frames; at++) {
    const { bin, frame } = bins[at % bins.length]!;
    const text = textOf(bin);
    const bytes = encodeFrame(frame);
    const taken = Promise.withResolvers<void>();
    socket.send(text);
    socket.send(bytes, () => taken.resolve());
    if (socket.bufferedAmount > maxBufferedBytes) await taken.promise;
    kept.push(text, bytes);
    if (kept.length > 2 * keptBins) kept.splice(0, 2 * segmentBins);
  }
  return () => hashOf(...kept);
}

interface Peer {
  readonly socket: WebSocket;
  readonly connection: Socket;
}

/** A WebSocket on loopback whose other end another thread reads. */
async function connectReader(): Promise<{ peer: Peer; close(): Promise<ReaderReport> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const data: ReadersData = { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, clients: 1 };
  const worker = new Worker(new URL('./peers/stream_readers.ts', import.meta.url), { workerData: data });
  const reported = once(worker, 'message') as Promise<[ReaderReport[]]>;
  const [socket, request] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
  return {
    peer: { socket, connection: request.socket },
    async close() {
      socket.close();
      const [[report]] = await reported;
      server.close();
      return report!;
    },
  };
}
