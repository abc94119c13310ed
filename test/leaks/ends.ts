import { existsSync, readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { readRunningSweeps } from '../../src/lake/index.ts';
import { binary } from '../faults/commands.ts';
import { start } from '../faults/kill.ts';
import { StreamClient } from '../helpers/stream_client.ts';
import { closeOf, open, requestBytes } from './clients.ts';
import { commandEnv, type LeaksLake, longServing, temporariesIn } from './lake.ts';
import { everyRequest } from './requests.ts';
import { assertQuiet } from './rounds.ts';
import { ServerProcess } from './server.ts';

/** How long anything may take to end (docs/serving.md, ""). */
const mostMs = 5000;
/** Clients of each sort when a server is ended. */
const ofEachSort = 3;
/** A bin of the long session that takes seconds of replay to reach. */
const farBin = 7700;
const interrupted = 130;

/** SIGTERM to servers with clients of every sort and work under way. */
export async function serveEnds({ lake, runId }: LeaksLake, random: () => number, times: number): Promise<string> {
  let slowestMs = 0;
  let clients = 0;
  for (let i = 0; i < times; i++) {
    const server = await ServerProcess.start(lake.root);
    try {
      const crowd = await gather(server, runId);
      const far = await seeker(server);
      await new Promise((resolve) => setTimeout(resolve, random() * 1000));
      clients = crowd.length + 1;
      const { code, signal, tookMs } = await server.end('SIGTERM');
      const took = `${(tookMs / 1000).toFixed(1)} s after SIGTERM, with ${clients} clients`;
      if (code !== 0 || tookMs > mostMs)
        throw new Error(
          `serve ended with ${code ?? signal} ${took}: 0 within ${mostMs / 1000} s was expected ${server.log.slice(-2000)}`,
        );
      if (far.bins.some(({ seq }) => seq >= farBin)) throw new Error('no long computation was under way at SIGTERM');
      const closed = await far.closed;
      if (closed.code !== 1001) throw new Error(`serve closed a stream with ${closed.code} at SIGTERM, not with 1001`);
      // A socket that is not read tells nothing, its end included.
      for (const { socket } of crowd) socket.resume();
      await Promise.all(crowd.map((guest) => guest.closed));
      assertQuiet(server.log);
      slowestMs = Math.max(slowestMs, tookMs);
    } finally {
      server.kill();
    }
  }
  const left = temporariesIn(lake.root);
  if (left.length > 0) throw new Error(`serve left ${left.join(', ')} at SIGTERM`);
  return `serve: ${times} times SIGTERM with ${clients} clients and work under way, code 0 after at most ${slowestMs.toFixed(0)} ms`;
}

/** A client that stays as long as it is let. */
interface Guest {
  readonly socket: Socket;
  readonly closed: Promise<void>;
}

/** Connects clients of every sort that stay. */
async function gather(server: ServerProcess, runId: string): Promise<readonly Guest[]> {
  const requests = everyRequest(runId, 0);
  const guests: Guest[] = [];
  const invite = async (reads: boolean, bytes: Buffer, isHalfClosed = false) => {
    const socket = await open(server.port);
    guests.push({ socket, closed: closeOf(socket) });
    if (reads) socket.resume();
    else socket.pause();
    socket.write(bytes);
    if (isHalfClosed) socket.end();
  };
  for (const request of requests) {
    const bytes = requestBytes({ ...request, headers: { ...request.headers, connection: 'keep-alive' } });
    const streamed = request.controls === undefined ? bytes : requestBytes(request);
    for (let i = 0; i < ofEachSort; i++) {
      await invite(true, streamed);
      await invite(false, streamed);
      await invite(true, streamed.subarray(0, streamed.length >> 1));
      await invite(true, streamed, true);
    }
  }
  for (let i = 0; i < ofEachSort; i++) await invite(true, Buffer.alloc(0));
  // They are all the server's when it counts the streams and followers among them.
  while ((await server.holdings()).get('stream clients')! < ofEachSort)
    await new Promise((next) => setTimeout(next, 20));
  while ((await server.holdings()).get('followers of experiments')! < ofEachSort)
    await new Promise((next) => setTimeout(next, 20));
  return guests;
}

/** A client that asked for a far place of the long session and waits for it. */
async function seeker(server: ServerProcess): Promise<StreamClient> {
  const url = `ws://127.0.0.1:${server.port}/v1/vacuum-pressure/stream?serving=${longServing}`;
  const client = new StreamClient(url);
  await client.until(() => client.messages.length > 0);
  client.control('seek', { bin_seq: farBin });
  await client.roundTrip();
  return client;
}

interface LongCommand {
  readonly words: readonly string[];
  /** Whether the work has begun that is to be interrupted. */
  readonly isAtWork: () => boolean | Promise<boolean>;
  /** Throws when something was left that is not whole. */
  readonly isWhole: () => void;
}

/** SIGTERM to other commands that compute for long: they end in time, and leave neither temporaries nor half results. */
export async function commandEnds(lake: LeaksLake, random: () => number): Promise<string> {
  const told: string[] = [];
  for (const [name, command] of Object.entries(longCommands(lake))) {
    const running = start([binary, ...command.words], commandEnv);
    let isOver = false;
    void running.ended.then(() => {
      isOver = true;
    });
    while (!isOver && !(await command.isAtWork())) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, random() * 1500));
    const fromMs = performance.now();
    running.kill('SIGTERM');
    const { code, output } = await running.ended;
    const tookMs = performance.now() - fromMs;
    if (code !== interrupted || tookMs > mostMs) {
      throw new Error(
        `${name} ended with ${code} ${(tookMs / 1000).toFixed(1)} s after SIGTERM: ${interrupted} within ${mostMs / 1000} s ` +
          `was expected: ${output.slice(-2000)}`,
      );
    }
    const left = temporariesIn(join(lake.lake.root, '..'));
    if (left.length > 0)
      throw new Error(`${name} left ${left.join(', ')} ${tookMs.toFixed(0)} ms after SIGTERM: ${output.slice(-2000)}`);
    command.isWhole();
    told.push(`${name} ${tookMs.toFixed(0)} ms`);
  }
  return `commands: SIGTERM while they compute, no temporary left: ${told.join(', ')}`;
}

function longCommands({
  lake,
  longPipeline,
  longExperiment,
  longFile,
  replayConfig,
}: LeaksLake): Record<string, LongCommand> {
  const out = join(lake.root, '..', 'out');
  const datasets = readdirSync(lake.datasets()).length;
  const root = ['--lake-root', lake.root];
  const isBuilding = (folder: string) => () => temporariesIn(folder).length > 0;
  const absent = (path: string) => () => {
    if (existsSync(path)) throw new Error(`${path} is there although the command that makes it was interrupted`);
  };
  return {
    generate: {
      words: ['generate', longPipeline, ...root],
      isAtWork: isBuilding(lake.datasets()),
      isWhole: () => {
        if (readdirSync(lake.datasets()).length !== datasets)
          throw new Error('generate left a dataset that is not whole');
      },
    },
    run: {
      words: ['run', longExperiment, ...root],
      isAtWork: async () =>
        (await readRunningSweeps(lake, Date.now())).some(({ phase, done }) => phase === 'cells' && done > 0),
      isWhole: () => {},
    },
    replay: {
      words: ['replay', longFile, '--config', replayConfig, '--out', join(out, 'replayed')],
      isAtWork: isBuilding(out),
      isWhole: absent(join(out, 'replayed', 'bins.parquet')),
    },
    synth: {
      words: ['synth', '--out', join(out, 'synthetic.dbn.zst'), '--minutes', '60', '--rate', '5000'],
      isAtWork: isBuilding(out),
      isWhole: absent(join(out, 'synthetic.dbn.zst')),
    },
  };
}
