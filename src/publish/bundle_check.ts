import type { BundleFormat } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { quoted, quotedFile } from '../files/index.ts';
import type { BundleDatabase } from './bundle_database.ts';
import type { PlannedTable } from './bundle_plan.ts';

/** Fingerprint of a table's rows: counts, extremes, and hashes of every value with its key. */
type Fingerprint = readonly (readonly [what: string, value: string])[];

/**
 * Reads the files of a table back with DuckDB and compares them with `source` (an SQL FROM clause): rows and their order,
 * and of each column minimum, maximum, signs (zero has one) and two hashes over each value with its row's key.
 * Throws CHECKSUM_MISMATCH with the first thing that differs.
 */
export async function compareTable(
  database: BundleDatabase,
  table: PlannedTable,
  source: string,
  read: string,
  onShare: (share: number) => void,
): Promise<void> {
  const expected = await fingerprint(database, table, source, (share) => onShare(share / 2));
  const actual = await fingerprint(database, table, read, (share) => onShare((1 + share) / 2));
  for (const [i, [what, value]] of expected.entries()) {
    if (present(actual[i])[1] !== value)
      throw differs(table, `${what} is ${present(actual[i])[1]} instead of ${value}`);
  }
  const before = table.keys.map((key) => `lag(${key}) OVER () AS before_${key}`).join(', ');
  const row = (prefix: string) => `row(${table.keys.map((key) => prefix + key).join(', ')})`;
  const [[unsorted]] = (await database.rows(
    `SELECT count(*) FROM (SELECT ${table.keys.join(', ')}, ${before} FROM ${read})
     WHERE before_bin_seq IS NOT NULL AND ${row('before_')} >= ${row('')}`,
  )) as [[bigint]];
  if (unsorted > 0n) throw differs(table, `${unsorted} rows are out of order`);
}

/** An SQL FROM clause of all files of a table, with the types that they must have. */
export function readBack(table: PlannedTable, format: BundleFormat, paths: readonly string[]): string {
  const files = `[${paths.map(quotedFile).join(', ')}]`;
  if (format === 'parquet') return `read_parquet(${files}, hive_partitioning = false)`;
  const columns = table.columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ');
  return `read_csv(${files}, header = true, auto_detect = false, delim = ',', hive_partitioning = false, columns = {${columns}})`;
}

async function fingerprint(
  database: BundleDatabase,
  { columns, keys }: PlannedTable,
  from: string,
  onShare: (share: number) => void,
): Promise<Fingerprint> {
  const parts: (readonly [what: string, sql: string])[] = [['the number of rows', 'count(*)']];
  for (const { name, type } of columns) {
    const hashed = `hash(${[...new Set([...keys, name])].join(', ')})`;
    // Sums, because exclusive or would not see values that changed places. Which zero is the smaller one depends on which is met first.
    const extreme = (sql: string) => (type === 'DOUBLE' ? `${sql} + 0.0::DOUBLE` : sql);
    parts.push(
      [`the number of values of ${name}`, `count(${name})`],
      [`the minimum of ${name}`, extreme(`min(${name})`)],
      [`the maximum of ${name}`, extreme(`max(${name})`)],
      [`the hash of ${name}`, `sum(${hashed} >> 32)`],
      [`the other hash of ${name}`, `sum(${hashed} & 4294967295)`],
    );
    if (type === 'DOUBLE')
      parts.push([`the number of negative signs of ${name}`, `count(*) FILTER (signbit(${name}))`]);
  }
  const [values] = await database.rows(
    `SELECT ${parts.map(([, sql]) => `(${sql})::VARCHAR`).join(', ')} FROM ${from}`,
    onShare,
  );
  return parts.map(([what], i) => [what, String(present(values)[i])]);
}

function differs({ name }: PlannedTable, how: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot publish the dataset: ${name} was read back and is not what it was copied from (${how}); look after the disk, ` +
      'and try again.',
    { table: name },
  );
}
