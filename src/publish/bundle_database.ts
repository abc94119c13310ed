import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { chunksOf, DuckDatabase, quoted, writeError } from '../files/index.ts';
import { type BundleColumn, columnTypes } from './bundle_plan.ts';

const progressIntervalMs = 100;

/** A DuckDB of our own, with bounded memory, that reads datasets and bundles. */
export class BundleDatabase implements AsyncDisposable {
  readonly #database: DuckDatabase;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #interrupt = () => this.#connection.interrupt();

  private constructor(database: DuckDatabase, connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.#database = database;
    this.#connection = connection;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /** Intermediate results beyond the memory limit spill to `spillFolder`, which is made when needed. */
  static async open(spillFolder: string, signal: AbortSignal | undefined): Promise<BundleDatabase> {
    const database = await DuckDatabase.open({ threads: 2, memoryLimit: '1GB', spillFolder });
    const connection = await database.connect();
    await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
    return new BundleDatabase(database, connection, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#database.close();
  }

  /** Rows of a query; `onShare` is told which share of it is done. Throws the signal's reason when that aborts it. */
  async rows(sql: string, onShare?: (share: number) => void): Promise<unknown[][]> {
    this.#signal?.throwIfAborted();
    // DuckDB says -1 where it cannot tell.
    const look = () => onShare?.(Math.max(0, this.#connection.progress.percentage) / 100);
    const timer = onShare === undefined ? undefined : setInterval(look, progressIntervalMs);
    try {
      return (await this.#connection.runAndReadAll(sql)).getRows();
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw cause;
    } finally {
      clearInterval(timer);
    }
  }

  /** Runs a COPY to `path` and gives the rows that it wrote. Throws LAKE_NOT_WRITABLE. */
  async copy(select: string, path: string, options: string, onShare: (share: number) => void): Promise<number> {
    try {
      const [[count]] = (await this.rows(`COPY (${select}) TO ${quoted(path)} (${options})`, onShare)) as [[bigint]];
      return Number(count);
    } catch (cause) {
      throw isAbort(cause) ? cause : writeError(path, cause);
    }
  }

  /** Streams a query chunk by chunk; a chunk is valid until the next. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    this.#signal?.throwIfAborted();
    for await (const chunk of chunksOf(this.#connection, sql)) {
      yield chunk;
      this.#signal?.throwIfAborted();
    }
  }

  /** Names and types of a query's columns. */
  async describe(sql: string): Promise<BundleColumn[]> {
    const columns = (await this.rows(`DESCRIBE ${sql}`)).map(([name, type]) => ({
      name: String(name),
      type: String(type),
    }));
    const odd = columns.find(({ type }) => !(columnTypes as readonly string[]).includes(type));
    if (odd !== undefined) throw new Error(`its column ${odd.name} has the type ${odd.type}`);
    return columns as BundleColumn[];
  }
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}
