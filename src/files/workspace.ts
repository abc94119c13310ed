import { lstatSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpymasterError } from '../errors.ts';
import { systemCode } from '../system_errors.ts';
import { makeFolder, syncFolder } from './atomic.ts';
import type { WrittenFile } from './parquet_thread.ts';
import { sha256File } from './sha256_file.ts';
import { removeStaleTemporaries, type Temporary, takeTemporary } from './temporaries.ts';
import { lostError, writeError } from './write_error.ts';

/**
 * A folder under construction: it is built under a temporary name and gets its final one when `publish` has found that it
 * holds just the files that were written, as they were written. Disposing it removes what was not published.
 *
 * The folder is made once. When something removes it, or a file of it, whatever is written next or `publish` fails with
 * LAKE_NOT_WRITABLE, and nothing is published. See `temporaries.ts` for the protocol.
 */
export class Workspace implements AsyncDisposable {
  /** The folder's final path. */
  readonly target: string;
  readonly #temporary: Temporary;
  readonly #inode: bigint;
  readonly #files = new Map<string, WrittenFile>();
  #isPublished = false;

  private constructor(target: string, temporary: Temporary) {
    this.target = target;
    this.#temporary = temporary;
    this.#inode = lstatSync(temporary.path, { bigint: true }).ino;
  }

  /** Makes the folder, beside `target`, and removes what dead writers left there. Throws LAKE_NOT_WRITABLE. */
  static async create(target: string): Promise<Workspace> {
    let temporary: Temporary | null = null;
    try {
      makeFolder(dirname(target));
      await removeStaleTemporaries(dirname(target));
      temporary = takeTemporary(target);
      await mkdir(temporary.path);
      return new Workspace(target, temporary);
    } catch (cause) {
      temporary?.release();
      throw writeError(target, cause);
    }
  }

  /** Where the folder is until it is published. */
  get path(): string {
    return this.#temporary.path;
  }

  /** Size and hash of each file so far, by path in the folder. */
  get files(): ReadonlyMap<string, WrittenFile> {
    return this.#files;
  }

  /** Makes a folder inside, and those between; the workspace itself is never made again. */
  async makeFolder(name: string): Promise<void> {
    if (name === '.') return;
    await this.makeFolder(dirname(name));
    await this.#attempt(() =>
      mkdir(join(this.path, name)).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'EEXIST') throw cause;
      }),
    );
  }

  /** Writes a file, durably; it must not exist. */
  async write(name: string, text: string): Promise<void> {
    await this.#attempt(async () => {
      const file = await open(join(this.path, name), 'wx');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    });
    await this.#record(name);
    const { fileBytes } = this.#files.get(name)!;
    if (fileBytes !== Buffer.byteLength(text)) throw this.#lost(`${name} was changed`);
  }

  /** Takes note of a durable file whose writer knows what it wrote. */
  add(name: string, written: WrittenFile): void {
    this.#files.set(name, written);
  }

  /** Makes a file durable that a library wrote, and takes note of what it is. */
  async adopt(name: string): Promise<WrittenFile> {
    await this.#attempt(async () => {
      const file = await open(join(this.path, name), 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    });
    return await this.#record(name);
  }

  async #record(name: string): Promise<WrittenFile> {
    return await this.#attempt(async () => {
      const path = join(this.path, name);
      const written = { fileBytes: (await stat(path)).size, sha256: await sha256File(path) };
      this.#files.set(name, written);
      return written;
    });
  }

  /**
   * Checks every file and gives the folder its name, or another one beside it; false when something of that name exists.
   * Throws LAKE_NOT_WRITABLE, also when anything is missing, was changed, or was added.
   */
  async publish(target = this.target): Promise<boolean> {
    await this.#verify();
    await this.#attempt(async () => {
      for (const folder of await this.#folders()) await syncFolder(folder);
    });
    try {
      await rename(this.path, target);
    } catch (cause) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(cause) ?? '')) return false;
      throw this.#failure(cause);
    }
    this.#isPublished = true;
    try {
      await syncFolder(dirname(target));
      // Something that was removing the folder while it was renamed goes on removing it.
      for (const [name, { fileBytes }] of this.#files) {
        const there = await stat(join(target, name)).catch(() => null);
        if (there?.size !== fileBytes) throw lostError(target, `${name} was removed`);
      }
    } catch (cause) {
      await rm(target, { recursive: true, force: true });
      throw writeError(target, cause);
    }
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // What could not be written can perhaps not be removed either; the error on its way says why.
      if (!this.#isPublished) await rm(this.path, { recursive: true, force: true }).catch(() => {});
    } finally {
      this.#temporary.release();
    }
  }

  async #verify(): Promise<void> {
    const now = await lstat(this.path, { bigint: true }).catch(() => null);
    if (now === null) throw this.#lost('its temporary folder was removed');
    if (now.ino !== this.#inode) throw this.#lost('its temporary folder was replaced');
    const entries = await this.#attempt(() => readdir(this.path, { recursive: true, withFileTypes: true }));
    const found = new Set(
      entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(this.path.length + 1)),
    );
    for (const [name, { fileBytes, sha256 }] of this.#files) {
      if (!found.delete(name)) throw this.#lost(`${name} was removed`);
      const path = join(this.path, name);
      const actual = await stat(path).catch(() => null);
      if (actual?.size !== fileBytes || (await sha256File(path)) !== sha256) throw this.#lost(`${name} was changed`);
    }
    for (const name of found) throw this.#lost(`${name} was added`);
  }

  async #folders(): Promise<string[]> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true });
    const inside = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
    return [...inside, this.path];
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): unknown {
    const isGone = cause instanceof SpymasterError ? cause.code === 'FILE_NOT_FOUND' : systemCode(cause) === 'ENOENT';
    if (isGone) return this.#lost('its temporary folder, or a file in it, was removed', cause);
    return writeError(this.target, cause);
  }

  #lost(what: string, cause?: unknown): Error {
    return lostError(this.target, what, cause);
  }
}
