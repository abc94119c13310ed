import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZodType } from 'zod';
import { SpymasterError } from '../errors.ts';
import { FileLock, remove, writeFileAtomic } from '../files/index.ts';
import {
  type RunningSweep,
  type SweepEnd,
  type SweepProgress,
  sweepEndSchema,
  sweepProgressSchema,
} from '../wire/index.ts';
import type { Lake } from './lake.ts';
import { PlanFiles } from './plan_files.ts';
import { runningPlans } from './running_plans.ts';
import { endedFolder, runningFolder, sweepFiles, sweepStalledMs } from './sweep_progress.ts';

/** Ends of sweeps that are listed at most. */
const maxEnds = 50;
/** No file of a sweep comes near this size. */
const maxFileBytes = 1 << 16;

/**
 * The sweeps that run, or were killed, by their own account, and those that several processes run as shares of a plan; oldest
 * first. A sweep that is both, since it is being judged, is told by its process.
 */
export async function readRunningSweeps(lake: Lake, nowMs: number): Promise<RunningSweep[]> {
  const read = await readAll(runningFolder(lake), sweepProgressSchema);
  const sweeps = await Promise.all(read.map(async (sweep) => ({ ...sweep, ...(await stateOf(lake, sweep, nowMs)) })));
  const told = new Set(sweeps.map(({ sweep_id }) => sweep_id));
  const plans = (await runningPlans(lake, nowMs)).map(({ sweep }) => sweep);
  const all = [...sweeps, ...plans.filter(({ sweep_id }) => !told.has(sweep_id))];
  return all.sort((a, b) => (a.started_utc < b.started_utc ? -1 : 1));
}

/** How the last runs of sweeps ended, newest first. */
export async function readSweepEnds(lake: Lake): Promise<SweepEnd[]> {
  const ends = await readAll(endedFolder(lake), sweepEndSchema);
  return ends.sort((a, b) => (a.ended_utc > b.ended_utc ? -1 : 1)).slice(0, maxEnds);
}

/** Says how a sweep ended that did not say so itself. */
export async function writeSweepEnd(lake: Lake, end: SweepEnd): Promise<void> {
  await writeFileAtomic(sweepFiles(lake, end.sweep_id).end, JSON.stringify(end));
}

/** Whether a process of this sweep lives. */
export function isSweepRunning(lake: Lake, sweepId: string): boolean {
  return FileLock.isTaken(sweepFiles(lake, sweepId).lock);
}

/**
 * Asks a sweep to end as Ctrl-C does, by a file that its own process looks for: no other process is signalled, whatever has its
 * number by now. Of a sweep that was killed, what it left behind is removed.
 *
 * @returns `cancelling`, or `removed` for one that was killed
 * @throws RUN_UNKNOWN for a sweep that does not run, USAGE for one that cannot be asked
 */
export async function cancelSweep(lake: Lake, sweepId: string, nowMs: number): Promise<'cancelling' | 'removed'> {
  const sweep = (await readRunningSweeps(lake, nowMs)).find(({ sweep_id }) => sweep_id === sweepId);
  if (sweep === undefined) {
    throw new SpymasterError('RUN_UNKNOWN', `Cannot cancel the sweep ${sweepId}: it does not run; it may have ended.`, {
      sweep: sweepId,
    });
  }
  const plan = (await runningPlans(lake, nowMs)).find(({ hash }) => hash === sweep.instance);
  if (plan !== undefined) {
    await new PlanFiles(lake, plan.hash).stop('it was cancelled');
    return 'cancelling';
  }
  const { lock, progress, cancel } = sweepFiles(lake, sweepId);
  if (sweep.state === 'killed') {
    using held = FileLock.tryTakeExisting(lock);
    for (const path of [progress, cancel]) await remove(path);
    held?.release();
    return 'removed';
  }
  if (!sweep.is_cancellable) {
    throw new SpymasterError(
      'USAGE',
      `Cannot cancel the sweep of ${sweep.experiment_name}: the program that runs it takes no requests; press Ctrl-C where it ` +
        'was started.',
      { sweep: sweepId },
    );
  }
  await writeFileAtomic(cancel, sweep.instance);
  return 'cancelling';
}

async function stateOf(
  lake: Lake,
  sweep: SweepProgress,
  nowMs: number,
): Promise<Pick<RunningSweep, 'state' | 'is_stalled'>> {
  const { lock, cancel } = sweepFiles(lake, sweep.sweep_id);
  const isSilent = nowMs - Date.parse(sweep.updated_utc) > sweepStalledMs;
  const hasLock = (await stat(lock).catch(() => null)) !== null;
  if (hasLock ? !FileLock.isTaken(lock) : isSilent) return { state: 'killed', is_stalled: true };
  if (isSilent) return { state: 'silent', is_stalled: true };
  const asked = await readFile(cancel, 'utf8').catch(() => null);
  const isAsked = asked !== null && asked.trim() === sweep.instance;
  return { state: isAsked ? 'cancelling' : 'running', is_stalled: false };
}

async function readAll<T>(folder: string, schema: ZodType<T>): Promise<T[]> {
  const names = await readdir(folder).catch(() => []);
  const read = names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map(async (name) => {
      // A sweep may end between the listing and the reading.
      const parsed = schema.safeParse(await readJson(join(folder, name)));
      return parsed.success ? [parsed.data] : [];
    });
  return (await Promise.all(read)).flat();
}

async function readJson(path: string): Promise<unknown> {
  try {
    if ((await stat(path)).size > maxFileBytes) return null;
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return null;
  }
}
