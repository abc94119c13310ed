import { bool, columnFromArray, type Table, tableFromIPC } from '@uwdata/flechette';
import { type ColumnArray, type ColumnType, columnArray } from '../engine/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { openToRead, openToWrite } from '../files/index.ts';
import { arrowStream, arrowType, endOfStream, mayBeNull, messageBodyBytes, messageHeadBytes } from '../wire/index.ts';
import type { BundleDatabase } from './bundle_database.ts';
import type { BundleColumn } from './bundle_plan.ts';

/** Rows of a record batch: eight of DuckDB's chunks. */
const batchRows = 16_384;
const endMark = Uint8Array.from(endOfStream);

/** Values of a column; those that may be NULL in an array of their own kind. */
type Values = ColumnArray | (number | bigint | null)[];
/** The arrays that hold DuckDB's values. */
const columnTypes: Record<BundleColumn['type'], ColumnType> = {
  BIGINT: 'int64',
  INTEGER: 'int32',
  TINYINT: 'int8',
  DOUBLE: 'float64',
  BOOLEAN: 'int8',
};

function allocate({ name, type }: BundleColumn, rows: number): Values {
  return mayBeNull(name) ? new Array<null>(rows).fill(null) : columnArray(columnTypes[type], rows);
}

/**
 * Writes the columns of `from` (an SQL FROM clause) as an Arrow IPC stream of record batches at `path`; gives the rows.
 * Memory does not grow with them. Throws LAKE_NOT_WRITABLE.
 */
export async function writeArrowStream(
  database: BundleDatabase,
  columns: readonly BundleColumn[],
  from: string,
  path: string,
  onRows: (rows: number) => void,
): Promise<number> {
  const file = await openToWrite(path, 'new');
  let rows = 0;
  try {
    for await (const batch of batches(database, columns, from)) {
      const stream = streamOf(columns, batch);
      const schemaBytes = messageHeadBytes(stream);
      await file.write(stream.subarray(rows === 0 ? 0 : schemaBytes, stream.length - endOfStream.length));
      rows += present(batch[0]).length;
      onRows(rows);
    }
    if (rows === 0) {
      const empty = streamOf(
        columns,
        columns.map((column) => allocate(column, 0)),
      );
      await file.write(empty.subarray(0, messageHeadBytes(empty)));
    }
    await file.write(endMark);
  } finally {
    await file.close();
  }
  return rows;
}

/**
 * Reads an Arrow stream back and compares it with `from`, row by row and bit by bit, in order; gives the rows.
 * Throws CHECKSUM_MISMATCH with the first column that differs.
 */
export async function compareArrowStream(
  database: BundleDatabase,
  columns: readonly BundleColumn[],
  from: string,
  path: string,
  onRows: (rows: number) => void,
): Promise<number> {
  let rows = 0;
  const tables = readBatches(path);
  try {
    for await (const batch of batches(database, columns, from)) {
      const { value: table } = await tables.next();
      if (table === undefined) throw differs(path, `it ends after ${rows} rows`);
      for (const [i, { name, type }] of columns.entries()) {
        const read = table.getChild(name)?.toArray();
        const values = type === 'BOOLEAN' && read !== undefined ? Int8Array.from(read as boolean[], Number) : read;
        if (!isSame(present(batch[i]), values)) throw differs(path, `its column ${name} differs after row ${rows}`);
      }
      rows += present(batch[0]).length;
      onRows(rows);
    }
    if ((await tables.next()).done !== true) throw differs(path, `it holds more than ${rows} rows`);
  } finally {
    await tables.return(undefined);
  }
  return rows;
}

/** The columns of a query in batches; the arrays are the caller's. */
async function* batches(
  database: BundleDatabase,
  columns: readonly BundleColumn[],
  from: string,
): AsyncGenerator<Values[]> {
  const select = columns.map(({ name, type }) => (type === 'BOOLEAN' ? `${name}::TINYINT` : name)).join(', ');
  let batch = columns.map((column) => allocate(column, batchRows));
  let filled = 0;
  for await (const chunk of database.chunks(`SELECT ${select} FROM ${from}`)) {
    for (let start = 0; start < chunk.rowCount; ) {
      const count = Math.min(chunk.rowCount - start, batchRows - filled);
      for (let i = 0; i < columns.length; i++) {
        const vector = chunk.getColumnVector(i);
        const values = present(batch[i]);
        if (Array.isArray(values)) {
          for (let row = 0; row < count; row++) values[filled + row] = vector.getItem(start + row) as number | null;
        } else {
          const { items } = vector as unknown as { items: Float64Array };
          (values as Float64Array).set(items.subarray(start, start + count), filled);
        }
      }
      filled += count;
      start += count;
      if (filled < batchRows) continue;
      yield batch;
      batch = columns.map((column) => allocate(column, batchRows));
      filled = 0;
    }
  }
  if (filled > 0) yield batch.map((values) => values.slice(0, filled));
}

function streamOf(columns: readonly BundleColumn[], batch: readonly Values[]): Uint8Array {
  const arrays = columns.map(({ name, type }, i) => {
    const [values, arrow] =
      type === 'BOOLEAN'
        ? [Array.from(batch[i] as Int8Array, Boolean), bool()]
        : [present(batch[i]), arrowType[columnTypes[type]]()];
    return [name, columnFromArray(values, arrow)] as const;
  });
  return arrowStream(arrays, mayBeNull);
}

/** The tables of a stream's record batches, one at a time. */
async function* readBatches(path: string): AsyncGenerator<Table, undefined> {
  const { file, sizeBytes } = await openToRead(path);
  try {
    const read = async (position: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      if (bytesRead < length) throw differs(path, `it ends at byte ${position + bytesRead}`);
      return bytes;
    };
    let at = 0;
    const message = async (): Promise<Uint8Array> => {
      const head = await read(at, messageHeadBytes(await read(at, 8)));
      const whole = await read(at, head.length + messageBodyBytes(head));
      at += whole.length;
      return whole;
    };
    const schema = await message();
    while (at < sizeBytes - endOfStream.length) {
      const batch = await message();
      const stream = new Uint8Array(schema.length + batch.length + endOfStream.length);
      stream.set(schema);
      stream.set(batch, schema.length);
      stream.set(endMark, schema.length + batch.length);
      yield tableFromIPC(stream, { useBigInt: true });
    }
    if (Buffer.compare(await read(at, endOfStream.length), endMark) !== 0) throw differs(path, 'it has no end mark');
  } finally {
    await file.close();
  }
  return undefined;
}

function isSame(a: Values, b: unknown): boolean {
  if (Array.isArray(a)) {
    const read = Array.from(b as ArrayLike<unknown>);
    return read.length === a.length && a.every((value, row) => Object.is(value, read[row]));
  }
  if (!ArrayBuffer.isView(b) || b.constructor !== a.constructor) return false;
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function differs(path: string, how: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot publish the dataset: ${path} was read back and is not what was written (${how}); look after the disk.`,
    { path },
  );
}
