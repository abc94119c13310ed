import { dirname } from 'node:path';
import type { ProductType } from '../../config/index.ts';
import { present, SpymasterError } from '../../errors.ts';
import { FileLock, makeFolder, readSqliteFile, SqliteFile, type SqliteSchema, writeError } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
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

/** The tables of the ledger. */
const ledgerSchema: SqliteSchema = {
  name: 'ledger',
  applicationId: 0x53505944,
  layout: 1,
  tables: `
    CREATE TABLE orders (
      key TEXT PRIMARY KEY, product_type TEXT NOT NULL, date TEXT NOT NULL, dataset TEXT NOT NULL, schema TEXT NOT NULL,
      symbol TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL,
      job_id TEXT UNIQUE, cost_usd REAL NOT NULL, billable_bytes INTEGER NOT NULL, ordered_at_utc TEXT NOT NULL,
      size_bytes INTEGER, sha256 TEXT
    ) STRICT;
    CREATE TABLE events (
      event_id INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, job_id TEXT,
      cost_usd REAL
    ) STRICT;`,
  corrupt: (path, why, cause) =>
    new SpymasterError(
      'REGISTRY_CORRUPT',
      `Cannot use the ledger of downloads ${path}: ${why}; restore it from a backup. Without it Spymaster would not know ` +
        'what was already paid for.',
      { path },
      cause,
    ),
};

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
  readonly #file: SqliteFile;
  readonly #lock: FileLock;

  constructor(lake: Lake) {
    const path = ledgerPath(lake);
    this.#lock = takeLock(path);
    try {
      this.#file = new SqliteFile(path, ledgerSchema);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    this.#file.close();
    this.#lock.release();
  }

  orders(): Order[] {
    return readOrders(this.#file);
  }

  order(key: string): Order | null {
    return this.orders().find((order) => order.key === key) ?? null;
  }

  /** Notes that an order is about to be submitted; durable when it returns. Replaces one that can be bought anew. */
  begin(order: Omit<Order, 'key' | 'jobId' | 'sizeBytes' | 'sha256'>): string {
    const { dataset, schema: name, symbol, start, end } = order.request;
    const key = orderKey(order.request);
    this.#change(
      { key, state: order.state, costUsd: order.costUsd, atUtc: order.orderedAtUtc },
      'INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL)',
      ...[key, order.productType, order.date, dataset, name, symbol, start, end, order.path, order.state],
      ...[order.costUsd, order.billableBytes, order.orderedAtUtc],
    );
    return key;
  }

  /** Notes the job of an order, submitted or found again. */
  submitted(key: string, jobId: string, atUtc: string): void {
    const sql = "UPDATE orders SET state = 'submitted', job_id = ? WHERE key = ?";
    this.#change({ key, state: 'submitted', jobId, atUtc }, sql, jobId, key);
  }

  /** Forgets an order that surely was not taken. */
  withdraw(key: string, atUtc: string): void {
    this.#change({ key, state: 'withdrawn', atUtc }, 'DELETE FROM orders WHERE key = ?', key);
  }

  /** Notes that the file of an order is in the lake. */
  placed(key: string, sizeBytes: number, sha256: string, atUtc: string): void {
    const sql = "UPDATE orders SET state = 'placed', size_bytes = ?, sha256 = ? WHERE key = ?";
    this.#change({ key, state: 'placed', atUtc }, sql, sizeBytes, sha256, key);
  }

  /** Notes that a job has no data, or that its files are no longer kept. */
  ended(key: string, state: 'empty' | 'expired', atUtc: string): void {
    this.#change({ key, state, atUtc }, 'UPDATE orders SET state = ? WHERE key = ?', state, key);
  }

  /** Changes an order and notes the event, both or neither. */
  #change(event: OrderEvent, sql: string, ...values: (string | number)[]): void {
    const { key, state, atUtc, jobId = null, costUsd = null } = event;
    this.#file.transaction(() => {
      this.#file.run(sql, ...values);
      this.#file.run(
        'INSERT INTO events (at_utc, key, state, job_id, cost_usd) VALUES (?, ?, ?, ?, ?)',
        ...[atUtc, key, state, jobId, costUsd],
      );
    });
  }
}

/** A row of the audit trail. */
interface OrderEvent {
  readonly key: string;
  readonly state: OrderState | 'withdrawn';
  readonly atUtc: string;
  readonly jobId?: string;
  readonly costUsd?: number;
}

/** The orders of a lake, read without locking out a writer; none when nothing was ever ordered. */
export function readLedger(lake: Lake): Order[] {
  return readSqliteFile(ledgerPath(lake), ledgerSchema, readOrders) ?? [];
}

export function ledgerPath(lake: Lake): string {
  return lake.path('raw', 'source=databento', 'downloads.sqlite');
}

function readOrders(file: SqliteFile): Order[] {
  return file.all('SELECT * FROM orders ORDER BY date, symbol, schema').map((row) => {
    const { dataset, schema: name, symbol, start, end } = row as Record<string, string>;
    return {
      key: row.key as string,
      productType: row.product_type as ProductType,
      date: row.date as string,
      request: {
        dataset: present(dataset),
        schema: present(name),
        symbol: present(symbol),
        start: present(start),
        end: present(end),
      },
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

function takeLock(path: string): FileLock {
  let lock: FileLock | null;
  try {
    makeFolder(dirname(path));
    lock = FileLock.tryTake(`${path}.lock`);
  } catch (cause) {
    throw writeError(path, cause);
  }
  if (lock !== null) return lock;
  throw new SpymasterError(
    'DOWNLOAD_BUSY',
    'Cannot download: another download is at work on this lake; wait until it is done (`spymaster download status` ' +
      'shows how far it is).',
    { path },
  );
}
