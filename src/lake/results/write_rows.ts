import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import { duckdb } from '../../files/light.ts';
import { camelCase } from '../../name_case.ts';
import { type ResultColumn, type ResultRow, type ResultTable, resultTables } from '../../wire/light.ts';
import { joinSql, quotedSql, rawSql, type Sql, sql } from './sql.ts';

/** Rows to add together: all of them appear, or none. */
export type ResultRows = { readonly [T in ResultTable]?: readonly ResultRow<T>[] };

/** The same, each row made when it is written. */
export type MadeRows = { readonly [T in ResultTable]?: Iterable<ResultRow<T>> };

/** Tables of which a comparison reads whole columns for a few rows: Snappy decompresses their numbers in half the time. */
const quickTables: readonly ResultTable[] = ['runs', 'runs_meta'];

/** Writes what a query gives, or a table has, as the file of this table. */
export function copySql(source: Sql, path: string, table: ResultTable): Sql {
  const codec = rawSql(quickTables.includes(table) ? 'snappy' : 'zstd');
  return sql`COPY ${source} TO ${quotedSql(path)} (FORMAT parquet, COMPRESSION ${codec})`;
}

/**
 * Writes rows of a table, as `ResultRow` has them, as a Parquet file.
 * @throws RESULT_INVALID for a number that is NaN or infinite, a NULL where there may be none, or a value of another type
 */
export async function writeRows(
  connection: DuckDBConnection,
  path: string,
  table: ResultTable,
  rows: Iterable<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const columns: readonly ResultColumn[] = Object.values(resultTables[table]);
  const keyed = columns.map((column) => ({ key: camelCase(column.name), column }));
  const { DOUBLE, INTEGER, LIST, listValue } = duckdb();
  const staging = rawSql(`staging_${randomUUID().slice(0, 8)}`);
  const definitions = columns.map(({ name, type }) => rawSql(`${name} ${type}`));
  await connection.run(sql`CREATE TEMP TABLE ${staging} (${joinSql(definitions, ', ')})`.text);
  try {
    const appender = await connection.createAppender(staging.text);
    for (const row of rows) {
      for (const { key, column } of keyed) {
        const value = row[key];
        if (value === null && column.isNullable) appender.appendNull();
        else if (typeof value === 'string' && column.type === 'VARCHAR') appender.appendVarchar(value);
        else if (isNumber(value) && Number.isInteger(value) && column.type === 'INTEGER') appender.appendInteger(value);
        else if (isNumber(value) && column.type === 'DOUBLE') appender.appendDouble(value);
        else if (typeof value === 'boolean' && column.type === 'BOOLEAN') appender.appendBoolean(value);
        else if (isIntegerList(value) && column.type === 'INTEGER[]')
          appender.appendList(listValue(value), LIST(INTEGER));
        else if (isFiniteList(value) && column.type === 'DOUBLE[]') appender.appendList(listValue(value), LIST(DOUBLE));
        else throw invalid(column, value, row);
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(copySql(staging, path, table).text);
  } finally {
    await connection.run(sql`DROP TABLE IF EXISTS ${staging}`.text);
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isFiniteList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isNumber);
}

function isIntegerList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(Number.isInteger);
}

const expected = {
  VARCHAR: 'a text',
  INTEGER: 'a whole number',
  DOUBLE: 'a finite number',
  BOOLEAN: 'true or false',
  'INTEGER[]': 'a list of whole numbers',
  'DOUBLE[]': 'a list of finite numbers',
} as const;

function invalid(
  { table, name, type }: ResultColumn,
  value: unknown,
  row: Readonly<Record<string, unknown>>,
): SpymasterError {
  const id = String(row.runId ?? row.unitId ?? row.sweepId);
  return new SpymasterError(
    'RESULT_INVALID',
    `Cannot store ${table}.${name} of ${id}: expected ${expected[type]}, got ${value}. Nothing of this part was written.`,
    { table, column: name, run: id },
  );
}
