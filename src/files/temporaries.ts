import { join } from 'node:path';
import { FileLock } from './file_lock.ts';
import type { WaitOptions } from './protocol/lock_steps.ts';
import { runSteps, runStepsSync } from './protocol/run_steps.ts';
import * as steps from './protocol/temporary_steps.ts';
import { lockSuffix, temporaryPrefix } from './temporary_names.ts';

/** A name under which something is built; `release` when it was renamed or removed, else `discard`. */
export interface Temporary {
  readonly path: string;
  release(): void;
  /** Removes what has the name and releases it; where that fails, a later writer removes it. */
  discard(): Promise<void>;
}

/** What this thread has under construction. */
export const threadOwners: steps.Owners = new Map();

/** A new temporary name beside `target`, whose folder exists. Throws LAKE_NOT_WRITABLE. */
export function takeTemporary(target: string): Temporary {
  const { path, release, discard } = runStepsSync(steps.takeTemporary(target, threadOwners));
  return { path, release: () => runStepsSync(release()), discard: () => runSteps(discard()) };
}

/** Waits until no other process builds `target`, whose folder exists. Throws LAKE_NOT_WRITABLE and AbortError. */
export async function takeTurn(target: string, options: WaitOptions): Promise<FileLock> {
  return new FileLock(await runSteps(steps.takeTurn(target, options)));
}

/** Deletes what writers that are dead, as their locks prove, left in `folder`; gives the names of those files and folders. */
export function removeStaleTemporaries(folder: string): Promise<string[]> {
  return runSteps(steps.removeStaleTemporaries(folder));
}

/** Temporary files and folders in `folder` of which no living process is known to be the owner. */
export async function orphanedTemporaries(folder: string): Promise<string[]> {
  const names = await runSteps(steps.temporaryNames(folder));
  const isLive = new Map<string, boolean>();
  return names.filter((name) => {
    if (name.endsWith(lockSuffix)) return false;
    const lockName = `${name.slice(0, temporaryPrefix.length + 12)}${lockSuffix}`;
    if (!isLive.has(lockName)) isLive.set(lockName, FileLock.isTaken(join(folder, lockName)));
    return !isLive.get(lockName);
  });
}
