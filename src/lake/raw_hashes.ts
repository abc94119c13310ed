import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type HashRecordsOptions,
  hashRecords,
  isBeingRecorded,
  type RecordsIdentity,
  readError,
  sha256File,
  writeFileAtomic,
} from '../files/index.ts';
import { readConfigText } from './config_files.ts';

import type { Lake } from './lake.ts';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const byteCount = z.number().int().nonnegative();

/** What is known of a raw file's content. Files of another version or shape are ignored and written anew. */
const entrySchema = z.strictObject({
  version: z.literal(1),
  path: z.string(),
  size_bytes: byteCount,
  modified_ns: z.string(),
  inode: z.string(),
  /** Of the file as it lies on disk; null when it was not needed. */
  file_sha256: hex64.nullable(),
  /** Of the first `bytes` bytes of its uncompressed records. */
  records: z.array(z.strictObject({ bytes: byteCount, sha256: hex64 })),
  /** Bytes of all its records; null when the file was not read to its end. */
  records_bytes: byteCount.nullable(),
});
type Entry = z.infer<typeof entrySchema>;

/** Tells whether a file is the one that was hashed. */
export type RawStamp = Pick<Entry, 'size_bytes' | 'modified_ns' | 'inode'>;

/** The parts of a raw file's content that a caller needs hashes of. */
export interface WantedHashes {
  readonly file: boolean;
  /** Lengths of the records' beginnings, in uncompressed bytes. */
  readonly recordBytes: readonly number[];
}

/** The hashes of a raw file; what was not asked for, or is not cached, may be missing. */
export interface RawHashes {
  readonly fileSha256: string | null;
  readonly recordsSha256: ReadonlyMap<number, string>;
  /** Bytes of all records; null when unknown, which is then more than every hashed length. */
  readonly recordsBytes: number | null;
}

/**
 * Hashes of raw files, kept in `cache/raw_hashes/` for as long as a file keeps its size, modification time and inode. Deleting
 * the folder costs only the time to hash again.
 */
export class RawHashCache {
  readonly #lake: Lake;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** The cached hashes of a file; empty for a file that changed or was never hashed. Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
  async cached(path: string): Promise<RawHashes> {
    return hashesOf(await this.#load(path, await stampOf(path)));
  }

  /**
   * The hashes that are wanted, from the cache or by reading the file. A length beyond the file's records has no hash.
   * Throws what `hashRecords` throws, and FILE_UNREADABLE for a file that changes meanwhile.
   */
  async hashes(path: string, wanted: WantedHashes, options: HashRecordsOptions = {}): Promise<RawHashes> {
    // What a recording has, it keeps: only its end changes.
    const isGrowing = isBeingRecorded(path);
    const stamp = await stampOf(path);
    const entry = await this.#load(path, stamp);
    const missing = missingLengths(entry, wanted.recordBytes);
    const needsFile = wanted.file && entry.file_sha256 === null;
    if (missing.length === 0 && !needsFile) return hashesOf(entry);
    let { records, records_bytes } = entry;
    if (missing.length > 0) {
      const hashed = await hashRecords(path, missing, options);
      records = [...records, ...Array.from(hashed.sha256ByBytes, ([bytes, sha256]) => ({ bytes, sha256 }))];
      records_bytes ??= hashed.totalBytes;
    }
    const file_sha256 = needsFile ? await sha256File(path) : entry.file_sha256;
    if (!isGrowing) assertSame(path, stamp, await stampOf(path));
    const whole: Entry = { ...entry, file_sha256, records, records_bytes };
    await this.#save(path, whole);
    return hashesOf(whole);
  }

  /** Keeps what was computed of a file since it had `stamp`. */
  async add(path: string, stamp: RawStamp, fileSha256: string, records: RecordsIdentity): Promise<void> {
    const entry = await this.#load(path, stamp);
    const { bytes, sha256, ends_with_file } = records;
    await this.#save(path, {
      ...entry,
      file_sha256: fileSha256,
      records: [...entry.records.filter((known) => known.bytes !== bytes), { bytes, sha256 }],
      records_bytes: ends_with_file ? bytes : entry.records_bytes,
    });
  }

  #file(path: string): string {
    return join(this.#lake.rawHashCache, `${sha256Hex(this.#lake.relative(path)).slice(0, 32)}.json`);
  }

  async #load(path: string, stamp: RawStamp): Promise<Entry> {
    const empty: Entry = {
      ...{ version: 1, path: this.#lake.relative(path), ...stamp },
      ...{ file_sha256: null, records: [], records_bytes: null },
    };
    try {
      const parsed = entrySchema.safeParse(JSON.parse(await readConfigText(this.#file(path))));
      return parsed.success && isSame(parsed.data, empty) ? parsed.data : empty;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof SpymasterError) return empty;
      throw error;
    }
  }

  /** A cache that cannot be written (a lake on a read-only disk) costs only time. */
  async #save(path: string, entry: Entry): Promise<void> {
    try {
      await writeFileAtomic(this.#file(path), `${JSON.stringify(entry)}\n`);
    } catch (error) {
      if (!(error instanceof SpymasterError) || error.code !== 'LAKE_NOT_WRITABLE') throw error;
    }
  }
}

/** Lengths whose hash is unknown though the file may reach them. */
function missingLengths({ records, records_bytes }: Entry, lengths: readonly number[]): number[] {
  const known = new Set(records.map(({ bytes }) => bytes));
  return lengths.filter((bytes) => !known.has(bytes) && (records_bytes === null || bytes <= records_bytes));
}

function hashesOf({ file_sha256, records, records_bytes }: Entry): RawHashes {
  const recordsSha256 = new Map(records.map(({ bytes, sha256 }) => [bytes, sha256]));
  return { fileSha256: file_sha256, recordsSha256, recordsBytes: records_bytes };
}

/** Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
export async function stampOf(path: string): Promise<RawStamp> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return { size_bytes: Number(size), modified_ns: String(mtimeNs), inode: String(ino) };
  } catch (cause) {
    throw readError(path, cause);
  }
}

function isSame(one: RawStamp, other: RawStamp): boolean {
  return one.size_bytes === other.size_bytes && one.modified_ns === other.modified_ns && one.inode === other.inode;
}

function assertSame(path: string, before: RawStamp, after: RawStamp): void {
  if (isSame(before, after)) return;
  throw new SpymasterError('FILE_UNREADABLE', `Cannot hash ${path}: it changed while it was read; try again.`, {
    path,
  });
}
