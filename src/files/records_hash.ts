import { createHash } from 'node:crypto';
import { openRecords } from './open_records.ts';

/** The records of a replay file that something was made from: what stays the same however the file is compressed. */
export interface RecordsIdentity {
  /** Bytes of the records, uncompressed, from the first record to the last one used. */
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly sha256: string;
  /** Whether the file ended there before the capture did: a longer file is then another source. */
  readonly ends_with_file: boolean;
}

/** SHA-256 and length of records that pass by. */
export class RecordsHash {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  update(records: Uint8Array): void {
    this.#hash.update(records);
    this.#bytes += records.length;
  }

  identity(endsWithFile: boolean): RecordsIdentity {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex'), ends_with_file: endsWithFile };
  }
}

/** Hashes of the first records of a file, for each length that the file reaches. */
export interface HashedRecords {
  readonly sha256ByBytes: ReadonlyMap<number, string>;
  /** Bytes of all records; null when the file was not read to its end. */
  readonly totalBytes: number | null;
}

export interface HashRecordsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called often, with the bytes read of those on disk. */
  readonly onProgress?: ((bytesRead: number, sizeBytes: number) => void) | undefined;
}

/**
 * Hashes the first `lengths` bytes of a file's records, all of them in one pass that ends behind the longest one. Throws what
 * `openRecords` and iterating it throw.
 */
export async function hashRecords(
  path: string,
  lengths: readonly number[],
  { signal, onProgress }: HashRecordsOptions = {},
): Promise<HashedRecords> {
  const wanted = [...new Set(lengths)].sort((a, b) => a - b);
  const sha256ByBytes = new Map<number, string>();
  const hash = createHash('sha256');
  let done = 0;
  await using source = await openRecords(path);
  for await (const { bytes } of source) {
    signal?.throwIfAborted();
    onProgress?.(source.bytesRead, source.sizeBytes);
    let at = 0;
    for (let next = wanted[0]; next !== undefined && next <= done + bytes.length; next = wanted[0]) {
      hash.update(bytes.subarray(at, next - done));
      at = next - done;
      sha256ByBytes.set(next, hash.copy().digest('hex'));
      wanted.shift();
    }
    // A record behind the longest length was seen: the file goes on there.
    if (wanted.length === 0 && at < bytes.length) return { sha256ByBytes, totalBytes: null };
    hash.update(bytes.subarray(at));
    done += bytes.length;
  }
  return { sha256ByBytes, totalBytes: done };
}
