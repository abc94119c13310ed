import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FileLock, makeFolder, remove, removeStaleTemporaries, writeFileAtomic } from '../files/index.ts';
import type { SweepEnd, SweepProgress } from '../wire/index.ts';
import type { Lake } from './lake.ts';

/** How often a sweep says that it lives. A sweep silent for longer than `sweepStalledMs` was killed, or is stuck. */
const heartbeatMs = 2000;
export const sweepStalledMs = 15_000;

/** Milliseconds between two writes while cells end faster. */
const writeIntervalMs = 300;
/** How often a sweep looks whether it shall end. */
const cancelPollMs = 400;
/** How long the lock may be held by a reader that only looks whether it is held. */
const lockWaitMs = 1000;

/** The files of a sweep that runs, and of how its last run ended. */
export function sweepFiles(lake: Lake, sweepId: string) {
  const folder = runningFolder(lake);
  return {
    folder,
    progress: join(folder, `${sweepId}.json`),
    /** Held as long as the process lives, however it ends. */
    lock: join(folder, `${sweepId}.lock`),
    /** Holds the instance that shall end. */
    cancel: join(folder, `${sweepId}.cancel`),
    end: join(endedFolder(lake), `${sweepId}.json`),
  };
}

export const runningFolder = (lake: Lake) => lake.path('research', 'vp_harness', 'running');
export const endedFolder = (lake: Lake) => lake.path('research', 'vp_harness', 'running', 'ended');

export interface SweepProgressOptions {
  /** Wall clock. */
  readonly now: () => Date;
  /** Called once when another process asks this sweep to end; without it the sweep cannot be asked. */
  readonly onCancel?: (() => void) | undefined;
}

type Identity = Pick<SweepProgress, 'sweep_id' | 'experiment_name' | 'signal_name'>;
type Phase = Pick<SweepProgress, 'phase' | 'total' | 'skipped' | 'dataset_id'>;

/**
 * Tells other processes how far a sweep is: one small file a sweep, replaced as it goes on and removed at its end, and a lock
 * that shows whether its process lives. Of two processes that run one sweep at once the second tells nothing. A sweep does not
 * fail because its progress cannot be told.
 */
export class SweepProgressFile {
  readonly #files: ReturnType<typeof sweepFiles>;
  readonly #options: SweepProgressOptions;
  readonly #timers: NodeJS.Timeout[];
  #progress: SweepProgress;
  #lock: FileLock | null = null;
  #tells = true;
  #writtenMs = 0;
  #phaseStartMs = performance.now();
  readonly #tookS = { datasets: 0, cells: 0, judging: 0 };
  #datasetsMade = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(lake: Lake, sweep: Identity, options: SweepProgressOptions) {
    this.#files = sweepFiles(lake, sweep.sweep_id);
    this.#options = options;
    const started_utc = options.now().toISOString();
    this.#progress = {
      ...{ ...sweep, phase: 'datasets', total: 0, done: 0, skipped: 0, dataset_id: '' },
      ...{ started_utc, phase_started_utc: started_utc, updated_utc: started_utc },
      ...{ instance: randomBytes(8).toString('hex'), host: hostname(), pid: process.pid },
      is_cancellable: options.onCancel !== undefined,
    };
    this.#timers = [
      setInterval(() => this.#write(), heartbeatMs),
      ...(options.onCancel === undefined ? [] : [setInterval(() => void this.#lookForCancel(), cancelPollMs)]),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Starts to tell. */
  static async start(lake: Lake, sweep: Identity, options: SweepProgressOptions): Promise<SweepProgressFile> {
    const file = new SweepProgressFile(lake, sweep, options);
    try {
      makeFolder(file.#files.folder);
      file.#lock = await FileLock.take(file.#files.lock, { signal: AbortSignal.timeout(lockWaitMs) });
      // A request that came too late for the run before.
      await remove(file.#files.cancel);
    } catch (error) {
      // Without locks in the file system it is told whether the sweep lives by its heartbeat alone.
      if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError') file.#tells = false;
    }
    file.#write();
    await file.#writing;
    return file;
  }

  /** Another part of the work begins. */
  begin(phase: Phase): void {
    this.#endPhase();
    this.#progress = { ...this.#progress, ...phase, done: 0, phase_started_utc: this.#options.now().toISOString() };
    this.#write();
  }

  /**
   * @param done - cells, or datasets with fractions
   * @param counts - units to run, and those with results, as far as they are known by now
   */
  update(done: number, counts: Partial<Pick<SweepProgress, 'total' | 'skipped'>> = {}): void {
    this.#progress = { ...this.#progress, ...counts, done };
    if (performance.now() - this.#writtenMs >= writeIntervalMs) this.#write();
  }

  /** The sweep ended; tells how. */
  async end(how: Pick<SweepEnd, 'outcome' | 'ran' | 'skipped' | 'failed' | 'message'>): Promise<void> {
    this.#endPhase();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#writing;
    if (!this.#tells) return;
    const { sweep_id, experiment_name, signal_name, started_utc } = this.#progress;
    const end: SweepEnd = {
      ...{ sweep_id, experiment_name, signal_name, started_utc },
      ...{ ended_utc: this.#options.now().toISOString(), ...how },
      ...{ datasets_made: this.#datasetsMade, datasets_s: this.#tookS.datasets, cells_s: this.#tookS.cells },
    };
    const { progress, cancel, end: endPath } = this.#files;
    await writeFileAtomic(endPath, JSON.stringify(end)).catch(() => {});
    for (const path of [progress, cancel]) await remove(path).catch(() => {});
    this.#lock?.release();
  }

  #endPhase(): void {
    const { phase, total, done } = this.#progress;
    const nowMs = performance.now();
    if (total > 0) this.#tookS[phase] += (nowMs - this.#phaseStartMs) / 1000;
    if (phase === 'datasets') this.#datasetsMade += Math.round(done);
    this.#phaseStartMs = nowMs;
  }

  #write(): void {
    if (!this.#tells) return;
    this.#writtenMs = performance.now();
    this.#writing = this.#writing.then(async () => {
      const progress: SweepProgress = { ...this.#progress, updated_utc: this.#options.now().toISOString() };
      try {
        await removeStaleTemporaries(this.#files.folder);
        await writeFileAtomic(this.#files.progress, JSON.stringify(progress));
      } catch {
        // Results are what must not be lost, and a lake that takes none says so itself.
      }
    });
  }

  /** Ends the sweep when a request is there that means this start of it. */
  async #lookForCancel(): Promise<void> {
    const asked = await readFile(this.#files.cancel, 'utf8').catch(() => '');
    if (asked.trim() !== this.#progress.instance || !this.#tells) return;
    clearInterval(this.#timers[1]);
    this.#options.onCancel?.();
  }
}
