import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../system_errors.ts';
import { lockSuffix, temporaryPrefix } from '../temporary_names.ts';
import { lostError, writeError } from '../write_error.ts';
import { removeTree } from './folder_steps.ts';
import {
  isLockInPlace,
  releaseLock,
  type TakenLock,
  takeLock,
  tryTakeExistingLock,
  tryTakeLock,
  type WaitOptions,
} from './lock_steps.ts';
import { call, type FolderEntry, type Steps } from './system_calls.ts';

/*
 * The protocol of everything that is written to disk.
 *
 * Who may write. A file or folder is built under a temporary name `.spymaster-tmp-<owner>-<final name>` beside its final
 * one. `<owner>` is a random number that this thread drew for the folder (followed by the number of the piece), and
 * `.spymaster-tmp-<owner>.lock` beside is a file lock that it holds for as long as it has anything under construction there:
 * the kernel keeps it while the process lives, stopped or not, and drops it at its death. Nobody else writes under that
 * name. The folder itself is made before; once work has begun it is never made again: a writer that finds it gone fails.
 *
 * What a reader sees. Nothing whose name starts with `.spymaster-tmp-` is anyone's business but its owner's. Everything else
 * is whole: it got its name by one rename, after its bytes were durable and after the writer had found, by inode, size and
 * (in folders) SHA-256, that what has the temporary name is what it wrote. A writer whose work was removed or changed fails
 * with one sentence and publishes nothing.
 *
 * What survives a kill. Final names: the old file, or the new one, or none. Temporary names: whatever was built so far, and
 * the lock file, which is free then. A later writer in the same folder that can take that lock knows the owner to
 * be dead, and removes both (`removeStaleTemporaries`). A temporary name without a lock file proves nothing and is left to
 * `spymaster doctor` to report.
 *
 * Turns. Writers of equal work (two `generate` of one dataset) take turns by `.spymaster-tmp-<final name>.lock` (`takeTurn`).
 * That saves work and nothing else: the rename alone decides whose work is the one.
 */

/** A name under which something is built; `release` when it was renamed or removed, else `discard`. */
export interface TemporaryName {
  readonly path: string;
  release(): Steps<void>;
  /** Removes what has the name and releases it; where that fails, the lock file stays, so that a later writer removes both. */
  discard(): Steps<void>;
}

/** What a thread has under construction in a folder. */
interface Owner {
  readonly id: string;
  readonly lock: TakenLock;
  users: number;
  /** Names given out so far. */
  names: number;
  /** Whether something of it could not be removed. */
  isLeft: boolean;
}

/** The folders in which a thread has something under construction; each thread has one such map. */
export type Owners = Map<string, Owner>;

/** A new temporary name beside `target`, whose folder exists. Throws LAKE_NOT_WRITABLE. */
export function* takeTemporary(target: string, owners: Owners): Steps<TemporaryName> {
  const folder = dirname(target);
  const owner = yield* ownerIn(folder, target, owners);
  let isReleased = false;
  // File systems allow 255 bytes of a name.
  const shown = Buffer.byteLength(basename(target)) > 180 ? basename(target).slice(-60) : basename(target);
  const number = (owner.names++).toString(16).padStart(4, '0');
  const path = join(folder, `${temporaryPrefix}${owner.id}${number}-${shown}`);
  function* release(): Steps<void> {
    if (isReleased) return;
    isReleased = true;
    yield* leave(owner, folder, owners);
  }
  return {
    path,
    release,
    *discard() {
      if (isReleased) return;
      try {
        yield* removeTree(path);
      } catch {
        owner.isLeft = true;
      }
      yield* release();
    },
  };
}

/** The owner in a folder, with one user more. */
function* ownerIn(folder: string, target: string, owners: Owners): Steps<Owner> {
  const known = owners.get(folder);
  try {
    if (known !== undefined) {
      known.users++;
      let isInPlace = false;
      try {
        isInPlace = yield* isLockInPlace(known.lock);
        if (isInPlace) return known;
      } finally {
        if (!isInPlace) yield* leave(known, folder, owners);
      }
    }
    for (let attempt = 0; attempt < 10; attempt++) {
      const id = yield* call('drawId');
      const lock = yield* tryTakeLock(join(folder, `${temporaryPrefix}${id}${lockSuffix}`));
      // Another process may have taken the new file for a dead one's before it was locked.
      if (lock === null) continue;
      const owner = { id, lock, users: 1, names: 0, isLeft: false };
      owners.set(folder, owner);
      return owner;
    }
  } catch (cause) {
    throw writeError(target, cause);
  }
  throw lostError(target, 'its lock file was taken by other processes');
}

function* leave(owner: Owner, folder: string, owners: Owners): Steps<void> {
  if (--owner.users > 0) return;
  if (owners.get(folder) === owner) owners.delete(folder);
  if (owner.isLeft) yield* call('closeLock', owner.lock.file);
  else yield* releaseLock(owner.lock);
}

/**
 * Removes a file or folder so that it is there whole or not at all: it gets a temporary name first. What is not there is no
 * error. Throws LAKE_NOT_WRITABLE.
 */
export function* removeWhole(path: string, owners: Owners): Steps<void> {
  const temporary = yield* takeTemporary(path, owners);
  try {
    yield* call('rename', path, temporary.path);
    yield* call('syncFolder', dirname(path));
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw writeError(path, cause);
  } finally {
    yield* temporary.discard();
  }
}

/** Waits until no other process builds `target`, whose folder exists. Throws LAKE_NOT_WRITABLE and AbortError. */
export function* takeTurn(target: string, options: WaitOptions): Steps<TakenLock> {
  try {
    return yield* takeLock(join(dirname(target), `${temporaryPrefix}${basename(target)}${lockSuffix}`), options);
  } catch (cause) {
    throw options.signal?.aborted ? cause : writeError(target, cause);
  }
}

/** Deletes what writers that are dead, as their locks prove, left in `folder`; gives the names of those files and folders. */
export function* removeStaleTemporaries(folder: string): Steps<string[]> {
  const removed: string[] = [];
  for (const lockName of (yield* temporaryNames(folder)).filter((name) => name.endsWith(lockSuffix))) {
    const lock = yield* tryTakeExistingLock(join(folder, lockName));
    if (lock === null) continue;
    try {
      const owner = lockName.slice(0, -lockSuffix.length);
      // The owner is the first part of a temporary name, followed by the number of the piece.
      const pattern = new RegExp(`^${owner.replace(/[^\w-]/g, '\\$&')}[0-9a-f]{4,}-`);
      // Read now, because the owner may have gone on since its lock was found.
      for (const name of (yield* temporaryNames(folder)).filter((candidate) => pattern.test(candidate))) {
        try {
          yield* removeTree(join(folder, name));
        } catch (cause) {
          throw writeError(join(folder, name), cause);
        }
        removed.push(name);
      }
    } finally {
      yield* releaseLock(lock);
    }
  }
  return removed;
}

export function* temporaryNames(folder: string): Steps<string[]> {
  let entries: readonly FolderEntry[];
  try {
    entries = yield* call('readFolder', folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw writeError(folder, cause);
  }
  return entries.map(({ name }) => name).filter((name) => name.startsWith(temporaryPrefix));
}
