import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { JobQueue, submitPlan } from '../src/fleet/index.ts';
import { shareJob } from '../src/fleet/job_queue.ts';
import { shareId } from '../src/fleet/shares.ts';
import { Lake } from '../src/lake/index.ts';
import { randomSource } from '../src/statistics/index.ts';
import { resultsHash } from '../test/helpers/fleet.ts';
import { labPlan } from '../test/helpers/fleet_lake.ts';
import { fixtureEvaluation, randomMarket, writeMarket } from '../test/helpers/lab_dataset.ts';
import { RedisServer, withoutRedis } from '../test/helpers/redis_server.ts';
import { marketRadius } from '../test/helpers/skilled_market.ts';
import { type Bench, type BenchResult, hashOf, ratioOf } from './support/harness.ts';

const seed = 20260206;
const member = join(import.meta.dirname, 'peers', 'fleet_member.ts');

/**
 * A plan's shares in one process, by one worker of a queue and by two: wall time with the processes' start; what the queue costs of
 * shares of 20 s; what Redis holds and computes; and by simulation from that, a hundred workers: where Redis, S3 and the slowest share
 * bind. Without redis-server only the simulation, from the last measurement.
 */
export const bench: Bench = async ({ tiny }) => {
  const missing = withoutRedis();
  if (missing !== false) {
    console.error(`SKIPPED the queue of the fleet: ${missing}`);
    return simulated(redisMsMeasured, tiny);
  }
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-fleet-'));
  await using redis = await RedisServer.start();
  try {
    const datasets = await writeDatasets(join(folder, 'datasets'), tiny);
    const runIn = (name: string, on: RedisServer | null, workers: number) => {
      cpSync(join(folder, 'datasets'), join(folder, name), { recursive: true });
      return run(join(folder, name), datasets, tiny, on, workers);
    };
    const alone = await runIn('alone', null, 1);
    const one = await runIn('one', redis, 1);
    const two = await runIn('two', redis, 2);
    const bytes = await jobBytes(redis, tiny ? 100 : 50_000);
    return [
      result('fleet, one worker of a queue', 's/plan', one.wallS, 'no queue', alone.wallS, one.hash, alone.hash),
      result('fleet, two workers', 's/plan', two.wallS, 'one worker', one.wallS, two.hash, one.hash),
      result('queue, of shares of 20 s', '%', queuePercent(one, alone), 'limit', 3, one.hash, null),
      result('Redis, its processor a share', 'ms/share', one.redisMs, 'none', null, one.hash, null),
      result(`Redis, ${tiny ? 100 : '50,000'} jobs`, 'MB', bytes / 1e6, 'none', null, 'jobs', null),
      ...simulated(one.redisMs, tiny),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Milliseconds of Redis's processor a share, as measured on two cores of a Xeon in November 2026. */
const redisMsMeasured = 5;

/**
 * Requests to S3 of a share that is run, counted in November 2026 by the proxy of `npm run test:interop -- s3`; what a bucket takes of
 * them in a second (AWS: 3,500 writes a prefix), and the time of one, which is assumed.
 */
const s3 = { writes: 8, reads: 9, writesPerS: 3500, requestMs: 30 } as const;

/** What the queue adds to a share, in percent of one of 20 s; not below what can be told. */
function queuePercent(one: FleetRun, alone: FleetRun): number {
  return Math.max(0.01, (100 * (one.wallS - alone.wallS)) / one.shares / 20);
}

interface FleetRun {
  readonly shares: number;
  readonly wallS: number;
  readonly redisMs: number;
  readonly hash: string;
}

/** Writes sessions of a market without a feed; gives their names. */
async function writeDatasets(root: string, tiny: boolean): Promise<string[]> {
  const lake = new Lake(root);
  const names = Array.from({ length: tiny ? 1 : 12 }, (_, at) => `202601${String(at + 1).padStart(2, '0')}`);
  for (const [at, name] of names.entries()) {
    await writeMarket(lake, name, randomMarket(tiny ? 300 : 36_000, marketRadius, seed + at, 0.3));
  }
  return names;
}

/** Runs 270 cells of 6 thresholds over the sessions, 60 shares in all. */
async function run(
  root: string,
  datasets: readonly string[],
  tiny: boolean,
  redis: RedisServer | null,
  workers: number,
): Promise<FleetRun> {
  const lake = new Lake(root);
  const weights = { d2_weight: [0, 0.25, 0.5, 0.75, 1] };
  const plan = await labPlan(lake, datasets, tiny ? 2 : 54, {
    scoringAxes: {},
    signalAxes: {
      derivative: tiny
        ? { d2_weight: [0, 1] }
        : { spatial_decay_power: [0, 0.5, 1], zscore_window_bins: [120, 240, 360], ...weights },
    },
    tpTicks: tiny ? [4] : [4, 8, 12],
    slTicks: tiny ? [4] : [4, 8],
    cooldownBins: tiny ? [0] : [20],
    evaluation: tiny ? fixtureEvaluation : { ...fixtureEvaluation, maxHoldBins: 600, warmupBins: 600, folds: 4 },
  });
  if (redis !== null) {
    await using queue = await JobQueue.open(redis.connection, 'bench');
    await submitPlan(lake, plan, queue, 0);
  }
  const before = redis === null ? 0 : await redisCpuS(redis);
  const startMs = performance.now();
  const words = [member, root, plan.hash, ...(redis === null ? [] : [redis.url])];
  await Promise.all(Array.from({ length: workers }, () => promisify(execFile)(process.execPath, words)));
  const wallS = (performance.now() - startMs) / 1000;
  const cpuS = redis === null ? 0 : (await redisCpuS(redis)) - before;
  const shares = plan.shareCount;
  return { wallS, shares, redisMs: (1000 * cpuS) / shares, hash: await resultsHash(lake) };
}

async function redisInfo(redis: RedisServer): Promise<(name: string) => number> {
  const client = redis.client();
  await client.connect();
  const text = await client.info();
  client.disconnect();
  return (name) => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(text)?.[1]);
}

async function redisCpuS(redis: RedisServer): Promise<number> {
  const of = await redisInfo(redis);
  return of('used_cpu_sys') + of('used_cpu_user');
}

/** Memory that so many jobs take in an empty Redis. */
async function jobBytes(redis: RedisServer, count: number): Promise<number> {
  await redis.flush();
  const before = (await redisInfo(redis))('used_memory');
  await using queue = await JobQueue.open(redis.connection, 'bench');
  const plan = '0123456789abcdef0123456789abcdef';
  const jobs = Array.from({ length: count }, (_, at) => {
    const datasetId = `mnqh6_202601${String(at % 60).padStart(2, '0')}_0930_1600__mnq_demo__c9a1bca3`;
    const range = { from: Math.floor(at / 60) * 1200, to: Math.floor(at / 60) * 1200 + 1200 };
    return shareJob(plan, { id: shareId(plan, datasetId, range), datasetId, ...range });
  });
  await queue.add(jobs, 0);
  return (await redisInfo(redis))('used_memory') - before;
}

/**
 * Time that 100 workers take for 50,000 shares of 20 to 60 s, each asking a Redis that serves one call at a time, against the
 * work divided by 100, in a folder and in a bucket; the wait for the last share in it; and how many shares Redis and a bucket take in
 * a second, against those of 100 workers.
 */
function simulated(redisMs: number, tiny: boolean): BenchResult[] {
  const [workers, shares] = tiny ? [4, 40] : [100, 50_000];
  const s3S = ((s3.writes + s3.reads) * s3.requestMs) / 1000;
  const folder = simulate(workers, shares, redisMs, 0);
  const bucket = simulate(workers, shares, redisMs, s3S);
  const perS = shares / folder.wallS;
  const name = `simulated: ${workers} workers`;
  const { hash } = folder;
  return [
    result(`${name}, a folder`, 's/plan', folder.wallS, 'work alone', folder.workS, hash, null),
    result(`${name}, a bucket`, 's/plan', bucket.wallS, 'work alone', bucket.workS, bucket.hash, null),
    result(`${name}, last share`, 's', folder.lastS, 'none', null, hash, null),
    result('simulated: Redis, at most', 'shares/s', 1000 / redisMs, `${workers} workers`, perS, hash, null),
    result('simulated: S3, at most', 'shares/s', s3.writesPerS / s3.writes, `${workers} workers`, perS, hash, null),
  ];
}

/** Seconds; `workS` is a worker's part, `lastS` the time from the first worker that finds nothing more to the end. */
function simulate(workers: number, shares: number, redisMs: number, s3S: number) {
  const random = randomSource(seed);
  const free = new Float64Array(workers);
  let redisFreeS = 0;
  let workS = 0;
  for (let share = 0; share < shares; share++) {
    const durationS = 20 + random.below(40_001) / 1000;
    const worker = free.indexOf(Math.min(...free));
    const servedS = Math.max(free[worker]!, redisFreeS) + redisMs / 1000;
    redisFreeS = servedS;
    free[worker] = servedS + durationS + s3S;
    workS += durationS / workers;
  }
  const wallS = Math.max(...free);
  return { wallS, workS, lastS: wallS - Math.min(...free), hash: hashOf(free) };
}

function result(
  name: string,
  unit: string,
  value: number,
  baselineName: string,
  baselineValue: number | null,
  resultHash: string,
  baselineHash: string | null,
): BenchResult {
  const ratio = baselineValue === null ? null : ratioOf(unit, value, baselineValue);
  return {
    ...{ name, unit, value, baselineName, baselineValue, ratio, resultHash, baselineHash, seed },
    samples: { count: 1, best: value, median: value, wallMedian: value },
  };
}
