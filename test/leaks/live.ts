import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { formatBytes, formatCount } from '../../src/format.ts';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import { streamPath } from '../../src/server/index.ts';
import { isDepthFrame } from '../../src/wire/index.ts';
import { binary, done } from '../faults/commands.ts';
import { servingSpec } from '../helpers/serving_lake.ts';
import { commandEnv } from './lake.ts';
import { allocator } from './server.ts';

/** Records a second of the market's time: a day of it is 60 million. */
const recordsPerS = 694;
/** Bins of a second, and the first one a minute behind the session's beginning: a day of them is streamed in minutes. */
const cellMs = 1000;
const firstBin = '00:01';
const sampleMs = 250;
/** Memory that does not grow with the session may still differ by this from one half of it to the other. */
const slack = { share: 0.1, bytes: 64 << 20 };

/** Resident memory of a process when so many bins had come. */
interface Sample {
  readonly bins: number;
  readonly bytes: number;
}

/**
 * Lets a gateway play a long session as fast as it is read, to a server that records and streams it and to a recorder of its own, with
 * a client that reads every bin, and says what each process holds. Fails where one holds more and more.
 *
 * @param minutes length of the session, up to 19 hours: from midnight in New York to the session's end
 */
export async function liveMemory(folder: string, minutes: number): Promise<string> {
  const file = join(folder, 'long-session.dbn');
  const recording = join(folder, 'long-recording.dbn');
  const market = [
    '--date',
    '2026-02-06',
    '--start',
    '00:00',
    '--minutes',
    String(minutes),
    '--rate',
    String(recordsPerS),
  ];
  await done(['synth', '--out', file, ...market]);
  const lake = new Lake(join(folder, 'live-lake'));
  {
    using registry = new ServingRegistry(lake);
    const spec = servingSpec('srv_long_00000001_00000001', { stream_start_time: firstBin, cell_width_ms: cellMs });
    registry.publish(spec, { now: () => '2026-02-07T00:00:00Z', alias: 'long' });
  }
  const wanted = (minutes - 1) * (60_000 / cellMs) - 2;
  const processes = new Map<string, ChildProcess>();
  const start = (name: string, ...words: string[]): ChildProcess => {
    const child = spawn(process.execPath, [binary, ...words], {
      env: { ...process.env, ...commandEnv, ...allocator },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    processes.set(name, child);
    return child;
  };
  try {
    const gateway = await addressOf(start('gateway', 'gateway', '--file', file, '--speed', 'max', '--port', '0'));
    const feed = ['--start', 'session', '--gateway', gateway];
    const live = ['--live', '--serving', 'long', '--log-level', 'error', '--lake-root', lake.root];
    const server = await addressOf(start('server', 'serve', '--port', '0', ...live, ...feed));
    const of = ['--dataset', 'GLBX.MDP3', '--symbol', 'MNQH6'];
    start('recorder', 'record', '--out', recording, ...of, ...feed).stdout?.resume();
    const samples = await held(processes, server, wanted);
    const bytes = statSync(file).size;
    const lines = [...samples].map(([name, all]) => verdict(name, all, wanted));
    return (
      `live: ${formatCount(Math.floor(bytes / 56))} records (${formatBytes(bytes)}), ${formatCount(wanted)} bins; ` +
      `resident at a quarter, half, three quarters and the end: ${lines.join('; ')}`
    );
  } finally {
    for (const child of processes.values()) child.kill('SIGTERM');
    await Promise.all(
      [...processes.values()].map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')),
    );
    for (const path of [file, recording, lake.root]) rmSync(path, { recursive: true, force: true });
  }
}

/** Where a program listens, as its first lines say. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface({ input: stdout })) {
    const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address === undefined) continue;
    stdout.resume();
    return address;
  }
  throw new Error('a program ended before it said where it listens');
}

/** Reads bins of the live stream, and meanwhile how much memory each process has. */
async function held(
  processes: ReadonlyMap<string, ChildProcess>,
  server: string,
  wanted: number,
): Promise<ReadonlyMap<string, Sample[]>> {
  const samples = new Map([...processes.keys(), 'client'].map((name) => [name, [] as Sample[]]));
  let bins = 0;
  const sample = () => {
    for (const [name, of] of samples) {
      of.push({ bins, bytes: residentBytes(name === 'client' ? process.pid : (processes.get(name)?.pid ?? 0)) });
    }
  };
  const timer = setInterval(sample, sampleMs);
  const socket = new WebSocket(`ws://${server}${streamPath}?serving=long`, { perMessageDeflate: false });
  try {
    await new Promise<void>((resolve, reject) => {
      for (const [name, child] of processes) child.once('exit', () => reject(new Error(`${name} ended by itself`)));
      socket.on('open', () => socket.send(JSON.stringify({ type: 'control', action: 'speed', speed: 'max' })));
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`the stream ended with ${code} after ${bins} bins`)));
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary && !isDepthFrame(data) && ++bins === wanted) resolve();
      });
    });
    sample();
    return samples;
  } finally {
    clearInterval(timer);
    socket.terminate();
  }
}

function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
}

/** What a process held at each quarter of the session. Throws where it held more at the end than at half of it. */
function verdict(name: string, samples: readonly Sample[], wanted: number): string {
  const [first, half, third, last] = [0.25, 0.5, 0.75, 1].map((share) =>
    medianAround(samples, share * wanted, wanted / 10),
  );
  const said = [first, half, third, last].map((bytes) => formatBytes(bytes ?? 0)).join(', ');
  if (half === undefined || last === undefined || last > half * (1 + slack.share) + slack.bytes) {
    throw new Error(`the ${name} holds more and more of a live session: ${said}`);
  }
  return `${name} ${said}`;
}

/** The middle one of the samples that were taken within `reach` bins of a bin, or of the one nearest to it. */
function medianAround(samples: readonly Sample[], bin: number, reach: number): number {
  const near = samples.filter(({ bins }) => Math.abs(bins - bin) <= reach);
  const nearest = samples.toSorted((a, b) => Math.abs(a.bins - bin) - Math.abs(b.bins - bin)).slice(0, 1);
  const sorted = (near.length > 0 ? near : nearest).map(({ bytes }) => bytes).sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? Number.NaN;
}
