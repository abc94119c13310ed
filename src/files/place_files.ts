import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { present } from '../errors.ts';
import { createAtomicFile } from './atomic.ts';
import { outputTarget, type TargetOptions } from './output_target.ts';
import { assertAsWritten, type FinishedFile, placeFile, type WrittenFile } from './protocol/file_steps.ts';
import { makeFolder, removeTree } from './protocol/folder_steps.ts';
import { runSteps } from './protocol/run_steps.ts';
import { removeStaleTemporaries, type TemporaryName, takeTemporary } from './protocol/temporary_steps.ts';
import { threadOwners } from './temporaries.ts';
import { writeError } from './write_error.ts';

/**
 * Gives finished files their names, once all of them are found to be as they were written; what belongs to a device or FIFO
 * is copied there. Throws LAKE_NOT_WRITABLE, and what `outputTarget` throws.
 */
export async function placeFiles(files: readonly FinishedFile[], options: TargetOptions = {}): Promise<void> {
  const targets = files.map(({ path }) => outputTarget(path, options));
  for (const file of files) await runSteps(assertAsWritten(file));
  for (const [i, { temporaryPath }] of files.entries()) {
    const { kind, path } = present(targets[i]);
    if (kind === 'file') await runSteps(placeFile(temporaryPath, path));
    else await copyThrough(temporaryPath, path, options);
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
  let temporary: TemporaryName;
  try {
    await runSteps(makeFolder(dirname(near)));
    await runSteps(removeStaleTemporaries(dirname(near)));
    temporary = await runSteps(takeTemporary(near, threadOwners));
  } catch (cause) {
    throw writeError(near, cause);
  }
  try {
    const written = await write(temporary.path);
    await placeFiles([{ temporaryPath: temporary.path, path, written }], options);
  } finally {
    await runSteps(temporary.discard());
  }
}

async function copyThrough(from: string, path: string, options: TargetOptions): Promise<void> {
  const stream = await createAtomicFile(path, options);
  try {
    for await (const chunk of createReadStream(from)) await stream.write(chunk as Uint8Array);
    await stream.commit();
  } catch (error) {
    await stream.abort();
    throw writeError(path, error);
  }
  await runSteps(removeTree(from));
}
