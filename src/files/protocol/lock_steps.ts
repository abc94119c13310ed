import { lostError } from '../write_error.ts';
import { call, type OpenLock, type Steps } from './system_calls.ts';

/** How often a waiting process looks whether the lock is free. */
const pollMs = 100;
/** Lock files that vanish this often between opening and locking are removed by something that never stops. */
const maxAttempts = 50;

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Called once when the lock is not free. */
  readonly onWait?: () => void;
}

/**
 * A lock that was taken. It counts only while its path still names the file that was locked, which is checked after locking:
 * of two processes of which one locked a file that was removed meanwhile, that one starts over.
 */
export interface TakenLock {
  readonly path: string;
  /** The file that was locked. */
  readonly identity: string;
  readonly file: OpenLock;
}

/** Takes a lock, whose file is made in a folder that exists; null when another holds it. Throws the system's error. */
export function* tryTakeLock(path: string): Steps<TakenLock | null> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const identity = (yield* identityOf(path)) ?? (yield* create(path));
    if (identity === null) continue;
    const taken = yield* lockFile(path, identity);
    if (taken !== 'moved') return taken;
  }
  throw lostError(path, 'its lock file was removed again and again');
}

/** Takes the lock of a file that exists; null when another holds it, when there is none, or when that cannot be told. */
export function* tryTakeExistingLock(path: string): Steps<TakenLock | null> {
  const identity = yield* identityOf(path);
  if (identity === null) return null;
  try {
    const taken = yield* lockFile(path, identity);
    return taken === 'moved' ? null : taken;
  } catch {
    return null;
  }
}

/** Takes a lock, waiting while another holds it. Throws the system's error, and the signal's reason when that aborts. */
export function* takeLock(path: string, { signal, onWait }: WaitOptions = {}): Steps<TakenLock> {
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted();
    const taken = yield* tryTakeLock(path);
    if (taken !== null) return taken;
    if (isFirst) onWait?.();
    yield* call('pause', pollMs, signal);
  }
}

/** Whether a process holds the lock of a file, or may hold it because that cannot be told; changes nothing. */
export function* isLockTaken(path: string): Steps<boolean> {
  const identity = yield* identityOf(path);
  if (identity === null) return false;
  try {
    const taken = yield* lockFile(path, identity);
    if (taken === null || taken === 'moved') return true;
    yield* call('closeLock', taken.file);
    return false;
  } catch {
    return true;
  }
}

/** False once the lock file was removed or replaced: another process may hold a lock of the same name by now. */
export function* isLockInPlace({ path, identity }: TakenLock): Steps<boolean> {
  return (yield* identityOf(path)) === identity;
}

/** Gives a lock up and removes its file. */
export function* releaseLock(lock: TakenLock): Steps<void> {
  try {
    if (yield* isLockInPlace(lock)) yield* call('removeFile', lock.path);
  } catch {
    // The file stays, which the next one to take the lock does not mind.
  } finally {
    yield* call('closeLock', lock.file);
  }
}

/** Locks the file at `path`, if it is still the one with this identity; null when another holds the lock. */
function* lockFile(path: string, identity: string): Steps<TakenLock | 'moved' | null> {
  let file: OpenLock | null = null;
  let isKept = false;
  try {
    file = yield* call('openLock', path);
    if (!(yield* call('tryLock', file))) return null;
    if ((yield* identityOf(path)) !== identity) return 'moved';
    isKept = true;
    return { path, identity, file };
  } catch (cause) {
    if ((yield* identityOf(path)) !== identity) return 'moved';
    throw cause;
  } finally {
    if (file !== null && !isKept) yield* call('closeLock', file);
  }
}

/** Makes the file and gives its identity; null when another process made one first. */
function* create(path: string): Steps<string | null> {
  try {
    const file = yield* call('open', path, 'new');
    try {
      return (yield* call('statusOf', file)).identity;
    } finally {
      yield* call('close', file);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw cause;
  }
}

function* identityOf(path: string): Steps<string | null> {
  return (yield* call('status', path))?.identity ?? null;
}
