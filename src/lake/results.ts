import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import { lostError, Workspace, writeError } from '../files/index.ts';
import { systemCode } from '../system_errors.ts';
import type { Lake } from './lake.ts';
import { type PartManifest, partFormat, partManifestName, partPrefix, ResultParts } from './results_parts.ts';
import {
  type ResultColumnType,
  type ResultRow,
  type ResultRows,
  type ResultTable,
  resultTables,
} from './results_tables.ts';

const interruptEveryMs = 20;

const tableNames = Object.keys(resultTables) as ResultTable[];

/**
 * Results of runs: append-only parts, each a folder of Parquet files that appears whole or not at all, queried through
 * DuckDB as the tables `runs_meta`, `runs`, `sweeps`, and of each run `trials`
 * and `resolved`. Of a run that was evaluated again only the newest rows
 * show. Any number of processes may append, query and compact at once.
 *
 * Methods throw LAKE_NOT_WRITABLE when the store cannot be written and CHECKSUM_MISMATCH when a part is damaged.
 */
export class ResultsStore {
  readonly folder: string;
  readonly #connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #parts: ResultParts;
  #shown: string | null = null;
  #interrupting: NodeJS.Timeout | null = null;

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.folder = folder;
    this.#parts = new ResultParts(folder);
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Opens a lake's store; queries run on `threads` threads. */
  static async open(lake: Lake, threads = 2): Promise<ResultsStore> {
    // Loaded here, because most of what imports the lake asks no query.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
    return new ResultsStore(lake.results, instance, await instance.connect());
  }

  /** Fails queries that run, and all that follow: a thread must not end under a query (see ThreadQueue). */
  interrupt(): void {
    // Again and again: one that is about to start forgets that it was interrupted.
    this.#interrupting ??= setInterval(() => this.#connection.interrupt(), interruptEveryMs).unref();
    this.#connection.interrupt();
  }

  close(): void {
    if (this.#interrupting !== null) clearInterval(this.#interrupting);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Adds rows as one new part. A number that is NaN or infinite is refused: nothing is written. */
  async append(rows: ResultRows): Promise<void> {
    const given = tableNames.filter((table) => (rows[table]?.length ?? 0) > 0);
    await this.#writePart([], given, (folder, table) =>
      this.#writeRows(folder, table, rows[table] as readonly ResultRow<ResultTable>[]),
    );
  }

  /**
   * Rows of a query over the tables, as plain objects; integers beyond 2^53 come as bigint.
   * @param values of the query's $1, $2, …
   */
  async query(sql: string, values: DuckDBValue[] = []): Promise<Record<string, unknown>[]> {
    return this.#attempt(async () => {
      const result = await this.#connection.runAndReadAll(sql, values);
      return result.getRowObjectsJS() as Record<string, unknown>[];
    });
  }

  /** The numbers that a query gives whose only column is a DOUBLE without nulls. */
  async queryNumbers(sql: string, values: DuckDBValue[] = []): Promise<Float64Array> {
    return this.#attempt(async () => {
      const result = await this.#connection.run(sql, values);
      const chunks = await result.fetchAllChunks();
      const numbers = new Float64Array(chunks.reduce((count, chunk) => count + chunk.rowCount, 0));
      let at = 0;
      for (const chunk of chunks) {
        const { items } = chunk.getColumnVector(0) as unknown as { items: Float64Array };
        numbers.set(items.subarray(0, chunk.rowCount), at);
        at += chunk.rowCount;
      }
      return numbers;
    });
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#show();
        if (this.#interrupting !== null) throw new Error('the query was interrupted');
        return await run();
      } catch (cause) {
        // A part may be taken over by a compaction between the listing and the reading.
        if (attempt >= 3 || !/No such file|No files found|IO Error/i.test(String(cause))) throw cause;
        this.#shown = null;
      }
    }
  }

  /** Merges all parts into one and drops superseded rows; gives the numbers of parts before and after. */
  async compact(): Promise<{ readonly before: number; readonly after: number }> {
    const parts = [...this.#parts.all().keys()];
    if (parts.length < 2) return { before: parts.length, after: parts.length };
    await this.#show();
    const merged = await this.#writePart(parts, tableNames, async (folder, table) => {
      const file = quoted(join(folder, `${table}.parquet`));
      await this.#connection.run(`COPY (SELECT * FROM ${table}) TO ${file} (FORMAT parquet, COMPRESSION zstd)`);
    });
    // What was merged goes only once its successor was read back from its final place.
    if (merged === null || this.#parts.verify(merged) === null) {
      throw lostError(this.folder, 'the part that all others were merged into was removed');
    }
    for (const part of parts) await rm(join(this.folder, part), { recursive: true, force: true });
    return { before: parts.length, after: 1 };
  }

  /** Writes a part with a file for each of these tables, and gives its name; null when there is nothing to write. */
  async #writePart(
    replaces: readonly string[],
    tables: readonly ResultTable[],
    write: (folder: string, table: ResultTable) => Promise<void>,
  ): Promise<string | null> {
    if (tables.length === 0) return null;
    // Names sort by time; the random end keeps writers of one millisecond apart.
    const name = `${partPrefix}${String(Date.now()).padStart(15, '0')}-${randomUUID().slice(0, 8)}`;
    try {
      await using workspace = await Workspace.create(join(this.folder, name));
      const files: Record<string, string> = {};
      for (const table of tables) {
        await write(workspace.path, table);
        const file = `${table}.parquet`;
        files[file] = (await workspace.adopt(file)).sha256;
      }
      const manifest: PartManifest = { format: partFormat, files, replaces };
      await workspace.write(partManifestName, `${JSON.stringify(manifest)}\n`);
      if (!(await workspace.publish())) throw lostError(workspace.target, 'another of that name was made');
      return name;
    } catch (cause) {
      // DuckDB tells the system's failures in words; anything else is a defect.
      throw systemCode(cause) === null ? cause : writeError(this.folder, cause);
    }
  }

  async #writeRows(folder: string, table: ResultTable, rows: readonly ResultRow<ResultTable>[]): Promise<void> {
    const columns: readonly (readonly [string, ResultColumnType])[] = resultTables[table];
    const { DOUBLE, LIST, listValue } = await import('@duckdb/node-api');
    const staging = `staging_${randomUUID().slice(0, 8)}`;
    await this.#connection.run(
      `CREATE TEMP TABLE ${staging} (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`,
    );
    try {
      const appender = await this.#connection.createAppender(staging);
      for (const row of rows as readonly Record<string, unknown>[]) {
        for (const [name, type] of columns) {
          const value = row[name] as DuckDBValue | Float64Array;
          assertFinite(value, table, name, row);
          if (value === null) appender.appendNull();
          else if (type === 'VARCHAR') appender.appendVarchar(value as string);
          else if (type === 'INTEGER') appender.appendInteger(value as number);
          else if (type === 'DOUBLE') appender.appendDouble(value as number);
          else appender.appendList(listValue(Array.from(value as Float64Array)), LIST(DOUBLE));
        }
        appender.endRow();
      }
      appender.closeSync();
      const file = quoted(join(folder, `${table}.parquet`));
      await this.#connection.run(`COPY ${staging} TO ${file} (FORMAT parquet, COMPRESSION zstd)`);
    } finally {
      await this.#connection.run(`DROP TABLE IF EXISTS ${staging}`);
    }
  }

  /** Points the tables at the parts that there are now. */
  async #show(): Promise<void> {
    const parts = this.#parts.all();
    const state = [...parts.keys()].join();
    if (state === this.#shown) return;
    const sources = Object.fromEntries(
      tableNames.map((table) => [table, sourceOf(this.folder, table, parts)] as const),
    ) as Record<ResultTable, string>;
    // What is queried again and again is read once; what is long and seldom asked for stays in files.
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE runs_meta AS SELECT * FROM ${sources.runs_meta}`);
    const counted = await this.#connection.runAndReadAll('SELECT count(*) > count(DISTINCT run_id) FROM runs_meta');
    const superseded = counted.getRows()[0]![0] === true;
    if (superseded) {
      const latest = 'row_number() OVER (PARTITION BY run_id ORDER BY timestamp_utc DESC) = 1';
      await this.#connection.run(`CREATE OR REPLACE TEMP TABLE runs_meta AS SELECT * FROM runs_meta QUALIFY ${latest}`);
    }
    // Rows of one attempt bear one time, so that thresholds of an older attempt do not linger.
    const rowsOf = (table: ResultTable, key: string) =>
      superseded
        ? `SELECT * FROM ${sources[table]} SEMI JOIN runs_meta USING (run_id, timestamp_utc)
           QUALIFY row_number() OVER (PARTITION BY ${key}) = 1`
        : `SELECT * FROM ${sources[table]}`;
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE runs AS ${rowsOf('runs', 'run_id, threshold')}`);
    await this.#connection.run(`CREATE OR REPLACE TEMP VIEW trials AS ${rowsOf('trials', 'run_id, threshold')}`);
    await this.#connection.run(`CREATE OR REPLACE TEMP VIEW resolved AS ${rowsOf('resolved', 'run_id')}`);
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE sweeps AS SELECT * FROM ${sources.sweeps}
       QUALIFY row_number() OVER (PARTITION BY sweep_id ORDER BY timestamp_utc DESC) = 1`,
    );
    this.#shown = state;
  }
}

/** A table's rows in all parts, as the FROM of a query. */
function sourceOf(folder: string, table: ResultTable, parts: ReadonlyMap<string, PartManifest>): string {
  const columns = resultTables[table];
  const paths = [...parts]
    .filter(([, { files }]) => `${table}.parquet` in files)
    .map(([part]) => quoted(join(folder, part, `${table}.parquet`)));
  if (paths.length > 0) return `read_parquet([${paths.join(', ')}])`;
  return `(SELECT ${columns.map(([name, type]) => `NULL::${type} AS ${name}`).join(', ')} WHERE false)`;
}

function assertFinite(value: unknown, table: string, column: string, row: Record<string, unknown>): void {
  const bad =
    value === undefined ||
    (typeof value === 'number' && !Number.isFinite(value)) ||
    (value instanceof Float64Array && value.some((item) => !Number.isFinite(item)));
  if (!bad) return;
  const id = String(row.run_id ?? row.sweep_id);
  throw new SpymasterError(
    'RESULT_INVALID',
    `Cannot store ${table}.${column} of ${id}: expected a finite number, got ${value}. Nothing of this part was written.`,
    { table, column, run: id },
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
