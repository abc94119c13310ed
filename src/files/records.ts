import { DbnDecoder, type Metadata, type RecordBatch } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { fileChunks, openToRead, readError } from './file_chunks.ts';
import { Turns } from './turns.ts';
import { zstdChunks } from './zstd_chunks.ts';

/** Bytes read from disk at a time. */
const readBytes = 1 << 20;

export interface OpenRecordsOptions {
  /** Offset in the decompressed stream of the first record wanted: a record's own start, as a `RecordBatch` gave it. */
  readonly startByteOffset?: number;
}

/** An open DBN file: its metadata, and its records to iterate once. */
export interface RecordSource extends AsyncIterable<RecordBatch>, AsyncDisposable {
  readonly path: string;
  readonly metadata: Metadata;
  /** Size of the file on disk and how much of it has been read: compressed bytes, for progress. */
  readonly sizeBytes: number;
  readonly bytesRead: number;
  readonly isCompressed: boolean;
  /** Closes the file; iterating to the end, or breaking out, does so too. */
  close(): Promise<void>;
}

/**
 * Opens a DBN file, plain or zstd (told by its first bytes, not its name; any number of frames), and reads its metadata.
 *
 * Batches are views that are valid until the next one is asked for; memory does not grow with the file. A file that was
 * cut delivers its whole records, then throws. Throws FILE_NOT_FOUND, FILE_UNREADABLE, DBN_NOT_DBN, DBN_TRUNCATED,
 * DBN_CORRUPT, DBN_UNSUPPORTED, ZSTD_CORRUPT, with path and byte offset.
 */
export async function openRecords(path: string, options: OpenRecordsOptions = {}): Promise<RecordSource> {
  const { file, sizeBytes } = await openToRead(path);
  let bytesRead = 0;
  let bytes: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await bytes?.return();
      await file.close();
    })();
    return closing;
  };
  async function* disk(startOffset: number): AsyncGenerator<Uint8Array, void, undefined> {
    bytesRead = Math.min(startOffset, sizeBytes);
    for await (const chunk of fileChunks(file, path, startOffset, readBytes)) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }

  try {
    const head = new Uint8Array(4);
    await file.read(head, 0, 4, 0).catch((cause: unknown) => {
      throw readError(path, cause);
    });
    const isCompressed = isZstd(head);
    const stream = () => (isCompressed ? zstdChunks(disk(0)) : disk(0));
    bytes = stream();
    let decoder = new DbnDecoder();
    let first = await firstBatch(decoder, bytes);
    const metadata = decoder.metadata!;
    const { startByteOffset } = options;
    if (startByteOffset !== undefined) {
      await bytes.return();
      decoder = new DbnDecoder({ fragment: true, byteOffset: startByteOffset });
      bytes = isCompressed ? without(stream(), startByteOffset) : disk(startByteOffset);
      first = null;
    }
    return {
      path,
      metadata,
      sizeBytes,
      isCompressed,
      get bytesRead() {
        return bytesRead;
      },
      close,
      [Symbol.asyncDispose]: close,
      async *[Symbol.asyncIterator]() {
        try {
          if (first !== null) yield first;
          if (bytes !== undefined) yield* batches(decoder, bytes);
        } catch (error) {
          throw located(error, path);
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await close();
    throw located(error, path);
  }
}

/** Reads up to the first batch, so past the metadata; null when there is no record. */
async function firstBatch(
  decoder: DbnDecoder,
  bytes: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<RecordBatch | null> {
  while (decoder.metadata === null) {
    const { value: chunk, done } = await bytes.next();
    if (done) {
      decoder.end();
      break;
    }
    decoder.push(chunk);
    const batch = decoder.next();
    if (batch !== null) return batch;
  }
  return null;
}

async function* batches(
  decoder: DbnDecoder,
  bytes: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<RecordBatch, void, undefined> {
  for (let batch = decoder.next(); batch !== null; batch = decoder.next()) yield batch;
  const turns = new Turns();
  for await (const chunk of bytes) {
    // Of a frame that expands to far more than was read, many chunks come without a wait between them.
    if (turns.isDue) await turns.take();
    decoder.push(chunk);
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) yield batch;
  }
  decoder.end();
}

/** A stream of bytes without its first `count`. */
async function* without(bytes: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** A zstd frame, or one of the 16 kinds of skippable frame. */
function isZstd(head: Uint8Array): boolean {
  const magic = new DataView(head.buffer).getUint32(0, true);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5;
}

/** The error with the file's path in front and in its fields, for errors of what stands above files. */
export function located(error: unknown, path: string): unknown {
  if (!(error instanceof SpymasterError) || 'path' in error.fields) return error;
  return new SpymasterError(error.code, `Cannot read ${path}. ${error.message}`, { path, ...error.fields }, error);
}
