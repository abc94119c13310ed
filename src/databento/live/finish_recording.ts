import { dirname } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import {
  type CompressOptions,
  compressSeekable,
  isMissing,
  isZstdOf,
  lockRecording,
  openToRead,
  remove,
  syncFolder,
  writeError,
} from '../../files/index.ts';

/**
 * Puts a compressed file in the place of a recording that is over: `….dbn.zst`, in frames that can be sought, which is verified
 * against the plain file before that is removed. Interrupted anywhere, doing it again goes on. Gives the path of what is there; the
 * plain one where another process records to it. Throws CHECKSUM_MISMATCH where a compressed file of that name holds something
 * else, of which nothing is touched, LAKE_NOT_WRITABLE, FILE_UNREADABLE, and what the signal says.
 */
export async function finishRecording(path: string, options: CompressOptions = {}): Promise<string> {
  const target = `${path}.zst`;
  const lock = lockRecording(path);
  if (lock === null) return path;
  try {
    if (!(await exists(path))) return target;
    if (!(await exists(target))) await compressSeekable(path, target, options);
    else if (!(await isZstdOf(target, path, options.signal))) {
      throw new SpymasterError(
        'CHECKSUM_MISMATCH',
        `Cannot put ${target} in the place of ${path}: it is there already, and does not hold the same; move one of them away.`,
        { path: target },
      );
    }
    await syncFolder(dirname(target));
    await remove(path);
    await syncFolder(dirname(path));
    return target;
  } catch (cause) {
    throw cause instanceof Error && cause.name === 'AbortError' ? cause : writeError(path, cause);
  } finally {
    lock.release();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await (await openToRead(path)).file.close();
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
