import type { DuckDBConnection } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import { chunksOf, DuckDatabase, openToRead, quotedFile } from '../../files/index.ts';
import { formatCount } from '../../format.ts';

/** Most scores of an import: they are kept as a text with the signal's source, 22 bytes each. */
export const maxImportedScores = 2_000_000;

/** Rows of a table of scores, by the dataset or session that they name, in the order of the file. */
export interface ScoreTable {
  readonly by: 'dataset' | 'session';
  readonly at: 'bin_seq' | 'ts_ns';
  readonly groups: ReadonlyMap<string, ScoreRows>;
}

export interface ScoreRows {
  /** Numbers of bins or UNIX nanoseconds, ascending. */
  readonly at: bigint[];
  readonly scores: number[];
}

/** An import that cannot be, named by its file. */
export function scoresInvalid(path: string, why: string, fields: Readonly<Record<string, string | number>> = {}) {
  return new SpymasterError('SCORES_INVALID', `Cannot import the scores of ${path}: ${why}.`, { path, ...fields });
}

/**
 * Reads a Parquet file with the columns dataset or session, bin_seq or ts_ns, and score.
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE; SCORES_INVALID naming column and row
 */
export async function readScores(path: string): Promise<ScoreTable> {
  await (await openToRead(path)).file.close();
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  try {
    const table = `read_parquet(${quotedFile(path)}, hive_partitioning = false)`;
    const { by, at } = await chosenColumns(connection, table, path);
    const count = Number((await connection.runAndReadAll(`SELECT count(*) FROM ${table}`)).getRows()[0]?.[0] ?? 0);
    if (count === 0) throw scoresInvalid(path, 'it has no rows');
    if (count > maxImportedScores) {
      const most = formatCount(maxImportedScores);
      throw scoresInvalid(
        path,
        `it has ${formatCount(count)} rows, and at most ${most} are taken; import fewer sessions`,
      );
    }
    const sql = `SELECT CAST("${by}" AS VARCHAR), CAST("${at}" AS BIGINT), CAST(score AS DOUBLE) FROM ${table}`;
    return { by, at, groups: await readRows(connection, sql, { path, by, at }) };
  } catch (error) {
    if (error instanceof SpymasterError) throw error;
    const said = String(error instanceof Error ? error.message : error).split('\n')[0];
    throw scoresInvalid(path, `it is no whole Parquet file (${said?.replace(/\.$/, '')}); write it again`);
  }
}

const integers = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const expected = {
  dataset: { types: /^VARCHAR$/, text: 'text, ids of datasets' },
  session: { types: /^(VARCHAR|DATE)$/, text: 'trading dates, as text or DATE' },
  bin_seq: { types: integers, text: 'integers, numbers of bins' },
  ts_ns: { types: integers, text: 'integers, UNIX nanoseconds' },
  score: { types: /^(DOUBLE|FLOAT|DECIMAL\(.*\)|U?(TINY|SMALL|BIG)?INT(EGER)?)$/, text: 'numbers' },
} as const;

/** Which columns say of what session and when a score is. */
async function chosenColumns(connection: DuckDBConnection, table: string, path: string) {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`);
  const types = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  const oneOf = <A extends keyof typeof expected, B extends keyof typeof expected>(first: A, second: B): A | B => {
    const found = ([first, second] as const).filter((name) => types.has(name));
    if (found.length === 2) throw scoresInvalid(path, `it has both ${first} and ${second}; leave one of them out`);
    if (found[0] !== undefined) return found[0];
    const there = [...types.keys()].join(', ');
    throw scoresInvalid(path, `expected a column ${first} or ${second} beside score; there are ${there}`, {
      key: first,
    });
  };
  const [by, at] = [oneOf('dataset', 'session'), oneOf('bin_seq', 'ts_ns')];
  if (!types.has('score')) {
    throw scoresInvalid(path, `expected a column score; there are ${[...types.keys()].join(', ')}`, { key: 'score' });
  }
  for (const name of [by, at, 'score'] as const) {
    const type = types.get(name) ?? '';
    if (expected[name].types.test(type)) continue;
    throw scoresInvalid(path, `its column ${name} is ${type}; expected ${expected[name].text}`, { key: name });
  }
  return { by, at };
}

async function readRows(
  connection: DuckDBConnection,
  sql: string,
  { path, by, at }: { readonly path: string } & Pick<ScoreTable, 'by' | 'at'>,
): Promise<Map<string, ScoreRows>> {
  const groups = new Map<string, ScoreRows>();
  let row = 0;
  const fail = (key: string, why: string) => scoresInvalid(path, `in row ${row}, ${why}`, { key, row });
  for await (const chunk of chunksOf(connection, sql)) {
    const [names, times, scores] = [0, 1, 2].map((column) => chunk.getColumnValues(column));
    for (let index = 0; index < chunk.rowCount; index++) {
      row++;
      const [name, time, score] = [names?.[index], times?.[index], scores?.[index]];
      if (typeof name !== 'string') throw fail(by, `${by} is missing`);
      if (typeof time !== 'bigint') throw fail(at, `${at} is missing`);
      if (typeof score !== 'number' || !Number.isFinite(score)) {
        throw fail('score', `score is ${score ?? 'missing'}; expected a finite number, leave out rows without one`);
      }
      const group = groups.get(name) ?? { at: [], scores: [] };
      const before = group.at.at(-1);
      if (before === undefined) groups.set(name, group);
      else if (time === before) throw fail(at, `${at} ${time} of ${name} is there twice; keep one`);
      else if (time < before)
        throw fail(at, `${at} ${time} of ${name} comes after ${before}; sort the rows by ${by}, ${at}`);
      group.at.push(time);
      group.scores.push(score);
    }
  }
  return groups;
}
