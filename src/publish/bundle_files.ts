import { dirname, join } from 'node:path';
import type { BundleFormat } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { quotedFile, tradedColumns, type Workspace } from '../files/index.ts';
import { binsWithSides, type DatasetManifest, hasFeatures } from '../lake/index.ts';
import { compareArrowStream, writeArrowStream } from './arrow_stream.ts';
import { compareTable, readBack } from './bundle_check.ts';
import type { BundleDatabase } from './bundle_database.ts';
import {
  type BinHour,
  type BundleRequest,
  type PlannedFile,
  type PlannedTable,
  planBundle,
  type TableName,
} from './bundle_plan.ts';
import type { BundleManifest } from './bundle_texts.ts';

/** Phase of the work: checksums of the source, copying, or reading back. */
export type PublishPhase = 'checking' | 'copying' | 'reading back';
export type PublishWatcher = (phase: PublishPhase, rows: number, totalRows: number) => void;

/** About a minute of a usual grid: 1000 bins of 101 rows; what a reader of a range must read at least. */
const rowGroupRows = 98_304;
const writeOptions = {
  parquet: `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}`,
  csv: "FORMAT csv, HEADER true, DELIMITER ','",
} as const;
const howVerified: Record<BundleFormat, string> = {
  parquet:
    'read back with DuckDB: rows, order, minima, maxima, signs and hashes of every column equal those of the dataset',
  csv: 'read back with DuckDB: rows, order, minima, maxima, signs and hashes of every column equal those of the dataset',
  arrow:
    "read back with flechette: every value equals the dataset's bit by bit, in order (DuckDB reads no Arrow by itself)",
};

type Copied = Pick<BundleManifest, 'bins' | 'tables' | 'verified'>;

/** A table to copy: an SQL FROM clause of the bins of a file, or of all of them, and how many rows those are. */
interface TableCopy {
  readonly table: PlannedTable;
  readonly rows: number;
  readonly from: (bins: Omit<PlannedFile, 'path'>) => string;
  readonly all: string;
}

/**
 * Writes the data files into `workspace`, then reads them back and compares them with the dataset in `source`. Throws
 * DATASET_INVALID for an old dataset whose missing prices cannot be told.
 */
export async function copyAndCompare(
  database: BundleDatabase,
  request: BundleRequest,
  dataset: DatasetManifest,
  source: string,
  workspace: Workspace,
  onProgress: PublishWatcher = () => {},
): Promise<Copied> {
  const copies = await planCopies(database, request, dataset, source);
  const total = copies.reduce((sum, { rows }) => sum + rows, 0);
  const tables: BundleManifest['tables'][number][] = [];
  let done = 0;
  for (const copy of copies) {
    const { table, rows } = copy;
    const onRows = (count: number) => onProgress('copying', done + Math.min(count, rows), total);
    const files = await copyTable(database, copy, request.format, workspace, onRows);
    tables.push({ name: table.name, rows, columns: table.columns, keys: table.keys, files });
    done += rows;
  }
  done = 0;
  for (const { table, rows, from, all } of copies) {
    onProgress('reading back', done, total);
    let before = done;
    for (const file of request.format === 'arrow' ? table.files : []) {
      const path = join(workspace.path, file.path);
      const onRows = (count: number) => onProgress('reading back', before + count, total);
      before += await compareArrowStream(database, table.columns, from(file), path, onRows);
    }
    const paths = table.files.map(({ path }) => join(workspace.path, path));
    if (request.format !== 'arrow') {
      await compareTable(database, table, all, readBack(table, request.format, paths), (share) =>
        onProgress('reading back', before + Math.round(share * rows), total),
      );
    }
    done += rows;
  }
  return { bins: present(copies[0]).rows, tables, verified: howVerified[request.format] };
}

async function planCopies(
  database: BundleDatabase,
  request: BundleRequest,
  dataset: DatasetManifest,
  source: string,
): Promise<TableCopy[]> {
  const read = (table: TableName) => `read_parquet(${quotedFile(join(source, `${table}.parquet`))})`;
  const sources = {
    bins: await binsWithSides(dataset, read('bins'), (sql) => database.rows(sql)),
    features: `(SELECT * EXCLUDE (${tradedColumns.join(', ')}) FROM ${read('features')})`,
    grid_clean: read('grid_clean'),
  };
  const hours = await hoursOf(database, sources.bins, request);
  const available = {
    bins: await database.describe(`SELECT * FROM ${sources.bins}`),
    features: hasFeatures(dataset) ? await database.describe(`SELECT * FROM ${sources.features}`) : [],
    grid_clean: await database.describe(`SELECT * FROM ${sources.grid_clean}`),
  };
  const copies: TableCopy[] = [];
  for (const table of planBundle(request, available, hours)) {
    const from: TableCopy['from'] = ({ firstBin, endBin }) =>
      `(FROM ${sources[table.name]} WHERE bin_seq >= ${firstBin} AND bin_seq < ${endBin})`;
    const all = from({ firstBin: present(hours[0]).firstBin, endBin: present(hours.at(-1)).endBin });
    const [[rows]] = (await database.rows(`SELECT count(*) FROM ${all}`)) as [[bigint]];
    copies.push({ table, rows: Number(rows), from, all });
  }
  return copies;
}

async function copyTable(
  database: BundleDatabase,
  { table, rows, from }: TableCopy,
  format: BundleFormat,
  workspace: Workspace,
  onRows: (rows: number) => void,
): Promise<{ path: string; rows: number }[]> {
  const files: { path: string; rows: number }[] = [];
  const columns = table.columns.map(({ name }) => name).join(', ');
  let done = 0;
  for (const file of table.files) {
    const path = join(workspace.path, file.path);
    await workspace.makeFolder(dirname(file.path));
    const written =
      format === 'arrow'
        ? await writeArrowStream(database, table.columns, from(file), path, (count) => onRows(done + count))
        : await database.copy(`SELECT ${columns} FROM ${from(file)}`, path, writeOptions[format], (share) =>
            onRows(done + Math.round((share * rows) / table.files.length)),
          );
    files.push({ path: file.path, rows: written });
    done += written;
  }
  return files;
}

/** The bins of the window by UTC hour. Throws DATE_OUTSIDE_FILE when there are none. */
async function hoursOf(
  database: BundleDatabase,
  bins: string,
  { datasetId, fromNs, toNs }: BundleRequest,
): Promise<BinHour[]> {
  const bounds = [
    ...(fromNs === null ? [] : [`bin_start_ns >= ${fromNs}`]),
    ...(toNs === null ? [] : [`bin_end_ns <= ${toNs}`]),
  ];
  const rows = await database.rows(
    `SELECT bin_start_ns // 3600000000000 AS hour, min(bin_seq), max(bin_seq) + 1 FROM ${bins}
     ${bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`} GROUP BY hour ORDER BY hour`,
  );
  if (rows.length > 0) {
    return rows.map(([hour, firstBin, endBin]) => ({ hour, firstBin, endBin }) as BinHour);
  }
  throw new SpymasterError(
    'DATE_OUTSIDE_FILE',
    `Cannot publish that part of ${datasetId}: no bin lies whole between --from and --to; give times inside its capture.`,
    { dataset: datasetId, fromNs: String(fromNs), toNs: String(toNs) },
  );
}
