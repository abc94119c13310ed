import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AtomicFile, openOutputStream } from './output_stream.ts';
import { outputTarget, refuseNoFile, type TargetOptions } from './output_target.ts';
import { takeTemporary } from './temporaries.ts';
import { lostError, writeError } from './write_error.ts';

/**
 * Writes a whole file or none: to a temporary name beside it, fsync, rename, fsync of the folder, which is made when it is
 * missing. Replaces an existing file at one stroke; a device or FIFO is written through. Throws LAKE_NOT_WRITABLE, and
 * FILE_EXISTS for a symbolic link.
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

/** `writeFileAtomic` of a plain file, for code that holds a database transaction open meanwhile. */
export function writeFileAtomicSync(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  refuseNoFile(path);
  try {
    makeFolder(dirname(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
  const temporary = takeTemporary(path);
  try {
    const file = openSync(temporary.path, 'wx');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
      if (lstatSync(temporary.path).ino !== fstatSync(file).ino)
        throw lostError(path, 'the file under construction was replaced');
    } finally {
      closeSync(file);
    }
    renameSync(temporary.path, path);
    syncFolderSync(dirname(path));
  } catch (cause) {
    try {
      unlinkSync(temporary.path);
    } catch {
      // It was never made, or bears its final name already.
    }
    throw writeError(path, cause);
  } finally {
    temporary.release();
  }
}

/**
 * Starts a file that gets its name `path` only when it is whole; its folder is made when it is missing. A device or FIFO at
 * `path` is written through instead. Throws LAKE_NOT_WRITABLE, as its methods do, and what `outputTarget` throws.
 */
export async function createAtomicFile(path: string, options: TargetOptions = {}): Promise<AtomicFile> {
  const target = outputTarget(path, options);
  if (target.kind === 'stream') return openOutputStream(target.path, options.signal);
  try {
    makeFolder(dirname(target.path));
  } catch (cause) {
    throw writeError(path, cause);
  }
  const temporary = takeTemporary(target.path);
  try {
    return new PendingFile(target.path, temporary, await open(temporary.path, 'wx'));
  } catch (cause) {
    temporary.release();
    throw writeError(path, cause);
  }
}

class PendingFile implements AtomicFile {
  bytesWritten = 0;
  readonly #path: string;
  readonly #temporary: ReturnType<typeof takeTemporary>;
  #file: FileHandle | null;

  constructor(path: string, temporary: ReturnType<typeof takeTemporary>, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  get temporaryPath(): string {
    return this.#temporary.path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.#opened().write(bytes, at)).bytesWritten;
      this.bytesWritten += bytes.length;
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  async commit(): Promise<void> {
    const file = this.#opened();
    try {
      await file.sync();
      await assertOwn(file, this.#temporary.path, this.#path, this.bytesWritten);
      await file.close();
      this.#file = null;
      await rename(this.#temporary.path, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      await this.abort();
      throw writeError(this.#path, cause);
    } finally {
      this.#temporary.release();
    }
  }

  async abort(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    try {
      await file?.close();
    } finally {
      if (file !== null) await rm(this.#temporary.path, { force: true });
      this.#temporary.release();
    }
  }

  #opened(): FileHandle {
    if (this.#file === null) throw new Error(`${this.#path} is already committed or aborted`);
    return this.#file;
  }
}

/** Throws when the temporary name no longer stands for the file that was written, all of it. */
async function assertOwn(file: FileHandle, temporaryPath: string, path: string, bytes: number): Promise<void> {
  const own = await file.stat({ bigint: true });
  const named = await lstat(temporaryPath, { bigint: true }).catch(() => null);
  if (named === null) throw lostError(path, 'the file under construction was removed');
  if (named.ino !== own.ino || named.dev !== own.dev) throw lostError(path, 'the file under construction was replaced');
  if (own.size !== BigInt(bytes))
    throw lostError(path, `the file under construction was changed (${own.size} bytes, not ${bytes})`);
}

/**
 * Makes a folder and those above it, each durable; gives the topmost one that was missing, null when none was.
 * Node's own recursive mkdir never ends, and takes all memory, where the file system answers ENOENT (in /proc).
 */
export function makeFolder(path: string): string | null {
  let above: string | null = null;
  try {
    mkdirSync(path);
    syncFolderSync(dirname(path));
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) above = makeFolder(dirname(path));
    else if (code !== 'EEXIST') throw error;
    else if (statSync(path).isDirectory()) return null;
    else throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
  }
  try {
    mkdirSync(path);
    syncFolderSync(dirname(path));
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return above ?? path;
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (cause) {
    if (!cannotSync(cause)) throw cause;
  } finally {
    await handle.close();
  }
}

function syncFolderSync(folder: string): void {
  const file = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } catch (cause) {
    if (!cannotSync(cause)) throw cause;
  } finally {
    closeSync(file);
  }
}

/** Whether a file system has no fsync for folders, as opposed to one that failed. */
function cannotSync(cause: unknown): boolean {
  return ['EINVAL', 'ENOTSUP'].includes((cause as NodeJS.ErrnoException).code ?? '');
}
