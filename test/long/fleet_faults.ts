import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runShard } from '../../src/fleet/run_shard.ts';
import { type Lake, PlanFiles } from '../../src/lake/index.ts';
import { randomSource } from '../../src/statistics/index.ts';
import { doneShares, resultsHash, startTestWorker, submitTo, testVersion } from '../helpers/fleet.ts';
import { evaluateHere, labPlan, sharePartFiles } from '../helpers/fleet_lake.ts';
import type { TestWorker } from '../helpers/fleet_worker_process.ts';
import { RedisServer, withoutRedis } from '../helpers/redis_server.ts';
import { skilledMarket } from '../helpers/skilled_market.ts';

const { newLake } = skilledMarket();
const skip = withoutRedis();
/** Kills of the first test: 50 and more in its long form, FLEET_KILLS=50. */
const kills = Number(process.env.FLEET_KILLS ?? 3);

/** 36 cells in 12 shares. */
const planIn = (lake: Lake) =>
  labPlan(lake, ['skilled'], 3, {
    signalAxes: {
      derivative: { zscore_window_bins: [40, 60, 80], zscore_min_periods: [20], d2_weight: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    },
  });

/** What one process stores. */
async function ofOneProcess() {
  const lake = await newLake();
  const plan = await planIn(lake);
  await runShard({
    ...{ lake, plan, shard: { number: 1, count: 1 }, threads: 1, memoryBytes: 1e9, codeVersion: testVersion },
    ...{ now: () => new Date(), signal: new AbortController().signal, evaluate: evaluateHere },
  });
  return { hash: await resultsHash(lake), files: sharePartFiles(lake) };
}
const expected = skip === false ? ofOneProcess() : null;

/** All shares are done, their rows are those of one process, and parts of the same name have the same bytes. */
async function assertComplete(lake: Lake): Promise<void> {
  const plan = await planIn(lake);
  equal(await doneShares(lake, plan), plan.shareCount);
  const one = (await expected)!;
  equal(await resultsHash(lake), one.hash);
  // The worker that ended the dataset has merged it.
  const files = sharePartFiles(lake);
  for (const [name, bytes] of one.files) deepEqual(files.get(name), bytes, name);
}

test('workers killed at any moment lose nothing, and nothing counts twice', { skip }, async () => {
  await using redis = await RedisServer.start();
  const random = randomSource(kills);
  for (let killed = 0; killed < kills; ) {
    const lake = await newLake();
    const plan = await planIn(lake);
    equal(await submitTo(redis, lake, plan), 12);
    while (killed < kills) {
      const worker = startTestWorker(lake, redis, { cellMs: 60, slots: 2 });
      // From its start on, shares and their ends included.
      await Promise.race([worker.end, pause(900 + random.below(2500))]);
      worker.kill();
      const { signal, stderr, code } = await worker.end;
      if (code === 0) break;
      equal(signal, 'SIGKILL', stderr);
      killed++;
    }
    const { code, stderr } = await startTestWorker(lake, redis, { slots: 2 }).end;
    equal(code, 0, stderr);
    await assertComplete(lake);
  }
});

test('a worker that dies when its part is stored, and one that is stopped past its lease, change nothing', {
  skip,
}, async () => {
  await using redis = await RedisServer.start();
  const lake = await newLake();
  const plan = await planIn(lake);
  await submitTo(redis, lake, plan);
  const dying = await startTestWorker(lake, redis, { diesStored: true }).end;
  equal(dying.signal, 'SIGKILL');
  equal(await doneShares(lake, plan), 1);
  const slow = startTestWorker(lake, redis, { cellMs: 700 });
  await pause(2500);
  slow.kill('SIGSTOP');
  const other = await startTestWorker(lake, redis).end;
  equal(other.code, 0, other.stderr);
  equal(await doneShares(lake, plan), plan.shareCount);
  slow.kill('SIGCONT');
  const woken = await slow.end;
  equal(woken.code, 0, woken.stderr);
  await assertComplete(lake);
});

test('a Redis that is killed, with its jobs or without them, or that is emptied, loses no result', {
  skip,
}, async () => {
  await using redis = await RedisServer.start({ isPersistent: true });
  const lake = await newLake();
  const plan = await planIn(lake);
  await submitTo(redis, lake, plan);
  // Submitted again while shares run, nothing is queued twice.
  const worker = startTestWorker(lake, redis, { cellMs: 150 });
  while ((await doneShares(lake, plan)) < 1) await pause(50);
  equal(await submitTo(redis, lake, plan), 0);
  await redis.kill();
  await pause(1000);
  await redis.start();
  while ((await doneShares(lake, plan)) < 3) await pause(50);
  // The jobs are lost, and the worker waits for them.
  await redis.flush();
  const added = await submitTo(redis, lake, plan);
  ok(added > 0 && added < 10, `${added} jobs`);
  const { code, stderr } = await worker.end;
  equal(code, 0, stderr);
  match(stderr, /Lost the queue.*\nThe queue is back/);
  await assertComplete(lake);
});

test('a worker whose queue has lost its jobs says so, and does them when they are submitted again', {
  skip,
}, async () => {
  await using redis = await RedisServer.start();
  const lake = await newLake();
  const plan = await planIn(lake);
  await submitTo(redis, lake, plan);
  const worker = startTestWorker(lake, redis, { cellMs: 100 });
  while ((await doneShares(lake, plan)) < 1) await pause(50);
  await redis.kill();
  await redis.start();
  let isTold = false;
  worker.process.stderr?.on('data', (text) => {
    isTold ||= String(text).includes('submit the experiment again');
  });
  while (!isTold) await pause(50);
  ok((await submitTo(redis, lake, plan)) >= 9);
  const { code, stderr } = await worker.end;
  equal(code, 0, stderr);
  await assertComplete(lake);
});

test('workers whose clocks are ten minutes ahead and behind do the same, retries included', { skip }, async () => {
  await using redis = await RedisServer.start();
  const lake = await newLake();
  const plan = await planIn(lake);
  await submitTo(redis, lake, plan);
  const tenMinutesMs = 600_000;
  const start = (shiftMs: number, options: Partial<TestWorker>) =>
    startTestWorker(lake, redis, { cellMs: 100, ...options }, { CLOCK_SHIFT_MS: String(shiftMs) });
  const killed = start(-tenMinutesMs, {});
  const files = new PlanFiles(lake, plan.hash);
  while ((await files.logs()).length < 1) await pause(50);
  killed.kill();
  await killed.end;
  // Each throws once: the job is tried again when the clock of a worker says so.
  const workers = [start(tenMinutesMs, { throwsAt: 2 }), start(-tenMinutesMs, { throwsAt: 2 })];
  for (const { code, stderr } of await Promise.all(workers.map(({ end }) => end))) equal(code, 0, stderr);
  await assertComplete(lake);
  const ended = (await files.logs()).map(({ ended_utc }) => Date.parse(ended_utc));
  ok(Math.max(...ended) - Math.min(...ended) > tenMinutesMs, 'the clocks differed');
});
