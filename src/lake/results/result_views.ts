import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import { namesOf, type ResultColumn, type ResultTable, resultTables } from '../../wire/index.ts';
import type { PartManifest } from './part_steps.ts';
import { columnsSql, joinSql, quotedSql, rawSql, type Sql, sql, tableSql } from './sql.ts';

export const resultTableNames = namesOf(resultTables);

type Parts = ReadonlyMap<string, PartManifest>;

/**
 * Makes the tables of a connection show these parts: of a run the rows of its newest evaluation, of a sweep the newest
 * statistics. Tables that are queried again and again are read into memory; the long and seldom read ones stay in files.
 */
export async function showParts(connection: DuckDBConnection, folder: string, parts: Parts): Promise<void> {
  const { runs_meta, resolved, runs, units, trials, sweeps } = resultTables;
  const show = async (kind: 'TABLE' | 'VIEW', table: ResultTable, query: Sql) => {
    const created = sql`CREATE OR REPLACE TEMP ${rawSql(kind)} ${tableSql(table)} AS ${query}`;
    await connection.run(created.text);
  };
  const stored = (table: ResultTable) =>
    sql`SELECT ${columnsSql(resultTables[table])} FROM ${partsSql(folder, table, parts)}`;
  await show('TABLE', 'runs_meta', stored('runs_meta'));
  const isSuperseded = await hasDuplicates(connection, runs_meta.run_id);
  if (isSuperseded) {
    const newest = sql`row_number() OVER (PARTITION BY ${runs_meta.run_id} ORDER BY ${runs_meta.timestamp_utc} DESC) = 1`;
    await show('TABLE', 'runs_meta', sql`SELECT * FROM ${tableSql('runs_meta')} QUALIFY ${newest}`);
  }
  // Rows of one evaluation have one time, so that thresholds of an older one do not linger.
  const current = (table: 'runs' | 'trials' | 'resolved', key: readonly ResultColumn[]) => {
    if (!isSuperseded) return stored(table);
    const { run_id, timestamp_utc } = resultTables[table];
    return sql`${stored(table)} SEMI JOIN ${tableSql('runs_meta')}
      ON ${run_id} = ${runs_meta.run_id} AND ${timestamp_utc} = ${runs_meta.timestamp_utc}
      QUALIFY row_number() OVER (PARTITION BY ${joinColumns(key)}) = 1`;
  };
  await show('TABLE', 'runs', current('runs', [runs.run_id, runs.threshold]));
  await show('VIEW', 'trials', current('trials', [trials.run_id, trials.threshold]));
  await show('VIEW', 'resolved', current('resolved', [resolved.run_id]));
  const newestUnit = sql`row_number() OVER (PARTITION BY ${units.unit_id}, ${units.threshold}
    ORDER BY ${units.timestamp_utc} DESC) = 1`;
  await show('VIEW', 'units', sql`${stored('units')} QUALIFY ${newestUnit}`);
  const newest = sql`row_number() OVER (PARTITION BY ${sweeps.sweep_id} ORDER BY ${sweeps.timestamp_utc} DESC) = 1`;
  await show('TABLE', 'sweeps', sql`${stored('sweeps')} QUALIFY ${newest}`);
}

async function hasDuplicates(connection: DuckDBConnection, column: ResultColumn): Promise<boolean> {
  const query = sql`SELECT count(*) > count(DISTINCT ${column}) FROM ${rawSql(column.table)}`;
  const rows = (await connection.runAndReadAll(query.text)).getRows();
  return rows[0]?.[0] === true;
}

const joinColumns = (columns: readonly ResultColumn[]) =>
  joinSql(
    columns.map((column) => sql`${column}`),
    ', ',
  );

/**
 * A table's rows in all parts, under the table's name, as the FROM of a query. A column that the version which stored a part
 * did not have is NULL there.
 */
function partsSql(folder: string, table: ResultTable, parts: Parts): Sql {
  const nulls = Object.values(resultTables[table]).map(
    ({ name, type }) => sql`NULL::${rawSql(type)} AS ${rawSql(name)}`,
  );
  const files = filesOf(folder, table, parts).map((path) => quotedSql(path));
  const stored =
    files.length === 0
      ? sql``
      : sql` UNION ALL BY NAME SELECT * FROM read_parquet([${joinSql(files, ', ')}], union_by_name = true)`;
  return sql`(SELECT ${joinSql(nulls, ', ')} WHERE false${stored}) AS ${tableSql(table)}`;
}

function filesOf(folder: string, table: ResultTable, parts: Parts): string[] {
  const file = `${table}.parquet`;
  return [...parts].flatMap(([part, { files }]) => (file in files ? [join(folder, part, file)] : []));
}

/** The error for the first column without which no row of a part can be read; null when each part has all of them. */
export async function findMissingColumn(
  connection: DuckDBConnection,
  folder: string,
  parts: Parts,
): Promise<SpymasterError | null> {
  for (const table of resultTableNames) {
    for (const path of filesOf(folder, table, parts)) {
      const described = sql`SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${quotedSql(path)}))`;
      const present = new Set((await connection.runAndReadAll(described.text)).getRows().map(([name]) => name));
      const missing = Object.values(resultTables[table]).find(
        ({ name, isNullable }) => !isNullable && !present.has(name),
      );
      if (missing === undefined) continue;
      return new SpymasterError(
        'RESULT_INVALID',
        `Cannot read the results in ${path}: the column ${table}.${missing.name} is missing. Use the version that stored ` +
          'them, or move the part away and run its experiments again.',
        { path, table, column: missing.name },
      );
    }
  }
  return null;
}
