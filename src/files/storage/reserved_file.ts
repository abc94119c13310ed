import { type FileHandle, open } from 'node:fs/promises';
import { writeError } from '../write_error.ts';

/** A new file that has its final length from the start, so that others see how much is going to be taken. */
export class ReservedFile {
  readonly path: string;
  readonly #file: FileHandle;
  #position = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file, which must not exist. Throws LAKE_NOT_WRITABLE. */
  static async create(path: string, bytes: number): Promise<ReservedFile> {
    try {
      const file = await open(path, 'wx');
      await file.truncate(bytes);
      return new ReservedFile(path, file);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  /** Begins again at the first byte. */
  async restart(): Promise<void> {
    this.#position = 0;
  }

  /** Writes where the last write ended. Throws LAKE_NOT_WRITABLE. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#position);
        at += bytesWritten;
        this.#position += bytesWritten;
      }
    } catch (cause) {
      throw writeError(this.path, cause);
    }
  }

  /** Ends the writing; a length that was not reached is cut off. */
  async close(): Promise<void> {
    try {
      await this.#file.truncate(this.#position);
    } finally {
      await this.#file.close();
    }
  }
}
