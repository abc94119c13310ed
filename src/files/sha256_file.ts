import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { openToRead, readError } from './file_chunks.ts';

/** SHA-256 of a file of any size, or of its first `bytes` bytes, as hex. */
export async function sha256File(path: string, bytes = Number.POSITIVE_INFINITY): Promise<string> {
  const { file } = await openToRead(path);
  const hash = createHash('sha256');
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, autoClose: false, end: bytes - 1 }))
      hash.update(chunk);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** Bytes that stay in a processor's cache between reading and hashing: whole files of some MB take twice the time. */
const chunkBytes = 256 << 10;

/** The same of a whole file, made at once. Throws the system's errors. */
export function sha256FileSync(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const bytes = readSync(file, chunk);
      if (bytes === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
}
