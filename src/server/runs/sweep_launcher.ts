import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import { openLogFile, readLogEnd } from '../../files/index.ts';
import { isSweepRunning, type Lake, readSweepEnds, runningFolder, writeSweepEnd } from '../../lake/index.ts';

/** Sweeps that pages may have under way at once. */
const maxStarting = 4;
/** What is shown of a log: its end. */
const maxLogBytes = 64 << 10;
const sweepIdPattern = /^[0-9a-f]{32}$/;

export interface LaunchOptions {
  readonly sweepId: string;
  readonly experimentName: string;
  readonly signalName: string;
  /** The spec's file. */
  readonly path: string;
  readonly force: boolean;
  readonly keepGoing: boolean;
}

/**
 * Starts sweeps as processes of their own: `spymaster run` with its output in a file of the lake. Such a process outlives the
 * server and the page; how far it is and how it ended it says itself. Only an end before that, as of a spec that another
 * process broke meanwhile, is told by the server.
 */
export class SweepLauncher {
  readonly #lake: Lake;
  readonly #command: readonly string[];
  readonly #starting = new Map<string, string>();

  /** @param command - program and arguments that come before `run` */
  constructor(lake: Lake, command: readonly string[]) {
    this.#lake = lake;
    this.#command = command;
  }

  /** Started here, and not yet heard of. */
  get starting(): { readonly sweep_id: string; readonly experiment_name: string }[] {
    for (const sweepId of this.#starting.keys())
      if (isSweepRunning(this.#lake, sweepId)) this.#starting.delete(sweepId);
    return Array.from(this.#starting, ([sweep_id, experiment_name]) => ({ sweep_id, experiment_name }));
  }

  /** @throws ALREADY_RUNNING, TOO_BUSY, LAKE_NOT_WRITABLE, SYSTEM_FAILED */
  async start({ sweepId, experimentName, signalName, path, force, keepGoing }: LaunchOptions): Promise<void> {
    if (this.#starting.has(sweepId) || isSweepRunning(this.#lake, sweepId)) {
      throw new SpymasterError(
        'ALREADY_RUNNING',
        `Cannot start ${experimentName}: this sweep runs already; follow it, or cancel it first.`,
        { sweep: sweepId },
      );
    }
    if (this.starting.length >= maxStarting) {
      throw new SpymasterError(
        'TOO_BUSY',
        `Cannot start ${experimentName}: ${maxStarting} others are starting; wait for them.`,
      );
    }
    this.#starting.set(sweepId, experimentName);
    const startedUtc = new Date().toISOString();
    const [program = process.execPath, ...before] = this.#command;
    const words = ['run', path, '--lake-root', this.#lake.root];
    if (force) words.push('--force');
    if (keepGoing) words.push('--keep-going');
    try {
      using log = openLogFile(logPath(this.#lake, sweepId));
      const child = spawn(program, [...before, ...words], { detached: true, stdio: ['ignore', log.fd, log.fd] });
      const ended = (message: string | null) => {
        this.#starting.delete(sweepId);
        void this.#tellEnd({ sweepId, experimentName, signalName, startedUtc }, message).catch(() => {});
      };
      child.once('exit', (code, signal) => ended(code === 0 ? null : `It ended with ${code ?? signal}.`));
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      child.unref();
    } catch (cause) {
      this.#starting.delete(sweepId);
      if (cause instanceof SpymasterError) throw cause;
      throw new SpymasterError(
        'SYSTEM_FAILED',
        `Cannot start ${experimentName}: ${program} does not start: ${(cause as Error).message}.`,
        { path: program },
        cause,
      );
    }
  }

  /** Says how a process ended that did not say so itself. */
  async #tellEnd(
    sweep: { sweepId: string; experimentName: string; signalName: string; startedUtc: string },
    message: string | null,
  ): Promise<void> {
    const { sweepId, experimentName, signalName, startedUtc } = sweep;
    if (message === null) return;
    const ends = await readSweepEnds(this.#lake);
    if (ends.some(({ sweep_id, ended_utc }) => sweep_id === sweepId && ended_utc >= startedUtc)) return;
    const lines = (await readSweepLog(this.#lake, sweepId))?.trimEnd().split('\n') ?? [];
    await writeSweepEnd(this.#lake, {
      ...{ sweep_id: sweepId, experiment_name: experimentName, signal_name: signalName, started_utc: startedUtc },
      ...{ ended_utc: new Date().toISOString(), outcome: 'failed', ran: 0, skipped: 0, failed: 0 },
      ...{ datasets_made: 0, datasets_s: 0, cells_s: 0 },
      message: lines.at(-1) || message,
    });
  }
}

/** The end of what a sweep wrote that was started from a page; null where there is none. */
export async function readSweepLog(lake: Lake, sweepId: string): Promise<string | null> {
  return await readLogEnd(logPath(lake, sweepId), maxLogBytes);
}

/** Whether a sweep was started from a page. */
export function hasSweepLog(lake: Lake, sweepId: string): boolean {
  return sweepIdPattern.test(sweepId) && existsSync(logPath(lake, sweepId));
}

/** @throws RUN_UNKNOWN for what is no id of a sweep, so that no id leads to another file */
function logPath(lake: Lake, sweepId: string): string {
  if (sweepIdPattern.test(sweepId)) return join(runningFolder(lake), 'logs', `${sweepId}.log`);
  throw new SpymasterError(
    'RUN_UNKNOWN',
    `Cannot find the sweep ${JSON.stringify(sweepId.slice(0, 100))}: expected an id of 32 hexadecimal digits.`,
  );
}
