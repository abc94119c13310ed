import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { SpymasterError } from '../../errors.ts';
import { formatBytes } from '../../format.ts';
import { readError } from '../file_chunks.ts';
import { loadS3Library, type OpenedClient, openS3Client, type S3Library } from './s3_client.ts';
import { statusOf, storageError } from './storage_error.ts';

/** An object as a listing has it. */
export interface StoredObject {
  /** Below the store's address, with forward slashes. */
  readonly key: string;
  readonly bytes: number;
  /** UNIX milliseconds by the storage's clock. */
  readonly modifiedMs: number;
}

/** A file whose bytes are known. */
export interface KnownFile {
  readonly path: string;
  readonly bytes: number;
}

/** Larger files are uploaded in pieces of this size, each of which is held in memory and sent again when it fails. */
const pieceBytes = 32 << 20;
/** Attempts at a download whose stream breaks; whole requests are repeated by the client itself. */
const maxDownloads = 4;
const firstPauseMs = 200;
/** A connection on which nothing comes for so long is given up. */
const defaultSilentMs = 30_000;

/**
 * A folder of a bucket that speaks S3, `s3://bucket/prefix`. Objects are written once; `putIfAbsent` says whether there was one.
 *
 * Methods throw STORAGE_REFUSED where trying again gives the same, and STORAGE_UNREACHABLE once several attempts have failed.
 */
export class ObjectStore {
  /** `s3://bucket/prefix`, without a slash at its end. */
  readonly url: string;
  readonly endpoint: string | null;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #library: S3Library;
  readonly #client: OpenedClient['client'];
  readonly #silentMs: number;

  private constructor(url: string, library: S3Library, { client, endpoint }: OpenedClient, silentMs: number) {
    const { bucket, prefix } = parseStorageUrl(url);
    this.url = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#library = library;
    this.#client = client;
    this.endpoint = endpoint;
    this.#silentMs = silentMs;
  }

  /** Opens a store without a request. Throws USAGE for another address and PACKAGE_MISSING. */
  static async open(url: string, silentMs = defaultSilentMs): Promise<ObjectStore> {
    parseStorageUrl(url);
    const library = await loadS3Library();
    return new ObjectStore(url, library, await openS3Client(library, silentMs), silentMs);
  }

  close(): void {
    this.#client.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The objects whose keys begin with `prefix`, by key. */
  async *list(prefix: string): AsyncGenerator<StoredObject, void> {
    let token: string | undefined;
    do {
      const command = new this.#library.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: `${this.#prefix}${prefix}`,
        ContinuationToken: token,
      });
      const page = await this.#client.send(command).catch((cause) => {
        throw storageError('list', this.#address(prefix), cause);
      });
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        yield { key: Key.slice(this.#prefix.length), bytes: Size, modifiedMs: LastModified?.getTime() ?? 0 };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** The bytes of an object; null when there is none. One larger than `maxBytes` is refused. */
  async read(key: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const isThere = await this.download(key, {
      restart: async () => {
        chunks.length = bytes = 0;
      },
      write: async (chunk) => {
        bytes += chunk.length;
        if (bytes > maxBytes) throw this.#tooLarge(key, maxBytes);
        chunks.push(chunk);
      },
    });
    return isThere ? new Uint8Array(Buffer.concat(chunks)) : null;
  }

  /**
   * Hands out an object piece by piece; false when there is none. After a stream that broke, `restart` is called and the object
   * comes again from its first byte.
   */
  async download(
    key: string,
    target: { restart(): Promise<void>; write(chunk: Uint8Array): Promise<void> },
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const command = new this.#library.GetObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}${key}` });
        const { Body, ContentLength } = await this.#client.send(command);
        let bytes = 0;
        for await (const chunk of this.#watched(Body as Readable)) {
          bytes += chunk.length;
          await target.write(chunk);
        }
        if (ContentLength !== undefined && bytes !== ContentLength) throw new TruncatedError();
        return true;
      } catch (cause) {
        if (statusOf(cause) === 404 && (cause as Error).name !== 'NoSuchBucket') return false;
        if (cause instanceof SpymasterError) throw cause;
        const failure = storageError('read', this.#address(key), cause);
        if (failure.code === 'STORAGE_REFUSED' || attempt === maxDownloads) throw failure;
        await pause(firstPauseMs * 2 ** (attempt - 1));
        await target.restart();
      }
    }
  }

  /** Writes a small object unless there is one; false when there is. Where the storage knows no such condition, it is replaced. */
  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const object = { Bucket: this.#bucket, Key: `${this.#prefix}${key}`, Body: body, ContentLength: body.length };
    const put = (condition: { IfNoneMatch?: '*' }) =>
      this.#client.send(new this.#library.PutObjectCommand({ ...object, ...condition }));
    try {
      await put({ IfNoneMatch: '*' }).catch((cause: unknown) => {
        if (statusOf(cause) !== 501) throw cause;
        return put({});
      });
      return true;
    } catch (cause) {
      const status = statusOf(cause);
      // Another writer was first, or writes at this moment.
      if (status === 412 || status === 409) return false;
      throw storageError('write', this.#address(key), cause);
    }
  }

  /** Writes a small object, in place of one of its name. */
  write(key: string, body: Uint8Array): Promise<void> {
    return this.#put(key, body);
  }

  /** Writes a file under a name that its content decides: an object of this name and size is the same and is left alone. */
  async putFile(key: string, { path, bytes }: KnownFile): Promise<void> {
    if ((await this.#sizeOf(key)) === bytes) return;
    const file = await open(path).catch((cause: unknown) => {
      throw readError(path, cause);
    });
    try {
      const read = async (position: number) => {
        const piece = new Uint8Array(Math.min(pieceBytes, bytes - position));
        let filled = 0;
        while (filled < piece.length) {
          const { bytesRead } = await file.read(piece, filled, piece.length - filled, position + filled);
          if (bytesRead === 0) throw readError(path, new Error('it became shorter while it was uploaded'));
          filled += bytesRead;
        }
        return piece;
      };
      if (bytes <= pieceBytes) await this.#put(key, await read(0));
      else await this.#putPieces(key, bytes, read);
    } finally {
      await file.close();
    }
  }

  /** Removes an object; what is not there is no error. */
  async remove(key: string): Promise<void> {
    await this.#client
      .send(new this.#library.DeleteObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}${key}` }))
      .catch((cause) => {
        if (statusOf(cause) !== 404) throw storageError('delete', this.#address(key), cause);
      });
  }

  async #sizeOf(key: string): Promise<number | null> {
    try {
      const command = new this.#library.HeadObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}${key}` });
      return (await this.#client.send(command)).ContentLength ?? null;
    } catch (cause) {
      if (statusOf(cause) === 404) return null;
      throw storageError('look at', this.#address(key), cause);
    }
  }

  async #put(key: string, body: Uint8Array): Promise<void> {
    const object = { Bucket: this.#bucket, Key: `${this.#prefix}${key}`, Body: body, ContentLength: body.length };
    await this.#client.send(new this.#library.PutObjectCommand(object)).catch((cause) => {
      throw storageError('write', this.#address(key), cause);
    });
  }

  async #putPieces(key: string, bytes: number, read: (position: number) => Promise<Uint8Array>): Promise<void> {
    const { CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand } = this.#library;
    const object = { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
    try {
      const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(object));
      const upload = { ...object, UploadId };
      try {
        const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
        for (let position = 0; position < bytes; position += pieceBytes) {
          const PartNumber = Parts.length + 1;
          const Body = await read(position);
          const part = { ...upload, PartNumber, Body, ContentLength: Body.length };
          Parts.push({ PartNumber, ETag: (await this.#client.send(new UploadPartCommand(part))).ETag });
        }
        await this.#client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      } catch (cause) {
        // Pieces that stay are the storage's to clear up; why the upload failed matters more.
        await this.#client.send(new this.#library.AbortMultipartUploadCommand(upload)).catch(() => {});
        throw cause;
      }
    } catch (cause) {
      throw storageError('write', this.#address(key), cause);
    }
  }

  /** The stream, given up when nothing comes for too long. */
  async *#watched(body: Readable): AsyncGenerator<Uint8Array, void> {
    const timer = setTimeout(() => body.destroy(new SilentError()), this.#silentMs);
    try {
      for await (const chunk of body) {
        timer.refresh();
        yield chunk as Uint8Array;
      }
    } finally {
      clearTimeout(timer);
      body.destroy();
    }
  }

  #address(key: string): string {
    return `${this.url}/${key}`;
  }

  #tooLarge(key: string, maxBytes: number): SpymasterError {
    const url = this.#address(key);
    return new SpymasterError(
      'STORAGE_REFUSED',
      `Cannot read ${url}: it is larger than the ${formatBytes(maxBytes)} that such an object has at most; it is not of a lake.`,
      { url },
    );
  }
}

class TruncatedError extends Error {
  override readonly name = 'the answer was cut short';
}

class SilentError extends Error {
  override readonly name = 'the answer stood still';
}

/** Bucket and prefix of `s3://bucket/prefix`. Throws USAGE. */
export function parseStorageUrl(url: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9._-]+)(?:\/(.*?))?\/*$/i.exec(url) ?? [];
  const isPlain = prefix?.split('/').every((name) => /^[\w.=@+-]+$/.test(name) && !/^\.+$/.test(name)) ?? true;
  if (bucket !== undefined && (prefix === '' || isPlain)) return { bucket, prefix: prefix ?? '' };
  throw new SpymasterError(
    'USAGE',
    `Cannot use ${url} as a lake: expected s3://bucket or s3://bucket/prefix, with a prefix of letters, digits and . _ - = @ +.`,
    { key: 'lake-root' },
  );
}

/** Whether a text names object storage rather than a folder. */
export function isStorageUrl(text: string): boolean {
  return /^s3:\/\//i.test(text);
}
