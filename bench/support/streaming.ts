import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { defaultRuntimeConfig, type PublishedServingSpec } from '../../src/config/index.ts';
import { type Lake, ServingRegistry } from '../../src/lake/index.ts';
import { startServer, streamPath } from '../../src/server/index.ts';
import type { ReaderReport, ReadersData } from '../peers/stream_readers.ts';
import { type BenchResult, ratioOf } from './harness.ts';

const unit = 'ms p99 to socket';

/** Latenesses of all bins of all clients, from due to handed to the socket, and what the clients received. */
export interface Streamed {
  readonly latenessMs: readonly number[];
  readonly reports: readonly ReaderReport[];
}

/** Puts a session into a lake, if there is one already, and publishes its version as the alias `bench`. */
export function publishSession(lake: Lake, session: Uint8Array | null): void {
  const { product_type, symbol } = defaultRuntimeConfig;
  mkdirSync(lake.rawFolder(product_type, symbol), { recursive: true });
  if (session !== null) writeFileSync(join(lake.rawFolder(product_type, symbol), 'session-20260206.mbo.dbn'), session);
  using registry = new ServingRegistry(lake);
  registry.publish(servingSpec(), { now: () => '2026-02-07T00:00:00Z', alias: 'bench' });
}

/** Streams a lake's `bench` to its end, to so many clients, by a new server with its telemetry on; `beside` runs meanwhile. */
export async function streamed(
  lake: Lake,
  clients: number,
  beside: (address: string, over: Promise<unknown>) => Promise<void> = async () => {},
): Promise<Streamed> {
  const path = join(lake.root, 'latency.jsonl');
  writeFileSync(path, '');
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: lake.root, telemetry: { path } });
  let reports: ReaderReport[];
  try {
    const url = `${server.address.replace('http', 'ws')}${streamPath}?serving=bench`;
    const read = readStreams({ url, clients });
    await beside(server.address, read);
    reports = await read;
  } finally {
    await server.close();
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const latenessMs = lines.map((line) => (JSON.parse(line) as { due_to_socket_us: number }).due_to_socket_us / 1000);
  return { latenessMs, reports };
}

/** The 99th percentile of latenesses beside that of a baseline; both must have sent the same bytes. */
export function latenessResult(
  name: string,
  ours: Streamed,
  baselineName: string,
  baseline: Streamed,
  seed: number,
): BenchResult {
  const value = percentile(ours.latenessMs, 0.99);
  const baselineValue = percentile(baseline.latenessMs, 0.99);
  const median = percentile(ours.latenessMs, 0.5);
  return {
    name,
    unit,
    value,
    baselineName,
    baselineValue,
    ratio: ratioOf(unit, value, baselineValue),
    resultHash: oneHash(ours.reports),
    baselineHash: oneHash(baseline.reports),
    seed,
    samples: {
      count: ours.latenessMs.length,
      best: Math.max(0.001, Math.min(...ours.latenessMs)),
      median,
      wallMedian: median,
    },
  };
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
export async function readStreams(data: ReadersData): Promise<ReaderReport[]> {
  const worker = new Worker(new URL('../peers/stream_readers.ts', import.meta.url), { workerData: data });
  const [reports] = (await once(worker, 'message')) as [ReaderReport[]];
  return reports;
}

/** The hash of the bytes that every client received. @throws when they differ */
function oneHash(reports: readonly ReaderReport[]): string {
  const hashes = new Set(reports.map(({ hash }) => hash));
  if (hashes.size !== 1) throw new Error(`the clients got different bytes: ${[...hashes].join(', ')}`);
  return [...hashes][0]!;
}

/** The smallest value that a share of all does not exceed; never 0. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.max(0.001, sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
