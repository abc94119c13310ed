import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { remove, removeStaleTemporaries, writeFileAtomic } from '../files/index.ts';
import { type SweepProgress, sweepProgressSchema } from '../wire/index.ts';
import type { Lake } from './lake.ts';

/** How often a sweep says that it lives. A sweep silent for longer than `sweepStalledMs` was killed. */
const heartbeatMs = 2000;
export const sweepStalledMs = 15_000;

/** Milliseconds between two writes while cells end faster. */
const writeIntervalMs = 300;

const folderOf = (lake: Lake) => lake.path('research', 'vp_harness', 'running');

type Changing = 'done' | 'updated_utc';

/**
 * Tells other processes how far a sweep is: one small file a sweep, replaced as it goes on and removed at its end. A sweep
 * does not fail because its progress cannot be told.
 */
export class SweepProgressFile {
  readonly #path: string;
  readonly #fixed: Omit<SweepProgress, Changing>;
  readonly #now: () => Date;
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #writtenMs = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(lake: Lake, sweep: Omit<SweepProgress, Changing>, now: () => Date) {
    this.#path = join(folderOf(lake), `${sweep.sweep_id}.json`);
    this.#fixed = sweep;
    this.#now = now;
    this.#write();
    this.#timer = setInterval(() => this.#write(), heartbeatMs);
    this.#timer.unref();
  }

  update(done: number): void {
    this.#done = done;
    if (performance.now() - this.#writtenMs >= writeIntervalMs) this.#write();
  }

  /** The sweep ended. */
  async remove(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await remove(this.#path).catch(() => {});
  }

  #write(): void {
    this.#writtenMs = performance.now();
    this.#writing = this.#writing.then(async () => {
      const progress: SweepProgress = { ...this.#fixed, done: this.#done, updated_utc: this.#now().toISOString() };
      try {
        await removeStaleTemporaries(dirname(this.#path));
        await writeFileAtomic(this.#path, JSON.stringify(progress));
      } catch {
        // Results are what must not be lost, and a lake that takes none says so itself.
      }
    });
  }
}

/** The sweeps that run, or were killed, by their own account; oldest first. */
export async function readSweepProgress(lake: Lake): Promise<SweepProgress[]> {
  const folder = folderOf(lake);
  const names = await readdir(folder).catch(() => []);
  const read = names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map(async (name) => {
      // A sweep may end between the listing and the reading.
      const text = await readFile(join(folder, name), 'utf8').catch(() => 'null');
      const parsed = sweepProgressSchema.safeParse(JSON.parse(text));
      return parsed.success ? [parsed.data] : [];
    });
  return (await Promise.all(read)).flat().sort((a, b) => (a.started_utc < b.started_utc ? -1 : 1));
}
