import { join } from 'node:path';
import { contentHash } from '../../config/light.ts';
import { assert, SpymasterError } from '../../errors.ts';
import { call, type Steps } from '../../files/light.ts';
import { type PartManifest, partManifestName, partNames } from './part_steps.ts';

/** A part of a share: what it holds decides its name, so that two workers at one share make the same part. */
export interface SharePart {
  /** `s-` and 32 hexadecimal digits. */
  readonly shareId: string;
  readonly codeVersion: string;
  /** Ids of the units whose rows it holds. */
  readonly unitIds: readonly string[];
  /** Whether nothing of the share is missing once this part is there. */
  readonly isEnd: boolean;
}

const sharePattern = /^part-(s-[0-9a-f]{32})-(.+)-([0-9a-f]{8})(-end)?$/;

/** The name of a part of a share: share, code version, a hash of its units, and whether it ends the share. */
export function sharePartName({ shareId, codeVersion, unitIds, isEnd }: SharePart): string {
  const version = codeVersion.replaceAll(/[^A-Za-z0-9.]+/g, '.');
  const name = `part-${shareId}-${version}-${contentHash([...unitIds].sort(), 8)}${isEnd ? '-end' : ''}`;
  assert(sharePattern.test(name), 'a part of a share has a name of its own form');
  return name;
}

/** The share, version and units that a part's name tells; null for a part of no share. */
export function shareOfPart(name: string) {
  const match = sharePattern.exec(name);
  if (match === null) return null;
  const [, shareId = '', codeVersion = '', units = '', end] = match;
  return { shareId, codeVersion, units, isEnd: end !== undefined };
}

/** Ids of the shares of which nothing is missing in a folder of parts, by their names and by what merged parts took over. */
export function* finishedShares(folder: string): Steps<Set<string>> {
  const finished = new Set<string>();
  for (const name of yield* partNames(folder)) {
    const share = shareOfPart(name);
    if (share?.isEnd === true) finished.add(share.shareId);
    if (share !== null) continue;
    for (const id of (yield* sharesIn(join(folder, name))) ?? []) finished.add(id);
  }
  return finished;
}

function* sharesIn(path: string): Steps<readonly string[] | null> {
  try {
    const text = new TextDecoder().decode(yield* call('readFile', join(path, partManifestName)));
    return (JSON.parse(text) as PartManifest).shares ?? null;
  } catch {
    // It was merged meanwhile, or is damaged, which those say who read its rows.
    return null;
  }
}

/** The shares that a part which merges these parts takes over, in order. */
export function mergedShares(parts: ReadonlyMap<string, PartManifest>): string[] {
  const ids = new Set<string>();
  for (const [name, manifest] of parts) {
    const share = shareOfPart(name);
    if (share?.isEnd === true) ids.add(share.shareId);
    for (const id of manifest.shares ?? []) ids.add(id);
  }
  return [...ids].sort();
}

/** Of parts with the same units of a share by several versions, all but the newest version's are left out. */
export function withoutOlderVersions<T>(parts: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const newest = new Map<string, { readonly name: string; readonly version: string }>();
  const older = new Set<string>();
  for (const name of parts.keys()) {
    const share = shareOfPart(name);
    if (share === null) continue;
    const key = `${share.shareId} ${share.units}`;
    const kept = newest.get(key);
    const isNewer = kept === undefined || isLater(share.codeVersion, kept.version);
    if (!isNewer) older.add(name);
    else {
      if (kept !== undefined && kept.version !== share.codeVersion) older.add(kept.name);
      newest.set(key, { name, version: share.codeVersion });
    }
  }
  if (older.size === 0) return parts;
  return new Map([...parts].filter(([name]) => !older.has(name)));
}

/** Whether a version comes after another: 0.10.0 after 0.9.0. */
function isLater(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}

/** The error of two parts of one name whose bytes differ: one of the machines computes something else. */
export function differingParts(path: string, table: string, there: string, made: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot store the results in ${path}: another worker stored the same part, and its ${table} differs (SHA-256 ${there} there, ` +
      `${made} here). One of the machines computes other numbers; find out which before its results are used.`,
    { path, there, made },
  );
}
