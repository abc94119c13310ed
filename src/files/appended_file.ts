import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from './atomic.ts';
import { refuseNoFile } from './output_target.ts';
import { writeError } from './write_error.ts';

/** Buffers of one write; the systems take 1024. */
const maxParts = 512;

/** A file that grows where it lies, read by others meanwhile. */
export interface AppendedFile {
  readonly path: string;
  /** Bytes that it has. */
  readonly bytes: number;
  /**
   * Appends parts in one write of the system, one call at a time; they may be reused once the promise is fulfilled. A write that
   * fails leaves the file as it was. Throws LAKE_NOT_WRITABLE.
   */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Makes durable what was appended, on another thread. Throws LAKE_NOT_WRITABLE. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file to append to, cut back to `bytes`, or a new one for 0 bytes, whose folder is made when it is missing. Throws
 * LAKE_NOT_WRITABLE, and FILE_EXISTS for a symbolic link or anything else that is no plain file.
 */
export async function openToAppend(path: string, bytes: number): Promise<AppendedFile> {
  try {
    makeFolder(dirname(path));
    refuseNoFile(path);
    const file = await open(path, 'a');
    try {
      if ((await file.stat()).size !== bytes) await file.truncate(bytes);
      await syncFolder(dirname(path));
    } catch (cause) {
      await file.close();
      throw cause;
    }
    return new Appended(path, file, bytes);
  } catch (cause) {
    throw writeError(path, cause);
  }
}

class Appended implements AppendedFile {
  readonly path: string;
  bytes: number;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.bytes = bytes;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const total = parts.reduce((sum, { length }) => sum + length, 0);
    try {
      for (let first = 0; first < parts.length; first += maxParts) {
        await this.#writeAll(parts.slice(first, first + maxParts));
      }
    } catch (cause) {
      // Where even this fails, a reader finds part of a record at the end, and leaves it out.
      await this.#file.truncate(this.bytes).catch(() => {});
      throw writeError(this.path, cause);
    }
    this.bytes += total;
  }

  async #writeAll(parts: readonly Uint8Array[]): Promise<void> {
    let left = [...parts];
    while (left.length > 0) {
      let { bytesWritten } = await this.#file.writev(left);
      left = left.flatMap((part) => {
        const skipped = Math.min(bytesWritten, part.length);
        bytesWritten -= skipped;
        return skipped === part.length ? [] : [part.subarray(skipped)];
      });
    }
  }

  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw writeError(this.path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
