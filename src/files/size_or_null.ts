import { stat } from 'node:fs/promises';
import { readError } from './file_chunks.ts';
import { isMissing } from './write_error.ts';

/** Size of a file in bytes; null where it is gone. */
export async function sizeOrNull(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw readError(path, cause);
  }
}
