import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import { chunkColumn, chunksOf, DuckDatabase, quotedFile } from '../files/index.ts';
import {
  binsWithSides,
  type DatasetManifest,
  datasetFiles,
  type Lake,
  readManifest,
  storedPriceColumns,
  verifyDataset,
} from '../lake/index.ts';
import type { SignalColumn, SignalColumns } from '../signals/index.ts';
import type { BinSeries } from './cell_runner.ts';

/** A dataset in memory that worker threads share: what a sweep reads of it. */
export interface SharedDataset {
  readonly datasetId: string;
  readonly binCount: number;
  /** `bin_seq` of the first bin. */
  readonly firstBinSeq: number;
  readonly series: BinSeries;
  /** The columns asked for: 2·radius + 1 rows a bin, zero where the dataset leaves a row out. */
  readonly columns: SignalColumns;
}

/** Columns of a dataset's grid that signals read and that are int8; the others are float64. */
const int8Columns: readonly string[] = ['state5_code', 'flow_state_code'];

/** Columns that datasets do not hold, since they belong to the model: see `flowColumns`. */
export const flowColumnNames: readonly SignalColumn[] = ['flow_score', 'flow_state_code'];

/**
 * Loads the bins and the grid columns `names` of a dataset into shared memory. Rejects soon when `signal` aborts.
 * @throws DATASET_UNKNOWN, CHECKSUM_MISMATCH, and DATASET_INVALID for a file or column that is missing or rows that cannot be
 */
export async function loadDataset(
  lake: Lake,
  datasetId: string,
  radius: number,
  names: readonly SignalColumn[],
  signal?: AbortSignal,
): Promise<SharedDataset> {
  const folder = lake.datasets(datasetId);
  // Hashing the files goes on while they are read; what was read counts only if they are as they were made.
  const verified = verifyDataset(lake, datasetId);
  verified.catch(() => {});
  const manifest = await readManifest(lake, datasetId);
  using database = await DuckDatabase.open({ threads: 2 });
  const connection = await database.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  try {
    const bins = await loadBins(connection, manifest, join(folder, datasetFiles.bins), signal);
    const stored = names.filter((name) => !flowColumnNames.includes(name));
    const grid = join(folder, datasetFiles.grid);
    const columns = await loadGrid(connection, datasetId, grid, bins, radius, stored, signal);
    await verified;
    return { datasetId, ...bins, columns };
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

type Bins = Pick<SharedDataset, 'binCount' | 'firstBinSeq' | 'series'>;

async function loadBins(
  connection: DuckDBConnection,
  manifest: DatasetManifest,
  path: string,
  signal?: AbortSignal,
): Promise<Bins> {
  const { dataset_id: datasetId } = manifest;
  await requireColumns(connection, datasetId, path, ['bin_seq', 'book_valid', ...storedPriceColumns(manifest)]);
  const source = await binsWithSides(manifest, `read_parquet(${quotedFile(path)})`, async (sql) =>
    (await connection.runAndReadAll(sql)).getRows(),
  );
  const counted = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE AS n, coalesce(min(bin_seq), 0)::DOUBLE AS first, coalesce(max(bin_seq), -1)::DOUBLE AS last
     FROM ${source}`,
  );
  const [count, first, last] = counted.getRows()[0] as [number, number, number];
  if (last - first + 1 !== count) {
    throw invalid(datasetId, path, `expected ${last - first + 1} bins from ${first} to ${last}, got ${count}`);
  }
  const mids = new Float64Array(new SharedArrayBuffer(count * 8));
  const tradable = new Uint8Array(new SharedArrayBuffer(count));
  // Twice the mid is a sum of integers, so mids are exact.
  const chunks = chunksOf(
    connection,
    `SELECT (bin_seq - ${first})::INTEGER,
       if(has_bid AND has_ask, (best_bid_price_int + best_ask_price_int)::DOUBLE / 2, 'nan'::DOUBLE),
       (book_valid AND has_bid AND has_ask)::TINYINT
     FROM ${source}`,
  );
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const [bin, mid, valid] = [0, 1, 2].map((index) => chunkColumn(chunk, index));
    for (let row = 0; row < chunk.rowCount; row++) {
      mids[bin![row]!] = mid![row]!;
      tradable[bin![row]!] = valid![row]!;
    }
  }
  return { binCount: count, firstBinSeq: first, series: { mids, tradable } };
}

async function loadGrid(
  connection: DuckDBConnection,
  datasetId: string,
  path: string,
  bins: Bins,
  radius: number,
  names: readonly SignalColumn[],
  signal?: AbortSignal,
): Promise<SignalColumns> {
  const rows = 2 * radius + 1;
  const size = bins.binCount * rows;
  const columns = names.map((name) =>
    int8Columns.includes(name)
      ? new Int8Array(new SharedArrayBuffer(size))
      : new Float64Array(new SharedArrayBuffer(size * 8)),
  );
  if (names.length > 0) {
    await requireColumns(connection, datasetId, path, ['bin_seq', 'k', ...names]);
    const chunks = chunksOf(
      connection,
      `SELECT ((bin_seq - ${bins.firstBinSeq}) * ${rows} + k + ${radius})::INTEGER, (abs(k) <= ${radius})::TINYINT, ${names.join(', ')}
       FROM read_parquet(${quotedFile(path)})`,
    );
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      const target = chunkColumn(chunk, 0);
      const inside = chunkColumn(chunk, 1);
      for (let row = 0; row < chunk.rowCount; row++) {
        if (inside[row] && target[row]! >= 0 && target[row]! < size) continue;
        throw invalid(datasetId, path, `a row lies outside its bins or outside ±${radius} ticks`);
      }
      for (let index = 0; index < names.length; index++) {
        const source = chunkColumn(chunk, 2 + index);
        const column = columns[index]!;
        for (let row = 0; row < chunk.rowCount; row++) column[target[row]!] = source[row]!;
      }
    }
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]])) as unknown as SignalColumns;
}

async function requireColumns(
  connection: DuckDBConnection,
  datasetId: string,
  path: string,
  needed: readonly string[],
): Promise<void> {
  let present: string[];
  try {
    const described = await connection.runAndReadAll(
      `SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${quotedFile(path)}))`,
    );
    present = described.getRows().map((row) => String(row[0]));
  } catch (cause) {
    throw invalid(datasetId, path, `it cannot be read as Parquet (${cause instanceof Error ? cause.message : cause})`);
  }
  const missing = needed.filter((name) => !present.includes(name));
  if (missing.length > 0) throw invalid(datasetId, path, `the column ${missing.join(', ')} is missing`);
}

function invalid(datasetId: string, path: string, why: string): SpymasterError {
  return new SpymasterError(
    'DATASET_INVALID',
    `Cannot use the dataset ${datasetId}: in ${path}, ${why}. Check it with \`spymaster generate --verify\`.`,
    { dataset: datasetId, path },
  );
}
