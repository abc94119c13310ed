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
import { type ColumnType, type GridFrame, gridColumns } from '../../src/engine/index.ts';

const arrowType: Record<ColumnType, () => DataType> = { int8, int32, int64, float64 };

/** The Arrow IPC stream of a frame, made the usual way: a table of columns, encoded anew for each bin. */
export function encodeFrame(frame: GridFrame): Uint8Array {
  const table = tableFromColumns(
    gridColumns.map(([name, type]) => [name, columnFromArray(frame.columns[name], arrowType[type]())]),
  );
  return tableToIPC(table, {}) as Uint8Array;
}
