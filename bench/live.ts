import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { defaultRuntimeConfig } from '../src/config/index.ts';
import { Engine } from '../src/engine/index.ts';
import { Lake } from '../src/lake/index.ts';
import { streamPath } from '../src/server/index.ts';
import { createWireFrame, isDepthFrame } from '../src/wire/index.ts';
import { BinStamps } from './peers/bin_stamps.ts';
import { type Bench, type BenchResult, hashOf } from './support/harness.ts';
import { captureToEnd, closedBins, sessionBytes } from './support/session.ts';
import { percentile, publishSession } from './support/streaming.ts';

const seed = 20260206;
const program = join(import.meta.dirname, '..', 'bin', 'spymaster.js');
/** Bins at the start that are not measured: code is compiled and the snapshot of the session is read. */
const settlingBins = 20;

/**
 * A live stream: from the moment at which the server's recorder has read the record that closes a bin from its socket until the bin's
 * frame is handed to the client's socket, as the server measures it; and from the writing of that record to the server's
 * socket until the client has the frame. Gateway, server with its recorder (fsync on) and client are on this machine.
 */
export const bench: Bench = async ({ tiny }) => {
  const results: BenchResult[] = [];
  for (const rate of tiny ? [1000] : [1000, 20_000, 100_000]) results.push(...(await measured(rate, tiny ? 4 : 30)));
  return results;
};

async function measured(recordsPerS: number, seconds: number): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-live-'));
  const children: ChildProcess[] = [];
  try {
    const { bytes: session } = sessionBytes(seed, seconds + 1, seconds + 1, { recordsPerS });
    const file = join(folder, 'session.dbn');
    const telemetry = join(folder, 'telemetry.jsonl');
    writeFileSync(file, session);
    const lake = new Lake(join(folder, 'lake'));
    publishSession(lake, null);
    const start = (...args: string[]): Promise<RegExpExecArray> => {
      const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
      children.push(child);
      return lineOf(child, /(?:http:\/\/|on )(127\.0\.0\.1:\d+)/);
    };
    const [, gateway = ''] = await start('gateway', '--file', file, '--port', '0');
    const stamps = await BinStamps.listen(gateway, captureToEnd.startNs, defaultRuntimeConfig.cell_width_ms);
    const lakeWords = [
      '--lake-root',
      lake.root,
      '--port',
      '0',
      '--log-level',
      'error',
      '--perf-latency-jsonl',
      telemetry,
    ];
    const live = ['--live', '--serving', 'bench', '--start', 'session', '--gateway', stamps.address];
    const [, server = ''] = await start('serve', ...live, ...lakeWords);
    const wanted = Math.floor((seconds * 1000) / defaultRuntimeConfig.cell_width_ms) - 1;
    const before = await cpuSeconds(server);
    const { frames, receivedMs } = await received(server, wanted);
    const share = ((await cpuSeconds(server)) - before) / seconds;
    stamps.close();
    // Only then are all lines of the telemetry written.
    await ended(children);
    const delays = receivedMs.map((ms, seq) => ms - (stamps.writtenMs[seq] ?? Number.NaN)).slice(settlingBins);
    const toSend = sendDelays(telemetry).slice(settlingBins);
    const hash = hashOf(...frames);
    const replayed = hashOf(...replay(session, wanted));
    const result = (name: string, unit: string, value: number, values: readonly number[]): BenchResult => ({
      ...{
        name: `live, ${recordsPerS} records/s: ${name}`,
        unit,
        value,
        baselineName: 'frames of a replay',
        baselineValue: null,
      },
      ...{ ratio: null, resultHash: hash, baselineHash: replayed, seed },
      samples: {
        count: values.length,
        best: Math.max(0.001, Math.min(...values)),
        median: percentile(values, 0.5),
        wallMedian: value,
      },
    });
    return [
      result('socket read to send, p50', 'ms', percentile(toSend, 0.5), toSend),
      result('socket read to send, p99', 'ms', percentile(toSend, 0.99), toSend),
      result('record to frame, p50', 'ms', percentile(delays, 0.5), delays),
      result('record to frame, p99', 'ms', percentile(delays, 0.99), delays),
      result('share of a core', '%', Math.max(0.1, share * 100), [share * 100]),
    ];
  } finally {
    await ended(children);
    rmSync(folder, { recursive: true });
  }
}

async function ended(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
}

/** The first line of a program's output that matches. */
async function lineOf(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  if (child.stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface({ input: child.stdout })) {
    const match = pattern.exec(line);
    if (match !== null) {
      child.stdout.resume();
      return match;
    }
  }
  throw new Error(`the program ended before it said ${pattern}`);
}

/** From the socket read of the record that closes a bin to the handing over of its frame to the client's socket, ms. */
function sendDelays(telemetry: string): number[] {
  const lines = readFileSync(telemetry, 'utf8').trimEnd().split('\n');
  const times = lines.map((line) => (JSON.parse(line) as { read_to_socket_us?: number }).read_to_socket_us);
  return times.filter((us) => us !== undefined).map((us) => us / 1000);
}

/** Processor time that a server has used so far. */
async function cpuSeconds(server: string): Promise<number> {
  const text = await (await fetch(`http://${server}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
}

/** The frames of bins 0 to `count` − 1 of the live stream, and when each came. */
function received(server: string, count: number): Promise<{ frames: Uint8Array[]; receivedMs: number[] }> {
  const frames: Uint8Array[] = [];
  const receivedMs: number[] = [];
  const socket = new WebSocket(`ws://${server}${streamPath}?serving=bench`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the stream ended with ${code} after ${frames.length} bins`)));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary || isDepthFrame(data) || frames.length === count) return;
      receivedMs.push(performance.now());
      frames.push(new Uint8Array(data));
      if (frames.length < count) return;
      resolve({ frames, receivedMs });
      socket.terminate();
    });
  });
}

function* replay(session: Uint8Array, count: number): Generator<Uint8Array> {
  const frame = createWireFrame(defaultRuntimeConfig.grid_radius_ticks);
  const engine = new Engine({ runtime: defaultRuntimeConfig, capture: captureToEnd, instrumentId: null, frame });
  for (const _ of closedBins(engine, session)) {
    if (engine.bin.seq === count) return;
    yield frame.bytes.slice();
  }
}
