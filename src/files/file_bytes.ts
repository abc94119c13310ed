import type { ByteSource, SeekableSource } from '../dbn/index.ts';
import { fileChunks, openToRead } from './file_chunks.ts';

/** Bytes read from disk at a time. */
export const readBytes = 1 << 20;

/** Bytes behind the last whole record of a file that has ended: what was being written when its writer died. */
export interface TornTail {
  readonly byteOffset: number;
  readonly bytes: number;
}

/** Bytes to read, and how far that has gone. */
export interface ByteInput {
  /** Name for errors: a path, or `standard input`. */
  readonly name: string;
  readonly source: ByteSource | SeekableSource;
  /** Bytes in all and how many of them were read or left out, for progress; null when the size is not known. */
  readonly sizeBytes: number | null;
  readonly bytesRead: number;
  /** What reading left out at the end, where it leaves out anything. */
  readonly tornTail?: TornTail | null;
  /** Ends a wait for bytes that are still to be written; reading then ends. */
  interrupt?(): void;
  /** Closes the file, once nothing reads from it; calling it again does nothing. */
  close(): Promise<void>;
}

/** Opens a file to be read from any offset. Throws FILE_NOT_FOUND and FILE_UNREADABLE. */
export async function openFileBytes(path: string): Promise<ByteInput> {
  const { file, sizeBytes } = await openToRead(path);
  let bytesRead = 0;
  let closing: Promise<void> | undefined;
  async function* readFrom(byteOffset: number): AsyncGenerator<Uint8Array, void, undefined> {
    bytesRead = Math.min(byteOffset, sizeBytes);
    for await (const chunk of fileChunks(file, path, byteOffset, readBytes)) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  return {
    name: path,
    source: { readFrom },
    sizeBytes,
    get bytesRead() {
      return bytesRead;
    },
    close() {
      closing ??= file.close();
      return closing;
    },
  };
}
