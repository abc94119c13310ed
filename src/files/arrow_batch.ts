import {
  columnFromArray,
  type DataType,
  float64,
  int8,
  int32,
  int64,
  tableFromColumns,
  tableToIPC,
} from '@uwdata/flechette';
import type { ColumnType } from '../engine/index.ts';
import { assert } from '../errors.ts';

/** Name and element type of a column. */
export type NamedColumn = readonly [name: string, type: ColumnType];
export type ColumnValues = Int8Array | Int32Array | BigInt64Array | Float64Array;

/** An Arrow IPC stream of one record batch of `rows` rows whose columns are views into `buffer`. */
export interface ArrowBatch {
  readonly buffer: ArrayBuffer;
  readonly columns: readonly ColumnValues[];
}

/** How a record batch of `rows` rows lies in memory; made once, used for any number of buffers. */
export interface ArrowLayout {
  readonly rows: number;
  /** Size of a whole buffer. */
  readonly byteLength: number;
  /** Everything before the columns, the same for all buffers, and the end-of-stream mark behind them. */
  readonly head: Uint8Array;
  readonly columnOffsets: readonly number[];
  readonly columns: readonly NamedColumn[];
}

const arrowType: Record<ColumnType, () => DataType> = { int8, int32, int64, float64 };
const bytesPerValue: Record<ColumnType, number> = { int8: 1, int32: 4, int64: 8, float64: 8 };
const endOfStreamBytes = 8;

/** Lays out columns without nulls (Arrow columnar format 1.5, "IPC Streaming Format"). */
export function layOutBatch(columns: readonly NamedColumn[], rows: number): ArrowLayout {
  const table = tableFromColumns(
    columns.map(([name, type]) => [
      name,
      columnFromArray(newValues(type, new ArrayBuffer(rows * 8), 0, rows), arrowType[type]()),
    ]),
  );
  for (const field of table.schema.fields) field.nullable = false;
  const stream = tableToIPC(table, { format: 'stream' });
  assert(stream !== null, 'an in-memory Arrow stream has bytes');
  const bodyBytes = columns.reduce((sum, [, type]) => sum + paddedBytes(type, rows), 0);
  const headBytes = stream.byteLength - bodyBytes - endOfStreamBytes;
  assert(headBytes > 0 && headBytes % 8 === 0, 'an Arrow body starts on an 8-byte boundary');
  let offset = headBytes;
  const columnOffsets = columns.map(([, type]) => {
    const start = offset;
    offset += paddedBytes(type, rows);
    return start;
  });
  return { rows, byteLength: stream.byteLength, head: stream.slice(0, headBytes), columnOffsets, columns };
}

/** Makes `buffer` (of the layout's size) a batch of that layout; its columns hold whatever was there. */
export function batchIn(buffer: ArrayBuffer, layout: ArrowLayout): ArrowBatch {
  const bytes = new Uint8Array(buffer);
  bytes.set(layout.head);
  new DataView(buffer).setUint32(layout.byteLength - endOfStreamBytes, 0xffff_ffff, true);
  new DataView(buffer).setUint32(layout.byteLength - 4, 0, true);
  const columns = layout.columns.map(([, type], i) => newValues(type, buffer, layout.columnOffsets[i]!, layout.rows));
  return { buffer, columns };
}

function newValues(type: ColumnType, buffer: ArrayBuffer, offset: number, rows: number): ColumnValues {
  if (type === 'float64') return new Float64Array(buffer, offset, rows);
  if (type === 'int64') return new BigInt64Array(buffer, offset, rows);
  return type === 'int32' ? new Int32Array(buffer, offset, rows) : new Int8Array(buffer, offset, rows);
}

function paddedBytes(type: ColumnType, rows: number): number {
  return Math.ceil((rows * bytesPerValue[type]) / 8) * 8;
}
