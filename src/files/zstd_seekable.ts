import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { SpymasterError } from '../errors.ts';
import { createAtomicFile } from './atomic.ts';
import { fileChunks, openToRead } from './file_chunks.ts';
import { sha256File } from './sha256_file.ts';
import { zstdChunks } from './zstd_chunks.ts';

const compress = promisify(zstdCompress);

/** Uncompressed bytes of a frame: what a reader decompresses at most to get at one byte. */
const frameBytes = 4 << 20;
const compressedReadBytes = 256 * 1024;
/** Magic numbers of the seek table: a skippable frame, and its footer. */
const skippableMagic = 0x184d2a5e;
const seekTableMagic = 0x8f92eab1;

export interface CompressOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called often, with the bytes compressed so far and all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Writes `target` as the zstd of `source`: frames with checksums of 4 MiB of content each, and behind them a seek table (the
 * seekable format of zstd's `contrib/seekable_format`), which other readers skip. Compression runs on other threads. The file
 * is read back and compared before it gets its name. Throws CHECKSUM_MISMATCH when it differs, FILE_NOT_FOUND, FILE_UNREADABLE,
 * LAKE_NOT_WRITABLE, and what the signal says.
 */
export async function compressSeekable(source: string, target: string, options: CompressOptions = {}): Promise<void> {
  const { file, sizeBytes } = await openToRead(source);
  const output = await createAtomicFile(target);
  try {
    const table: number[] = [];
    let done = 0;
    for await (const chunk of fileChunks(file, source, 0, frameBytes)) {
      options.signal?.throwIfAborted();
      const frame = await compress(chunk, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
      await output.write(frame);
      table.push(frame.length, chunk.length);
      done += chunk.length;
      options.onProgress?.(done, sizeBytes);
    }
    await output.write(seekTable(table));
    if (!(await isZstdOf(output.temporaryPath, source, options.signal))) {
      throw new SpymasterError(
        'CHECKSUM_MISMATCH',
        `Cannot compress ${source}: what was read back differs from it; check the disk and the memory.`,
        { path: source },
      );
    }
    await output.commit();
  } finally {
    await output.abort();
    await file.close();
  }
}

/** Whether a zstd file decompresses to the bytes of another; false for one that is damaged. Throws what reading the other throws, and what the
 * signal says. */
export async function isZstdOf(compressed: string, source: string, signal?: AbortSignal): Promise<boolean> {
  const { file } = await openToRead(compressed);
  const hash = createHash('sha256');
  try {
    for await (const chunk of zstdChunks(fileChunks(file, compressed, 0, compressedReadBytes))) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
  } catch (error) {
    if (error instanceof SpymasterError && /^(ZSTD|DBN)_/.test(error.code)) return false;
    throw error;
  } finally {
    await file.close();
  }
  return hash.digest('hex') === (await sha256File(source));
}

/** The seek table of frames, given as pairs of compressed and uncompressed bytes. */
function seekTable(sizes: readonly number[]): Uint8Array {
  const footerBytes = 9;
  const bytes = new Uint8Array(8 + 4 * sizes.length + footerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, skippableMagic, true);
  view.setUint32(4, bytes.length - 8, true);
  for (const [i, size] of sizes.entries()) view.setUint32(8 + 4 * i, size, true);
  view.setUint32(bytes.length - footerBytes, sizes.length / 2, true);
  view.setUint32(bytes.length - 4, seekTableMagic, true);
  return bytes;
}
