import { readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { nearest } from '../config/light.ts';
import { present, SpymasterError } from '../errors.ts';
import { systemCode, systemFailures } from '../system_errors.ts';

/** Opens a file to read; throws FILE_NOT_FOUND or FILE_UNREADABLE with its path and size in bytes otherwise. */
export async function openToRead(path: string): Promise<{ file: FileHandle; sizeBytes: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const status = await file.stat();
    if (!status.isFile()) throw new Error(status.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
    return { file, sizeBytes: status.size };
  } catch (cause) {
    await file?.close();
    throw readError(path, cause);
  }
}

/** The error of a failed read of `path`. */
export function readError(path: string, cause: unknown): SpymasterError {
  if ((cause as NodeJS.ErrnoException | null)?.code === 'ENOENT') {
    return new SpymasterError('FILE_NOT_FOUND', `Cannot find ${path}: ${whatIsThere(path)}.`, { path }, cause);
  }
  if (cause instanceof SpymasterError) return cause;
  const code = systemCode(cause);
  const what = code === null ? undefined : systemFailures[code]?.[0];
  const said = cause instanceof Error ? cause.message : String(cause);
  const remedy = (code === null ? undefined : readRemedies[code]) ?? 'check the name';
  const why = what === undefined ? `expected a readable file, but ${said}` : `${what} (${code}); ${remedy}`;
  return new SpymasterError(
    'FILE_UNREADABLE',
    `Cannot read ${path}: ${why}.`,
    { path, ...(code !== null && { errno: code }) },
    cause,
  );
}

/** The most names of a folder that are compared with one that is not there. */
const maxCompared = 1000;

/** What there is in place of a file that is not there: the file of its kind with the nearest name, if any. */
function whatIsThere(path: string): string {
  const folder = dirname(path);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? `there is no folder ${folder}` : 'check the name';
  }
  const alike = names.filter((name) => extname(name) === extname(path)).slice(0, maxCompared);
  const found = nearest(basename(path), alike);
  return found === null ? 'check the name' : `the nearest name there is ${found}`;
}

/** What to do about a failed read, where it is not to check the name. */
const readRemedies: Readonly<Record<string, string>> = {
  EACCES: 'check the permissions',
  EPERM: 'check the permissions',
  ...Object.fromEntries(
    ['EIO', 'EBADMSG', 'EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'ESTALE', 'ETIMEDOUT', 'EHOSTDOWN', 'EBUSY'].map(
      (code) => [code, present(systemFailures[code])[1]],
    ),
  ),
};

/**
 * The bytes of a file from `startOffset`, in chunks of up to `chunkBytes`, read one chunk ahead of the consumer into three
 * buffers that take turns: a chunk is valid until the next but one is asked for.
 */
export async function* fileChunks(
  file: FileHandle,
  path: string,
  startOffset: number,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  let offset = startOffset;
  let turn = 0;
  const readNext = (): Promise<Uint8Array> => {
    const buffer = present(buffers[turn]);
    turn = (turn + 1) % buffers.length;
    const reading = file.read(buffer, 0, chunkBytes, offset).then(
      ({ bytesRead }) => buffer.subarray(0, bytesRead),
      (cause: unknown) => {
        throw readError(path, cause);
      },
    );
    reading.catch(() => {});
    return reading;
  };
  let ahead = readNext();
  try {
    for (;;) {
      const chunk = await ahead;
      if (chunk.length === 0) return;
      offset += chunk.length;
      ahead = readNext();
      yield chunk;
    }
  } finally {
    await ahead.catch(() => {});
  }
}
