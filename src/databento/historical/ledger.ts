import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ProductType } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { FileLock, makeFolder, writeError } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
import { systemCode } from '../../system_errors.ts';

import type { DataRequest } from './api.ts';

/**
 * Where an order stands. `intent`: about to be submitted, or submitted by a process that did not live to note the job;
 * `submitted`: the job is known; `placed`: the file is in the lake; `streaming`: a stream was begun; `empty`: the job has no
 * data; `expired`: the job's files are gone from the server.
 */
export type OrderState = 'intent' | 'submitted' | 'placed' | 'streaming' | 'empty' | 'expired';

/** One session that was, or is being, bought. */
export interface Order {
  readonly key: string;
  readonly productType: ProductType;
  readonly date: string;
  readonly request: DataRequest;
  /** Path of the file, relative to the lake. */
  readonly path: string;
  readonly state: OrderState;
  readonly jobId: string | null;
  /** Price that was agreed to, US dollars. */
  readonly costUsd: number;
  readonly billableBytes: number;
  /** When it was ordered by the server's clock, ISO 8601. */
  readonly orderedAtUtc: string;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
}

const applicationId = 0x53505944;
const layout = 1;
/** SQLite's extended code of a reader that meets a journal which it would have to write back. */
const sqliteReadOnlyRollback = 776;
const schema = `
  CREATE TABLE orders (
    key TEXT PRIMARY KEY, product_type TEXT NOT NULL, date TEXT NOT NULL, dataset TEXT NOT NULL, schema TEXT NOT NULL,
    symbol TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL,
    job_id TEXT UNIQUE, cost_usd REAL NOT NULL, billable_bytes INTEGER NOT NULL, ordered_at_utc TEXT NOT NULL,
    size_bytes INTEGER, sha256 TEXT
  ) STRICT;
  CREATE TABLE events (
    event_id INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, job_id TEXT,
    cost_usd REAL
  ) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layout};`;

/** What identifies an order. */
export function orderKey({ dataset, schema: name, symbol, start, end }: DataRequest): string {
  return [dataset, name, symbol, start, end].join('|');
}

/** Whether two requests are for the same session, which is never bought twice: also when their windows differ. */
export function isSameSession(a: Pick<Order, 'date' | 'request'>, b: Pick<Order, 'date' | 'request'>): boolean {
  const names = ['dataset', 'schema', 'symbol'] as const;
  return a.date === b.date && names.every((name) => a.request[name] === b.request[name]);
}

/**
 * The lake's record of what was ordered from Databento. Each change is one durable transaction with its audit event; an
 * order is written before it is submitted, so that a process that dies in between leaves a trace to be looked into.
 *
 * Only one process writes at a time: the constructor throws DOWNLOAD_BUSY while another has the ledger. It also throws
 * REGISTRY_CORRUPT and LAKE_NOT_WRITABLE.
 */
export class JobLedger {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #lock: FileLock;

  constructor(lake: Lake) {
    this.#path = ledgerPath(lake);
    try {
      makeFolder(dirname(this.#path));
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
    this.#lock = takeLock(this.#path);
    try {
      this.#database = guard(this.#path, () => new DatabaseSync(this.#path, { timeout: 15_000 }));
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    try {
      guard(this.#path, () => {
        this.#database.exec('PRAGMA synchronous = FULL;');
        if (isNew(this.#database)) this.#database.exec(`BEGIN; ${schema} COMMIT;`);
        checkLayout(this.#database, this.#path);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
    this.#lock.release();
  }

  orders(): Order[] {
    return guard(this.#path, () => readOrders(this.#database));
  }

  order(key: string): Order | null {
    return this.orders().find((order) => order.key === key) ?? null;
  }

  /** Notes that an order is about to be submitted; durable when it returns. Replaces one that can be bought anew. */
  begin(order: Omit<Order, 'key' | 'jobId' | 'sizeBytes' | 'sha256'>): string {
    const { dataset, schema: name, symbol, start, end } = order.request;
    const key = orderKey(order.request);
    this.#change(key, order.state, null, order.costUsd, order.orderedAtUtc, () =>
      this.#database
        .prepare('INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL)')
        .run(
          ...[key, order.productType, order.date, dataset, name, symbol, start, end, order.path, order.state],
          ...[order.costUsd, order.billableBytes, order.orderedAtUtc],
        ),
    );
    return key;
  }

  /** Notes the job of an order, submitted or found again. */
  submitted(key: string, jobId: string, atUtc: string): void {
    this.#change(key, 'submitted', jobId, null, atUtc, () =>
      this.#database.prepare("UPDATE orders SET state = 'submitted', job_id = ? WHERE key = ?").run(jobId, key),
    );
  }

  /** Forgets an order that surely was not taken. */
  withdraw(key: string, atUtc: string): void {
    this.#change(key, 'withdrawn', null, null, atUtc, () =>
      this.#database.prepare('DELETE FROM orders WHERE key = ?').run(key),
    );
  }

  /** Notes that the file of an order is in the lake. */
  placed(key: string, sizeBytes: number, sha256: string, atUtc: string): void {
    this.#change(key, 'placed', null, null, atUtc, () =>
      this.#database
        .prepare("UPDATE orders SET state = 'placed', size_bytes = ?, sha256 = ? WHERE key = ?")
        .run(sizeBytes, sha256, key),
    );
  }

  /** Notes that a job has no data, or that its files are no longer kept. */
  ended(key: string, state: 'empty' | 'expired', atUtc: string): void {
    this.#change(key, state, null, null, atUtc, () =>
      this.#database.prepare('UPDATE orders SET state = ? WHERE key = ?').run(state, key),
    );
  }

  #change(
    key: string,
    state: string,
    jobId: string | null,
    costUsd: number | null,
    atUtc: string,
    run: () => unknown,
  ): void {
    guard(this.#path, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        run();
        this.#database
          .prepare('INSERT INTO events (at_utc, key, state, job_id, cost_usd) VALUES (?, ?, ?, ?, ?)')
          .run(atUtc, key, state, jobId, costUsd);
        this.#database.exec('COMMIT');
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }
}

/** The orders of a lake, read without taking the ledger from whoever writes it; none when nothing was ever ordered. */
export function readLedger(lake: Lake): Order[] {
  const path = ledgerPath(lake);
  if (!existsSync(path)) return [];
  return guard(path, () => {
    try {
      return ordersIn(path, true);
    } catch (error) {
      // A transaction that a killed process left half-done is rolled back by whoever may write.
      if ((error as { errcode?: number }).errcode !== sqliteReadOnlyRollback) throw error;
      return ordersIn(path, false);
    }
  });
}

function ordersIn(path: string, readOnly: boolean): Order[] {
  const database = new DatabaseSync(path, { readOnly, timeout: 15_000 });
  try {
    if (isNew(database)) return [];
    checkLayout(database, path);
    return readOrders(database);
  } finally {
    database.close();
  }
}

export function ledgerPath(lake: Lake): string {
  return lake.path('raw', 'source=databento', 'downloads.sqlite');
}

function readOrders(database: DatabaseSync): Order[] {
  return database
    .prepare('SELECT * FROM orders ORDER BY date, symbol, schema')
    .all()
    .map((row) => {
      const { dataset, schema: name, symbol, start, end } = row as Record<string, string>;
      return {
        key: row.key as string,
        productType: row.product_type as ProductType,
        date: row.date as string,
        request: { dataset: dataset!, schema: name!, symbol: symbol!, start: start!, end: end! },
        path: row.path as string,
        state: row.state as OrderState,
        jobId: row.job_id as string | null,
        costUsd: row.cost_usd as number,
        billableBytes: row.billable_bytes as number,
        orderedAtUtc: row.ordered_at_utc as string,
        sizeBytes: row.size_bytes as number | null,
        sha256: row.sha256 as string | null,
      };
    });
}

/** Whether the file has no table yet: its maker is about to write them, or was killed before it did. */
function isNew(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function checkLayout(database: DatabaseSync, path: string): void {
  const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];
  if (pragma('application_id') === applicationId && pragma('user_version') === layout) return;
  throw corrupt(path, `expected a ledger of layout ${layout}`);
}

function takeLock(path: string): FileLock {
  const lock = guard(path, () => FileLock.tryTake(`${path}.lock`));
  if (lock !== null) return lock;
  throw new SpymasterError(
    'DOWNLOAD_BUSY',
    'Cannot download: another download is at work on this lake; wait until it is done (`spymaster download status` ' +
      'shows how far it is).',
    { path },
  );
}

function guard<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw sqliteError(path, cause);
  }
}

function sqliteError(path: string, cause: unknown): unknown {
  if (cause instanceof SpymasterError) return cause;
  const code = ((cause as { errcode?: number }).errcode ?? -1) & 0xff;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (code === 11 || code === 26) return corrupt(path, why, cause);
  if ([8, 14].includes(code) || systemCode(cause) !== null) return writeError(path, cause);
  return cause;
}

function corrupt(path: string, why: string, cause?: unknown): SpymasterError {
  return new SpymasterError(
    'REGISTRY_CORRUPT',
    `Cannot use the ledger of downloads ${path}: ${why}; restore it from a backup. Without it Spymaster would not know ` +
      'what was already paid for.',
    { path },
    cause,
  );
}
