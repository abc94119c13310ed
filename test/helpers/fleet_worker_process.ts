import { setTimeout as pause } from 'node:timers/promises';
import { SpymasterError } from '../../src/errors.ts';
import { runFleetWorker } from '../../src/fleet/fleet_worker.ts';
import { queueConnection } from '../../src/fleet/queue_address.ts';
import { Lake } from '../../src/lake/index.ts';
import type { EvaluateOptions } from '../../src/sweep/index.ts';
import { evaluateHere } from './fleet_lake.ts';

/** A worker of a fleet for tests, in a process of its own: how it behaves is its one argument, as JSON. */
export interface TestWorker {
  readonly root: string;
  readonly url: string;
  readonly codeVersion?: string;
  readonly leaseMs?: number;
  readonly slots?: number;
  /** Time that each cell takes. */
  readonly cellMs?: number;
  /** Run that ends the process when it is evaluated. */
  readonly poison?: string;
  /** End the process when a share is stored, before its job is completed. */
  readonly diesStored?: boolean;
  readonly untilEmpty?: boolean;
  /** Share, by the number of those that were begun, that throws as a full disk does. */
  readonly throwsAt?: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as TestWorker;
const { cellMs = 0, poison } = options;

let begun = 0;

async function evaluate(given: EvaluateOptions) {
  if (++begun === options.throwsAt) throw new SpymasterError('LAKE_NOT_WRITABLE', 'Cannot write.');
  for (const cell of given.cells) {
    await pause(cellMs, undefined, { signal: given.signal });
    if (given.loaded.plan.cells.at(cell).runId === poison) process.kill(process.pid, 'SIGKILL');
  }
  return await evaluateHere(given);
}

const ended = new AbortController();
process.on('SIGTERM', () => ended.abort());
try {
  const report = await runFleetWorker({
    ...{ lake: new Lake(options.root), connection: queueConnection(options.url, process.env), now: () => new Date() },
    ...{ codeVersion: options.codeVersion ?? '1.2.3', slots: options.slots ?? 1, memoryBytes: 2e9 },
    ...{ untilEmpty: options.untilEmpty ?? true, leaseMs: options.leaseMs ?? 2000, signal: ended.signal, evaluate },
    onShare: () => {
      if (options.diesStored === true) process.kill(process.pid, 'SIGKILL');
    },
    notice: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(JSON.stringify(report));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
