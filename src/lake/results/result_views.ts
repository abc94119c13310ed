import { basename, dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import { ledgerTables, namesOf, pick, type ResultColumn, type ResultTable, resultTables } from '../../wire/light.ts';
import type { PartManifest } from './part_steps.ts';
import type { HeldPart } from './plan_merges.ts';
import { withoutOlderVersions } from './share_parts.ts';
import { columnsSql, joinSql, quotedSql, type Relation, rawSql, type Sql, sql, tableSql } from './sql.ts';

/** Tables of the ledger, which has a folder of its own, and those of results. */
export const ledgerTableNames: readonly ResultTable[] = namesOf(ledgerTables);
export const resultTableNames = namesOf(resultTables).filter((table) => !ledgerTableNames.includes(table));

type Parts = ReadonlyMap<string, PartManifest>;

/** Parts, by name, in their folder. */
export interface FolderParts {
  readonly folder: string;
  readonly live: Parts;
}

/** What is asked of all runs: which of them, and when one counts. In memory, for reading 20 parts takes longer than a question. */
export const runKeys = pick(
  resultTables.runs_meta,
  ...(['run_id', 'timestamp_utc', 'sweep_id', 'trial_hash', 'experiment_name', 'signal_name', 'dataset_id'] as const),
  'eval_min_signals',
);

/** These columns of `runs_meta`, by its name, as the FROM of a query. */
export const runKeysSql = sql`${tableSql('run_keys')} AS runs_meta`;

const { tried, units } = resultTables;

/** Among rows of runs, those of which there is no newer evaluation. */
export const isNewestRun = sql`row_number() OVER (PARTITION BY ${runKeys.run_id} ORDER BY ${runKeys.timestamp_utc} DESC) = 1`;

/** Among stored units, those of which there is no newer evaluation. */
export const isNewestUnit = sql`row_number() OVER (PARTITION BY ${units.unit_id}, ${units.threshold}
  ORDER BY ${units.timestamp_utc} DESC) = 1`;

/** Among the ledger's rows, those of which there is no newer evaluation. */
export const isNewestTried = sql`row_number() OVER (PARTITION BY ${tried.unit_id}, ${tried.threshold}
  ORDER BY ${tried.timestamp_utc} DESC) = 1`;

/**
 * What a relation is made of: of a run the rows of its newest evaluation, of a sweep the newest statistics, of a trial in a session the
 * newest evaluation.
 * @param isSuperseded whether a run stands in several rows
 */
export function relationSql(relation: Exclude<Relation, 'run_keys'>, parts: FolderParts, isSuperseded: boolean): Sql {
  if (relation === 'stored_units') return storedSql('units', parts);
  if (relation === 'stored_tried') return storedSql('tried', parts);
  if (relation === 'units') return sql`SELECT * FROM ${tableSql('stored_units')} AS units QUALIFY ${isNewestUnit}`;
  if (relation === 'tried') return sql`SELECT * FROM ${tableSql('stored_tried')} AS tried QUALIFY ${isNewestTried}`;
  const stored = storedSql(relation, parts);
  if (relation === 'sweeps') {
    const { sweep_id, timestamp_utc } = resultTables.sweeps;
    return sql`${stored} QUALIFY row_number() OVER (PARTITION BY ${sweep_id} ORDER BY ${timestamp_utc} DESC) = 1`;
  }
  if (relation === 'looks' || relation === 'look_trials' || relation === 'walk_forwards') {
    return sql`SELECT DISTINCT * FROM (${stored})`;
  }
  if (!isSuperseded) return stored;
  if (relation === 'runs_meta') return sql`${stored} QUALIFY ${isNewestRun}`;
  // Rows of one evaluation have one time, so that thresholds of an older one do not linger.
  const { run_id, timestamp_utc } = resultTables[relation];
  const key = relation === 'resolved' ? [run_id] : [run_id, resultTables[relation].threshold];
  return sql`${stored} SEMI JOIN ${runKeysSql} ON ${run_id} = ${runKeys.run_id} AND ${timestamp_utc} = ${runKeys.timestamp_utc}
    QUALIFY row_number() OVER (PARTITION BY ${joinColumns(key)}) = 1`;
}

/** The keys of all stored runs. */
export function storedKeysSql(parts: FolderParts): Sql {
  return sql`SELECT ${columnsSql(runKeys)} FROM ${partsSql('runs_meta', parts)}`;
}

/** A table that has rows of datasets, in results and in the ledger. */
export type DatasetTable = 'units' | 'tried';

/** The rows of a dataset in these parts, in an order that they decide alone. */
export function datasetRowsSql(table: DatasetTable, dataset: string, parts: FolderParts): Sql {
  const { dataset_id, unit_id, threshold } = resultTables[table];
  const isNewest = table === 'units' ? isNewestUnit : isNewestTried;
  return sql`${storedSql(table, parts)} WHERE ${dataset_id} = ${quotedSql(dataset)} QUALIFY ${isNewest} ORDER BY ${unit_id}, ${threshold}`;
}

/** What the parts hold, by their names. */
export async function heldParts(
  connection: DuckDBConnection,
  table: DatasetTable,
  { folder, live }: FolderParts,
): Promise<ReadonlyMap<string, HeldPart>> {
  const file = `${table}.parquet`;
  const paths = [...live].flatMap(([name, { files }]) => (file in files ? [quotedSql(join(folder, name, file))] : []));
  const datasets = new Map<string, Set<string>>();
  if (paths.length > 0) {
    const found = sql`SELECT DISTINCT filename, dataset_id
      FROM read_parquet([${joinSql(paths, ', ')}], union_by_name = true, filename = true)`;
    for (const [path, dataset] of (await connection.runAndReadAll(found.text)).getRows()) {
      const name = basename(dirname(String(path)));
      datasets.set(name, (datasets.get(name) ?? new Set()).add(String(dataset)));
    }
  }
  return new Map(
    Array.from(live, ([name, { files }]) => {
      const own = datasets.get(name) ?? new Set();
      const isOfOne = own.size === 1 && Object.keys(files).every((one) => one === file);
      return [name, { datasets: own, isOfOne }];
    }),
  );
}

function storedSql(table: ResultTable, parts: FolderParts): Sql {
  return sql`SELECT ${columnsSql(resultTables[table])} FROM ${partsSql(table, parts)}`;
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
function partsSql(table: ResultTable, parts: FolderParts): Sql {
  const nulls = Object.values(resultTables[table]).map(
    ({ name, type }) => sql`NULL::${rawSql(type)} AS ${rawSql(name)}`,
  );
  const files = filesOf(table, parts).map((path) => quotedSql(path));
  const stored =
    files.length === 0
      ? sql``
      : sql` UNION ALL BY NAME SELECT * FROM read_parquet([${joinSql(files, ', ')}], union_by_name = true)`;
  return sql`(SELECT ${joinSql(nulls, ', ')} WHERE false${stored}) AS ${rawSql(table)}`;
}

function filesOf(table: ResultTable, { folder, live }: FolderParts): string[] {
  const file = `${table}.parquet`;
  return [...withoutOlderVersions(live)].flatMap(([part, { files }]) =>
    file in files ? [join(folder, part, file)] : [],
  );
}

/** The error for the first column without which no row of a part can be read; null when each part has all of them. */
export async function findMissingColumn(
  connection: DuckDBConnection,
  parts: FolderParts,
): Promise<SpymasterError | null> {
  for (const table of namesOf(resultTables)) {
    for (const path of filesOf(table, parts)) {
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
