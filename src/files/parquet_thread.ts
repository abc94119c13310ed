import type { Worker } from 'node:worker_threads';
import { startWorker } from '../worker.ts';
import type { WrittenFile } from './protocol/file_steps.ts';
import { writeError } from './write_error.ts';

export type { WrittenFile } from './protocol/file_steps.ts';

export type ParquetRequest =
  | {
      readonly type: 'create';
      readonly id: number;
      readonly path: string;
      readonly rowGroupRows: number;
      readonly rangeColumns: readonly string[];
    }
  | { readonly type: 'batch'; readonly id: number; readonly buffer: ArrayBuffer; readonly byteLength: number }
  | { readonly type: 'complete'; readonly id: number };

export type ParquetReply =
  | { readonly type: 'returned'; readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly type: 'finished'; readonly id: number; readonly written: WrittenFile }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string };

export interface ParquetFileOptions {
  /** Most rows of a row group: what a reader of a range must read at least. */
  readonly rowGroupRows: number;
  /** Columns whose minima and maxima let a reader skip row groups. */
  readonly rangeColumns: readonly string[];
}

/** A Parquet file that another thread writes, from Arrow IPC streams of one record batch each. */
export interface ParquetFile {
  /** A buffer of `byteLength` bytes to fill and send; waits while all are in use, so that memory stays bounded. */
  buffer(byteLength: number): Promise<ArrayBuffer>;
  /** Hands over a buffer; its memory belongs to the thread from here on. */
  send(buffer: ArrayBuffer, byteLength: number): void;
  /** Ends the file; fulfilled when it is durable. At least one batch, maybe empty, came before. */
  finish(): Promise<WrittenFile>;
}

/** Buffers of one file that are under way at once. */
const maxBuffers = 3;

/**
 * The thread that encodes, compresses and writes Parquet, for any number of files at once.
 * Files are written under the name given: give a temporary one, and rename it when `finish` is fulfilled.
 */
export class ParquetThread {
  readonly #worker: Worker;
  readonly #files = new Map<number, FileEnd>();
  #nextId = 0;

  constructor() {
    this.#worker = startWorker(import.meta.url, './parquet_worker');
    this.#worker.on('message', (reply: ParquetReply) => this.#files.get(reply.id)?.handle(reply));
    this.#worker.on('error', (cause: Error) => {
      for (const file of this.#files.values()) file.fail(cause);
    });
  }

  /** Starts a file at `path`, which must not exist. Its methods throw LAKE_NOT_WRITABLE. */
  createFile(path: string, options: ParquetFileOptions): ParquetFile {
    const id = this.#nextId++;
    const file = new FileEnd(id, path, (request, transfer) => this.#worker.postMessage(request, transfer));
    this.#files.set(id, file);
    this.#worker.postMessage({ type: 'create', id, path, ...options } satisfies ParquetRequest);
    return file;
  }

  /** Ends the thread at once; files that are not finished stay as they are, for the caller to remove. */
  async close(): Promise<void> {
    await this.#worker.terminate();
    for (const file of this.#files.values()) file.fail(new Error('the Parquet thread was closed'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** This side's view of a file. */
class FileEnd implements ParquetFile {
  readonly #id: number;
  readonly #path: string;
  readonly #post: (request: ParquetRequest, transfer: ArrayBuffer[]) => void;
  readonly #free: ArrayBuffer[] = [];
  readonly #finished = Promise.withResolvers<WrittenFile>();
  #allocated = 0;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(id: number, path: string, post: (request: ParquetRequest, transfer: ArrayBuffer[]) => void) {
    this.#id = id;
    this.#path = path;
    this.#post = post;
    this.#finished.promise.catch(() => {});
  }

  async buffer(byteLength: number): Promise<ArrayBuffer> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const free = this.#free.pop();
      if (free !== undefined && free.byteLength >= byteLength) return free;
      if (free !== undefined) this.#allocated--;
      if (this.#allocated < maxBuffers) {
        this.#allocated++;
        return new ArrayBuffer(byteLength);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(buffer: ArrayBuffer, byteLength: number): void {
    this.#post({ type: 'batch', id: this.#id, buffer, byteLength }, [buffer]);
  }

  finish(): Promise<WrittenFile> {
    this.#post({ type: 'complete', id: this.#id }, []);
    return this.#finished.promise;
  }

  handle(reply: ParquetReply): void {
    if (reply.type === 'failed')
      this.fail(Object.assign(new Error(reply.message), { code: reply.code || reply.message }));
    else if (reply.type === 'finished') this.#finished.resolve(reply.written);
    else {
      this.#free.push(reply.buffer);
      this.#wake?.();
    }
  }

  fail(cause: Error): void {
    this.#failure ??= writeError(this.#path, cause);
    this.#finished.reject(this.#failure);
    this.#wake?.();
  }
}
