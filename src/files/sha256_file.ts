import { createHash } from 'node:crypto';
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
