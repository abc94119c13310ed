import type { ResultsStore } from '../../src/lake/index.ts';
import { select, sql, tableSql } from '../../src/lake/results/sql.ts';
import { camelCase } from '../../src/name_case.ts';
import { type ResultColumn, type ResultRow, type ResultTable, resultTables } from '../../src/wire/index.ts';

/** All rows of a table, in the order of their columns. */
export function storedRows<T extends ResultTable>(store: ResultsStore, table: T): Promise<ResultRow<T>[]> {
  return store.rows(select(resultTables[table], sql`FROM ${tableSql(table)} ORDER BY ALL`));
}

/** Every threshold of every run, without the time of its evaluation. */
export async function timelessRuns(store: ResultsStore): Promise<Omit<ResultRow<'runs'>, 'timestampUtc'>[]> {
  return (await storedRows(store, 'runs')).map(({ timestampUtc, ...row }) => row);
}

/** A row whose values are made up; the store refuses those that do not fit. */
export function madeUpRow<T extends ResultTable>(table: T, make: (column: ResultColumn) => unknown): ResultRow<T>;
export function madeUpRow(table: ResultTable, make: (column: ResultColumn) => unknown): object {
  const columns = Object.values(resultTables[table]);
  return Object.fromEntries(columns.map((column) => [camelCase(column.name), make(column)]));
}
