import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { WebSocketServer } from 'ws';
import { defaultRuntimeConfig, type PublishedServingSpec } from '../src/config/index.ts';
import { DbnDecoder } from '../src/dbn/index.ts';
import { Engine } from '../src/engine/index.ts';
import { Lake, ServingRegistry } from '../src/lake/index.ts';
import { startServer, streamPath } from '../src/server/index.ts';
import { firingBlock, firingRule, gridUpdate } from '../src/wire/index.ts';
import { type Bench, ratioOf } from './harness.ts';
import { encodeFrame } from './naive/frame.ts';
import type { ReaderReport, ReadersData } from './peers/stream_readers.ts';
import { captureToEnd, sessionBytes, sessionStartNs } from './session.ts';

const seed = 20260206;
const unit = 'ms p99 to socket';

/** Latenesses of all bins of all clients, from due to handed to the socket, and what the clients got. */
interface Outcome {
  readonly latenessMs: number[];
  readonly reports: ReaderReport[];
}

/** Fifty clients of one serving version at the market's own pace, ten bins a second each. */
export const bench: Bench = async ({ tiny }) => {
  const clients = tiny ? 3 : 50;
  const seconds = tiny ? 0.3 : 10;
  const { bytes } = sessionBytes(seed, seconds + 0.001);
  const ours = await serveOurs(bytes, clients);
  const naive = await serveNaively(bytes, clients);
  const value = percentile(ours.latenessMs, 0.99);
  const baselineValue = percentile(naive.latenessMs, 0.99);
  return [
    {
      name: `stream, ${clients} clients`,
      unit,
      value,
      baselineName: 'engine on the event loop, encoding per client',
      baselineValue,
      ratio: ratioOf(unit, value, baselineValue),
      resultHash: oneHash(ours.reports),
      baselineHash: oneHash(naive.reports),
      seed,
      samples: {
        count: ours.latenessMs.length,
        best: Math.max(0.001, Math.min(...ours.latenessMs)),
        median: percentile(ours.latenessMs, 0.5),
        wallMedian: percentile(ours.latenessMs, 0.5),
      },
    },
  ];
};

/** The server, its telemetry on. */
async function serveOurs(session: Uint8Array, clients: number): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-bench-'));
  const lake = new Lake(root);
  const { product_type, symbol } = defaultRuntimeConfig;
  mkdirSync(lake.rawFolder(product_type, symbol), { recursive: true });
  writeFileSync(join(lake.rawFolder(product_type, symbol), 'session-20260206.mbo.dbn'), session);
  const registry = new ServingRegistry(lake);
  registry.publish(servingSpec(), { now: () => '2026-02-07T00:00:00Z', alias: 'bench' });
  registry.close();
  const path = join(root, 'latency.jsonl');
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: root, telemetry: { path } });
  const reports = await readAll({ url: `${server.address.replace('http', 'ws')}${streamPath}?serving=bench`, clients });
  await server.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  rmSync(root, { recursive: true });
  const latenessMs = lines.map((line) => (JSON.parse(line) as { due_to_socket_us: number }).due_to_socket_us / 1000);
  return { latenessMs, reports };
}

/** A server whose event loop runs the engine, and encodes each bin anew for each client. */
async function serveNaively(session: Uint8Array, clients: number): Promise<Outcome> {
  const latenessMs: number[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const reports = readAll({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, clients });
  while (server.clients.size < clients) await once(server, 'connection');
  // Versions without a firing rule of their own fire at the neutral threshold.
  const firing = firingRule(firingBlock(null, 'derivative', defaultRuntimeConfig));
  const engine = new Engine({ runtime: defaultRuntimeConfig, capture: captureToEnd, instrumentId: null, firing });
  let dueMs = performance.now();
  for (const _ of closedBins(engine, session)) {
    for (const socket of server.clients) {
      socket.send(JSON.stringify(gridUpdate(engine.bin, sessionStartNs, 'derivative')));
      socket.send(encodeFrame(engine.frame));
      latenessMs.push(performance.now() - dueMs);
    }
    dueMs += defaultRuntimeConfig.cell_width_ms;
    await setTimeout(Math.max(0, dueMs - performance.now()));
  }
  for (const socket of server.clients) socket.close(1000);
  server.close();
  return { latenessMs, reports: await reports };
}

/** Replays a session; at each bin that is given `engine` holds it. */
function* closedBins(engine: Engine, session: Uint8Array): Generator<void> {
  const decoder = new DbnDecoder();
  decoder.push(session);
  for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (engine.binReady) yield;
    }
  }
  if (engine.finish()) yield;
}

function servingSpec(): PublishedServingSpec {
  return {
    serving_id: 'srv_bench_00000001_00000001',
    description: 'a busy session',
    runtime_snapshot: { ...defaultRuntimeConfig, stream_dt: '2026-02-06', stream_start_time: '09:30' },
    source: {
      run_id: 'bench',
      experiment_name: 'bench',
      config_hash: '00000001',
      promoted_at_utc: '2026-02-07T00:00:00Z',
      serving_spec_name: 'bench',
      signal_name: 'derivative',
    },
  };
}

/** Reads streams to their end, in a thread of its own. */
async function readAll(data: ReadersData): Promise<ReaderReport[]> {
  const worker = new Worker(new URL('./peers/stream_readers.ts', import.meta.url), { workerData: data });
  const [reports] = (await once(worker, 'message')) as [ReaderReport[]];
  return reports;
}

function oneHash(reports: readonly ReaderReport[]): string {
  const hashes = new Set(reports.map(({ hash }) => hash));
  if (hashes.size !== 1) throw new Error(`the clients got different bytes: ${[...hashes].join(', ')}`);
  return [...hashes][0]!;
}

/** The smallest value that a share of all does not exceed; never 0. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.max(0.001, sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
