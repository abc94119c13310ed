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

/** SIGINT and SIGTERM, as one command takes them. */
export interface Interrupts extends Disposable {
  /** Aborts at the first of them; from the first call until the disposal, they are listened to. */
  signal(): AbortSignal;
}

/**
 * Listens to SIGINT and SIGTERM for a command.
 *
 * A command then has `grace` milliseconds to end well. After that the process exits, whatever it is doing, as it does at once
 * at a second signal: what is written appears whole or not at all, so at worst temporary names are left, which the next
 * command that writes there removes.
 *
 * @param onSignal - told the name of the first signal
 * @param grace - what tests make short
 */
export function interrupts(onSignal: (name: NodeJS.Signals) => void, grace = graceMs): Interrupts {
  const aborting = new AbortController();
  const { signal } = aborting;
  const names = ['SIGINT', 'SIGTERM'] as const;
  let isListening = false;
  const onInterrupt = (name: NodeJS.Signals) => {
    if (signal.aborted) process.exit(exitCode.interrupted);
    endWithin(grace);
    onSignal(name);
    aborting.abort();
  };
  return {
    signal: () => {
      if (!isListening) for (const name of names) process.on(name, onInterrupt);
      isListening = true;
      return signal;
    },
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onInterrupt);
    },
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
