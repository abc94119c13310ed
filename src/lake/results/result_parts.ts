import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpymasterError } from '../../errors.ts';

export const partPrefix = 'part-';
export const partManifestName = 'part.json';
export const partFormat = 2;

/** What a part holds: its files with their SHA-256, and the parts whose rows it took over. */
export interface PartManifest {
  readonly format: number;
  readonly files: Readonly<Record<string, string>>;
  readonly replaces: readonly string[];
}

/** The parts of a results store, which appear whole and vanish only when another has taken over their rows. */
export class ResultParts {
  readonly #folder: string;
  /** Parts whose files were found to be as they were written. */
  readonly #verified = new Map<string, PartManifest>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The parts that count, by name, each verified once. Throws CHECKSUM_MISMATCH for a damaged one. */
  all(): Map<string, PartManifest> {
    const parts = new Map<string, PartManifest>();
    for (const name of this.names()) {
      const manifest = this.#verified.get(name) ?? this.verify(name);
      if (manifest === null) continue;
      this.#verified.set(name, manifest);
      parts.set(name, manifest);
    }
    for (const manifest of [...parts.values()]) for (const replaced of manifest.replaces) parts.delete(replaced);
    return parts;
  }

  /** Every part that there is, the oldest first. */
  names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.startsWith(partPrefix))
        .sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw cause;
    }
  }

  /** Reads a part's files; null when a compaction took it over meanwhile. Throws CHECKSUM_MISMATCH. */
  verify(name: string): PartManifest | null {
    const folder = join(this.#folder, name);
    try {
      const manifest = JSON.parse(readFileSync(join(folder, partManifestName), 'utf8')) as PartManifest;
      if (manifest.format !== partFormat) throw damaged(folder, `format ${manifest.format}, not ${partFormat}`);
      for (const [file, expected] of Object.entries(manifest.files)) {
        if (sha256OfFile(join(folder, file)) === expected) continue;
        throw damaged(join(folder, file), 'its SHA-256 is not the one it was written with');
      }
      return manifest;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && !this.#isThere(name)) return null;
      if (cause instanceof SpymasterError) throw cause;
      throw damaged(folder, cause instanceof Error ? cause.message : String(cause));
    }
  }

  #isThere(name: string): boolean {
    return this.names().includes(name) && readdirSync(join(this.#folder, name)).includes(partManifestName);
  }
}

export function sha256OfFile(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function damaged(path: string, why: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use the results in ${path}: ${why}. Restore the part from a backup, or move it away and run again.`,
    { path },
  );
}
