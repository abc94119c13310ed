import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { present, SpymasterError } from '../../errors.ts';
import {
  FileLock,
  isMissing,
  makeFolder,
  Pins,
  placeGrownFile,
  ReservedFile,
  readError,
  remove,
  removeStaleTemporaries,
  removeWhole,
  runSteps,
  sha256File,
  sizeOrNull,
  systemClock,
  threadOwners,
  touch,
  Workspace,
  writeFileAtomic,
} from '../../files/light.ts';
import { formatBytes } from '../../format.ts';
import type { StoredEntry, StoredFile } from './parse_entry.ts';
import { formatEntry } from './stored_entry.ts';

/** Where the cache keeps what is no part of the lake, below the lake's root. */
export const cacheFolder = '.objects';

/** The use of an entry: while it lasts the files stay. */
export type Hold = Disposable;

/** Hands out the bytes of a file; `restart` begins again. */
export type Download = (
  file: StoredFile,
  target: { restart(): Promise<void>; write(chunk: Uint8Array): Promise<void> },
) => Promise<void>;

/**
 * The files of a lake on object storage that this machine has: a lake on disk, where they have the names that they have in any
 * lake. A record of each entry (its manifest) stands beside; the time of the record is that of the entry's last use. What has
 * no record is not of the storage and is left alone.
 *
 * Any number of processes share it. Files that one of them holds stay; of the others the least recently used make room. A
 * part of results comes and goes whole; of a dataset the small files stay.
 */
export class EntryCache {
  readonly #root: string;
  readonly #place: (path: string) => string;
  readonly #maxBytes: number;
  readonly #pins: Pins;
  /** Files that this thread found to be as their checksum has them. */
  readonly #verified = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  /** `place` gives the absolute path of an entry, and refuses one that leaves the lake. */
  constructor(root: string, place: (path: string) => string, maxBytes: number) {
    this.#root = join(root, cacheFolder);
    this.#place = place;
    this.#maxBytes = maxBytes;
    this.#pins = new Pins(join(this.#root, 'pins'));
  }

  /** The record of an entry; null when this machine has none. */
  async record(path: string): Promise<StoredEntry | null> {
    const file = this.#recordPath(path);
    try {
      const text = await readFile(file, 'utf8');
      const { parseEntry } = await import('./parse_entry.ts');
      return parseEntry(text, file);
    } catch (cause) {
      if (isMissing(cause)) return null;
      throw cause instanceof SpymasterError ? cause : readError(file, cause);
    }
  }

  /** Names of the entries of a folder of which there are records. */
  async recorded(folder: string): Promise<string[]> {
    const names = await readdir(join(this.#root, 'records', folder)).catch(() => []);
    return names.filter(isRecord).map((name) => name.slice(0, -'.json'.length));
  }

  async setRecord(path: string, entry: StoredEntry): Promise<void> {
    this.#place(path);
    await writeFileAtomic(this.#recordPath(path), formatEntry(entry));
  }

  /** Makes the folder of an entry with the small files that its manifest has, if there is none. */
  async addSmallFiles(path: string, entry: StoredEntry): Promise<void> {
    const target = this.#place(path);
    if (entry.kind === 'file' || (await stat(target).catch(() => null)) !== null) return;
    makeFolder(dirname(target));
    await using workspace = await this.#workspace();
    await writeSmallFiles(workspace, entry);
    await workspace.publish(target);
  }

  /** Holds an entry whose files are all here, as they should be; null when some are not. */
  async hold(path: string, entry: StoredEntry): Promise<Hold | null> {
    const files = entry.files.map((file) => ({ file, at: this.#pathOf(path, entry, file) }));
    const release = await this.#locked(async () => {
      for (const { file, at } of files) if ((await sizeOrNull(at)) !== file.bytes) return null;
      await touch(this.#recordPath(path), systemClock.nowMs());
      return this.#pins.pin(files.map(({ at }) => at));
    });
    if (release === null) return null;
    for (const { file, at } of files) {
      if (this.#verified.has(at) || (await sha256File(at)) === file.sha256) {
        this.#verified.add(at);
        continue;
      }
      release();
      await runSteps(removeWhole(comesWhole(path) ? this.#place(path) : at, threadOwners));
      return null;
    }
    return { [Symbol.dispose]: release };
  }

  /** Downloads the files of an entry that are not here. Throws CACHE_TOO_SMALL and what `download` throws. */
  async add(path: string, entry: StoredEntry, download: Download): Promise<void> {
    const missing: StoredFile[] = [];
    for (const file of entry.files) {
      if ((await sizeOrNull(this.#pathOf(path, entry, file))) !== file.bytes) missing.push(file);
    }
    await using workspace = await this.#workspace();
    const large = missing.filter(({ text }) => text === undefined);
    const reserved = new Map<string, ReservedFile>();
    await this.#locked(async () => {
      await this.#makeRoom(large.reduce((sum, { bytes }) => sum + bytes, 0));
      for (const { name, bytes } of large) {
        reserved.set(name, await ReservedFile.create(join(workspace.path, name), bytes));
      }
    });
    try {
      for (const file of large) await download(file, present(reserved.get(file.name)));
    } finally {
      for (const file of reserved.values()) await file.close();
    }
    const target = this.#place(path);
    makeFolder(dirname(target));
    if (comesWhole(path)) {
      await writeSmallFiles(workspace, entry);
      for (const { name } of large) await workspace.adopt(name);
      await workspace.publish(target);
      return;
    }
    await this.addSmallFiles(path, entry);
    for (const file of large) {
      const at = this.#pathOf(path, entry, file);
      await placeGrownFile(join(workspace.path, file.name), at);
      this.#verified.add(at);
    }
  }

  /** Makes room where what was made on this machine takes more than there is. */
  async trim(): Promise<void> {
    await this.#locked(() => this.#makeRoom(0)).catch((error: unknown) => {
      // What is in use stays; the next download says so.
      if (!(error instanceof SpymasterError) || error.code !== 'CACHE_TOO_SMALL') throw error;
    });
  }

  /** Removes an entry that the storage no longer has. */
  async forget(path: string): Promise<void> {
    await this.#locked(async () => {
      await runSteps(removeWhole(this.#place(path), threadOwners));
      await remove(this.#recordPath(path));
    });
  }

  close(): Promise<void> {
    return this.#pins.close();
  }

  async #makeRoom(bytes: number): Promise<void> {
    await this.#pins.removeStale();
    await removeStaleTemporaries(this.#downloads);
    const units = await this.#units();
    let total = bytes + (await bytesBelow(this.#downloads));
    for (const unit of units) total += unit.bytes;
    for (const unit of units.filter(({ isHeld }) => !isHeld).sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.#maxBytes) return;
      for (const path of unit.remove) await runSteps(removeWhole(path, threadOwners));
      total -= unit.bytes;
    }
    if (total <= this.#maxBytes) return;
    throw new SpymasterError(
      'CACHE_TOO_SMALL',
      `Cannot keep ${formatBytes(bytes)} more in the cache ${dirname(this.#root)}: ${formatBytes(total - bytes)} are in use, and it may have ` +
        `${formatBytes(this.#maxBytes)}; set SPYMASTER_CACHE_GB to ${Math.ceil((total / 1e9) * 1000) / 1000} or more.`,
      { path: dirname(this.#root), neededBytes: total, maxBytes: this.#maxBytes },
    );
  }

  /** What there is to be removed, one by one. */
  async #units(): Promise<CachedUnit[]> {
    const records = join(this.#root, 'records');
    const units: CachedUnit[] = [];
    for (const name of await readdir(records, { recursive: true }).catch(() => [])) {
      if (!isRecord(basename(name))) continue;
      const path = name.slice(0, -'.json'.length);
      const entry = await this.record(path);
      if (entry === null) continue;
      const files: { path: string; bytes: number; links: number }[] = [];
      for (const file of entry.files) {
        if (file.text !== undefined && !comesWhole(path)) continue;
        const at = this.#pathOf(path, entry, file);
        const status = await stat(at).catch(() => null);
        if (status !== null) files.push({ path: at, bytes: status.size, links: status.nlink });
      }
      if (files.length === 0) continue;
      units.push({
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
        usedMs: (await stat(this.#recordPath(path)).catch(() => null))?.mtimeMs ?? 0,
        isHeld: files.some(({ links }) => links > 1),
        remove: comesWhole(path) ? [this.#place(path)] : files.map((file) => file.path),
      });
    }
    return units;
  }

  get #downloads(): string {
    return join(this.#root, 'downloads');
  }

  #workspace(): Promise<Workspace> {
    return Workspace.create(join(this.#downloads, 'entry'));
  }

  #recordPath(path: string): string {
    return join(this.#root, 'records', `${path}.json`);
  }

  #pathOf(path: string, { kind }: StoredEntry, { name }: StoredFile): string {
    return kind === 'file' ? this.#place(path) : this.#place(`${path}/${name}`);
  }

  /** Calls of this thread wait for each other here, those of other processes at the lock. */
  #locked<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      makeFolder(this.#root);
      using _lock = await FileLock.take(join(this.#root, 'lock'));
      return await act();
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

/** Whether a file is a record: another process may be writing one, under a name that begins with a dot. */
function isRecord(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Something that leaves the cache at one stroke. */
interface CachedUnit {
  readonly bytes: number;
  readonly usedMs: number;
  readonly isHeld: boolean;
  readonly remove: readonly string[];
}

/** Whether an entry is a part of results, whose readers take any folder of that name for a whole one. */
function comesWhole(path: string): boolean {
  return /^research\/vp_harness\/(results|ledger)\//.test(path);
}

async function writeSmallFiles(workspace: Workspace, { files }: StoredEntry): Promise<void> {
  for (const { name, text } of files) if (text !== undefined) await workspace.write(name, text);
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) bytes += (await sizeOrNull(join(entry.parentPath, entry.name))) ?? 0;
  }
  return bytes;
}
