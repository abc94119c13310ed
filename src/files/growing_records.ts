import type { FileHandle } from 'node:fs/promises';
import { headerBytes, readMetadataPrefix, wholeRecordBytes } from '../dbn/index.ts';
import { assert, present } from '../errors.ts';
import { type ByteInput, readBytes, type TornTail } from './file_bytes.ts';
import { openToRead, readError } from './file_chunks.ts';
import { FileLock } from './file_lock.ts';
import { isRecordSource, openDbnInput, openWholeRecords, type RecordSource, type RecordsOptions } from './records.ts';
import { sizeOrNull } from './size_or_null.ts';
import { lockSuffix } from './temporary_names.ts';
import { writeError } from './write_error.ts';

/** Tells a reader of a growing file when to read on. */
export interface Growth {
  /**
   * Resolves when the file may have grown past `offset` or may be shorter than it, or has ended: then nothing more is written
   * to it. Rejects with the signal's reason.
   */
  grownPast(offset: number): Promise<'grown' | 'ended'>;
}

/** Between two looks at a file's size. */
const pollMs = 5;

/** The lock that the recorder of a plain DBN file holds as long as it writes to it: it lies beside the file. */
export function recordingLockPath(path: string): string {
  return `${path}${lockSuffix}`;
}

/** Takes the lock of a recording; null while another process records to it. Throws LAKE_NOT_WRITABLE. */
export function lockRecording(path: string): FileLock | null {
  try {
    return FileLock.tryTake(recordingLockPath(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** Whether a process is recording to a file now; changes nothing. */
export function isBeingRecorded(path: string): boolean {
  return FileLock.isTaken(recordingLockPath(path));
}

/** What a reader knows of a file's writer. */
export interface WriterSigns {
  /** Asked at every look, before the file's size: nothing is written to the file once it answered true. */
  isEnded(): boolean;
  /** Called before a look at the file. */
  look(): {
    /** The file is this long at least. */
    readonly knownBytes: number;
    /** Waits until it is worth another look; what happens behind the call of `look` ends the wait. */
    wait(): Promise<void>;
  };
}

/** The growth of a file that is looked at when its writer gives a sign. */
export function watchedGrowth(path: string, { isEnded, look }: WriterSigns, signal?: AbortSignal): Growth {
  return {
    async grownPast(offset) {
      for (;;) {
        signal?.throwIfAborted();
        const { knownBytes, wait } = look();
        if (knownBytes > offset) return 'grown';
        const hasEnded = isEnded();
        const sizeBytes = await sizeOrNull(path);
        // A recorder removes its plain file when the compressed one is there.
        if (sizeBytes === null) return 'ended';
        if (sizeBytes !== offset) return 'grown';
        if (hasEnded) return 'ended';
        await wait();
      }
    },
  };
}

/**
 * Looks at a file's size every few milliseconds while someone waits; works for a file that any process writes.
 * @param isEnded see WriterSigns
 */
export function pollingGrowth(path: string, isEnded: () => boolean, signal?: AbortSignal): Growth {
  const wait = () => new Promise<void>((resolve) => setTimeout(resolve, pollMs));
  return watchedGrowth(path, { isEnded, look: () => ({ knownBytes: 0, wait }) }, signal);
}

/** A growth of a file that lies still: it ends where it is. */
export const noGrowth: Growth = { grownPast: async () => 'ended' };

/**
 * Opens a plain DBN file to which another may still append; iterating waits for records and ends when the file has ended. A file
 * that is compressed is one that has ended, and is opened as any other.
 *
 * Only whole records are read: part of a record, or zeros, at the file's end are waited for, read again when the file changes,
 * and left out when it has ended. Zeros with something behind them are damage, and an error. Closing the source ends a wait. Throws FILE_NOT_FOUND, FILE_UNREADABLE, what `openDbn` does,
 * and what `growth` rejects with.
 */
export async function openGrowingRecords(
  path: string,
  growth: Growth,
  options: RecordsOptions = {},
): Promise<RecordSource> {
  const bytes = new GrowingBytes(path, growth, await openToRead(path));
  try {
    if (!(await bytes.isPlainDbn())) {
      await bytes.close();
      return await openWholeRecords(path, options);
    }
  } catch (error) {
    await bytes.close();
    throw error;
  }
  const input = await openDbnInput(bytes, options);
  assert(isRecordSource(input), 'a plain DBN file has metadata, and a size');
  return input;
}

/** The whole records of a growing file as bytes, behind its metadata. */
class GrowingBytes implements ByteInput {
  readonly name: string;
  readonly source = { readFrom: (byteOffset: number) => this.#readFrom(byteOffset) };
  sizeBytes: number;
  bytesRead = 0;
  tornTail: TornTail | null = null;
  readonly #growth: Growth;
  readonly #file: FileHandle;
  #closing: Promise<void> | null = null;
  #isStopped = false;
  #endWait: () => void = () => {};

  constructor(
    path: string,
    growth: Growth,
    { file, sizeBytes }: { readonly file: FileHandle; readonly sizeBytes: number },
  ) {
    this.name = path;
    this.sizeBytes = sizeBytes;
    this.#growth = growth;
    this.#file = file;
  }

  /** Whether the file's first bytes, waited for, are those of uncompressed DBN. */
  async isPlainDbn(): Promise<boolean> {
    const head = new Uint8Array(3);
    const count = await this.#readAtLeast(head, 0);
    return count === 3 && head[0] === 0x44 && head[1] === 0x42 && head[2] === 0x4e;
  }

  /** Ends a wait, and with it the reading. */
  interrupt(): void {
    this.#isStopped = true;
    this.#endWait();
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }

  async *#readFrom(byteOffset: number): AsyncGenerator<Uint8Array, void, undefined> {
    let offset = byteOffset;
    if (byteOffset === 0) {
      const head = await this.#readMetadata();
      offset = head.length;
      this.bytesRead = offset;
      if (head.length > 0) yield head;
    }
    const buffers = [new Uint8Array(readBytes), new Uint8Array(readBytes), new Uint8Array(readBytes)];
    let turn = 0;
    while (!this.#isStopped) {
      const buffer = present(buffers[turn]);
      const count = await this.#read(buffer, offset);
      const wholeBytes = wholeRecordBytes(buffer, count);
      if (wholeBytes > 0) {
        turn = (turn + 1) % buffers.length;
        offset += wholeBytes;
        this.bytesRead = offset;
        yield buffer.subarray(0, wholeBytes);
        continue;
      }
      // Zeros that fill the buffer go on behind it.
      const seenBytes = count < buffer.length ? offset + count : await this.#size();
      if (await this.#grows(seenBytes)) continue;
      // What was written between the last read and the end.
      const left = await this.#read(buffer, offset);
      if (this.#isStopped || wholeRecordBytes(buffer, left) > 0) continue;
      // What can be no record is for the decoder to refuse.
      if (left >= headerBytes && !(await this.#isTorn(buffer, left, offset))) yield buffer.subarray(0, left);
      const bytes = (await this.#size()) - offset;
      this.tornTail = bytes > 0 ? { byteOffset: offset, bytes } : null;
      return;
    }
  }

  /** The metadata, or as much of it as there is when the file ends. */
  async #readMetadata(): Promise<Uint8Array> {
    const prefix = new Uint8Array(8);
    const count = await this.#readAtLeast(prefix, 0);
    if (count < prefix.length) return prefix.subarray(0, count);
    const head = new Uint8Array(readMetadataPrefix(prefix).totalBytes);
    return head.subarray(0, await this.#readAtLeast(head, 0));
  }

  /** Reads until `into` is full or the file has ended; how many bytes there are. */
  async #readAtLeast(into: Uint8Array, offset: number): Promise<number> {
    for (;;) {
      const count = await this.#read(into, offset);
      if (count === into.length || this.#isStopped) return count;
      if (!(await this.#grows(offset + count))) return await this.#read(into, offset);
    }
  }

  async #read(into: Uint8Array, offset: number): Promise<number> {
    try {
      let got = 0;
      while (got < into.length) {
        const { bytesRead } = await this.#file.read(into, got, into.length - got, offset + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
      this.sizeBytes = Math.max(this.sizeBytes, offset + got);
      return got;
    } catch (cause) {
      throw readError(this.name, cause);
    }
  }

  /** Whether the `count` bytes read at `offset`, and all behind them, are part of a record or zeros. */
  async #isTorn(bytes: Uint8Array, count: number, offset: number): Promise<boolean> {
    if ((bytes[0] ?? 0) * 4 >= headerBytes) return true;
    const rest = new Uint8Array(readBytes);
    for (let at = offset, got = count, part = bytes; got > 0; part = rest, got = await this.#read(rest, at)) {
      if (part.subarray(0, got).some((byte) => byte !== 0)) return false;
      at += got;
    }
    return true;
  }

  async #size(): Promise<number> {
    try {
      return (await this.#file.stat()).size;
    } catch (cause) {
      throw readError(this.name, cause);
    }
  }

  /** Waits until the file is no longer `seenBytes` long; false when it has ended or the wait was interrupted. */
  async #grows(seenBytes: number): Promise<boolean> {
    return await new Promise<boolean>((resolve, reject) => {
      this.#endWait = () => resolve(false);
      if (this.#isStopped) resolve(false);
      else this.#growth.grownPast(seenBytes).then((how) => resolve(how === 'grown'), reject);
    });
  }
}
