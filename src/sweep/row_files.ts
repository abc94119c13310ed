import { type Column, columnFromArray, type DataType } from '@uwdata/flechette';
import { createAtomicFile, type ParquetFile, ParquetThread, type WrittenFile } from '../files/index.ts';
import { arrowStream } from '../wire/index.ts';

/** How rows of one kind are laid out in a file. */
export interface RowTable<Name extends string = string> {
  /** Columns in the order of files, with their Arrow types. */
  readonly columns: Readonly<Record<Name, () => DataType>>;
  /** Columns that may have NULLs, whether or not a file has one. */
  readonly nullable: readonly Name[];
  /** Columns whose ranges a Parquet file tells. */
  readonly rangeColumns: readonly Name[];
  /** Most rows of a Parquet row group. */
  readonly groupRows: number;
}

/** The layout of rows of type `Row`, which has all of its fields. */
export const rowTable = <Row>(table: RowTable<keyof Row & string>): RowTable => table;

type Batches = AsyncIterable<readonly object[]> | Iterable<readonly object[]>;

const cellOf = (row: object, name: string) => (row as Readonly<Record<string, unknown>>)[name];

/** Writes rows as Parquet at `path`, a temporary name that must not exist. Throws LAKE_NOT_WRITABLE. */
export async function writeRowsParquet(path: string, table: RowTable, batches: Batches): Promise<WrittenFile> {
  await using thread = new ParquetThread();
  const { groupRows: rowGroupRows, rangeColumns } = table;
  const file = thread.createFile(path, { rowGroupRows, rangeColumns });
  let isEmpty = true;
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    await send(file, table, rows);
    isEmpty = false;
  }
  if (isEmpty) await send(file, table, []);
  return await file.finish();
}

async function send(file: ParquetFile, table: RowTable, rows: readonly object[]): Promise<void> {
  const columns = Object.entries(table.columns).map(([name, type]): [string, Column<unknown>] => [
    name,
    columnFromArray(
      rows.map((row) => cellOf(row, name)),
      type(),
    ),
  ]);
  const nullable = new Set(table.nullable);
  const stream = arrowStream(columns, (name) => nullable.has(name));
  const buffer = await file.buffer(stream.byteLength);
  new Uint8Array(buffer).set(stream);
  file.send(buffer, stream.byteLength);
}

/**
 * Writes rows as CSV with a head at `path`, whole or not at all; NULL is an empty field. Their values are dates, names and
 * numbers, none of which needs quotes. Throws LAKE_NOT_WRITABLE.
 */
export async function writeRowsCsv(
  path: string,
  table: RowTable,
  batches: Batches,
  { force }: { readonly force: boolean },
): Promise<void> {
  const file = await createAtomicFile(path, { force });
  const encoder = new TextEncoder();
  const names = Object.keys(table.columns);
  const write = (lines: readonly string[]) => file.write(encoder.encode(lines.map((line) => `${line}\n`).join('')));
  try {
    await write([names.join(',')]);
    for await (const rows of batches) await write(rows.map((row) => names.map((name) => cellOf(row, name)).join(',')));
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}
