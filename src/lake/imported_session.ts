import { basename, dirname } from 'node:path';
import { present, SpymasterError } from '../errors.ts';
import { hashRecords, sha256File } from '../files/index.ts';
import type { ScannedSession } from './raw_scan.ts';

/** A session of an imported file. */
export interface ImportedSession {
  readonly date: string;
  readonly root: string;
  /** Most traded first. */
  readonly symbols: readonly string[];
  readonly records: number;
  /** `imported`: the file was made; `present`: a file with the same records was there. */
  readonly state: 'imported' | 'present';
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A session that is to get a file, and the files that it has. */
export interface PartToWrite {
  readonly session: ScannedSession;
  readonly path: string;
  readonly there: readonly string[];
}

export interface WriteOptions {
  readonly onWrite?: ((bytesRead: number, sizeBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a file holds exactly the records of this length and SHA-256. */
export async function holds(
  path: string,
  recordBytes: number,
  sha256: string | undefined,
  options: Parameters<typeof hashRecords>[2],
): Promise<boolean> {
  const hashed = await hashRecords(path, [recordBytes], options);
  return hashed.totalBytes === recordBytes && hashed.sha256ByBytes.get(recordBytes) === sha256;
}

/** A session with the file that it has now; `sha256` is taken from the file where it is not given. */
export async function importedSession(
  { date, root, symbols, records }: ScannedSession,
  state: ImportedSession['state'],
  path: string,
  file: { readonly sizeBytes: number; readonly sha256?: string },
): Promise<ImportedSession> {
  const sha256 = file.sha256 ?? (await sha256File(path));
  return {
    date,
    root,
    symbols: symbols.map(({ symbol }) => symbol),
    records,
    state,
    path,
    sizeBytes: file.sizeBytes,
    sha256,
  };
}

/** The refusal of a session that has other files. */
export function taken(source: string, { root, date }: ScannedSession, there: readonly string[]): SpymasterError {
  return new SpymasterError(
    'FILE_EXISTS',
    `Cannot import ${source}: the lake has ${there.map((path) => basename(path)).join(', ')} with other records of ${root} on ${date} in ` +
      `${dirname(present(there[0]))}; move that away, or name another lake with --lake-root.`,
    { path: source, root, date, there },
  );
}

/** Reads a written file again; throws CHECKSUM_MISMATCH where the disk gives back other bytes. */
export async function assertWritten(temporaryPath: string, sha256: string, path: string): Promise<void> {
  if ((await sha256File(temporaryPath)) === sha256) return;
  throw new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot import into ${path}: the disk gives back other bytes than were written; nothing was kept. Check the disk, then import again.`,
    { path },
  );
}
