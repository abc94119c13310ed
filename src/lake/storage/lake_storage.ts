import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import { ObjectStore, sha256File } from '../../files/light.ts';
import { type Download, EntryCache, type Hold } from './entry_cache.ts';
import type { StoredEntry, StoredFile } from './parse_entry.ts';
import { isPlainName } from './plain_name.ts';
import {
  dataKey,
  dataPrefix,
  formatEntry,
  manifestKey,
  manifestsPrefix,
  maxInlineBytes,
  maxManifestBytes,
  maxNoteBytes,
  notesPrefix,
} from './stored_entry.ts';

/** Downloads of a content that is not what its name says, before it is given up. */
const maxWrong = 3;
/** Attempts to hold what other processes remove from the cache as soon as it has come. */
const maxHolds = 5;
/** How long a glance at notes holds: pages ask every second. */
const glanceMs = 5000;
/** Manifests that are read side by side. */
const parallel = 16;

/**
 * Small files that the workers of a lake leave each other, and that may be replaced and removed: on disk at their path in the lake,
 * on object storage beside what is published. Paths are relative to the lake, with forward slashes.
 */
export interface LakeNotes {
  /** Text of a note; null where there is none. */
  read(path: string): Promise<string | null>;
  write(path: string, text: string): Promise<void>;
  /** Names in a folder, sorted; none where it is missing. */
  names(folder: string): Promise<string[]>;
  /** The number of names in a folder, and when one came, in UNIX milliseconds, 0 for none; of a bucket as of some seconds ago. */
  glance(folder: string): Promise<Glance>;
  /** Removes a note, or a folder of them. What is not there is no error. */
  remove(path: string): Promise<void>;
}

/** What a folder of notes looks like from outside. */
export interface Glance {
  readonly count: number;
  readonly changedMs: number;
}

export interface StorageOptions {
  readonly url: string;
  /** The folder that is the lake on this machine. */
  readonly root: string;
  readonly place: (path: string) => string;
  readonly maxCacheBytes: number;
  /** The endpoint that this cache is of; null for AWS. */
  readonly endpoint: string | null;
}

/**
 * The bucket behind a lake: what is published there appears on this machine when it is asked for, under the name that it has in any
 * lake (`EntryCache`), and what is made here is published there before it gets its name here.
 *
 * Entries are immutable and appear by their manifest, which is written last. Of two writers of one name the first is the one;
 * without conditional writes both write, and a reader sees one of them whole. Paths are relative to the lake's root, with forward slashes.
 *
 * Methods throw STORAGE_REFUSED, STORAGE_UNREACHABLE, CHECKSUM_MISMATCH for what is damaged there, and CACHE_TOO_SMALL.
 */
export class LakeStorage {
  readonly url: string;
  readonly #cache: EntryCache;
  readonly #options: StorageOptions;
  #store: Promise<ObjectStore> | null = null;
  readonly #kept = new Map<string, Hold>();
  readonly #glances = new Map<string, { readonly atMs: number; readonly glance: Promise<Glance> }>();

  constructor(options: StorageOptions) {
    this.url = options.url;
    this.#options = options;
    this.#cache = new EntryCache(options.root, options.place, options.maxCacheBytes);
  }

  /** Names of the entries that are published directly in a folder, sorted. What was there and is no longer, is removed here. */
  async names(folder: string): Promise<string[]> {
    const before = await this.#cache.recorded(folder);
    const names = (await this.#listed(folder)).map(({ name }) => name);
    const listed = new Set(names);
    for (const name of before) if (!listed.has(name)) await this.#cache.forget(`${folder}/${name}`);
    return names;
  }

  /** Names of the entries in a folder that begin so. */
  async namesLike(folder: string, start: string): Promise<string[]> {
    return (await this.#listed(folder, start)).map(({ name }) => name);
  }

  /** The entries of a folder by name; those that are new here are read. */
  async entries(folder: string, names?: readonly string[]): Promise<Map<string, StoredEntry>> {
    const found = new Map<string, StoredEntry>();
    const rest = [...(names ?? (await this.names(folder)))];
    const read = async () => {
      for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
        const entry = await this.entry(`${folder}/${name}`);
        if (entry !== null) found.set(name, entry);
      }
    };
    await Promise.all(Array.from({ length: parallel }, read));
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What an entry consists of; null when there is none. */
  async entry(path: string): Promise<StoredEntry | null> {
    const known = await this.#cache.record(path);
    if (known !== null) return known;
    const entry = await this.#read(path);
    if (entry !== null) await this.#cache.setRecord(path, entry);
    return entry;
  }

  /** Makes the folders of the entries in a folder that are not here, with their small files; gives the names of all. */
  async describe(folder: string): Promise<string[]> {
    const entries = await this.entries(folder);
    for (const [name, entry] of entries) await this.#cache.addSmallFiles(`${folder}/${name}`, entry);
    return [...entries.keys()];
  }

  /** Makes the folder of one entry, with its small files; false when there is no such entry. */
  async describeOne(path: string): Promise<boolean> {
    const entry = await this.entry(path);
    if (entry !== null) await this.#cache.addSmallFiles(path, entry);
    return entry !== null;
  }

  /** Brings an entry here, if it is not, and keeps it here until the hold is disposed; null when there is none. */
  async hold(path: string): Promise<Hold | null> {
    const entry = await this.entry(path);
    if (entry === null) return null;
    for (let attempt = 1; attempt <= maxHolds; attempt++) {
      const hold = await this.#cache.hold(path, entry);
      if (hold !== null) return hold;
      await this.#cache.add(path, entry, this.#download(path));
    }
    throw new SpymasterError(
      'CACHE_TOO_SMALL',
      `Cannot keep ${path} in the cache ${this.#options.root}: other processes take its room as soon as it is there; ` +
        'raise SPYMASTER_CACHE_GB, or run fewer side by side.',
      { path },
    );
  }

  /** Brings an entry here and keeps it until `close`; false when there is none. */
  async keep(path: string): Promise<boolean> {
    if (this.#kept.has(path)) return true;
    const hold = await this.hold(path);
    if (hold === null) return false;
    this.#kept.set(path, hold);
    return true;
  }

  /**
   * Publishes a file, or a folder of files, as the entry `path`; `names` are the folder's files. False when there is such an entry
   * already, which may be another: nothing is replaced.
   */
  async publish(path: string, source: string, names?: readonly string[]): Promise<boolean> {
    this.#options.place(path);
    if ((await this.#read(path)) !== null) return false;
    const at = (name: string) => (names === undefined ? source : join(source, name));
    const files = await Promise.all(
      (names ?? [basename(path)]).map((name) => describeFile(name, at(name), names !== undefined)),
    );
    const store = await this.#opened();
    for (const file of files) {
      if (file.text === undefined) await store.putFile(dataKey(path, file), { path: at(file.name), bytes: file.bytes });
    }
    const entry: StoredEntry = { format: 1, kind: names === undefined ? 'file' : 'folder', files };
    if (!(await store.putIfAbsent(manifestKey(path), new TextEncoder().encode(formatEntry(entry))))) return false;
    await this.#cache.setRecord(path, entry);
    await this.#cache.trim();
    return true;
  }

  /** Removes an entry: its manifest first, so that it is there whole or not at all, then its files. */
  async remove(path: string): Promise<void> {
    const store = await this.#opened();
    await store.remove(manifestKey(path));
    for await (const { key } of store.list(dataPrefix(path))) await store.remove(key);
  }

  /** When each entry of a folder was published, in UNIX milliseconds by the storage's clock. */
  async publishedMs(folder: string): Promise<Map<string, number>> {
    return new Map((await this.#listed(folder)).map(({ name, modifiedMs }) => [name, modifiedMs]));
  }

  /** The text of a small file of an entry's folder, brought here where it is not; null when there is no such entry. */
  async text(path: string, name: string): Promise<string | null> {
    const hold = await this.hold(path);
    if (hold === null) return null;
    using _hold = hold;
    return await readFile(this.#options.place(`${path}/${name}`), 'utf8');
  }

  /** What workers leave each other beside the entries. */
  get notes(): LakeNotes {
    const keyOf = (path: string) => {
      this.#options.place(path);
      return `${notesPrefix}${path}`;
    };
    const listed = async (prefix: string) => {
      const keys: string[] = [];
      for await (const { key } of (await this.#opened()).list(prefix)) keys.push(key);
      return keys;
    };
    return {
      read: async (path) => {
        const bytes = await (await this.#opened()).read(keyOf(path), maxNoteBytes);
        return bytes === null ? null : new TextDecoder().decode(bytes);
      },
      write: async (path, text) => (await this.#opened()).write(keyOf(path), new TextEncoder().encode(text)),
      names: async (folder) => {
        const prefix = `${keyOf(folder)}/`;
        return (await listed(prefix)).map((key) => key.slice(prefix.length)).filter(isPlainName);
      },
      glance: (folder) => {
        const before = this.#glances.get(folder);
        if (before !== undefined && performance.now() - before.atMs < glanceMs) return before.glance;
        const glance = this.#glance(`${keyOf(folder)}/`);
        this.#glances.set(folder, { atMs: performance.now(), glance });
        glance.catch(() => this.#glances.delete(folder));
        return glance;
      },
      remove: async (path) => {
        const store = await this.#opened();
        await store.remove(keyOf(path));
        for (const key of await listed(`${keyOf(path)}/`)) await store.remove(key);
      },
    };
  }

  /** Ends what this thread holds, and its connections. */
  async close(): Promise<void> {
    for (const hold of this.#kept.values()) hold[Symbol.dispose]();
    this.#kept.clear();
    await this.#cache.close();
    (await this.#store)?.close();
    this.#store = null;
  }

  async #listed(folder: string, start = ''): Promise<{ readonly name: string; readonly modifiedMs: number }[]> {
    const prefix = manifestKey(`${folder}/`).slice(0, -'.json'.length);
    const listed: { name: string; modifiedMs: number }[] = [];
    for await (const { key, modifiedMs } of (await this.#opened()).list(`${prefix}${start}`)) {
      const name = key.endsWith('.json') ? key.slice(prefix.length, -'.json'.length) : '';
      // Whatever else lies there is no entry of this folder.
      if (isPlainName(name)) listed.push({ name, modifiedMs });
    }
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #glance(prefix: string): Promise<Glance> {
    let [count, changedMs] = [0, 0];
    for await (const { modifiedMs } of (await this.#opened()).list(prefix)) {
      count++;
      changedMs = Math.max(changedMs, modifiedMs);
    }
    return { count, changedMs };
  }

  async #read(path: string): Promise<StoredEntry | null> {
    const key = manifestKey(path);
    const bytes = await (await this.#opened()).read(key, maxManifestBytes);
    if (bytes === null) return null;
    const { parseEntry } = await import('./parse_entry.ts');
    return parseEntry(new TextDecoder().decode(bytes), `${this.url}/${key}`);
  }

  #download(path: string): Download {
    return async (file, target) => {
      const store = await this.#opened();
      const key = dataKey(path, file);
      for (let attempt = 1; ; attempt++) {
        await target.restart();
        let hash = createHash('sha256');
        const isThere = await store.download(key, {
          restart: async () => {
            hash = createHash('sha256');
            await target.restart();
          },
          write: async (chunk) => {
            hash.update(chunk);
            await target.write(chunk);
          },
        });
        if (isThere && hash.digest('hex') === file.sha256) return;
        if (!isThere) throw this.#damaged(key, 'the object is missing');
        if (attempt === maxWrong) throw this.#damaged(key, 'its SHA-256 is not the one it was written with');
      }
    };
  }

  #damaged(key: string, why: string): SpymasterError {
    const url = `${this.url}/${key}`;
    return new SpymasterError(
      'CHECKSUM_MISMATCH',
      `Cannot use ${url}: ${why}; restore the object, or remove ${manifestsPrefix}… of it and make it again.`,
      { url },
    );
  }

  #opened(): Promise<ObjectStore> {
    this.#store ??= this.#open();
    return this.#store;
  }

  async #open(): Promise<ObjectStore> {
    const { url, endpoint, root } = this.#options;
    const store = await ObjectStore.open(url);
    if (store.endpoint === endpoint) return store;
    throw new SpymasterError(
      'STORAGE_REFUSED',
      `Cannot use ${root}: it is the cache of ${url} at ${endpoint ?? 'AWS'}, and the endpoint of this environment is ` +
        `${store.endpoint ?? 'that of AWS'}; name the lake by its address.`,
      { url },
    );
  }
}

async function describeFile(name: string, path: string, isInFolder: boolean): Promise<StoredFile> {
  const [{ size: bytes }, sha256] = await Promise.all([stat(path), sha256File(path)]);
  if (!isInFolder || bytes > maxInlineBytes || !name.endsWith('.json')) return { name, bytes, sha256 };
  return { name, bytes, sha256, text: await readFile(path, 'utf8') };
}
