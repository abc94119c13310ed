import type { DuckDBDataChunk, DuckDBListVector, DuckDBResult, DuckDBVector } from '@duckdb/node-api';
import { camelCase } from '../../name_case.ts';
import type { ResultColumn, ResultColumns, RowOf } from '../../wire/index.ts';
import { assertTypes, invalid, isOfType, plain } from './decode_rows.ts';

/** Rows by their columns, each value at the place of its row; numbers and lists are views into the result. */
export type ColumnsOf<C extends ResultColumns> = {
  readonly [N in keyof RowOf<C>]: ArrayLike<RowOf<C>[N] extends readonly number[] ? ArrayLike<number> : RowOf<C>[N]>;
};

/** Some rows of a result. */
export interface Portion<C extends ResultColumns> {
  readonly rows: number;
  readonly columns: ColumnsOf<C>;
}

/**
 * The same as `decodeRows`, by columns, in portions of a few thousand rows: numbers are not copied, and no row is an object.
 * @throws RESULT_INVALID for a column of another type or with a NULL where there may be none
 */
export async function decodeColumns<C extends ResultColumns>(
  result: DuckDBResult,
  columns: C,
  folder: string,
): Promise<Portion<C>[]> {
  assertTypes(result, columns, folder);
  return (await result.fetchAllChunks()).map((chunk) => ({
    rows: chunk.rowCount,
    columns: chunkColumns(chunk, columns, folder),
  }));
}

function chunkColumns<C extends ResultColumns>(chunk: DuckDBDataChunk, columns: C, folder: string): ColumnsOf<C>;
function chunkColumns(chunk: DuckDBDataChunk, columns: ResultColumns, folder: string): object {
  const values = Object.entries(columns).map(([name, column], index) => {
    const vector = chunk.getColumnVector(index);
    return [camelCase(name), valuesOf(vector, chunk.rowCount, column, folder)] as const;
  });
  return Object.fromEntries(values);
}

function valuesOf(vector: DuckDBVector, rows: number, column: ResultColumn, folder: string): ArrayLike<unknown> {
  if (!column.isNullable && areAllValid(vector, rows)) {
    if (column.type === 'INTEGER' || column.type === 'DOUBLE') return numbersOf(vector);
    if (column.type === 'INTEGER[]') return listsOf(vector as DuckDBListVector, rows, column, folder);
    if (column.type === 'VARCHAR') return textsOf(vector, rows);
  }
  return Array.from({ length: rows }, (_, row) => {
    const value = plain(vector.getItem(row));
    if (value === null ? column.isNullable : isOfType(value, column.type)) return value;
    throw invalid(column, `expected ${column.type}, got ${value === null ? 'NULL' : JSON.stringify(value)}`, folder);
  });
}

interface Checked {
  readonly validity: { itemValid(row: number): boolean };
}

function areAllValid(vector: DuckDBVector, rows: number): boolean {
  const { validity } = vector as unknown as Checked;
  for (let row = 0; row < rows; row++) if (!validity.itemValid(row)) return false;
  return true;
}

function numbersOf(vector: DuckDBVector): Int32Array | Float64Array {
  return (vector as unknown as { readonly items: Int32Array | Float64Array }).items;
}

function listsOf(vector: DuckDBListVector, rows: number, column: ResultColumn, folder: string): ArrayLike<number>[] {
  if (!areAllValid(vector.childVector, vector.childVector.itemCount)) {
    throw invalid(column, `expected ${column.type}, got a list with a NULL`, folder);
  }
  const items = numbersOf(vector.childVector);
  return Array.from({ length: rows }, (_, row) => {
    const first = vector.getEntryOffset(row);
    return items.subarray(first, first + vector.getEntryLength(row));
  });
}

/** Texts that follow an equal one of up to 12 bytes, which a vector holds in place, are not decoded again. */
function textsOf(vector: DuckDBVector, rows: number): string[] {
  const { dataView } = vector as unknown as { readonly dataView: DataView };
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const before = row === 0 ? undefined : texts[row - 1];
    texts.push(before !== undefined && isSameEntry(dataView, row) ? before : (vector.getItem(row) as string));
  }
  return texts;
}

const entryBytes = 16;
const mostInPlace = 12;

function isSameEntry(entries: DataView, row: number): boolean {
  const at = row * entryBytes;
  if (entries.getUint32(at, true) > mostInPlace) return false;
  for (let byte = 0; byte < entryBytes; byte += 4) {
    if (entries.getUint32(at + byte) !== entries.getUint32(at - entryBytes + byte)) return false;
  }
  return true;
}
