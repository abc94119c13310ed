import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  type Dirent,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { systemCode } from '../../system_errors.ts';
import { sha256File, sha256FileSync } from '../sha256_file.ts';
import type { FileStatus, FolderEntry, OpenFile, OpenLock, SystemCalls } from './system_calls.ts';

const readOnly = 0o444;
const flags = { new: 'wx', old: 'r+' } as const;
const descriptor = ({ file }: OpenFile) => file as number;
const handle = ({ file }: OpenFile) => file as FileHandle;
const database = ({ lock }: OpenLock) => lock as DatabaseSync;

/**
 * Calls that never wait for long.
 *
 * A lock is SQLite's: an open transaction, that is a byte-range lock of the operating system on the open file. The kernel
 * releases it when its process ends, however that ends, and not before. Neither process ids nor clocks are involved, so it
 * holds across PID namespaces, across machines that share a file system with locks (NFS, SMB), and whatever their clocks
 * say. A file system without locks is an error. The lock file must not be opened by anything else in the process once it is
 * locked: closing any descriptor of it would drop the lock.
 */
const shortCalls: Pick<SystemCalls, 'openLock' | 'tryLock' | 'closeLock' | 'drawId'> = {
  openLock: (path) => {
    const url = pathToFileURL(path);
    url.searchParams.set('mode', 'rw');
    return { lock: new DatabaseSync(url, { timeout: 0 }) };
  },
  tryLock: (lock) => {
    try {
      // Nothing is ever written, so no journal is needed beside the file.
      database(lock).exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return true;
    } catch (cause) {
      if (systemCode(cause) === 'EBUSY') return false;
      throw cause;
    }
  },
  closeLock: (lock) => {
    if (database(lock).isOpen) database(lock).close();
  },
  drawId: () => randomBytes(6).toString('hex'),
};

/** The calls of this machine, made at once. */
export const nodeCallsSync: Omit<SystemCalls, 'pause'> = {
  ...shortCalls,
  makeFolder: (path) => mkdirSync(path),
  syncFolder: (path) => {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } catch (cause) {
      if (!cannotSync(cause)) throw cause;
    } finally {
      closeSync(folder);
    }
  },
  readFolder: (path) => readdirSync(path, { withFileTypes: true }).map(entryOf),
  removeFolder: (path) => rmdirSync(path),
  open: (path, what) => ({ file: openSync(path, flags[what]) }),
  write: (file, bytes) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor(file), bytes, at);
  },
  sync: (file) => fsyncSync(descriptor(file)),
  statusOf: (file) => statusFrom(fstatSync(descriptor(file), { bigint: true })),
  close: (file) => closeSync(descriptor(file)),
  status: (path) => {
    try {
      return statusFrom(lstatSync(path, { bigint: true }));
    } catch (cause) {
      return nothing(cause);
    }
  },
  readFile: (path) => readFileSync(path),
  sha256: sha256FileSync,
  makeReadOnly: (path) => chmodSync(path, readOnly),
  removeFile: (path) => unlinkSync(path),
  rename: (from, to) => renameSync(from, to),
};

/** The calls of this machine, made while the thread goes on. */
export const nodeCalls: {
  readonly [Name in keyof SystemCalls]: (
    ...args: Parameters<SystemCalls[Name]>
  ) => ReturnType<SystemCalls[Name]> | Promise<ReturnType<SystemCalls[Name]>>;
} = {
  ...shortCalls,
  makeFolder: (path) => mkdir(path),
  syncFolder: async (path) => {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } catch (cause) {
      if (!cannotSync(cause)) throw cause;
    } finally {
      await folder.close();
    }
  },
  readFolder: async (path) => (await readdir(path, { withFileTypes: true })).map(entryOf),
  removeFolder: (path) => rmdir(path),
  open: async (path, what) => ({ file: await open(path, flags[what]) }),
  write: async (file, bytes) => {
    for (let at = 0; at < bytes.length; ) at += (await handle(file).write(bytes, at)).bytesWritten;
  },
  sync: (file) => handle(file).sync(),
  statusOf: async (file) => statusFrom(await handle(file).stat({ bigint: true })),
  close: (file) => handle(file).close(),
  status: async (path) => {
    try {
      return statusFrom(await lstat(path, { bigint: true }));
    } catch (cause) {
      return nothing(cause);
    }
  },
  readFile: (path) => readFile(path),
  sha256: sha256File,
  makeReadOnly: (path) => chmod(path, readOnly),
  removeFile: (path) => unlink(path),
  rename: (from, to) => rename(from, to),
  pause: (ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }),
};

function statusFrom(stats: BigIntStats): FileStatus {
  return { identity: `${stats.dev}:${stats.ino}`, bytes: Number(stats.size), isFolder: stats.isDirectory() };
}

function entryOf(entry: Dirent): FolderEntry {
  return { name: entry.name, isFolder: entry.isDirectory() };
}

/** Null for a name that nothing has; throws any other failure. */
function nothing(cause: unknown): null {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw cause;
}

/** Whether a file system has no fsync for folders, as opposed to one that failed. */
function cannotSync(cause: unknown): boolean {
  return ['EINVAL', 'ENOTSUP'].includes((cause as NodeJS.ErrnoException).code ?? '');
}
