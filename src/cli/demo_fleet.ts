import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SpymasterError } from '../errors.ts';
import type { QueueConnection } from '../fleet/index.ts';
import type { Lake } from '../lake/index.ts';
import type { AnyExperiment } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { runCommand } from './serve.ts';
import { programVersion } from './version.ts';

const demoWorkers = 2;
const startTries = 50;
const pollMs = 300;

/**
 * Runs the cells of an experiment by a fleet on this machine: a Redis of its own, which keeps nothing, and two workers. Throws
 * PACKAGE_MISSING without redis-server or the queue's packages, SWEEP_FAILED when the workers ended and cells are left.
 */
export async function runByFleet(
  lake: Lake,
  experiment: AnyExperiment,
  { output, interruptSignal }: Cli,
): Promise<void> {
  const { makePlan, planProgress, queueConnection, submitPlan } = await import('../fleet/index.ts');
  const signal = interruptSignal();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const redis = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  const missing = new Promise<never>((_, reject) => redis.once('error', () => reject(withoutRedis())));
  const workers: ReturnType<typeof spawn>[] = [];
  const progress = output.progress({ label: `Sweeping by ${demoWorkers} workers`, unit: 'shares', total: 1 });
  try {
    await using queue = await Promise.race([openQueue(queueConnection(url, {})), missing]);
    // Shares of a second: the demo's work would be a single one else.
    const plan = await makePlan({ lake, experiment, signal, targetMs: 1000, notice: (text) => output.note(text) });
    await submitPlan(lake, plan, queue, 0);
    const [command = '', ...script] = runCommand;
    const options = ['worker', '--queue', url, '--lake-root', lake.root, '--slots', '1', '--until-empty'];
    for (let number = 0; number < demoWorkers; number++) {
      workers.push(spawn(command, [...script, ...options], { stdio: 'ignore', signal }));
    }
    const ends = Promise.all(workers.map((worker) => once(worker, 'exit')));
    let isEnded = false;
    void ends.then(
      () => {
        isEnded = true;
      },
      () => {},
    );
    for (;;) {
      const { finishedShares, shares } = await planProgress(lake, plan);
      progress.update(finishedShares / shares);
      if (finishedShares === shares) break;
      if (isEnded) {
        const left = `${shares - finishedShares} of ${shares} shares are left`;
        throw new SpymasterError(
          'SWEEP_FAILED',
          `Cannot run ${experiment.spec.name} by a fleet: its workers ended, and ${left}.`,
        );
      }
      await pause(pollMs, undefined, { signal });
    }
    await Promise.race([ends, pause(5000)]);
    progress.stop();
    const { workers: told } = await planProgress(lake, plan);
    output.print(
      `Ran ${experiment.spec.name} by a fleet of ${demoWorkers} workers: ` +
        `${told.map(({ worker, shares, cells }) => `${worker} ${shares} shares, ${cells} cells`).join('; ')}.`,
    );
  } finally {
    progress.stop();
    for (const worker of workers) worker.kill();
    redis.kill();
  }
}

async function openQueue(connection: QueueConnection) {
  const { JobQueue } = await import('../fleet/index.ts');
  for (let tries = 1; ; tries++) {
    try {
      return await JobQueue.open(connection, programVersion());
    } catch (error) {
      const isStarting = error instanceof SpymasterError && error.code === 'QUEUE_UNREACHABLE';
      if (!isStarting || tries === startTries) throw error;
      await pause(100);
    }
  }
}

function withoutRedis(): SpymasterError {
  return new SpymasterError(
    'PACKAGE_MISSING',
    'Cannot start a fleet: redis-server is not installed; install it (Debian: apt-get install redis-server), or leave out --fleet.',
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
