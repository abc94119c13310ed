import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkedName, sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { FileLock, makeFolder, readError, writeFileAtomic } from '../files/index.ts';
import type { SpecText } from '../wire/index.ts';
import { readConfigText } from './config_files.ts';

/** Specs that are listed at most. */
const maxListed = 1000;
const lockWaitMs = 5000;

/** A spec of the folder as it is listed. */
export interface ListedSpec {
  readonly name: string;
  readonly modified_utc: string;
}

/**
 * The experiment specs of one folder, read and written by name: `<name>.yaml`, nothing else, so that no name leads elsewhere.
 * A change names the text that it was made to, by its tag; one of another text is refused.
 */
export class SpecFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The specs, by name; empty where the folder is not there. */
  async list(): Promise<ListedSpec[]> {
    const names = await readdir(this.folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw readError(this.folder, cause);
    });
    const stems = names.filter((name) => name.endsWith('.yaml') && isName(stemOf(name))).map(stemOf);
    const listed = stems
      .sort()
      .slice(0, maxListed)
      .map(async (name) => {
        const status = await stat(this.pathOf(name)).catch(() => null);
        return status?.isFile() ? [{ name, modified_utc: status.mtime.toISOString() }] : [];
      });
    return (await Promise.all(listed)).flat();
  }

  /** The file of a name. Throws CONFIG_INVALID for what is no name. */
  pathOf(name: string): string {
    return join(this.folder, `${checkedName(name, 'name')}.yaml`);
  }

  /** Throws SPEC_UNKNOWN for a name without a file, and what reading throws. */
  async read(name: string): Promise<SpecText> {
    const path = this.pathOf(name);
    const text = await readOrNull(path);
    if (text !== null) return { name, path, text, etag: etagOf(text) };
    throw new SpymasterError('SPEC_UNKNOWN', `Cannot find the spec ${name}: expected it as ${path}.`, { path, name });
  }

  /**
   * Writes a spec whole, or not at all.
   * @param etag - of the text that was changed; null for a spec that must not be there yet
   * @returns the new tag
   * @throws CHANGED where the file holds another text by now, FILE_EXISTS for a new spec whose name is taken
   */
  async save(name: string, text: string, etag: string | null): Promise<string> {
    const path = this.pathOf(name);
    makeFolder(this.folder);
    using _lock = await FileLock.take(`${path}.lock`, { signal: AbortSignal.timeout(lockWaitMs) });
    const before = await readOrNull(path);
    if (etag === null && before !== null) {
      throw new SpymasterError(
        'FILE_EXISTS',
        `Cannot save ${name} as a new spec: ${path} exists; open that one, or give the spec another name.`,
        { path },
      );
    }
    if (etag !== null && (before === null || etagOf(before) !== etag)) {
      throw new SpymasterError(
        'CHANGED',
        `Cannot save ${name}: ${path} was ${before === null ? 'removed' : 'changed'} since it was opened; open it again and ` +
          'bring your change into it, or save under another name.',
        { path },
      );
    }
    await writeFileAtomic(path, text);
    return etagOf(text);
  }
}

/** Changes with a text. */
function etagOf(text: string): string {
  return sha256Hex(text).slice(0, 32);
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readConfigText(path);
  } catch (error) {
    if (error instanceof SpymasterError && error.code === 'FILE_NOT_FOUND') return null;
    throw error;
  }
}

function stemOf(file: string): string {
  return file.slice(0, -'.yaml'.length);
}

function isName(text: string): boolean {
  try {
    checkedName(text, 'name');
    return true;
  } catch {
    return false;
  }
}
