import { createRequire } from 'node:module';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';

/**
 * DuckDB's package, loaded where it is first needed: most of what imports this room asks no query. Required, for an import reads each of
 * its 181 files once more, for the names that it exports.
 */
export function duckdb(): typeof import('@duckdb/node-api') {
  return createRequire(import.meta.url)('@duckdb/node-api');
}

export interface DuckOptions {
  readonly threads: number;
  /** As DuckDB reads it: `1GB`. */
  readonly memoryLimit?: string;
  /** Where intermediate results beyond the memory limit go; made when needed. */
  readonly spillFolder?: string;
}

/** A DuckDB in memory, which reads and writes Parquet files. */
export class DuckDatabase implements Disposable {
  readonly #instance: DuckDBInstance;
  readonly #connections: DuckDBConnection[] = [];

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** Opens one; `meanwhile` is called while it starts, on other threads. */
  static async open(
    { threads, memoryLimit, spillFolder }: DuckOptions,
    meanwhile: () => void = () => {},
  ): Promise<DuckDatabase> {
    const starting = duckdb().DuckDBInstance.create(':memory:', {
      threads: String(threads),
      // The system keeps what was read of files: keeping it once more takes longer than reading it again.
      enable_external_file_cache: 'false',
      ...(memoryLimit !== undefined && { memory_limit: memoryLimit }),
      ...(spillFolder !== undefined && { temp_directory: spillFolder }),
    });
    meanwhile();
    return new DuckDatabase(await starting);
  }

  /**
   * A connection, closed with the database. It streams one result at a time: the next query on it would end the one before,
   * without an error.
   */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    this.#connections.push(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.#connections.splice(0)) connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Streams the result of a query; a chunk is valid until the next. */
export async function* chunksOf(connection: DuckDBConnection, sql: string): AsyncGenerator<DuckDBDataChunk, void> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** The numbers of a chunk's column of a plain numeric type, a view into the chunk; those of NULLs are arbitrary. */
export function chunkColumn(chunk: DuckDBDataChunk, index: number): ArrayLike<number> {
  return (chunk.getColumnVector(index) as unknown as { items: ArrayLike<number> }).items;
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The path of one file as DuckDB's readers take it, an SQL literal: they would expand a pattern. */
export function quotedFile(path: string): string {
  return quoted(path.replace(/[[*?]/g, '[$&]'));
}
