import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { SpymasterError } from '../errors.ts';
import { type Lake, readManifest } from '../lake/index.ts';
import type { States } from '../wire/index.ts';

const codes = [-2, -1, 0, 1, 2] as const;

/**
 * Counts the state5 codes of a dataset's grid: cells per code, bins led by each, and which leads after which.
 * Rows that the dataset leaves out are code 0. Throws DATASET_UNKNOWN, and DATASET_INVALID for files without those columns.
 */
export async function stateCounts(lake: Lake, datasetId: string): Promise<States> {
  await readManifest(lake, datasetId);
  const folder = lake.datasets(datasetId);
  const file = (name: string) => `read_parquet('${join(folder, name).replaceAll("'", "''")}')`;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const count = (code: number) => `count(*) FILTER (g.state5_code = ${code})`;
  // Ties go to the lower code, as in the derivative signal.
  const leads = codes.map((_, index) => `WHEN c${index} = greatest(c0, c1, c2, c3, c4) THEN ${index}`).join(' ');
  try {
    const span = '(SELECT 2 * max(abs(k)) + 1 FROM grid)';
    await connection.run(`CREATE TEMP VIEW grid AS SELECT bin_seq, k, state5_code FROM ${file('grid_clean.parquet')}`);
    await connection.run(
      `CREATE TEMP TABLE counts AS
       SELECT b.bin_seq, ${count(-2)} AS c0, ${count(-1)} AS c1, coalesce(${span}, 0) - count(g.state5_code) + ${count(0)} AS c2,
         ${count(1)} AS c3, ${count(2)} AS c4
       FROM ${file('bins.parquet')} b LEFT JOIN grid g USING (bin_seq) GROUP BY b.bin_seq`,
    );
    await connection.run(`CREATE TEMP TABLE leaders AS SELECT bin_seq, CASE ${leads} END AS code FROM counts`);
    const sums = await connection.runAndReadAll(
      `SELECT ${codes.map((_, index) => `coalesce(sum(c${index}), 0)::DOUBLE`).join(', ')} FROM counts`,
    );
    const dominant = await connection.runAndReadAll('SELECT code, count(*)::DOUBLE FROM leaders GROUP BY code');
    const pairs = await connection.runAndReadAll(
      `SELECT a.code, b.code, count(*)::DOUBLE FROM leaders a JOIN leaders b ON b.bin_seq = a.bin_seq + 1 GROUP BY ALL`,
    );
    const perCode = codes.map(() => 0);
    for (const [code, bins] of dominant.getRows()) perCode[code as number] = bins as number;
    const transitions = codes.map(() => codes.map(() => 0));
    for (const [from, to, bins] of pairs.getRows()) transitions[from as number]![to as number] = bins as number;
    return {
      dataset_id: datasetId,
      codes: [...codes],
      bins: perCode.reduce((a, b) => a + b, 0),
      dominant: perCode,
      transitions,
      cells: sums.getRows()[0] as number[],
    };
  } catch (cause) {
    if (cause instanceof SpymasterError) throw cause;
    throw new SpymasterError(
      'DATASET_INVALID',
      `Cannot count the states of ${datasetId}: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}. Generate it anew.`,
      { dataset: datasetId },
      cause,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
