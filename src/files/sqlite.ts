import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { SpymasterError } from '../errors.ts';
import { systemCode } from '../system_errors.ts';
import { makeFolder } from './atomic.ts';
import { writeError } from './write_error.ts';

/** SQLite's primary result codes: locked by another process or connection, damaged or no database, read-only or not opened. */
const lockedCodes: readonly number[] = [5, 6];
const corruptCodes: readonly number[] = [11, 26];
const notWritableCodes: readonly number[] = [8, 14];
/** Its extended code of a reader that meets a hot journal: only a writer may roll that back. */
const readOnlyRollback = 776;

const defaultBusyTimeoutMs = 15_000;

/** Content of a kind of SQLite file. Its two numbers stand in the file's header; a file that says otherwise is refused. */
export interface SqliteSchema {
  /** The kind of file in sentences: `serving registry`. */
  readonly name: string;
  readonly applicationId: number;
  readonly layout: number;
  /** Statements that create the tables. */
  readonly tables: string;
  /** The error of a file that is damaged or has other content. */
  corrupt(path: string, why: string, cause?: unknown): SpymasterError;
}

export interface SqliteOptions {
  /** How long to wait for other writers. */
  readonly busyTimeoutMs?: number;
  readonly readOnly?: boolean;
  /** Whether to make the file, its folder and its tables where they are missing; true unless given. */
  readonly create?: boolean;
}

export type SqliteRow = Record<string, SQLOutputValue>;

/**
 * An open SQLite file with the tables of one schema. Changes are durable when the method that makes them returns; any number of processes may
 * have one file open.
 *
 * The constructor and all methods throw the schema's error for a file that is damaged or has other content, and
 * LAKE_NOT_WRITABLE for one that cannot be written or that another process keeps locked.
 */
export class SqliteFile implements Disposable {
  readonly #path: string;
  readonly #schema: SqliteSchema;
  readonly #database: DatabaseSync;
  readonly #inode: number;
  /** Whether the file has its tables; false only without `create`, where its maker has not written them yet or was killed before. */
  readonly hasTables: boolean;

  constructor(path: string, schema: SqliteSchema, options: SqliteOptions = {}) {
    const { busyTimeoutMs = defaultBusyTimeoutMs, readOnly = false, create = true } = options;
    this.#path = path;
    this.#schema = schema;
    this.#database = this.#guard(() => {
      if (create) makeFolder(dirname(path));
      return new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs });
    });
    try {
      this.hasTables = this.#guard(() => {
        this.#database.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;');
        if (create && this.#isNew()) this.#create();
        return !this.#isNew();
      });
      if (this.hasTables) this.#guard(() => this.#checkSchema());
      this.#inode = statSync(path).ino;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether the file that was opened is the one that lies there now. */
  get isInPlace(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Executes a statement that changes rows. */
  run(sql: string, ...values: SQLInputValue[]): void {
    this.#guard(() => this.#database.prepare(sql).run(...values));
  }

  /** The first row of a query. */
  get(sql: string, ...values: SQLInputValue[]): SqliteRow | undefined {
    return this.#guard(() => this.#database.prepare(sql).get(...values));
  }

  /** All rows of a query. */
  all(sql: string, ...values: SQLInputValue[]): SqliteRow[] {
    return this.#guard(() => this.#database.prepare(sql).all(...values)).map((row) => ({ ...row }));
  }

  /** Makes all changes that `change` makes, or none where it throws; other writers wait meanwhile. */
  transaction<T>(change: () => T): T {
    return this.#guard(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = change();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #create(): void {
    const { tables, applicationId, layout } = this.#schema;
    this.transaction(() => {
      // Another process may have been first.
      if (!this.#isNew()) return;
      this.#database.exec(`${tables} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${layout};`);
    });
  }

  #isNew(): boolean {
    const table = this.#database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    return table === undefined && this.#pragma('user_version') === 0;
  }

  #checkSchema(): void {
    const { name, applicationId, layout } = this.#schema;
    const found = this.#pragma('user_version');
    if (found === layout && this.#pragma('application_id') === applicationId) return;
    throw this.#schema.corrupt(
      this.#path,
      found === 0
        ? 'expected a new or an own database, got one with other tables'
        : `expected a ${name} of layout ${layout}`,
    );
  }

  #pragma(name: string): SQLOutputValue | undefined {
    return this.#database.prepare(`PRAGMA ${name}`).get()?.[name];
  }

  /** Turns SQLite's errors into ours. */
  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof SpymasterError) throw cause;
      const code = resultCode(cause) & 0xff;
      if (corruptCodes.includes(code)) throw this.#schema.corrupt(this.#path, (cause as Error).message, cause);
      if (lockedCodes.includes(code)) {
        throw new SpymasterError(
          'LAKE_NOT_WRITABLE',
          `Cannot write ${this.#path}: another process keeps it locked; wait for it and try again.`,
          { path: this.#path },
          cause,
        );
      }
      if (notWritableCodes.includes(code) || systemCode(cause) !== null) throw writeError(this.#path, cause);
      throw cause;
    }
  }
}

/** Result of `read` on the file at `path`, beside a running writer; null when there is none, or one without tables yet. */
export function readSqliteFile<T>(path: string, schema: SqliteSchema, read: (file: SqliteFile) => T): T | null {
  if (!existsSync(path)) return null;
  const readOnce = (readOnly: boolean) => {
    using file = new SqliteFile(path, schema, { readOnly, create: false });
    return file.hasTables ? read(file) : null;
  };
  try {
    return readOnce(true);
  } catch (error) {
    // A transaction that a killed process left half-done is rolled back by opening the file for writing.
    if (resultCode((error as Error).cause) !== readOnlyRollback) throw error;
    return readOnce(false);
  }
}

/** SQLite's extended result code of an error; -1 when it has none. */
function resultCode(cause: unknown): number {
  return (cause as { errcode?: number } | undefined)?.errcode ?? -1;
}
