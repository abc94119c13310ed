import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { writeFileAtomic } from '../files/index.ts';
import { fileIdentity, type Lake } from '../lake/index.ts';

export interface ReadOptions {
  /** Called while all of a file is read, because what is asked of it is not cached. */
  readonly onProgress?: ((path: string, bytesRead: number, sizeBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is to be known of a file, and how it is found out. */
export interface FactDefinition<S extends z.ZodType> {
  /** Folder below the lake's `cache`. */
  readonly folder: string;
  readonly schema: S;
  readonly read: (path: string, options: ReadOptions) => Promise<z.output<S>>;
}

/**
 * Something about raw files that takes reading them, kept in a folder of the lake's cache for as long as a file is the same
 * (`fileIdentity`). Deleting the folder costs only the time to read again.
 */
export class FileFacts<S extends z.ZodType> {
  readonly #lake: Lake;
  readonly #definition: FactDefinition<S>;

  constructor(lake: Lake, definition: FactDefinition<S>) {
    this.#lake = lake;
    this.#definition = definition;
  }

  /** What is known of a file, from the cache or by reading it. Throws what `fileIdentity` and the definition's `read` throw. */
  async of(path: string, options: ReadOptions = {}): Promise<z.output<S>> {
    const file = await fileIdentity(path);
    const known = await this.#load(path, canonicalJson(file));
    if (known !== null) return known.facts;
    const facts = await this.#definition.read(path, options);
    try {
      await writeFileAtomic(this.#file(path), `${JSON.stringify({ version: 1, file, facts })}\n`);
    } catch (error) {
      // A lake on a read-only disk costs only time.
      if (!(error instanceof SpymasterError) || error.code !== 'LAKE_NOT_WRITABLE') throw error;
    }
    return facts;
  }

  #file(path: string): string {
    const name = sha256Hex(this.#lake.relative(path)).slice(0, 32);
    return this.#lake.path('cache', this.#definition.folder, `${name}.json`);
  }

  async #load(path: string, file: string): Promise<{ readonly facts: z.output<S> } | null> {
    const text = await readFile(this.#file(path), 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      const entry: unknown = JSON.parse(text);
      const parsed = z.looseObject({ version: z.literal(1), file: z.unknown() }).safeParse(entry);
      if (!parsed.success || canonicalJson(parsed.data.file) !== file) return null;
      const facts = this.#definition.schema.safeParse(parsed.data.facts);
      return facts.success ? { facts: facts.data } : null;
    } catch {
      return null;
    }
  }
}
