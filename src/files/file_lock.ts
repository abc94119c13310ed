import { closeSync, fstatSync, openSync, statSync, unlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../system_errors.ts';
import { lostError } from './write_error.ts';

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
 * An exclusive lock on a file that one process holds at most.
 *
 * The lock is SQLite's: an open transaction, that is a byte-range lock of the operating system on the open file. The kernel
 * releases it when its process ends, however that ends, and not before: a stopped process keeps it for as long as it rests.
 * Neither process ids nor clocks are involved, so it holds across PID namespaces, across machines that share a file system
 * with locks (NFS, SMB), and whatever their clocks say. A file system without locks is an error.
 *
 * The file exists while the lock is held. A lock counts only while its path still names the file that was locked, which is
 * checked after locking: of two processes of which one locked a file that was removed meanwhile, that one starts over.
 * The lock file must not be opened by anything else in the process: closing any descriptor of it would drop the lock.
 */
export class FileLock implements Disposable {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #identity: string;

  private constructor(path: string, database: DatabaseSync, identity: string) {
    this.path = path;
    this.#database = database;
    this.#identity = identity;
  }

  /** Takes the lock, whose file is made in a folder that exists; null when another holds it. Throws the system's error. */
  static tryTake(path: string): FileLock | null {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const identity = identityOf(path) ?? create(path);
      if (identity === null) continue;
      const taken = FileLock.#lock(path, identity);
      if (taken !== 'moved') return taken;
    }
    throw lostError(path, 'its lock file was removed again and again');
  }

  /** Takes the lock of a file that exists; null when another holds it, when there is none, or when that cannot be told. */
  static tryTakeExisting(path: string): FileLock | null {
    const identity = identityOf(path);
    if (identity === null) return null;
    try {
      const taken = FileLock.#lock(path, identity);
      return taken === 'moved' ? null : taken;
    } catch {
      return null;
    }
  }

  /** Whether a process holds the lock of a file, or may hold it because that cannot be told; changes nothing. */
  static isTaken(path: string): boolean {
    const identity = identityOf(path);
    if (identity === null) return false;
    try {
      const taken = FileLock.#lock(path, identity);
      if (taken === null || taken === 'moved') return true;
      taken.#database.close();
      return false;
    } catch {
      return true;
    }
  }

  /** Takes the lock, waiting while another holds it. Throws the system's error, and AbortError when the signal aborts. */
  static async take(path: string, { signal, onWait }: WaitOptions = {}): Promise<FileLock> {
    for (let isFirst = true; ; isFirst = false) {
      signal?.throwIfAborted();
      const taken = FileLock.tryTake(path);
      if (taken !== null) return taken;
      if (isFirst) onWait?.();
      await pause(pollMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** False once the lock file was removed or replaced: another process may hold a lock of the same name by now. */
  get isHeld(): boolean {
    return this.#database.isOpen && identityOf(this.path) === this.#identity;
  }

  /** Gives the lock up and removes its file. */
  release(): void {
    if (!this.#database.isOpen) return;
    try {
      if (this.isHeld) unlinkSync(this.path);
    } catch {
      // The file stays, which the next one to take the lock does not mind.
    } finally {
      this.#database.close();
    }
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Locks the file at `path`, if it is still the one with this identity; null when another holds the lock. */
  static #lock(path: string, identity: string): FileLock | 'moved' | null {
    let database: DatabaseSync | null = null;
    try {
      database = new DatabaseSync(path, { timeout: 0 });
      // Nothing is ever written, so no journal is needed beside the file.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (cause) {
      database?.close();
      if (systemCode(cause) === 'EBUSY') return null;
      if (identityOf(path) !== identity) return 'moved';
      throw cause;
    }
    if (identityOf(path) === identity) return new FileLock(path, database, identity);
    database.close();
    return 'moved';
  }
}

/** Makes the file and gives its identity; null when another process made one first. */
function create(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw cause;
  }
  try {
    return identityText(fstatSync(file, { bigint: true }));
  } finally {
    closeSync(file);
  }
}

/** What tells the file at `path` from any other that had or will have its name; null when there is none. */
function identityOf(path: string): string | null {
  try {
    return identityText(statSync(path, { bigint: true }));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw cause;
  }
}

function identityText({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
