import type { DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import { camelCase } from '../../name_case.ts';
import type { ResultColumn, ResultColumns, ResultColumnType, RowOf } from '../../wire/index.ts';

/**
 * The rows of a result that has these columns in this order.
 * @param folder of the store, for the message of an error
 * @throws RESULT_INVALID for a column of another type or with a NULL where there may be none
 */
export async function decodeRows<C extends ResultColumns>(
  result: DuckDBResult,
  columns: C,
  folder: string,
): Promise<RowOf<C>[]> {
  assertTypes(result, columns, folder);
  const targets = Object.entries(columns).map(([name, column]) => ({ key: camelCase(name), column }));
  const rows: RowOf<C>[] = [];
  for (const chunk of await result.fetchAllChunks()) {
    for (const row of rowsOf(chunk, targets)) {
      assertRow<C>(row, targets, folder);
      rows.push(row);
    }
  }
  return rows;
}

/** A column and the key of its values in a row. */
interface Target {
  readonly key: string;
  readonly column: ResultColumn;
}

export function assertTypes(result: DuckDBResult, columns: ResultColumns, folder: string): void {
  Object.values(columns).forEach((column, index) => {
    const type = result.columnType(index).toString();
    if (type !== column.type) throw invalid(column, `expected ${column.type}, got ${type}`, folder);
  });
}

function rowsOf(chunk: DuckDBDataChunk, targets: readonly Target[]): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = Array.from({ length: chunk.rowCount }, () => ({}));
  targets.forEach(({ key }, index) => {
    const vector = chunk.getColumnVector(index);
    rows.forEach((row, at) => {
      row[key] = plain(vector.getItem(at));
    });
  });
  return rows;
}

/** A list as an array; any other value as it is. */
export function plain(value: DuckDBValue): unknown {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items : value;
}

function assertRow<C extends ResultColumns>(
  row: Readonly<Record<string, unknown>>,
  targets: readonly Target[],
  folder: string,
): asserts row is RowOf<C> {
  for (const { key, column } of targets) {
    const value = row[key];
    if (value === null ? column.isNullable : isOfType(value, column.type)) continue;
    throw invalid(column, `expected ${column.type}, got ${value === null ? 'NULL' : JSON.stringify(value)}`, folder);
  }
}

export function isOfType(value: unknown, type: ResultColumnType): boolean {
  if (type.endsWith('[]')) return Array.isArray(value) && value.every((item) => typeof item === 'number');
  return typeof value === ({ VARCHAR: 'string', BOOLEAN: 'boolean' }[type as string] ?? 'number');
}

export function invalid({ table, name }: ResultColumn, why: string, folder: string): SpymasterError {
  return new SpymasterError(
    'RESULT_INVALID',
    `Cannot read the results in ${folder}: in ${table}.${name}, ${why}. Use the version that stored them, or move the part ` +
      'away and run its experiments again.',
    { path: folder, table, column: name },
  );
}
