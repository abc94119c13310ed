import { createReadStream } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createAtomicFile, makeFolder, syncFolder } from './atomic.ts';
import { outputTarget, type TargetOptions } from './output_target.ts';
import type { WrittenFile } from './parquet_thread.ts';
import { sha256File } from './sha256_file.ts';
import { removeStaleTemporaries, type Temporary, takeTemporary } from './temporaries.ts';
import { lostError, writeError } from './write_error.ts';

/** A durable file under a temporary name, and the name that it is to get. */
export interface FinishedFile {
  readonly temporaryPath: string;
  readonly path: string;
  readonly written: WrittenFile;
}

/**
 * Gives finished files their names, once all of them are found to be as they were written; what belongs to a device or FIFO
 * is copied there. Throws LAKE_NOT_WRITABLE, and what `outputTarget` throws.
 */
export async function placeFiles(files: readonly FinishedFile[], options: TargetOptions = {}): Promise<void> {
  const targets = files.map(({ path }) => outputTarget(path, options));
  for (const { temporaryPath, path, written } of files) {
    const there = await lstat(temporaryPath).catch(() => null);
    if (there === null) throw lostError(path, 'the file under construction was removed');
    if (there.size !== written.fileBytes || (await sha256File(temporaryPath)) !== written.sha256) {
      throw lostError(path, 'the file under construction was changed');
    }
  }
  for (const [i, { temporaryPath }] of files.entries()) {
    const { kind, path } = targets[i]!;
    try {
      if (kind === 'file') {
        await rename(temporaryPath, path);
        await syncFolder(dirname(path));
      } else await copyThrough(temporaryPath, path, options);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }
}

/**
 * Builds a file that a library writes by its path: under a temporary name beside its final one, or for a device or FIFO in
 * the system's folder of temporary files. The folder is made when it is missing. Throws what `placeFiles` and `write` do.
 */
export async function buildFile(
  path: string,
  options: TargetOptions,
  write: (temporaryPath: string) => Promise<WrittenFile>,
): Promise<void> {
  const target = outputTarget(path, options);
  const near = target.kind === 'file' ? target.path : join(tmpdir(), basename(target.path));
  let temporary: Temporary;
  try {
    makeFolder(dirname(near));
    await removeStaleTemporaries(dirname(near));
    temporary = takeTemporary(near);
  } catch (cause) {
    throw writeError(near, cause);
  }
  try {
    const written = await write(temporary.path);
    await placeFiles([{ temporaryPath: temporary.path, path, written }], options);
  } finally {
    await rm(temporary.path, { force: true });
    temporary.release();
  }
}

async function copyThrough(from: string, path: string, options: TargetOptions): Promise<void> {
  const stream = await createAtomicFile(path, options);
  try {
    for await (const chunk of createReadStream(from)) await stream.write(chunk as Uint8Array);
    await stream.commit();
  } catch (error) {
    await stream.abort();
    throw error;
  }
  await rm(from, { force: true });
}
