import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { JobQueue } from '../../src/fleet/job_queue.ts';
import { passwordVariable, queueConnection } from '../../src/fleet/queue_address.ts';
import { submitPlan } from '../../src/fleet/submit.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { doneShares, startTestWorker, testVersion } from '../helpers/fleet.ts';
import { labPlan } from '../helpers/fleet_lake.ts';
import { RedisServer, withoutRedis } from '../helpers/redis_server.ts';
import { skilledMarket } from '../helpers/skilled_market.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const { newLake } = skilledMarket();
const skip = withoutRedis();
const binary = resolve(import.meta.dirname, '../../bin/spymaster.js');

test('a Redis over TLS with a password does a plan, and one whose certificate is not trusted is told in a sentence', {
  skip,
}, async () => {
  const certificates = makeCertificates(temporaryFolder('fleet-tls'));
  await using redis = await RedisServer.start({ password: 'geheim-123', certificates });
  const { authority } = certificates;
  const lake = await newLake();
  const plan = await labPlan(lake);
  const password = { [passwordVariable]: 'geheim-123' };
  const trusting = { ...password, NODE_EXTRA_CA_CERTS: authority };
  /** Asks for the jobs at an address, in a process of its own: what it trusts is read when it starts. */
  const ask = (url: string, env: Readonly<Record<string, string>>) =>
    new Promise<string>((told) => {
      const words = [binary, 'jobs', 'status', '--lake-root', lake.root, '--queue', url];
      execFile(process.execPath, words, { env: { ...process.env, ...env } }, (_, stdout, stderr) =>
        told(stdout + stderr),
      );
    });

  const own = {
    ...queueConnection(redis.url, password),
    tls: { servername: 'localhost', ca: readFileSync(authority) },
  };
  await using queue = await JobQueue.open(own, testVersion);
  await submitPlan(lake, plan, queue, 0);
  const [byName, byAddress] = [redis.url, redis.url.replace('localhost', '127.0.0.1')];
  const { code, stderr } = await startTestWorker(lake, redis, {}, trusting).end;
  deepEqual([code, stderr], [0, '']);
  equal(await doneShares(lake, plan), plan.shareCount);

  const said = await Promise.all([
    ask(byName, trusting),
    ask(byAddress, trusting),
    ask(byName, password),
    ask(byName.replace('localhost', '127.0.0.2'), trusting),
    ask(byName, { NODE_EXTRA_CA_CERTS: authority }),
    ask(byName.replace('rediss', 'redis'), trusting),
  ]);
  const untrusted =
    /^Error \[QUEUE_REFUSED\]: Cannot use the Redis at rediss:.*its certificate is not trusted \(.*NODE_EXTRA_CA_CERTS.*\n$/;
  const expected = [
    /Queue: 0 waiting/,
    /Queue: 0 waiting/,
    untrusted,
    untrusted,
    /^Error \[QUEUE_REFUSED\]: .*refuses the password.*\n$/,
    /^Error \[QUEUE_UNREACHABLE\]: .*rediss:\/\/ is for a port with TLS.*\n$/,
  ];
  for (const [at, text] of said.entries()) match(text, expected[at] ?? /never/);
  ok(!said.join('').includes('geheim'));
});
