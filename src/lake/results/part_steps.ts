import { join } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import { call, isMissing, type Owners, removeWhole, type Steps } from '../../files/light.ts';

export const partPrefix = 'part-';
export const partManifestName = 'part.json';
export const partFormat = 2;

/** Content of a part: its files with their SHA-256, and the parts whose rows it took over. A part without files has no rows. */
export interface PartManifest {
  readonly format: number;
  readonly files: Readonly<Record<string, string>>;
  readonly replaces: readonly string[];
  /** Of a part that merged others: the shares of which nothing is missing. */
  readonly shares?: readonly string[];
  /** Of a part that merged the rows of a dataset: all that it holds is of it. */
  readonly dataset?: string;
}

/** The parts of a results store. */
export interface StoredParts {
  /** Those that count, by name. */
  readonly live: ReadonlyMap<string, PartManifest>;
  /** Those whose rows another took over, and that a killed compaction left. */
  readonly replaced: readonly string[];
}

/** A name for a new part: names sort by time; the id keeps writers of one millisecond apart. */
export function partName(nowMs: number, id: string): string {
  return `${partPrefix}${String(nowMs).padStart(15, '0')}-${id}`;
}

/** Names of all parts in the folder, the oldest first. Throws RESULT_INVALID where Parquet files lie beside the parts. */
export function* partNames(folder: string): Steps<string[]> {
  try {
    const entries = yield* call('readFolder', folder);
    const stray = entries.find(({ name }) => !name.startsWith('.') && name.endsWith('.parquet'));
    if (stray !== undefined) throw foreign(folder, stray.name);
    return entries
      .map(({ name }) => name)
      .filter((name) => name.startsWith(partPrefix))
      .sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}

/**
 * The parts in the folder, each verified once and noted in `verified`. Throws CHECKSUM_MISMATCH for a damaged one, unless
 * another took over its rows.
 */
export function* storedParts(folder: string, verified: Map<string, PartManifest>): Steps<StoredParts> {
  for (;;) {
    const live = new Map<string, PartManifest>();
    const failures = new Map<string, unknown>();
    let isComplete = true;
    const names = yield* partNames(folder);
    for (const name of names) {
      try {
        const manifest = verified.get(name) ?? (yield* verifyPart(folder, name));
        isComplete &&= manifest !== null;
        if (manifest === null) continue;
        verified.set(name, manifest);
        live.set(name, manifest);
      } catch (cause) {
        failures.set(name, cause);
      }
    }
    // A compaction has taken a part over since the names were read; its successor is not among them.
    if (!isComplete) continue;
    const taken = new Set([...live.values()].flatMap(({ replaces }) => replaces));
    for (const [name, cause] of failures) if (!taken.has(name)) throw cause;
    for (const name of taken) live.delete(name);
    return { live, replaced: names.filter((name) => taken.has(name)) };
  }
}

/** Reads the files of a part; null when a compaction took it over meanwhile. Throws CHECKSUM_MISMATCH. */
export function* verifyPart(folder: string, name: string): Steps<PartManifest | null> {
  const path = join(folder, name);
  const manifestPath = join(path, partManifestName);
  try {
    const text = new TextDecoder().decode(yield* call('readFile', manifestPath));
    const manifest = JSON.parse(text) as PartManifest;
    if (manifest.format !== partFormat) throw damaged(path, `format ${manifest.format}, not ${partFormat}`);
    for (const [file, expected] of Object.entries(manifest.files)) {
      if ((yield* call('sha256', join(path, file))) === expected) continue;
      throw damaged(join(path, file), 'its SHA-256 is not the one it was written with');
    }
    return manifest;
  } catch (cause) {
    // A part vanishes whole; one that is there without its manifest is damaged.
    if (isMissing(cause) && (yield* call('status', path)) === null) return null;
    if (cause instanceof SpymasterError && !isMissing(cause)) throw cause;
    throw damaged(path, cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * Removes the parts whose rows `merged` took over, each at one stroke, once that has been read back from its final place;
 * false, and nothing is removed, when it is not there. Throws CHECKSUM_MISMATCH and LAKE_NOT_WRITABLE.
 */
export function* dropMerged(folder: string, merged: string, owners: Owners): Steps<boolean> {
  const manifest = yield* verifyPart(folder, merged);
  if (manifest === null) return false;
  for (const name of manifest.replaces) yield* removeWhole(join(folder, name), owners);
  return true;
}

function foreign(folder: string, name: string): SpymasterError {
  return new SpymasterError(
    'RESULT_INVALID',
    `Cannot read the results in ${folder}: ${name} is no part of them but of another program, whose numbers mean other things; ` +
      'move it away, and run its experiments again.',
    { path: join(folder, name) },
  );
}

function damaged(path: string, why: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use the results in ${path}: ${why}. Restore the part from a backup, or move it away and run again.`,
    { path },
  );
}
