import { type DbnSource, type Metadata, openDbn, type RecordBatch } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { fileChunks, openToRead, zstdChunks } from '../files/index.ts';
import type { InputOptions } from './tool_options.ts';

const readBytes = 1 << 20;

/** An open input: metadata (null for a fragment) and batches, valid until the next is asked for. */
export interface Input extends AsyncIterable<RecordBatch>, AsyncDisposable {
  /** The path as given; `standard input` for `-`. */
  readonly name: string;
  readonly metadata: Metadata | null;
  readonly container: DbnSource['container'];
  readonly tsOut: boolean;
  /** Bytes of the input and how many of them were read, for progress; null when its size is unknown. */
  readonly sizeBytes: number | null;
  readonly bytesRead: number;
}

/**
 * Opens a file, or standard input for `-`, and upgrades what it reads when asked to.
 *
 * Throws what `openDbn` throws, with the path; FILE_NOT_FOUND and FILE_UNREADABLE.
 */
export async function openInput(path: string, options: InputOptions): Promise<Input> {
  const name = path === '-' ? 'standard input' : path;
  const { bytes, sizeBytes, close } = path === '-' ? standardInput() : await fileBytes(path);
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of bytes) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  try {
    const { fragment, tsOut, upgrade } = options;
    const source = await openDbn(counted(), {
      decompress: zstdChunks,
      fragment: fragment ?? false,
      tsOut: tsOut ?? false,
      ...(upgrade === undefined ? {} : { upgrade }),
    });
    return {
      name,
      container: source.container,
      tsOut: source.tsOut,
      sizeBytes,
      get bytesRead() {
        return bytesRead;
      },
      metadata: source.metadata,
      async *[Symbol.asyncIterator]() {
        try {
          yield* source;
        } catch (error) {
          throw located(error, name);
        } finally {
          await close();
        }
      },
      async [Symbol.asyncDispose]() {
        await source.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw located(error, name);
  }
}

interface OpenBytes {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number | null;
  /** Closes what was opened; calling it again does nothing. */
  readonly close: () => Promise<void>;
}

function standardInput(): OpenBytes {
  if (process.stdin.isTTY !== true) {
    return { bytes: process.stdin as AsyncIterable<Uint8Array>, sizeBytes: null, close: async () => {} };
  }
  throw new SpymasterError('USAGE', 'Expected a file name, or DBN data on standard input, got a terminal.');
}

async function fileBytes(path: string): Promise<OpenBytes> {
  const { file, sizeBytes } = await openToRead(path);
  const bytes = fileChunks(file, path, 0, readBytes);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= bytes.return().then(() => file.close());
    return closing;
  };
  return { bytes, sizeBytes, close };
}

/** The error with the input's name in front and in its fields. */
function located(error: unknown, path: string): unknown {
  if (!(error instanceof SpymasterError) || error.code === 'USAGE' || 'path' in error.fields) return error;
  return new SpymasterError(error.code, `Cannot read ${path}. ${error.message}`, { path, ...error.fields }, error);
}

/** The metadata of an input that must have one. */
export function requireMetadata(input: Input, why: string): Metadata {
  if (input.metadata !== null) return input.metadata;
  throw new SpymasterError('USAGE', `Cannot ${why} ${input.name}: a fragment has no metadata.`);
}
