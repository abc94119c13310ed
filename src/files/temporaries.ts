import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileLock, type WaitOptions } from './file_lock.ts';
import { lockSuffix, temporaryPrefix } from './temporary_names.ts';
import { lostError, writeError } from './write_error.ts';

/*
 * The protocol of everything that is written to disk.
 *
 * Who may write. A file or folder is built under a temporary name `.spymaster-tmp-<owner>-<final name>` beside its final
 * one. `<owner>` is a random number that this thread drew for the folder (followed by the number of the piece), and
 * `.spymaster-tmp-<owner>.lock` beside is a file lock that it holds for as long as it has anything under construction there (`FileLock`: the kernel keeps it while the
 * process lives, stopped or not, and drops it at its death). Nobody else writes under that name. The folder itself is made
 * before; once work has begun it is never made again: whoever finds it gone fails.
 *
 * What a reader sees. Nothing whose name starts with `.spymaster-tmp-` is anyone's business but its owner's. Everything else
 * is whole: it got its name by one rename, after its bytes were durable and after the writer had found, by inode, size and
 * (in folders) SHA-256, that what has the temporary name is what it wrote. A writer whose work was removed or changed fails
 * with one sentence and publishes nothing.
 *
 * What survives a kill. Final names: the old file, or the new one, or none. Temporary names: whatever was built so far, and
 * the lock file, which nobody holds any more. A later writer in the same folder that can take that lock knows the owner to
 * be dead, and removes both (`removeStaleTemporaries`). A temporary name without a lock file proves nothing and is left to
 * `spymaster doctor` to report.
 *
 * Turns. Writers of equal work (two `generate` of one dataset) take turns by `.spymaster-tmp-<final name>.lock` (`takeTurn`).
 * That saves work and nothing else: the rename alone decides whose work is the one.
 */

/** A name under which something is built; `release` when it was renamed or removed. */
export interface Temporary {
  readonly path: string;
  release(): void;
}

/** What this thread has under construction in a folder. */
interface Owner {
  readonly id: string;
  readonly lock: FileLock;
  users: number;
  /** Names given out so far. */
  names: number;
}

const owners = new Map<string, Owner>();

/** A new temporary name beside `target`, whose folder exists. Throws LAKE_NOT_WRITABLE. */
export function takeTemporary(target: string): Temporary {
  const folder = dirname(target);
  const owner = ownerIn(folder, target);
  owner.users++;
  let isReleased = false;
  // File systems allow 255 bytes of a name.
  const shown = Buffer.byteLength(basename(target)) > 180 ? basename(target).slice(-60) : basename(target);
  const number = (owner.names++).toString(16).padStart(4, '0');
  return {
    path: join(folder, `${temporaryPrefix}${owner.id}${number}-${shown}`),
    release: () => {
      if (isReleased) return;
      isReleased = true;
      if (--owner.users > 0) return;
      if (owners.get(folder) === owner) owners.delete(folder);
      owner.lock.release();
    },
  };
}

function ownerIn(folder: string, target: string): Owner {
  const known = owners.get(folder);
  if (known?.lock.isHeld) return known;
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      const id = randomBytes(6).toString('hex');
      const lock = FileLock.tryTake(join(folder, `${temporaryPrefix}${id}${lockSuffix}`));
      // Another process may have taken the new file for a dead one's before it was locked.
      if (lock === null) continue;
      const owner = { id, lock, users: 0, names: 0 };
      owners.set(folder, owner);
      return owner;
    }
  } catch (cause) {
    throw writeError(target, cause);
  }
  throw lostError(target, 'its lock file was taken by other processes');
}

/** Waits until no other process builds `target`, whose folder exists. Throws LAKE_NOT_WRITABLE and AbortError. */
export async function takeTurn(target: string, options: WaitOptions): Promise<FileLock> {
  try {
    return await FileLock.take(join(dirname(target), `${temporaryPrefix}${basename(target)}${lockSuffix}`), options);
  } catch (cause) {
    throw options.signal?.aborted ? cause : writeError(target, cause);
  }
}

/** Deletes what writers that are dead, as their locks prove, left in `folder`; gives the names of those files and folders. */
export async function removeStaleTemporaries(folder: string): Promise<string[]> {
  const names = await temporaryNames(folder);
  const removed: string[] = [];
  for (const lockName of names.filter((name) => name.endsWith(lockSuffix))) {
    using lock = FileLock.tryTakeExisting(join(folder, lockName));
    if (lock === null) continue;
    const owner = lockName.slice(0, -lockSuffix.length);
    // The owner is the first part of a temporary name, followed by the number of the piece.
    const pattern = new RegExp(`^${owner.replace(/[^\w-]/g, '\\$&')}[0-9a-f]{4,}-`);
    for (const name of names.filter((candidate) => pattern.test(candidate))) {
      try {
        await rm(join(folder, name), { recursive: true, force: true });
      } catch (cause) {
        throw writeError(join(folder, name), cause);
      }
      removed.push(name);
    }
  }
  return removed;
}

/** Temporary files and folders in `folder` of which no living process is known to be the owner. */
export async function orphanedTemporaries(folder: string): Promise<string[]> {
  const names = await temporaryNames(folder);
  const isLive = new Map<string, boolean>();
  return names.filter((name) => {
    if (name.endsWith(lockSuffix)) return false;
    const lockName = `${name.slice(0, temporaryPrefix.length + 12)}${lockSuffix}`;
    if (!isLive.has(lockName)) isLive.set(lockName, FileLock.isTaken(join(folder, lockName)));
    return !isLive.get(lockName);
  });
}

async function temporaryNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.startsWith(temporaryPrefix));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw writeError(folder, cause);
  }
}
