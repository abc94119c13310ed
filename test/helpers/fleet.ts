import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { contentHash } from '../../src/config/index.ts';
import type { FleetPlan } from '../../src/fleet/fleet_plan.ts';
import { JobQueue } from '../../src/fleet/job_queue.ts';
import { finishedShares } from '../../src/fleet/progress.ts';
import { submitPlan } from '../../src/fleet/submit.ts';
import { type Lake, ResultsStore } from '../../src/lake/index.ts';
import type { TestWorker } from './fleet_worker_process.ts';
import type { RedisServer } from './redis_server.ts';
import { storedRows } from './stored_rows.ts';

export const testVersion = '1.2.3';

/** How a worker's process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a worker in a process of its own, with these variables in its environment. */
export function startTestWorker(
  lake: Lake,
  redis: RedisServer,
  options: Partial<TestWorker> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const given: TestWorker = { root: lake.root, url: redis.url, ...options };
  const at = (name: string) => join(import.meta.dirname, name);
  const clock = 'CLOCK_SHIFT_MS' in env ? ['--import', at('shifted_clock.ts')] : [];
  const words = [...clock, at('fleet_worker_process.ts'), JSON.stringify(given)];
  const process_: ChildProcess = spawn(process.execPath, words, {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  });
  let [stdout, stderr] = ['', ''];
  process_.stdout?.on('data', (bytes) => {
    stdout += String(bytes);
  });
  process_.stderr?.on('data', (bytes) => {
    stderr += String(bytes);
  });
  const end: Promise<WorkerEnd> = once(process_, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return { process: process_, end, kill: (signal: NodeJS.Signals = 'SIGKILL') => process_.kill(signal) };
}

/** Queues what is missing; gives how many jobs were added. */
export async function submitTo(redis: RedisServer, lake: Lake, plan: FleetPlan): Promise<number> {
  await using queue = await JobQueue.open(redis.connection, testVersion);
  return (await submitPlan(lake, plan, queue, 0)).added;
}

/** Shares of a plan that are done. */
export async function doneShares(lake: Lake, plan: FleetPlan): Promise<number> {
  const done = await finishedShares(lake, plan.hash);
  return [...plan.shares()].filter(({ id }) => done.has(id)).length;
}

/** Hash of every stored row of units and of the ledger. */
export async function resultsHash(lake: Lake): Promise<string> {
  using store = await ResultsStore.open(lake);
  return contentHash([await storedRows(store, 'units'), await storedRows(store, 'tried')], 32);
}
