import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, contentHash, type ProductType } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type Clock, readError, remove, systemClock, touch, writeFileAtomic } from '../files/index.ts';

import type { Lake } from './lake.ts';
import type { FileIdentity } from './raw.ts';

/** What a checkpoint belongs to: it serves only the same records up to the same moment. */
export interface BookCheckpointKey {
  readonly productType: ProductType;
  readonly symbol: string;
  /** The publisher whose book it is; null where none was chosen. */
  readonly publisherId: number | null;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
  /** When the warm-up starts, UNIX nanoseconds. */
  readonly warmUpStartNs: bigint;
  readonly file: FileIdentity;
}

/** An engine's state and where in the file it stands. */
export interface BookCheckpoint {
  readonly state: Uint8Array;
  /** Offset in the decompressed stream of the first record that the state has not seen. */
  readonly byteOffset: number;
}

const magic = new TextEncoder().encode('SPYBOOK\n');
const bookStateVersion = 5;
/** Magic, version u32, bytes of the key's JSON text u32, byte offset f64, SHA-256 of all the rest; then key and state. */
const headerBytes = 56;
const extension = '.vpbook';
const keyPattern = /^[0-9a-f]{64}\.vpbook$/;

/** A checkpoint as it lies in the cache. */
export interface BookCacheEntry {
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last used, UNIX milliseconds. */
  readonly usedMs: number;
  /** What it belongs to; null when it cannot be used. */
  readonly key: BookCheckpointKey | null;
  /** Why it cannot be used, `is damaged`; null when it can. */
  readonly problem: string | null;
}

export interface BookCacheOptions {
  /** Told, in a sentence, of everything that was ignored: a damaged checkpoint, a folder that cannot be written. */
  readonly notice: (text: string) => void;
  /** The oldest checkpoints go when all together are larger than this. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

/**
 * Checkpoints of books under `cache/vp_book/`, so that a second replay need not read a day up to its start. Only ever saves
 * time: what is missing, damaged or cannot be written is made anew, with a notice.
 */
export class BookCache {
  readonly #folder: string;
  readonly #notice: (text: string) => void;
  readonly #maxBytes: number;
  readonly #clock: Clock;

  constructor(lake: Lake, options: BookCacheOptions) {
    this.#folder = lake.bookCache;
    this.#notice = options.notice;
    this.#maxBytes = options.maxBytes ?? 1 << 30;
    this.#clock = options.clock ?? systemClock;
  }

  /** The checkpoint of a key; null when there is none that can be used. */
  async load(key: BookCheckpointKey): Promise<BookCheckpoint | null> {
    const path = this.#path(key);
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await readFile(path));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#notice(`The book checkpoint ${path} cannot be read and is ignored: ${(cause as Error).message}.`);
      }
      return null;
    }
    const problem = problemOf(bytes);
    if (problem !== null) {
      this.#notice(`The book checkpoint ${path} ${problem} and is ignored; it is made anew.`);
      await remove(path).catch(() => {});
      return null;
    }
    // The time of last use decides what goes when the cache is full.
    await touch(path, this.#clock.nowMs());
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { state: bytes.slice(headerBytes + view.getUint32(12, true)), byteOffset: view.getFloat64(16, true) };
  }

  /** All checkpoints, each verified, the one used last first. */
  async entries(): Promise<BookCacheEntry[]> {
    const names = await readdir(this.#folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw readError(this.#folder, cause);
    });
    const entries: BookCacheEntry[] = [];
    for (const name of names.filter((candidate) => keyPattern.test(candidate))) {
      const path = join(this.#folder, name);
      const status = await stat(path).catch(() => null);
      if (status === null) continue;
      const bytes = new Uint8Array(await readFile(path).catch(() => new Uint8Array()));
      const problem = problemOf(bytes);
      const key = problem === null ? keyOf(bytes) : null;
      entries.push({ path, sizeBytes: status.size, usedMs: status.mtimeMs, key, problem });
    }
    return entries.sort((a, b) => b.usedMs - a.usedMs);
  }

  /** Keeps a checkpoint, and lets the oldest go when the cache is full. */
  async save(key: BookCheckpointKey, checkpoint: BookCheckpoint): Promise<void> {
    const path = this.#path(key);
    const keyText = new TextEncoder().encode(canonicalJson(plainKey(key)));
    const bytes = new Uint8Array(headerBytes + keyText.length + checkpoint.state.length);
    const view = new DataView(bytes.buffer);
    bytes.set(magic);
    view.setUint32(8, bookStateVersion, true);
    view.setUint32(12, keyText.length, true);
    view.setFloat64(16, checkpoint.byteOffset, true);
    bytes.set(keyText, headerBytes);
    bytes.set(checkpoint.state, headerBytes + keyText.length);
    bytes.set(digest(bytes), 24);
    try {
      await writeFileAtomic(path, bytes);
      await this.#trim(path);
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      this.#notice(`The book checkpoint is not kept: ${error.message}`);
    }
  }

  #path(key: BookCheckpointKey): string {
    return join(this.#folder, contentHash({ ...plainKey(key), version: bookStateVersion }, 64) + extension);
  }

  async #trim(newest: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => keyPattern.test(name));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const status = await stat(path).catch(() => null);
        return {
          path,
          sizeBytes: status?.size ?? 0,
          usedMs: path === newest ? Number.POSITIVE_INFINITY : (status?.mtimeMs ?? 0),
        };
      }),
    );
    let total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.#maxBytes || file.path === newest) break;
      await remove(file.path);
      total -= file.sizeBytes;
    }
  }
}

/** A key as plain data, as it is hashed and stored. */
function plainKey({ productType, symbol, publisherId, date, warmUpStartNs, file }: BookCheckpointKey) {
  return { productType, symbol, publisherId, date, warmUpStartNs: String(warmUpStartNs), file: { ...file } };
}

/** What a whole checkpoint says that it belongs to. */
function keyOf(bytes: Uint8Array): BookCheckpointKey {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(12, true);
  const text = new TextDecoder().decode(bytes.subarray(headerBytes, headerBytes + length));
  const plain = JSON.parse(text) as ReturnType<typeof plainKey>;
  return { ...plain, warmUpStartNs: BigInt(plain.warmUpStartNs) };
}

/** Why these bytes are no checkpoint that can be used; null when they are one. */
function problemOf(bytes: Uint8Array): string | null {
  if (bytes.length < headerBytes || magic.some((byte, i) => bytes[i] !== byte)) return 'is not one';
  const found = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(8, true);
  if (found !== bookStateVersion) return `is of version ${found}, not ${bookStateVersion},`;
  const stored = bytes.subarray(24, headerBytes);
  return digest(bytes).every((byte, i) => byte === stored[i]) ? null : 'is damaged';
}

/** SHA-256 of a checkpoint, the place of the hash itself left out. */
function digest(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes.subarray(0, 24)).update(bytes.subarray(headerBytes)).digest();
}
