import { type DbnSource, type Metadata, type OpenDbnOptions, openDbn } from '../dbn/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import { type ByteInput, openFileBytes, type TornTail } from './file_bytes.ts';
import { zstdChunks } from './zstd_chunks.ts';

/** An open DBN stream: its metadata, and its records to iterate once; a batch is valid until the next is asked for. */
export interface DbnInput extends DbnSource, AsyncDisposable {
  /** The path as given, or `standard input`. */
  readonly name: string;
  /** Size of the input and how much of it has been read, compressed bytes, for progress; null when its size is unknown. */
  readonly sizeBytes: number | null;
  readonly bytesRead: number;
  /** Of a growing file that has ended, the bytes that belong to no record; null for every other, of which they are an error. */
  readonly tornTail: TornTail | null;
}

/** An open DBN file. */
export interface RecordSource extends DbnInput {
  readonly metadata: Metadata;
  readonly sizeBytes: number;
}

export type RecordsOptions = Pick<OpenDbnOptions, 'startByteOffset' | 'upgrade'>;

/**
 * Opens a DBN file, plain, zstd or DBZ (told by its first bytes, not its name; any number of frames), and reads its metadata.
 *
 * Memory does not grow with the file. A file that was cut delivers its whole records, then throws. Throws FILE_NOT_FOUND,
 * FILE_UNREADABLE, and what `openDbn` does, with path and byte offset.
 */
export async function openWholeRecords(path: string, options: RecordsOptions = {}): Promise<RecordSource> {
  const input = await openDbnInput(await openFileBytes(path), options);
  assert(isRecordSource(input), 'a file has a size, and metadata unless it is opened as a fragment');
  return input;
}

/** Whether an input is a file, and opened with its metadata. */
export function isRecordSource(input: DbnInput): input is RecordSource {
  return input.metadata !== null && input.sizeBytes !== null;
}

/**
 * Opens the DBN stream in `bytes` and closes them at its end. Throws what `openDbn` does, ZSTD_CORRUPT, and what reading the
 * bytes throws, with their name.
 */
export async function openDbnInput(bytes: ByteInput, options: Omit<OpenDbnOptions, 'decompress'>): Promise<DbnInput> {
  const { name } = bytes;
  try {
    const source = await openDbn(bytes.source, { ...options, decompress: zstdChunks });
    const { metadata, tsOut, container } = source;
    let closing: Promise<void> | undefined;
    const close = () => {
      bytes.interrupt?.();
      closing ??= source.close().then(() => bytes.close());
      return closing;
    };
    return {
      name,
      metadata,
      tsOut,
      container,
      get sizeBytes() {
        return bytes.sizeBytes;
      },
      get bytesRead() {
        return bytes.bytesRead;
      },
      get tornTail() {
        return bytes.tornTail ?? null;
      },
      close,
      [Symbol.asyncDispose]: close,
      async *[Symbol.asyncIterator]() {
        try {
          yield* source;
        } catch (error) {
          throw located(error, name);
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await bytes.close();
    throw located(error, name);
  }
}

/** The error with the input's name in front and in its fields, for errors of what stands above files. */
export function located(error: unknown, path: string): unknown {
  if (!(error instanceof SpymasterError) || 'path' in error.fields) return error;
  return new SpymasterError(error.code, `Cannot read ${path}. ${error.message}`, { path, ...error.fields }, error);
}
