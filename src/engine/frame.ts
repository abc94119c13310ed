/** Element types of grid columns, named as Arrow names them. */
export type ColumnType = 'int8' | 'int32' | 'int64' | 'float64';

/**
 * The columns of a grid frame with their element types, in wire order (product.md, "Stream"). A row is a price slot of the
 * window around spot; row 0 is k = −radius. `columnMeanings` of wire has the unit of each.
 */
export const gridColumns = [
  ['k', 'int32'],
  ['pressure_variant', 'float64'],
  ['vacuum_variant', 'float64'],
  ['add_mass', 'float64'],
  ['pull_mass', 'float64'],
  ['fill_mass', 'float64'],
  ['rest_depth', 'float64'],
  ['bid_depth', 'float64'],
  ['ask_depth', 'float64'],
  ['v_add', 'float64'],
  ['v_pull', 'float64'],
  ['v_fill', 'float64'],
  ['v_rest_depth', 'float64'],
  ['v_bid_depth', 'float64'],
  ['v_ask_depth', 'float64'],
  ['a_add', 'float64'],
  ['a_pull', 'float64'],
  ['a_fill', 'float64'],
  ['a_rest_depth', 'float64'],
  ['a_bid_depth', 'float64'],
  ['a_ask_depth', 'float64'],
  ['j_add', 'float64'],
  ['j_pull', 'float64'],
  ['j_fill', 'float64'],
  ['j_rest_depth', 'float64'],
  ['j_bid_depth', 'float64'],
  ['j_ask_depth', 'float64'],
  ['composite', 'float64'],
  ['composite_d1', 'float64'],
  ['composite_d2', 'float64'],
  ['composite_d3', 'float64'],
  ['flow_score', 'float64'],
  ['flow_state_code', 'int8'],
  ['best_ask_move_ticks', 'int32'],
  ['best_bid_move_ticks', 'int32'],
  ['ask_reprice_sign', 'int8'],
  ['bid_reprice_sign', 'int8'],
  ['microstate_id', 'int8'],
  ['state5_code', 'int8'],
  ['chase_up_flag', 'int8'],
  ['chase_down_flag', 'int8'],
  ['last_event_id', 'int64'],
] as const satisfies readonly (readonly [string, ColumnType])[];

type Column = (typeof gridColumns)[number];
export type ColumnName = Column[0];
/** The array that holds a column of a type. */
export type ColumnArray<T extends ColumnType = ColumnType> = T extends 'float64'
  ? Float64Array
  : T extends 'int64'
    ? BigInt64Array
    : T extends 'int32'
      ? Int32Array
      : Int8Array;

/** One typed array of `rows` elements per column. */
export type GridFrameColumns = { readonly [C in Column as C[0]]: ColumnArray<C[1]> };

/** Where the engine writes a bin's grid: `2 * radius + 1` rows of every column. */
export interface GridFrame {
  /** `2 * radius + 1`. */
  readonly rows: number;
  readonly columns: GridFrameColumns;
}

/** Gives the storage of one column; `wire` hands out views into the body of an Arrow record batch. */
export type ColumnAllocator = (name: ColumnName, type: ColumnType, rows: number) => ColumnArray;

/** Bytes of a value of each type. */
export const valueBytes: Readonly<Record<ColumnType, number>> = { int8: 1, int32: 4, int64: 8, float64: 8 };

/** A column of `rows` values in memory of its own, or as a view into `buffer` from `byteOffset` on. */
export function columnArray(
  type: ColumnType,
  rows: number,
  buffer: ArrayBuffer = new ArrayBuffer(rows * valueBytes[type]),
  byteOffset = 0,
): ColumnArray {
  if (type === 'float64') return new Float64Array(buffer, byteOffset, rows);
  if (type === 'int64') return new BigInt64Array(buffer, byteOffset, rows);
  return type === 'int32' ? new Int32Array(buffer, byteOffset, rows) : new Int8Array(buffer, byteOffset, rows);
}

const plainArray: ColumnAllocator = (_name, type, rows) => columnArray(type, rows);

/** A frame of `2 * radius + 1` rows whose columns live in memory that `allocate` gives (own arrays by default). */
export function createGridFrame(radius: number, allocate: ColumnAllocator = plainArray): GridFrame {
  const rows = 2 * radius + 1;
  const columns = Object.fromEntries(
    gridColumns.map(([name, type]) => [name, allocate(name, type, rows)]),
  ) as unknown as GridFrameColumns;
  for (let row = 0; row < rows; row++) columns.k[row] = row - radius;
  return { rows, columns };
}
