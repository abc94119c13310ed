import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../atomic.ts';
import { removeStaleTemporaries, type Temporary, takeTemporary } from '../temporaries.ts';
import { isMissing, writeError } from '../write_error.ts';

/**
 * Files that this thread reads and nobody may remove meanwhile: each is linked a second time into a folder of the thread's own,
 * so that its number of links tells every process that it is in use. Links of dead processes are removed.
 */
export class Pins {
  readonly #folder: string;
  #own: Temporary | null = null;
  #count = 0;

  /** `folder` lies in the file system of what is pinned. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Pins files; null, and none is pinned, when one of them does not exist. The function that it gives ends the use. */
  pin(paths: readonly string[]): (() => void) | null {
    const links: string[] = [];
    const release = () => {
      for (const path of links.splice(0)) rmSync(path, { force: true });
    };
    try {
      this.#own ??= this.#take();
      const own = this.#own.path;
      for (const path of paths) {
        const name = join(own, String(this.#count++));
        linkSync(path, name);
        links.push(name);
      }
      return release;
    } catch (cause) {
      release();
      if (isMissing(cause)) return null;
      throw writeError(this.#folder, cause);
    }
  }

  /** Ends every use by this thread. */
  async close(): Promise<void> {
    const own = this.#own;
    this.#own = null;
    await own?.discard();
  }

  /** Ends the uses of processes that are dead. */
  async removeStale(): Promise<void> {
    await removeStaleTemporaries(this.#folder);
  }

  #take(): Temporary {
    makeFolder(this.#folder);
    const own = takeTemporary(join(this.#folder, 'pins'));
    mkdirSync(own.path);
    return own;
  }
}
