import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';

/** Rows of a query, as DuckDB's own reader gives them. */
export async function queryRows(sql: string): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
