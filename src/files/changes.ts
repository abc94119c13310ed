import { open, rmdir, utimes } from 'node:fs/promises';
import { refuseNoFile } from './output_target.ts';
import { placeFile } from './protocol/file_steps.ts';
import { removeTree } from './protocol/folder_steps.ts';
import { runSteps } from './protocol/run_steps.ts';
import { writeError } from './write_error.ts';

/** Removes a file, or a folder with all that is in it; what is not there is no error. Throws the system's error. */
export function remove(path: string): Promise<void> {
  return runSteps(removeTree(path));
}

/** Removes a folder that was made for something that came to nothing; one that holds something stays. */
export async function removeEmptyFolder(path: string): Promise<void> {
  await rmdir(path).catch(() => {});
}

/** Gives a file, if it is there and may be changed, the time of its last use. */
export async function touch(path: string, usedMs: number): Promise<void> {
  await utimes(path, usedMs / 1000, usedMs / 1000).catch(() => {});
}

/** A file that is written where it lies: inside of a workspace, or a download that grows over several processes. */
export interface GrowingFile {
  /** Appends bytes, which may be reused once the promise is fulfilled; one write at a time. Throws LAKE_NOT_WRITABLE. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

const flags = { new: 'wx', append: 'a', replace: 'w' } as const;

/** Opens a file that must not exist (`new`), or that is made when it is missing. Throws LAKE_NOT_WRITABLE. */
export async function openToWrite(path: string, how: keyof typeof flags): Promise<GrowingFile> {
  const failed = (cause: unknown): never => {
    throw writeError(path, cause);
  };
  const file = await open(path, flags[how]).catch(failed);
  return {
    write: async (bytes) => {
      try {
        for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
      } catch (cause) {
        failed(cause);
      }
    },
    close: () => file.close(),
  };
}

/**
 * Makes a file durable that has grown to what it should be, and gives it its name in the same file system, in place of a file
 * of that name. Throws LAKE_NOT_WRITABLE, and FILE_EXISTS for anything else in that place.
 */
export async function placeGrownFile(partPath: string, path: string): Promise<void> {
  try {
    const file = await open(partPath, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeError(path, cause);
  }
  refuseNoFile(path);
  await runSteps(placeFile(partPath, path));
}
