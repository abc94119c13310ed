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
import { type Bench, compare, hashOf } from './harness.ts';
import { encodeFrame } from './naive/frame.ts';
import type { ReaderReport, ReadersData } from './peers/stream_readers.ts';
import { captureToEnd, sessionBytes, sessionStartNs } from './session.ts';

const seed = 20260206;

interface ClosedBin {
  readonly bin: Bin;
  /** The grid as the engine left it. */
  readonly frame: WireFrame;
}

/** Making a bin's two messages from what the engine holds at its end, and handing them to a WebSocket. */
export const bench: Bench = async ({ tiny }) => {
  const bins = closedBins(tiny ? 1 : 13);
  const frames = tiny ? bins.length : 2048;
  const runs = tiny ? 1 : 9;
  const build = await compare({
    name: 'frame, build',
    unit: 'µs/frame',
    seed,
    ours: { quantity: frames, runs, run: () => buildSegments(bins, frames, hashSegments) },
    baseline: { name: 'Arrow table per bin', quantity: frames, runs, run: () => buildTables(bins, frames) },
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
      quantity: frames,
      runs,
      run: () => sendTables(bins, frames, naive.peer),
    },
  });
  for (const { messages } of [await ours.close(), await naive.close()]) {
    if (messages === 0 || messages % (2 * frames) !== 0)
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

function buildSegments(bins: readonly ClosedBin[], frames: number, hash: (segments: Segment[]) => string) {
  const segments: Segment[] = [];
  const timing = { firstEventMs: 0, lastEventMs: 0, readyMs: 0 };
  for (let at = 0; at < frames; ) {
    const writer = new SegmentWriter(segments.length, bins[0]!.frame.bytes.byteLength);
    for (; at < frames && writer.count < segmentBins; at++) {
      const { bin, frame } = bins[at % bins.length]!;
      writer.add(frame.bytes, JSON.stringify(gridUpdate(bin, sessionStartNs, 'derivative')), timing, bin.eventCount);
    }
    segments.push(writer.finish(writer.count === segmentBins ? null : { kind: 'eof', binCount: frames }));
  }
  return () => hash(segments);
}

function hashSegments(segments: Segment[]): string {
  return hashOf(
    ...segments.flatMap((segment) =>
      Array.from({ length: segment.count }, (_, i) => [segmentText(segment, i), segmentFrame(segment, i)]).flat(),
    ),
  );
}

function buildTables(bins: readonly ClosedBin[], frames: number): () => string {
  const messages: (string | Uint8Array)[] = [];
  for (let at = 0; at < frames; at++) {
    const { bin, frame } = bins[at % bins.length]!;
    messages.push(JSON.stringify(gridUpdate(bin, sessionStartNs, 'derivative')), encodeFrame(frame));
  }
  return () => hashOf(...messages);
}

async function sendSegments(bins: readonly ClosedBin[], frames: number, { socket, connection }: Peer) {
  let segments: Segment[] = [];
  buildSegments(bins, frames, (made) => {
    segments = made;
    return '';
  })();
  let drained = Promise.withResolvers<void>();
  const sink = socketSink({ socket, connection, onSent: () => {}, onFailed: () => {} });
  const pace = { dueMs: 0, sentMs: 0, blockedMs: 0 };
  for (const segment of segments) {
    for (let offset = 0; offset < segment.count; offset++) {
      sink.send(segment, offset, pace, () => drained.resolve());
      if (sink.bufferedBytes > 1 << 20) await drained.promise;
      drained = Promise.withResolvers<void>();
    }
  }
  return () => hashSegments(segments);
}

async function sendTables(bins: readonly ClosedBin[], frames: number, { socket }: Peer) {
  const messages: (string | Uint8Array)[] = [];
  let drained = Promise.withResolvers<void>();
  for (let at = 0; at < frames; at++) {
    const { bin, frame } = bins[at % bins.length]!;
    const text = JSON.stringify(gridUpdate(bin, sessionStartNs, 'derivative'));
    const bytes = encodeFrame(frame);
    messages.push(text, bytes);
    socket.send(text);
    socket.send(bytes, () => drained.resolve());
    if (socket.bufferedAmount > 1 << 20) await drained.promise;
    drained = Promise.withResolvers<void>();
  }
  return () => hashOf(...messages);
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
