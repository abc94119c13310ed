import { readdir, readFile, stat } from 'node:fs/promises';
import { isMissing, remove, writeFileAtomic } from '../files/index.ts';
import type { Lake } from './lake.ts';
import type { LakeNotes } from './storage/lake_storage.ts';

/** The notes of a lake, on disk or on object storage. */
export function notesOf(lake: Lake): LakeNotes {
  if (lake.storage !== null) return lake.storage.notes;
  const at = (path: string) => lake.path(...path.split('/'));
  return {
    read: (path) => orMissing(readFile(at(path), 'utf8'), null),
    write: (path, text) => writeFileAtomic(at(path), text),
    names: async (folder) => (await orMissing(readdir(at(folder)), [])).filter((name) => !name.startsWith('.')).sort(),
    glance: async (folder) => {
      const names = (await orMissing(readdir(at(folder)), [])).filter((name) => !name.startsWith('.'));
      return { count: names.length, changedMs: (await orMissing(stat(at(folder)), null))?.mtimeMs ?? 0 };
    },
    remove: (path) => remove(at(path)),
  };
}

async function orMissing<T, U>(found: Promise<T>, missing: U): Promise<T | U> {
  try {
    return await found;
  } catch (cause) {
    if (isMissing(cause)) return missing;
    throw cause;
  }
}
