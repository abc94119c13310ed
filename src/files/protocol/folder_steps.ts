import { dirname, join } from 'node:path';
import { systemCode } from '../../system_errors.ts';
import { call, type FolderEntry, type Steps } from './system_calls.ts';

/**
 * Makes a folder and those above it; gives the topmost one that was missing, null when none was. All of them are durable
 * then, also those that another process made and was killed before it could make them so: nothing is ever put into a folder
 * that is not, so one that is empty may be such a one.
 *
 * Node's own recursive mkdir never ends, and takes all memory, where the file system answers ENOENT (in /proc).
 */
export function* makeFolder(path: string): Steps<string | null> {
  const parent = dirname(path);
  const there = yield* isEmptyFolder(path);
  if (there === true && parent !== path) yield* tolerating('EACCES', call('syncFolder', parent));
  if (there !== null || parent === path) return null;
  const above = yield* makeFolder(parent);
  // Another process may be faster.
  yield* tolerating('EEXIST', call('makeFolder', path));
  yield* call('syncFolder', parent);
  return above ?? path;
}

/** Whether a folder is empty, as far as one may look; null when there is none. */
function* isEmptyFolder(path: string): Steps<boolean | null> {
  try {
    return (yield* call('readFolder', path)).length === 0;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    if (systemCode(cause) === 'EACCES') return false;
    throw cause;
  }
}

/** Removes a file, or a folder with all that is in it; what is not there any more, or never was, is no error. */
export function* removeTree(path: string): Steps<void> {
  const status = yield* call('status', path);
  if (status === null) return;
  if (!status.isFolder) return yield* tolerating('ENOENT', call('removeFile', path));
  for (let attempt = 0; ; attempt++) {
    let entries: readonly FolderEntry[] = [];
    try {
      entries = yield* call('readFolder', path);
    } catch (cause) {
      if (systemCode(cause) !== 'ENOENT') throw cause;
    }
    for (const { name } of entries) yield* removeTree(join(path, name));
    try {
      return yield* tolerating('ENOENT', call('removeFolder', path));
    } catch (cause) {
      // Something was added meanwhile.
      if (systemCode(cause) !== 'ENOTEMPTY' || attempt > 2) throw cause;
    }
  }
}

function* tolerating(code: string, steps: Steps<void>): Steps<void> {
  try {
    yield* steps;
  } catch (cause) {
    if (systemCode(cause) !== code) throw cause;
  }
}
