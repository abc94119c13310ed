import { closeSync, openSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './atomic.ts';
import { refuseNoFile } from './output_target.ts';
import { writeError } from './write_error.ts';

/** A file that a process of its own writes to, which outlives the one that opened it. */
export interface LogFile extends Disposable {
  readonly fd: number;
}

/** Opens an empty log file; its folder is made when it is missing. Throws LAKE_NOT_WRITABLE, FILE_EXISTS for a symbolic link. */
export function openLogFile(path: string): LogFile {
  try {
    makeFolder(dirname(path));
    refuseNoFile(path);
    const fd = openSync(path, 'w');
    return { fd, [Symbol.dispose]: () => closeSync(fd) };
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** The last bytes of a log file as text, at most so many; null where there is none. Throws the system's error. */
export async function readLogEnd(path: string, maxBytes: number): Promise<string | null> {
  const size = (await stat(path).catch(() => null))?.size;
  if (size === undefined) return null;
  const file = await open(path);
  try {
    const start = Math.max(0, size - maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, maxBytes)), 0, undefined, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
