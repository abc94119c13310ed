import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpymasterError } from '../errors.ts';
import { makeFolder, writeError } from '../files/index.ts';
import { systemCode } from '../system_errors.ts';

/** Layout of the tables; a registry that says otherwise is refused. */
const schemaVersion = 1;
const applicationId = 0x53505952;

const schema = `
  CREATE TABLE versions (
    serving_id TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, created_at_utc TEXT NOT NULL,
    run_id TEXT NOT NULL, config_hash TEXT NOT NULL, experiment_name TEXT NOT NULL, signal_name TEXT NOT NULL,
    description TEXT NOT NULL
  ) STRICT;
  CREATE INDEX versions_by_run ON versions (run_id, config_hash);
  CREATE TABLE aliases (
    alias TEXT PRIMARY KEY, serving_id TEXT NOT NULL REFERENCES versions, updated_at_utc TEXT NOT NULL
  ) STRICT;
  CREATE TABLE events (
    event_id INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, action TEXT NOT NULL, alias TEXT, from_serving_id TEXT,
    to_serving_id TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};`;

/**
 * The SQLite file of the serving registry: its tables, its transactions, and its errors as ours.
 *
 * Methods throw REGISTRY_CORRUPT when the file is no registry of ours, LAKE_NOT_WRITABLE when it cannot be written.
 */
export class RegistryDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** The file that was opened. */
  readonly #inode: number;

  /** Opens the file and makes it when it is missing; `busyTimeoutMs` is how long to wait for other writers. */
  constructor(path: string, busyTimeoutMs: number) {
    this.#path = path;
    try {
      makeFolder(dirname(path));
    } catch (cause) {
      throw writeError(path, cause);
    }
    this.#database = this.#guard(() => new DatabaseSync(path, { timeout: busyTimeoutMs }));
    try {
      this.#guard(() => {
        this.#database.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;');
        if (this.#pragma('user_version') === 0) this.#create();
        if (this.#pragma('application_id') !== applicationId || this.#pragma('user_version') !== schemaVersion) {
          throw this.#corrupt(`expected a serving registry of layout ${schemaVersion}`);
        }
      });
      this.#inode = statSync(path).ino;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Throws REGISTRY_CORRUPT when the file that was opened is not the one that lies there now. */
  assertInPlace(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) return;
    throw new SpymasterError(
      'REGISTRY_CORRUPT',
      `The serving registry ${this.#path} was taken away or replaced since it was opened; start the server again.`,
      { path: this.#path },
    );
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Executes a statement that changes rows. */
  run(sql: string, ...values: (string | null)[]): void {
    this.#guard(() => this.#database.prepare(sql).run(...values));
  }

  /** The first row of a query. */
  get(sql: string, ...values: string[]): Record<string, unknown> | undefined {
    return this.#guard(() => this.#database.prepare(sql).get(...values));
  }

  /** All rows of a query. */
  all(sql: string, ...values: string[]): Record<string, unknown>[] {
    return this.#guard(() => this.#database.prepare(sql).all(...values)).map((row) => ({ ...row }));
  }

  /** Changes all that `run` changes, or nothing where it throws. */
  transaction<T>(run: () => T): T {
    return this.#guard(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = run();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #create(): void {
    this.transaction(() => {
      if (this.#pragma('user_version') !== 0) return;
      const tables = this.#database.prepare('SELECT name FROM sqlite_schema').all();
      if (tables.length > 0) throw this.#corrupt('expected a new or an own database, got one with other tables');
      this.#database.exec(schema);
    });
  }

  #pragma(name: string): unknown {
    return this.#database.prepare(`PRAGMA ${name}`).get()?.[name];
  }

  /** Turns SQLite's errors into ours. */
  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof SpymasterError) throw cause;
      const code = ((cause as { errcode?: number }).errcode ?? -1) & 0xff;
      const why = cause instanceof Error ? cause.message : String(cause);
      if (code === 11 || code === 26) throw this.#corrupt(why, cause);
      if (code === 5 || code === 6) {
        throw new SpymasterError(
          'LAKE_NOT_WRITABLE',
          `Cannot write ${this.#path}: another process keeps it locked; wait for it and try again.`,
          { path: this.#path },
          cause,
        );
      }
      if ([8, 14].includes(code) || systemCode(cause) !== null) throw writeError(this.#path, cause);
      throw cause;
    }
  }

  #corrupt(why: string, cause?: unknown): SpymasterError {
    return new SpymasterError(
      'REGISTRY_CORRUPT',
      `Cannot use the serving registry ${this.#path}: ${why}; restore it from a backup, or move it away to start anew.`,
      { path: this.#path },
      cause,
    );
  }
}
