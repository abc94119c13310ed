import type { Manner } from './clients.ts';
import { manners, visit } from './clients.ts';
import type { LeaksLake } from './lake.ts';
import { longServing, shortServing } from './lake.ts';
import { everyRequest } from './requests.ts';
import { type Holdings, ServerProcess } from './server.ts';

const MiB = 2 ** 20;

/** Rounds before the first that is compared: until then caches fill, threads start, and code is compiled. */
const warmUps = 2;
/** Visitors at once. */
const crowd = 40;
/** How long a server may take to put away what its visitors left. */
const settleMs = 10_000;

/**
 * Threads other than engines hold what they held after the warm-up, give or take labels of metrics and compiled code, which
 * become some 0.1 MiB a round at first. A leak of 2 KiB a visit is more.
 */
const mostGrownBytes = 1 * MiB;
/** An engine keeps up to 128 MiB of checkpoints and three replays; how many of them is chance. */
const mostEngineBytes = 256 * MiB;
/**
 * Resident memory after the warm-up goes up and down by some 40 MiB, with the engines' checkpoints and V8's spare pages. A
 * leak that no other bound sees, outside all of JavaScript, has to be 150 KiB a visit to pass this one in a run.
 */
const mostResidentGrowthBytes = 96 * MiB;

/** A server's visitors go in every manner, round after round; what it holds afterwards is what it held before. */
export async function leakRounds(lake: LeaksLake, random: () => number, rounds: number): Promise<string> {
  const server = await ServerProcess.start(lake.lake.root);
  try {
    const visits = await everyVisit(server, lake.runId);
    for (let i = 0; i < warmUps; i++) {
      await round(server, visits, random);
      // The first collection that is asked for makes things of its own.
      await memoryOf(server);
    }
    // The thread that sums up the long session ends some time; the rounds have to begin after that.
    await untilComplete(server, longServing);
    const level = await settled(server);
    const memory = [await memoryOf(server)];
    for (let i = 0; i < rounds; i++) {
      await round(server, visits, random);
      await returnsTo(level, server);
      memory.push(await memoryOf(server));
    }
    assertFlat(memory);
    const end = await server.end('SIGTERM');
    if (end.code !== 0) throw new Error(`the server ended with ${end.code ?? end.signal} after all had left`);
    assertQuiet(server.log);
    return summaryOf(visits.length, level, memory);
  } finally {
    server.kill();
  }
}

type Visit = readonly [ReturnType<typeof everyRequest>[number], Manner];

/** Every request in every manner. */
async function everyVisit(server: ServerProcess, runId: string): Promise<readonly Visit[]> {
  const detail = JSON.parse(await server.text(`/v1/experiments/runs/${runId}/detail`)) as {
    threshold_results: { threshold: number }[];
  };
  const requests = everyRequest(runId, detail.threshold_results[0]!.threshold);
  return requests.flatMap((request) => manners.map((manner) => [request, manner] as const));
}

/** All visits in an order of chance, a crowd at a time. */
async function round(server: ServerProcess, visits: readonly Visit[], random: () => number): Promise<void> {
  const left = visits.map((each) => [random(), each] as const).toSorted(([a], [b]) => a - b);
  const visitor = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await visit(server.port, ...next[1]);
  };
  await Promise.all(Array.from({ length: crowd }, visitor));
}

async function untilComplete(server: ServerProcess, serving: string): Promise<void> {
  for (;;) {
    const overview = JSON.parse(await server.text(`/v1/servings/${serving}/overview`)) as { is_complete?: boolean };
    if (overview.is_complete === true) return;
  }
}

/** What the server holds when nobody is there, once it changes no more. */
async function settled(server: ServerProcess): Promise<Holdings> {
  let before = '';
  for (const endMs = performance.now() + settleMs; ; ) {
    const now = await server.holdings();
    const text = JSON.stringify([...now]);
    if (isDeserted(now) && text === before) return now;
    if (performance.now() > endMs)
      throw new Error(
        isDeserted(now)
          ? `the server comes to no rest ${settleMs / 1000} s after its visitors left: ${before}, then ${text}`
          : `${settleMs / 1000} s after its visitors left, the server still counts ${clientCounts(now)}`,
      );
    before = text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const clientNames = ['stream clients', 'followers of experiments'];

function isDeserted(holdings: Holdings): boolean {
  return clientNames.every((name) => holdings.get(name) === 0);
}

function clientCounts(holdings: Holdings): string {
  return clientNames.map((name) => `${holdings.get(name)} ${name}`).join(' and ');
}

/** Waits until the server holds no more of anything than it did. */
async function returnsTo(level: Holdings, server: ServerProcess): Promise<void> {
  for (const endMs = performance.now() + settleMs; ; ) {
    const now = await server.holdings();
    const more = [...now].filter(([name, count]) => count > (level.get(name) ?? 0));
    if (more.length === 0) return;
    if (performance.now() > endMs) {
      const told = more.map(([name, count]) => `${count} ${name} (${level.get(name) ?? 0} after the warm-up)`);
      throw new Error(`${settleMs / 1000} s after its visitors left, the server still holds ${told.join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Memory {
  /** By thread; without the cache of segments, whose bound is its own. */
  readonly held: ReadonlyMap<string, number>;
  readonly residentBytes: number;
}

async function memoryOf(server: ServerProcess): Promise<Memory> {
  const held = new Map((await server.heldBytes()).map(({ thread, bytes }) => [thread, bytes]));
  const [cacheBytes = 0] = (await server.metrics('spymaster_segment_cache_bytes')).values();
  held.set('main', held.get('main')! - cacheBytes);
  return { held, residentBytes: server.residentBytes };
}

function assertFlat(memory: readonly Memory[]): void {
  const [level] = memory;
  const last = memory.at(-1)!;
  for (const [thread, bytes] of last.held) {
    const course = memory.map(({ held }) => mib(held.get(thread) ?? 0)).join(', ');
    const most = thread.startsWith('engine')
      ? mostEngineBytes
      : (level!.held.get(thread) ?? Number.POSITIVE_INFINITY) + mostGrownBytes;
    if (bytes > most)
      throw new Error(`the thread ${thread} holds more and more (at most ${mib(most)} MiB): ${course} MiB`);
  }
  const course = memory.map(({ residentBytes }) => mib(residentBytes)).join(', ');
  if (last.residentBytes - level!.residentBytes > mostResidentGrowthBytes)
    throw new Error(`resident memory grows by more than ${mib(mostResidentGrowthBytes)} MiB: ${course} MiB`);
}

/** Nothing that a visitor did is a failure of the server. */
export function assertQuiet(log: string): void {
  const failure = log.split('\n').find((line) => /"level":(50|60)|Did not end within/.test(line));
  if (failure !== undefined) throw new Error(`the server logged a failure: ${failure.slice(0, 2000)}`);
}

function summaryOf(visits: number, level: Holdings, memory: readonly Memory[]): string {
  const course = (of: (each: Memory) => number) => memory.map((each) => mib(of(each))).join(', ');
  const counts = ['file descriptors', 'sockets', 'threads'].map((name) => `${level.get(name) ?? 'unknown'} ${name}`);
  return (
    `leaks: ${memory.length - 1} rounds of ${visits} visits in ${manners.length} manners to ${shortServing} and the rest, ` +
    `each back to ${counts.join(', ')}, no client; main thread ${course(({ held }) => held.get('main')!)} MiB, ` +
    `resident ${course(({ residentBytes }) => residentBytes)} MiB`
  );
}

function mib(bytes: number): string {
  return (bytes / MiB).toFixed(bytes < 100 * MiB ? 1 : 0);
}
