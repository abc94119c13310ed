import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { present, SpymasterError } from '../errors.ts';
import {
  createAtomicFile,
  FileLock,
  hashRecords,
  makeFolder,
  openToRead,
  removeStaleTemporaries,
  writeError,
} from '../files/index.ts';
import {
  assertWritten,
  holds,
  type ImportedSession,
  importedSession,
  type PartToWrite,
  taken as refusedSession,
  type WriteOptions,
} from './imported_session.ts';
import type { Lake } from './lake.ts';
import { chooseRawFile, contractIn, fileIdentity, rawNames } from './raw.ts';
import { symbolInName, venueInName } from './raw_names.ts';
import { writeParts } from './raw_parts.ts';
import { type RawScan, type ScannedSession, type ScanOptions, scanRawFile } from './raw_scan.ts';

export interface ImportReport {
  readonly scan: RawScan;
  readonly sessions: readonly ImportedSession[];
  /** Whether the file was cut by session and product, which leaves out what belongs to none. */
  readonly isSplit: boolean;
}

/** `onWrite` is called while files are written, with the bytes read of the source. */
export type ImportOptions = ScanOptions & WriteOptions;

/**
 * Puts a DBN file into the lake, where replays look for it: as it is when it holds one product on one UTC day, else cut into a file
 * for each. The file is decoded to its end first; what is written is read again and compared by its SHA-256 before it gets its name.
 * Nothing is written over: a session that has another file is refused.
 *
 * Throws what `scanRawFile` throws, FILE_EXISTS for a session that has a file with other records, CHECKSUM_MISMATCH, LAKE_NOT_WRITABLE.
 */
export async function importRawFile(lake: Lake, path: string, options: ImportOptions = {}): Promise<ImportReport> {
  const before = await fileIdentity(path);
  const scan = await scanRawFile(path, options);
  const isSplit = scan.sessions.length > 1;
  const targets = scan.sessions.map((session) => ({ session, path: targetPath(lake, scan, session, isSplit) }));
  using _locks = await lockFolders([...new Set(targets.map((target) => dirname(target.path)))], options.signal);
  const taken = await Promise.all(targets.map(({ session }) => filesOf(lake, scan, session)));
  const sessions: ImportedSession[] = [];
  const missing: PartToWrite[] = [];
  for (const [i, { session, path: target }] of targets.entries()) {
    const there = present(taken[i]);
    if (there.length === 0 || isSplit) missing.push({ session, path: target, there });
    else sessions.push(await sameAs(scan, session, there, options));
  }
  if (missing.length > 0) {
    const written = isSplit
      ? await writeParts(scan, missing, options, options.symbol)
      : [await copyWhole(scan, present(missing[0]), options)];
    sessions.push(...written);
    for (const { path: made } of written) await lake.storage?.publish(lake.relative(made), made);
  }
  const after = await fileIdentity(path);
  if (after.modifiedNs !== before.modifiedNs || after.sizeBytes !== before.sizeBytes || after.ends !== before.ends) {
    throw new SpymasterError(
      'CHECKSUM_MISMATCH',
      `${path} was changed while it was imported; import it again once nothing writes to it, and remove from the lake ` +
        `${sessions.map((session) => session.path).join(', ')}.`,
      { path },
    );
  }
  return { scan, sessions, isSplit };
}

/** `…/glbx-mdp3-20260206.MNQH6.mbo.dbn.zst`, as downloads are named: with the contract, or the root where a file holds several. */
function targetPath(lake: Lake, scan: RawScan, { root, date, symbols }: ScannedSession, isSplit: boolean): string {
  const folder = lake.rawFolder(scan.productType, root);
  const venue = venueInName(scan.metadata.dataset);
  const symbol = symbols.length === 1 ? present(symbols[0]).symbol : root;
  const name = symbolInName(symbol);
  const extension = isSplit || scan.container === 'zstd' ? '.dbn.zst' : scan.container === 'dbz' ? '.dbz' : '.dbn';
  return join(folder, `${venue}-${date.replaceAll('-', '')}.${name}.mbo${extension}`);
}

async function lockFolders(folders: readonly string[], signal: AbortSignal | undefined): Promise<DisposableStack> {
  const stack = new DisposableStack();
  // In one order, so that two imports do not wait for each other.
  for (const folder of [...folders].sort()) {
    try {
      makeFolder(folder);
      stack.use(await FileLock.take(join(folder, '.import.lock'), signal === undefined ? {} : { signal }));
      // What a killed import left is of no use: there is nothing to resume.
      await removeStaleTemporaries(folder);
    } catch (cause) {
      stack.dispose();
      throw cause instanceof Error && cause.name === 'AbortError' ? cause : writeError(folder, cause);
    }
  }
  return stack;
}

/** Files of the lake that a replay of one of the session's symbols would take. */
async function filesOf(lake: Lake, { productType }: RawScan, session: ScannedSession): Promise<string[]> {
  const folder = lake.rawFolder(productType, session.root);
  const names = (await rawNames(lake, folder)) ?? [];
  const symbols = session.symbols.map(({ symbol }) => symbol);
  const found = new Set<string>();
  for (const symbol of symbols) {
    const own = names.filter((name) => {
      const contract = contractIn(name, productType, symbol);
      return contract === null || contract === symbol;
    });
    const chosen = chooseRawFile(own, symbol, session.date);
    for (const name of chosen === null ? [] : [chosen].flat()) found.add(join(folder, name));
  }
  for (const path of found) await lake.storage?.keep(lake.relative(path));
  return [...found];
}

/** The session's file in the lake, when it has the records of the source; throws FILE_EXISTS when it has others. */
async function sameAs(
  scan: RawScan,
  session: ScannedSession,
  there: readonly string[],
  { signal, onWrite }: ImportOptions,
): Promise<ImportedSession> {
  const options = { signal, onProgress: onWrite };
  const own = (await hashRecords(scan.path, [scan.recordBytes], options)).sha256ByBytes.get(scan.recordBytes);
  const path = present(there[0]);
  if (there.length > 1 || !(await holds(path, scan.recordBytes, own, options)))
    throw refusedSession(scan.path, session, there);
  return importedSession(session, 'present', path, await fileIdentity(path));
}

/** Copies the source as it is. */
async function copyWhole(
  scan: RawScan,
  { session, path }: PartToWrite,
  options: ImportOptions,
): Promise<ImportedSession> {
  const { file, sizeBytes } = await openToRead(scan.path);
  const target = await createAtomicFile(path);
  const hash = createHash('sha256');
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      await target.write(chunk);
      options.onWrite?.(target.bytesWritten, sizeBytes);
    }
    const sha256 = hash.digest('hex');
    await assertWritten(target.temporaryPath, sha256, path);
    const bytes = target.bytesWritten;
    await target.commit();
    return importedSession(session, 'imported', path, { sizeBytes: bytes, sha256 });
  } finally {
    await target.abort();
    await file.close();
  }
}
