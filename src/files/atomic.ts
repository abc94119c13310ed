import { type AtomicFile, openOutputStream } from './output_stream.ts';
import { outputTarget, refuseNoFile, type TargetOptions } from './output_target.ts';
import { PendingFileSteps, writeFile } from './protocol/file_steps.ts';
import * as folders from './protocol/folder_steps.ts';
import { runSteps, runStepsSync } from './protocol/run_steps.ts';
import { call } from './protocol/system_calls.ts';
import { threadOwners } from './temporaries.ts';

/**
 * Writes a whole file or none: to a temporary name beside it, fsync, rename, fsync of the folder, which is made when it is
 * missing. Replaces an existing file at one stroke; a device or FIFO is written through. Throws LAKE_NOT_WRITABLE, and
 * FILE_EXISTS for a symbolic link.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** `writeFileAtomic` of a plain file, for code that holds a database transaction open meanwhile. */
export function writeFileAtomicSync(path: string, content: Uint8Array | string): void {
  refuseNoFile(path);
  runStepsSync(
    writeFile(path, typeof content === 'string' ? new TextEncoder().encode(content) : content, threadOwners),
  );
}

/**
 * Starts a file that gets its name `path` only when it is whole; its folder is made when it is missing. A device or FIFO at
 * `path` is written through instead. Throws LAKE_NOT_WRITABLE, as its methods do, and what `outputTarget` throws.
 */
export async function createAtomicFile(path: string, options: TargetOptions = {}): Promise<AtomicFile> {
  const target = outputTarget(path, options);
  if (target.kind === 'stream') return openOutputStream(target.path, options.signal);
  const file = await runSteps(PendingFileSteps.create(target.path, threadOwners));
  return {
    temporaryPath: file.temporaryPath,
    get bytesWritten() {
      return file.bytesWritten;
    },
    write: (bytes) => runSteps(file.write(bytes)),
    commit: () => runSteps(file.commit()),
    abort: () => runSteps(file.abort()),
  };
}

/**
 * Makes a folder and those above it, each durable; gives the topmost one that was missing, null when none was. Throws the
 * system's error.
 */
export function makeFolder(path: string): string | null {
  return runStepsSync(folders.makeFolder(path));
}

/** Makes the names in a folder durable. Throws the system's error. */
export function syncFolder(folder: string): Promise<void> {
  return runSteps(call('syncFolder', folder));
}
