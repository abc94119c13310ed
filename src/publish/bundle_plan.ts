import { type BundleFormat, type BundlePartition, nearest } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';

/** Selection and format of a bundle. */
export interface BundleRequest {
  readonly datasetId: string;
  readonly format: BundleFormat;
  /** Columns besides those that always come: the number of the bin, its times, and k; null: all. */
  readonly columns: readonly string[] | null;
  /** Bins that lie whole in [fromNs, toNs) are published, UNIX nanoseconds; null: no bound. */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
  readonly partition: BundlePartition;
}

/** Column types of datasets, as DuckDB names them. */
export const columnTypes = ['BIGINT', 'INTEGER', 'TINYINT', 'DOUBLE', 'BOOLEAN'] as const;
export interface BundleColumn {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
}

export const tableNames = ['bins', 'features', 'grid_clean'] as const;
export type TableName = (typeof tableNames)[number];

/** Bins firstBin ≤ bin_seq < endBin, which start in one UTC hour (`bin_start_ns // 3600e9`). */
export interface BinHour {
  readonly hour: bigint;
  readonly firstBin: bigint;
  readonly endBin: bigint;
}

/** A file of a bundle and the bins firstBin ≤ bin_seq < endBin that it holds. */
export interface PlannedFile {
  /** Relative to the bundle, with forward slashes. */
  readonly path: string;
  readonly firstBin: bigint;
  readonly endBin: bigint;
}

export interface PlannedTable {
  readonly name: TableName;
  readonly columns: readonly BundleColumn[];
  /** Columns that tell one row from another, in which order rows come. */
  readonly keys: readonly string[];
  readonly files: readonly PlannedFile[];
}

const suffixes: Record<BundleFormat, string> = { parquet: 'parquet', arrow: 'arrows', csv: 'csv' };
const keys: Record<TableName, readonly string[]> = {
  bins: ['bin_seq'],
  features: ['bin_seq'],
  grid_clean: ['bin_seq', 'k'],
};
/** Columns that come whatever is asked for: rows without them cannot be placed in time. */
const kept: Record<TableName, readonly string[]> = {
  bins: ['bin_seq', 'ts_ns', 'bin_start_ns', 'bin_end_ns'],
  features: ['bin_seq', 'ts_ns'],
  grid_clean: keys.grid_clean,
};

/** Lays out a bundle. Throws USAGE for columns that the dataset does not have, with the nearest that it has. */
export function planBundle(
  request: BundleRequest,
  available: Readonly<Record<TableName, readonly BundleColumn[]>>,
  hours: readonly BinHour[],
): PlannedTable[] {
  const { format, columns } = request;
  if (columns !== null) assertKnown(columns, available);
  const wanted = (table: TableName) =>
    available[table].filter(({ name }) => columns === null || kept[table].includes(name) || columns.includes(name));
  const tables = tableNames.filter((table) => table === 'bins' || wanted(table).length > kept[table].length);
  return tables.map((name) => ({
    name,
    columns: wanted(name),
    keys: keys[name],
    files: filesOf(name, suffixes[format], request.partition, hours),
  }));
}

function filesOf(
  table: TableName,
  suffix: string,
  partition: BundlePartition,
  hours: readonly BinHour[],
): PlannedFile[] {
  if (partition === 'none') {
    return [{ path: `${table}.${suffix}`, firstBin: present(hours[0]).firstBin, endBin: present(hours.at(-1)).endBin }];
  }
  const files: PlannedFile[] = [];
  for (const { hour, firstBin, endBin } of hours) {
    const path = `${table}/${newYorkHour(hour)}/data.${suffix}`;
    const last = files.at(-1);
    // When clocks are set back, two hours in a row have one name.
    if (last?.path === path) files[files.length - 1] = { ...last, endBin };
    else files.push({ path, firstBin, endBin });
  }
  return files;
}

/** `date=2026-02-06/hour=09`: the New York date and hour of a UTC hour; New York is always whole hours behind. */
function newYorkHour(hour: bigint): string {
  const at = Temporal.Instant.fromEpochNanoseconds(hour * 3_600_000_000_000n).toZonedDateTimeISO('America/New_York');
  return `date=${at.toPlainDate()}/hour=${String(at.hour).padStart(2, '0')}`;
}

function assertKnown(
  columns: readonly string[],
  available: Readonly<Record<TableName, readonly BundleColumn[]>>,
): void {
  const known = [...new Set(tableNames.flatMap((table) => available[table].map(({ name }) => name)))];
  for (const column of columns) {
    if (known.includes(column)) continue;
    throw new SpymasterError(
      'USAGE',
      `Cannot publish the column ${JSON.stringify(column)}: the nearest that the dataset has is ` +
        `${JSON.stringify(nearest(column, known))}, of ${known.join(', ')}.`,
      { key: 'columns', value: column, known },
    );
  }
}
