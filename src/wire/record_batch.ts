import {
  type Column,
  columnFromArray,
  type DataType,
  float64,
  int8,
  int32,
  int64,
  tableFromColumns,
  tableToIPC,
} from '@uwdata/flechette';
import { type ColumnArray, type ColumnType, columnArray, valueBytes } from '../engine/index.ts';
import { assert } from '../errors.ts';

// Arrow IPC streams as they are written: columnar format 1.5, "IPC Streaming Format".

/** The Arrow type of a column. */
export const arrowType: Readonly<Record<ColumnType, () => DataType>> = { int8, int32, int64, float64 };

/** The body of a record batch starts on this boundary, and its buffers are padded to it. */
export const arrowAlignment = 8;

/** The mark at the end of a stream: a continuation word and a length of 0. */
export const endOfStream: readonly number[] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/** Name and element type of a column. */
export type NamedColumn = readonly [name: string, type: ColumnType];

/** A stream of one record batch; whether a column may hold nulls is said of its name, whatever it holds. */
export function arrowStream(
  columns: readonly (readonly [name: string, column: Column<unknown>])[],
  isNullable: (name: string) => boolean = () => true,
): Uint8Array {
  const table = tableFromColumns(columns.map(([name, column]) => [name, column]));
  for (const field of table.schema.fields) field.nullable = isNullable(field.name);
  const stream = tableToIPC(table, { format: 'stream' });
  assert(stream !== null, 'an in-memory Arrow stream has bytes');
  return stream;
}

/** How columns without nulls lie in the bytes of a stream of one record batch. */
export interface BatchLayout {
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
  /** A stream whose values are 0. */
  readonly stream: Uint8Array<ArrayBuffer>;
  /** Bytes before the columns, the same for every batch of this layout: the schema message and the batch's header. */
  readonly headBytes: number;
  /** Where each column starts in the stream. */
  readonly columnOffsets: readonly number[];
}

/** Lays out `rows` rows of these columns; `isNullable` is said of all of them. */
export function layOutBatch(columns: readonly NamedColumn[], rows: number, isNullable: boolean): BatchLayout {
  const zeros = arrowStream(
    columns.map(([name, type]) => [name, columnFromArray(columnArray(type, rows), arrowType[type]())]),
    () => isNullable,
  );
  const stream = new Uint8Array(zeros);
  const sizes = columns.map(([, type]) => padded(rows * valueBytes[type]));
  const headBytes = stream.byteLength - endOfStream.length - sizes.reduce((sum, bytes) => sum + bytes, 0);
  assert(
    headBytes > 0 && headBytes % arrowAlignment === 0,
    'the body of an Arrow record batch starts on an 8-byte boundary',
  );
  let offset = headBytes;
  const columnOffsets = sizes.map((bytes) => {
    offset += bytes;
    return offset - bytes;
  });
  return { columns, rows, stream, headBytes, columnOffsets };
}

/** Column `index` of the stream that starts at `byteOffset` of `buffer`; a view. */
export function columnView(
  { columns, rows, columnOffsets }: Pick<BatchLayout, 'columns' | 'rows' | 'columnOffsets'>,
  index: number,
  buffer: ArrayBuffer,
  byteOffset = 0,
): ColumnArray {
  const [column, columnOffset] = [columns[index], columnOffsets[index]];
  assert(column !== undefined && columnOffset !== undefined, 'the layout has the column');
  return columnArray(column[1], rows, buffer, byteOffset + columnOffset);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / arrowAlignment) * arrowAlignment;
}
