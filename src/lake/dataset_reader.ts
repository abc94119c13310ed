import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import { chunkColumn, chunksOf, DuckDatabase, quotedFile } from '../files/index.ts';
import { isPrice } from '../wire/index.ts';
import { binsWithSides, storedPriceColumns } from './dataset_bins.ts';
import { type DatasetManifest, datasetFiles, hasFeatures, holdDataset } from './datasets.ts';
import type { Lake } from './lake.ts';

/** Bins of a dataset in no order; views that are valid until the next. */
export interface BinRows {
  readonly count: number;
  readonly bin: ArrayLike<number>;
  /** 1e-9 of the price, exact halves included; NaN without both sides. */
  readonly midInt: ArrayLike<number>;
  /** 1 where the book is valid and has both sides. */
  readonly isTradable: ArrayLike<number>;
  /** Best ask less best bid in 1e-9 of the price; NaN without both sides. */
  readonly spreadInt: ArrayLike<number>;
}

/** Columns of `DatasetReader.bins`, in its order. */
export const storedBinColumns = [
  'bin_seq',
  'bin_start_ns',
  'bin_end_ns',
  'bin_event_count',
  'event_id',
  'mid_price',
  'spot_ref_price_int',
  'best_bid_price_int',
  'best_ask_price_int',
  'has_bid',
  'has_ask',
  'book_valid',
] as const;

/** Grid rows of a dataset in the file's order; views that are valid until the next. */
export interface GridRows {
  readonly count: number;
  readonly bin: ArrayLike<number>;
  /** Ticks from spot. */
  readonly k: ArrayLike<number>;
  /** Per column asked for. */
  readonly values: readonly ArrayLike<number>[];
}

/** Features of bins, in the file's order; views that are valid until the next. */
export type FeatureRows = Omit<GridRows, 'k'>;

export interface DatasetReaderOptions {
  readonly threads: number;
  /** Ends what is read: reading then fails with the signal's reason or an interruption. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The Parquet files of a dataset as numbers, in chunks of a few thousand rows. One thing is read at a time.
 *
 * Methods throw DATASET_INVALID for a file that is not Parquet or lacks a column.
 */
export class DatasetReader implements Disposable {
  readonly #manifest: DatasetManifest;
  readonly #folder: string;
  readonly #database: DuckDatabase;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #interrupt: () => void;
  readonly #hold: Disposable;
  #source: string | null = null;

  private constructor(
    manifest: DatasetManifest,
    folder: string,
    database: DuckDatabase,
    connection: DuckDBConnection,
    hold: Disposable,
    signal?: AbortSignal,
  ) {
    this.#hold = hold;
    this.#manifest = manifest;
    this.#folder = folder;
    this.#database = database;
    this.#connection = connection;
    this.#signal = signal;
    this.#interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', this.#interrupt);
  }

  static async open(lake: Lake, manifest: DatasetManifest, options: DatasetReaderOptions): Promise<DatasetReader> {
    const folder = lake.datasets(manifest.dataset_id);
    const hold = await holdDataset(lake, manifest.dataset_id);
    const database = await DuckDatabase.open({ threads: options.threads });
    return new DatasetReader(manifest, folder, database, await database.connect(), hold, options.signal);
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#database.close();
    this.#hold[Symbol.dispose]();
  }

  /** The first and last `bin_seq`, 0 and −1 without bins, and the number of bins. */
  async binRange(): Promise<{ readonly first: number; readonly last: number; readonly count: number }> {
    const counted = await this.#connection.runAndReadAll(
      `SELECT coalesce(min(bin_seq), 0)::DOUBLE, coalesce(max(bin_seq), -1)::DOUBLE, count(*)::DOUBLE
       FROM ${await this.#binsSql()}`,
    );
    const [first, last, count] = (counted.getRows()[0] ?? []).map(Number);
    return { first: first ?? 0, last: last ?? -1, count: count ?? 0 };
  }

  /** Bins, those with a mid, and those in which a signal may fire. */
  async bookCounts(): Promise<{ readonly bins: number; readonly withMid: number; readonly tradable: number }> {
    const counted = await this.#connection.runAndReadAll(
      `SELECT count(*)::DOUBLE, count(*) FILTER (has_bid AND has_ask)::DOUBLE,
         count(*) FILTER (book_valid AND has_bid AND has_ask)::DOUBLE
       FROM ${await this.#binsSql()}`,
    );
    const [bins, withMid, tradable] = (counted.getRows()[0] ?? []).map(Number);
    return { bins: bins ?? 0, withMid: withMid ?? 0, tradable: tradable ?? 0 };
  }

  /** The mid of every bin. Throws DATASET_INVALID also where missing prices cannot be told from prices of 0. */
  async *mids(): AsyncGenerator<BinRows, void, undefined> {
    // Twice the mid is a sum of integers, so mids are exact.
    const chunks = chunksOf(
      this.#connection,
      `SELECT bin_seq::DOUBLE,
         if(has_bid AND has_ask, (best_bid_price_int + best_ask_price_int)::DOUBLE / 2, 'nan'::DOUBLE),
         (book_valid AND has_bid AND has_ask)::TINYINT,
         if(has_bid AND has_ask, (best_ask_price_int - best_bid_price_int)::DOUBLE, 'nan'::DOUBLE)
       FROM ${await this.#binsSql()}`,
    );
    for await (const chunk of chunks) {
      this.#signal?.throwIfAborted();
      const [bin, midInt] = [chunkColumn(chunk, 0), chunkColumn(chunk, 1)];
      yield { count: chunk.rowCount, bin, midInt, isTradable: chunkColumn(chunk, 2), spreadInt: chunkColumn(chunk, 3) };
    }
  }

  /**
   * Every bin in the file's order, as `storedBinColumns`; views that are valid until the next. Times are nanoseconds since
   * the session's start, flags 0 or 1, and a missing price is 0.
   */
  async *bins(): AsyncGenerator<{ count: number; columns: readonly ArrayLike<number>[] }, void, undefined> {
    const sessionStartNs = BigInt(this.#manifest.capture.session_start_ns);
    const selected = storedBinColumns.map((name) => {
      // UNIX nanoseconds do not fit a double; those of a session do.
      if (name.endsWith('_ns')) return `(${name} - ${sessionStartNs})::DOUBLE`;
      if (name === 'book_valid' || name === 'has_bid' || name === 'has_ask') return `${name}::TINYINT`;
      // The number that a vector holds for a NULL is arbitrary.
      return isPrice(name) ? `coalesce(${name}, 0)::DOUBLE` : `${name}::DOUBLE`;
    });
    const source = await this.#binsSql();
    for await (const chunk of chunksOf(this.#connection, `SELECT ${selected.join(', ')} FROM ${source}`)) {
      this.#signal?.throwIfAborted();
      yield { count: chunk.rowCount, columns: selected.map((_, index) => chunkColumn(chunk, index)) };
    }
  }

  /** Features of every bin, by name; NaN where one is not known. Throws DATASET_INVALID for a dataset that has none. */
  async *features(names: readonly string[]): AsyncGenerator<FeatureRows, void, undefined> {
    if (!hasFeatures(this.#manifest)) throw withoutFeatures(this.#manifest.dataset_id);
    await this.#requireColumns('features', ['bin_seq', ...names]);
    const values = names.map((name) => `coalesce(${name}::DOUBLE, 'nan'::DOUBLE)`);
    const selected = ['bin_seq::INTEGER', ...values].join(', ');
    for await (const chunk of chunksOf(this.#connection, `SELECT ${selected} FROM ${this.#fileSql('features')}`)) {
      this.#signal?.throwIfAborted();
      const columns = names.map((_, index) => chunkColumn(chunk, 1 + index));
      yield { count: chunk.rowCount, bin: chunkColumn(chunk, 0), values: columns };
    }
  }

  /** The stored rows of the grid with these columns; a dataset leaves out rows that are all zero. */
  async *grid(names: readonly string[]): AsyncGenerator<GridRows, void, undefined> {
    await this.#requireColumns('grid', ['bin_seq', 'k', ...names]);
    // Event ids fit a double, and a vector of 64-bit integers would give them one object each.
    const values = names.map((name) => (name === 'last_event_id' ? `${name}::DOUBLE` : name));
    const selected = ['bin_seq::INTEGER', 'k::INTEGER', ...values].join(', ');
    const chunks = chunksOf(this.#connection, `SELECT ${selected} FROM ${this.#fileSql('grid')}`);
    for await (const chunk of chunks) {
      this.#signal?.throwIfAborted();
      const values = names.map((_, index) => chunkColumn(chunk, 2 + index));
      yield { count: chunk.rowCount, bin: chunkColumn(chunk, 0), k: chunkColumn(chunk, 1), values };
    }
  }

  /** The error that one of the dataset's files does not hold what it should. */
  invalid(file: keyof typeof datasetFiles, why: string): SpymasterError {
    const { dataset_id: dataset } = this.#manifest;
    const path = join(this.#folder, datasetFiles[file]);
    return new SpymasterError(
      'DATASET_INVALID',
      `Cannot use the dataset ${dataset}: in ${path}, ${why}. Check it with \`spymaster generate --verify\`.`,
      { dataset, path },
    );
  }

  async #binsSql(): Promise<string> {
    if (this.#source !== null) return this.#source;
    await this.#requireColumns('bins', ['bin_seq', 'book_valid', ...storedPriceColumns(this.#manifest)]);
    this.#source = await binsWithSides(this.#manifest, this.#fileSql('bins'), async (sql) =>
      (await this.#connection.runAndReadAll(sql)).getRows(),
    );
    return this.#source;
  }

  #fileSql(file: keyof typeof datasetFiles): string {
    return `read_parquet(${quotedFile(join(this.#folder, datasetFiles[file]))})`;
  }

  async #requireColumns(file: keyof typeof datasetFiles, needed: readonly string[]): Promise<void> {
    const described = await this.#connection
      .runAndReadAll(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${this.#fileSql(file)})`)
      .catch((cause: unknown) => {
        throw this.invalid(file, `it cannot be read as Parquet (${cause instanceof Error ? cause.message : cause})`);
      });
    const present = new Set(described.getRows().map(([name]) => name));
    const missing = needed.filter((name) => !present.has(name));
    if (missing.length > 0) throw this.invalid(file, `the column ${missing.join(', ')} is missing`);
  }
}

function withoutFeatures(dataset: string): SpymasterError {
  return new SpymasterError(
    'DATASET_INVALID',
    `Cannot read features of the dataset ${dataset}: it was made before there were any; make it again with ` +
      '`spymaster generate --rebuild`.',
    { dataset },
  );
}
