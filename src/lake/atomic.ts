import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SpymasterError } from '../errors.ts';

/** How every file under construction is called until it is whole; whatever bears such a name may be deleted. */
export const temporaryPrefix = '.spymaster-tmp-';
const temporaryPattern = /\.spymaster-tmp-\d+-[0-9a-f]{8}-[0-9a-f]{4}-/g;

/**
 * Writes a whole file or none: to a temporary name beside it, fsync, rename, fsync of the folder, which is made when it is
 * missing. Replaces an existing file at one stroke. Throws LAKE_NOT_WRITABLE.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** `writeFileAtomic` for code that holds a database transaction open meanwhile. */
export function writeFileAtomicSync(path: string, content: Uint8Array | string): void {
  const temporary = temporaryName(path);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  try {
    makeFolder(dirname(path));
    const file = openSync(temporary, 'wx');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (cause) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made, or bears its final name already.
    }
    throw writeError(path, cause);
  }
}

/** A file under construction: nobody sees it before `commit`, and nothing is left of it after `abort`. */
export interface AtomicFile {
  /** Name that the file bears until it is committed. */
  readonly temporaryPath: string;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Appends bytes, which may be reused once the promise is fulfilled; one write at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the file durable and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. */
  abort(): Promise<void>;
}

/** Starts a file that gets its name `path` only when it is whole. Throws LAKE_NOT_WRITABLE, as its methods do. */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const temporaryPath = temporaryName(path);
  let bytesWritten = 0;
  let file: FileHandle | null = null;
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (cause) {
      throw writeError(path, cause);
    }
  };
  await attempt(async () => {
    makeFolder(dirname(path));
    file = await open(temporaryPath, 'wx');
  });
  const opened = (): FileHandle => {
    if (file === null) throw new Error(`${path} is already committed or aborted`);
    return file;
  };
  return {
    temporaryPath,
    get bytesWritten() {
      return bytesWritten;
    },
    write: (bytes) =>
      attempt(async () => {
        for (let at = 0; at < bytes.length; ) at += (await opened().write(bytes, at)).bytesWritten;
        bytesWritten += bytes.length;
      }),
    commit: () =>
      attempt(async () => {
        const handle = opened();
        await handle.sync();
        await handle.close();
        file = null;
        try {
          await rename(temporaryPath, path);
        } catch (error) {
          await rm(temporaryPath, { force: true });
          throw error;
        }
        await syncFolder(dirname(path));
      }),
    abort: async () => {
      if (file === null) return;
      const handle = file as FileHandle;
      file = null;
      await handle.close();
      await rm(temporaryPath, { force: true });
    },
  };
}

/**
 * Makes a folder and those above it; gives the topmost one that was missing, null when none was.
 * Node's own recursive mkdir never ends, and takes all memory, where the file system answers ENOENT (in /proc).
 */
export function makeFolder(path: string): string | null {
  let above: string | null = null;
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) above = makeFolder(dirname(path));
    else if (code === 'EEXIST' && statSync(path).isDirectory()) return null;
    else throw error;
  }
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return above ?? path;
}

/**
 * Makes a folder with a temporary name beside `folder`, to be renamed to it when it is whole, and deletes what dead processes
 * left there. Throws LAKE_NOT_WRITABLE.
 */
export async function makeTemporaryFolder(folder: string, nowMs: number): Promise<string> {
  const temporary = temporaryName(folder);
  try {
    makeFolder(dirname(folder));
    await removeStaleTemporaries(dirname(folder), nowMs);
    await mkdir(temporary);
  } catch (cause) {
    throw writeError(folder, cause);
  }
  return temporary;
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a dead process left is deleted when it has rested this long; what nobody can tell, after a day. */
const restMs = 30_000;
const dayMs = 24 * 3600_000;

/**
 * Deletes temporary files and folders in `folder` that processes which are gone left behind, as of `nowMs`; gives their
 * names.
 */
export async function removeStaleTemporaries(folder: string, nowMs: number): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw writeError(folder, cause);
  });
  const removed: string[] = [];
  for (const name of names.filter((candidate) => candidate.startsWith(temporaryPrefix))) {
    const path = join(folder, name);
    const restedMs = nowMs - (await lastChangeMs(path));
    const pid = Number(/^\d+/.exec(name.slice(temporaryPrefix.length))?.[0]);
    if (restedMs < restMs || (restedMs < dayMs && isAlive(pid))) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** When a file, or what a folder holds, changed last; now for what vanished meanwhile. */
async function lastChangeMs(path: string): Promise<number> {
  const times = [path, ...(await readdir(path).catch(() => [])).map((name) => join(path, name))].map(
    async (each) => (await stat(each).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY,
  );
  return Math.max(...(await Promise.all(times)));
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A new temporary name in the folder of `path`, for a file or a folder; it tells which process made it. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${temporaryPrefix}${process.pid}-${randomUUID().slice(0, 13)}-${basename(path)}`);
}

/** The error of a failed write of `path`, with the remedy that fits its cause. */
export function writeError(path: string, cause: unknown): SpymasterError {
  if (cause instanceof SpymasterError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const why = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)
    ? `there is no room for it (${code}); make room and run it again, nothing half-written is left`
    : `its folder cannot be written (${code}); check the permissions, or give another folder`;
  const finalPath = path.replace(temporaryPattern, '');
  return new SpymasterError(
    'LAKE_NOT_WRITABLE',
    `Cannot write ${finalPath}: ${why}.`,
    { path: finalPath, errno: code },
    cause,
  );
}
