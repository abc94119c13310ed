import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { datasetJobId, JobQueue, queueName } from '../../src/fleet/job_queue.ts';
import { makePlan } from '../../src/fleet/make_plan.ts';
import { planProgress } from '../../src/fleet/progress.ts';
import { runShard } from '../../src/fleet/run_shard.ts';
import { shareId } from '../../src/fleet/shares.ts';
import { submitPlan } from '../../src/fleet/submit.ts';
import { Lake, PlanFiles } from '../../src/lake/index.ts';
import { doneShares, resultsHash, startTestWorker, submitTo, testVersion } from '../helpers/fleet.ts';
import { evaluateHere, labPlan } from '../helpers/fleet_lake.ts';
import { RedisServer, withoutRedis } from '../helpers/redis_server.ts';
import { skilledMarket } from '../helpers/skilled_market.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { writeTwoDays } from '../helpers/two_days_lake.ts';

const { newLake } = skilledMarket();
const skip = withoutRedis();
const folder = temporaryFolder('fleet-jobs');

const shardOptions = (lake: Lake) => ({
  ...{ lake, shard: { number: 1, count: 1 }, threads: 1, memoryBytes: 2e9, codeVersion: testVersion },
  ...{ now: () => new Date(), signal: new AbortController().signal, evaluate: evaluateHere },
});

test('a cell that kills every worker is found and left out alone, and runs when it is retried', { skip }, async () => {
  await using redis = await RedisServer.start();
  const lake = await newLake();
  const plan = await labPlan(lake);
  await submitTo(redis, lake, plan);
  const poison = plan.sweeps[0]!.cells.at(5).runId;
  let deaths = 0;
  for (; deaths < 9; deaths++) {
    const { signal } = await startTestWorker(lake, redis, { poison, leaseMs: 1000 }).end;
    if (signal === null) break;
  }
  equal(deaths, 5);
  equal(await doneShares(lake, plan), 3);
  const { failures } = await planProgress(lake, plan);
  deepEqual(
    failures.map(({ run_id, code }) => [run_id, code]),
    [[poison, 'POISONED']],
  );
  // Submitted again, it is not run; retried, it is, here by a worker that survives it.
  equal(await submitTo(redis, lake, plan), 0);
  equal(await new PlanFiles(lake, plan.hash).retryFailures(), 1);
  equal(await submitTo(redis, lake, plan), 1);
  equal((await startTestWorker(lake, redis).end).code, 0);
  const one = await newLake();
  await runShard({ ...shardOptions(one), plan: await labPlan(one) });
  equal(await resultsHash(lake), await resultsHash(one));
});

test('datasets that are missing are made by jobs, also when their maker is killed or one vanishes', {
  skip,
}, async () => {
  await using redis = await RedisServer.start();
  const [lake, one] = [new Lake(join(folder, 'fleet')), new Lake(join(folder, 'one'))];
  const make = async (at: Lake) =>
    makePlan({
      ...{ lake: at, experiment: await writeTwoDays(at), signal: new AbortController().signal },
      notice: () => {},
    });
  const plan = await make(lake);
  equal(await submitTo(redis, lake, plan), 2);
  const killed = startTestWorker(lake, redis);
  await pause(2000);
  killed.kill();
  await killed.end;
  const made = await startTestWorker(lake, redis, { slots: 2 }).end;
  equal(made.code, 0, made.stderr);
  equal(await doneShares(lake, plan), plan.shareCount);
  // A share whose dataset is gone has it made again, to the same bytes.
  const [first] = plan.content.datasets;
  await using queue = await JobQueue.open(redis.connection, testVersion);
  rmSync(lake.results, { recursive: true });
  await submitPlan(lake, plan, queue, 0);
  rmSync(lake.datasets(first!.dataset_id), { recursive: true });
  const again = await startTestWorker(lake, redis).end;
  equal(again.code, 0, again.stderr);
  equal(JSON.parse(again.stdout).datasets, 1);
  const whole = await runShard({ ...shardOptions(one), plan: await make(one) });
  equal(whole.ran, 4);
  equal(await resultsHash(lake), await resultsHash(one));
});

test('a worker does jobs of its version, its lake and its plans alone, and leaves a plan that is cancelled', {
  skip,
}, async () => {
  await using redis = await RedisServer.start();
  const lake = await newLake();
  const plan = await labPlan(lake);
  await submitTo(redis, lake, plan);
  const other = await startTestWorker(lake, redis, { codeVersion: '9.9.9' }).end;
  deepEqual([other.code, JSON.parse(other.stdout).shares], [0, 0]);
  const foreign = await startTestWorker(new Lake(join(folder, 'foreign')), redis, { untilEmpty: false, slots: 3 }).end;
  equal(foreign.code, 1);
  match(foreign.stderr, /their plans are not in the lake/);
  // Data that does not hash to the id, a range that the plan does not have, and a dataset that it does not name.
  const forged = new Queue(queueName(testVersion), { connection: { port: redis.port } });
  const range = { plan: plan.hash, dataset: '../../etc', from: 0, to: 3 };
  await forged.add('share', range, { jobId: `s-${'0'.repeat(32)}` });
  await forged.add('share', range, { jobId: shareId(plan.hash, range.dataset, range) });
  const dataset = { plan: plan.hash, dataset: '/etc/passwd' };
  await forged.add('dataset', dataset, { jobId: datasetJobId(dataset) });
  await forged.add('run', { command: 'true' }, { jobId: 'x-1' });
  const slow = startTestWorker(lake, redis, { cellMs: 300, untilEmpty: false });
  await using queue = await JobQueue.open(redis.connection, testVersion);
  while ((await queue.counts()).failed < 4 || (await doneShares(lake, plan)) < 1) await pause(50);
  deepEqual(await queue.workers(), [`${hostname()}-${slow.process.pid} 1.2.3 ${process.platform}-${process.arch}`]);
  const reasons = (await queue.failed()).map(({ reason }) => reason).sort();
  match(reasons.join(' '), /hash to its id.*hash to its id.*has no dataset.*no such share/);
  await new PlanFiles(lake, plan.hash).stop('it was cancelled');
  await queue.removePlan(plan.hash);
  while ((await queue.counts()).active > 0) await pause(50);
  const done = await doneShares(lake, plan);
  ok(done < plan.shareCount);
  slow.kill('SIGTERM');
  equal((await slow.end).code, 0);
  equal(await submitTo(redis, lake, plan), plan.shareCount - done);
  equal((await startTestWorker(lake, redis).end).code, 0);
  const one = await newLake();
  await runShard({ ...shardOptions(one), plan: await labPlan(one) });
  equal(await resultsHash(lake), await resultsHash(one));
  await forged.close();
});

test('a password is asked of the environment, and stands in no message and no job', { skip }, async () => {
  await using redis = await RedisServer.start({ password: 'geheim-123' });
  await rejects(JobQueue.open(redis.connection, testVersion), (error: Error) => {
    match(error.message, /refuses the password; set SPYMASTER_REDIS_PASSWORD/);
    return true;
  });
  const { queueConnection } = await import('../../src/fleet/queue_address.ts');
  const env = { SPYMASTER_REDIS_PASSWORD: 'geheim-123' };
  const connection = queueConnection(redis.url, env);
  ok(!connection.address.includes('geheim'));
  await using queue = await JobQueue.open(connection, testVersion);
  deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0 });
  await rejects(JobQueue.open(queueConnection('redis://127.0.0.1:1', {}), testVersion), { code: 'QUEUE_UNREACHABLE' });
  for (const bad of ['redis://:geheim-123@host', 'http://host', 'host', 'redis://host/x', 'redis://host?a=1']) {
    await rejects(
      async () => queueConnection(bad, {}),
      (error: Error) => {
        ok(!error.message.includes('geheim'));
        return (error as { code?: string }).code === 'USAGE';
      },
    );
  }
});
