import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { exitCode } from '../errors.ts';

/** How long a command may take to end well after the first signal. */
const graceMs = 4000;
/** How much longer the process lives when it cannot even exit. */
const killMs = 500;

/** Waits in a thread of its own and then kills the process: the one thing that works while the main thread computes. */
const killer = `
const { workerData } = require('node:worker_threads');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData);
process.kill(process.pid, 'SIGKILL');`;

/**
 * Gives the signal that aborts at the first SIGINT or SIGTERM; from the first call on, those are listened to.
 *
 * A command then has `grace` milliseconds to end well. After that the process exits, whatever it is doing, as it does at once
 * at a second signal: what is written appears whole or not at all, so at worst temporary names are left, which the next
 * command that writes there removes.
 *
 * @param onSignal - told the name of the first signal
 * @param grace - what tests make short
 */
export function interrupts(onSignal: (name: NodeJS.Signals) => void, grace = graceMs): () => AbortSignal {
  let controller: AbortController | null = null;
  return () => {
    if (controller !== null) return controller.signal;
    const aborting = new AbortController();
    controller = aborting;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (aborting.signal.aborted) process.exit(exitCode.interrupted);
        endWithin(grace);
        onSignal(name);
        aborting.abort();
      });
    }
    return aborting.signal;
  };
}

/** Ends the process after a while, unless it has ended by itself. */
export function endWithin(grace: number): void {
  setTimeout(() => {
    // Not through a stream: what is queued there would be lost.
    writeSync(
      2,
      `Did not end within ${grace / 1000} s of the signal, so it is ended now; what was finished is kept.\n`,
    );
    process.exit(process.exitCode ?? exitCode.interrupted);
  }, grace).unref();
  new Worker(killer, { eval: true, execArgv: [], workerData: grace + killMs, name: 'end' }).unref();
}
