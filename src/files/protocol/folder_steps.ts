import { dirname, join } from 'node:path';
import { systemCode } from '../../system_errors.ts';
import { call, type FolderEntry, type Steps } from './system_calls.ts';

/**
 * Makes a folder and those above it, each durable; gives the topmost one that was missing, null when none was.
 * Node's own recursive mkdir never ends, and takes all memory, where the file system answers ENOENT (in /proc).
 */
export function* makeFolder(path: string): Steps<string | null> {
  let above: string | null = null;
  try {
    yield* call('makeFolder', path);
    yield* call('syncFolder', dirname(path));
    return path;
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' && dirname(path) !== path) above = yield* makeFolder(dirname(path));
    else if (code !== 'EEXIST') throw cause;
    else if (yield* isFolder(path)) return null;
    else throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
  }
  try {
    yield* call('makeFolder', path);
    yield* call('syncFolder', dirname(path));
  } catch (cause) {
    // Another process was faster.
    if (systemCode(cause) !== 'EEXIST') throw cause;
  }
  return above ?? path;
}

function* isFolder(path: string): Steps<boolean> {
  try {
    yield* call('readFolder', path);
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'ENOTDIR') return false;
    throw cause;
  }
}

/** Removes a file, or a folder with all that is in it; what is not there any more, or never was, is no error. */
export function* removeTree(path: string): Steps<void> {
  const status = yield* call('status', path);
  if (status === null) return;
  if (!status.isFolder) return yield* ifThere(call('removeFile', path));
  for (let attempt = 0; ; attempt++) {
    let entries: readonly FolderEntry[] = [];
    try {
      entries = yield* call('readFolder', path);
    } catch (cause) {
      if (systemCode(cause) !== 'ENOENT') throw cause;
    }
    for (const { name } of entries) yield* removeTree(join(path, name));
    try {
      return yield* ifThere(call('removeFolder', path));
    } catch (cause) {
      // Something was added meanwhile.
      if (systemCode(cause) !== 'ENOTEMPTY' || attempt > 2) throw cause;
    }
  }
}

function* ifThere(steps: Steps<void>): Steps<void> {
  try {
    yield* steps;
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause;
  }
}
