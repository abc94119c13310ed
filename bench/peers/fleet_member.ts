import { notNull } from '../../src/errors.ts';
import { queueConnection, readPlan, runFleetWorker, runShard } from '../../src/fleet/index.ts';
import { Lake } from '../../src/lake/index.ts';

/** `node fleet_member.ts LAKE PLAN [REDIS]`: does a plan's shares, from the queue of a Redis or, without one, all of them. */
const [root, hash, url] = process.argv.slice(2) as [string, string, string | undefined];
const lake = new Lake(root);
const signal = new AbortController().signal;
const own = { lake, codeVersion: 'bench', memoryBytes: 2e9, now: () => new Date(), signal };
if (url === undefined) {
  const plan = notNull(await readPlan(lake, hash));
  await runShard({ ...own, plan, threads: 1, shard: { number: 1, count: 1 } });
} else {
  const notice = (text: string) => process.stderr.write(`${text}\n`);
  await runFleetWorker({ ...own, connection: queueConnection(url, {}), slots: 1, untilEmpty: true, notice });
}
