import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDatabase, quoted } from '../../src/files/index.ts';
import { type Lake, readManifest } from '../../src/lake/index.ts';
import { partFormat, partManifestName, partName } from '../../src/lake/results/part_steps.ts';
import type { SweepPlan } from '../../src/sweep/index.ts';
import { sessionOf, unitId } from '../../src/sweep/sweep_session.ts';
import { type ResultTable, resultTables } from '../../src/wire/index.ts';
import { writeManifest } from './lab_dataset.ts';

/** How a planted session is cut, and how many of its blocks have trades on average: two in five. */
const blocks = 64;

/** What is planted: every cell of a plan on every session, without a market. */
export interface PlantedResults {
  readonly plan: SweepPlan;
  /** Dates of the sessions; each has a dataset of that name, of which there is the manifest alone. */
  readonly dates: readonly string[];
  readonly seed: number;
}

/** So many weekdays from 5 January 2026 on. */
export function plantedDates(count: number): string[] {
  const start = Temporal.PlainDate.from('2026-01-05');
  return Array.from({ length: count }, (_, at) => `${start.add({ days: at + 2 * Math.floor(at / 5) })}`);
}

/** Units that a part is made of, but for those of one session. */
const unitsPerPart = 40_000;

/**
 * Writes units of a plan as a sweep leaves them, with trades that are noise, a thousand times faster than trades are made: the
 * sums of every cell, threshold and session come from one query. A sweep of the plan over the dates finds all of them, and
 * only judges them.
 */
export async function plantResults(lake: Lake, { plan, dates, seed }: PlantedResults): Promise<void> {
  for (const date of dates) writeManifest(lake, date, { bins: 36_000, date });
  const sessions = await Promise.all(dates.map(async (date) => sessionOf(await readManifest(lake, date))));
  const perSession = plan.cells.trialCount * plan.thresholds.values.length;
  const together = Math.max(1, Math.floor(unitsPerPart / perSession));
  using database = await DuckDatabase.open({ threads: 2 });
  const connection = await database.connect();
  for (let first = 0; first < sessions.length; first += together) {
    await connection.run(`CREATE OR REPLACE TABLE planted (cell INTEGER, day INTEGER, unit_id VARCHAR, trial_hash VARCHAR,
      session VARCHAR, symbol VARCHAR, symbol_root VARCHAR, capture_window VARCHAR, start_utc VARCHAR, end_utc VARCHAR)`);
    const appender = await connection.createAppender('planted');
    for (const [at, session] of sessions.slice(first, first + together).entries()) {
      for (let cell = 0; cell < plan.cells.trialCount; cell++) {
        const { trialHash } = plan.cells.at(cell);
        const { date, symbol, symbolRoot, window, startUtc, endUtc } = session;
        appender.appendInteger(cell);
        appender.appendInteger(first + at);
        const texts = [unitId(session, trialHash), trialHash, date, symbol, symbolRoot, window, startUtc, endUtc];
        for (const text of texts) appender.appendVarchar(text);
        appender.endRow();
      }
    }
    appender.closeSync();
    const name = partName(first, '00000000');
    const units = await writePart(connection, join(lake.results, name), 'units', unitsSql(plan, seed));
    await writePart(connection, join(lake.ledger, name), 'tried', triedSql(`read_parquet(${quoted(units)}) AS units`));
  }
}

/** Writes a part with one table, the rows of a query; gives the table's file. */
async function writePart(
  connection: DuckDBConnection,
  folder: string,
  table: ResultTable,
  query: string,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const name = `${table}.parquet`;
  const file = join(folder, name);
  await connection.run(`COPY (${query}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const manifest = { format: partFormat, files: { [name]: sha256 }, replaces: [] };
  writeFileSync(join(folder, partManifestName), JSON.stringify(manifest));
  return file;
}

/** A number of 31 bits of a unit's block, from which the block's trades are made. */
const bits = (shift: number, modulus: number) => `((noise[block + 1] >> ${shift}) % ${modulus})::INTEGER`;

/** The block sums of a unit by the names of their columns, from its noise. */
function blockSums(): Readonly<Record<string, string>> {
  const side = bits(8, 3);
  const [long, short, isWinner] = [`(${side} != 1)::INTEGER`, `(${side} != 0)::INTEGER`, bits(12, 2)];
  return {
    block_long: long,
    block_short: short,
    block_tp: isWinner,
    block_sl: `1 - ${isWinner}`,
    block_winners: isWinner,
    block_losers: `1 - ${isWinner}`,
    block_long_gross: `${long} * (${bits(16, 33)} - 15)`,
    block_short_gross: `${short} * (${bits(24, 33)} - 15)`,
    block_long_spread: `2 * ${long}`,
    block_short_spread: `2 * ${short}`,
  };
}

function unitsSql({ signalName, evaluation, runtime, thresholds }: SweepPlan, seed: number): string {
  const sums = Object.entries(blockSums()).map(
    ([name, value]) => `list_transform(block, lambda block: ${value}) AS ${name}`,
  );
  const values: Readonly<Record<string, string>> = {
    timestamp_utc: quoted('2026-02-06T15:00:00.000Z'),
    signal_name: quoted(signalName),
    dataset_id: 'session',
    max_hold_bins: String(evaluation.maxHoldBins),
    n_bins: '36000',
    n_bins_judged: String(36_000 - evaluation.warmupBins),
    cell_width_ms: String(runtime.cell_width_ms),
    trades_hash: `md5(concat(cell, '/', threshold, '/', day))`,
    n_signals: 'list_sum(block_long) + list_sum(block_short)',
    n_long: 'list_sum(block_long)',
    n_blocks: String(blocks),
    order_price_ticks: 'list_sum(block_long_gross) / 2 + 0.05 * list_sum(block_tp)',
    later_gross: 'list_sum(block_short_gross)',
    later_spread: 'list_sum(block_long_spread)',
    largest_n: '2',
    largest_gross: '32',
    largest_spread: '4',
    hours: '[0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0]',
    median_time_to_outcome_ms: '4000',
    shift_t: '((noise[1] % 4001)::DOUBLE - 2000) / 1000',
    shift_mean: '0',
    shift_variance: '1',
    p_shift: 'NULL',
    execution_json: 'NULL',
  };
  const columns = Object.values(resultTables.units).map(({ name, type }) => {
    const value = values[name] ?? (/^fold_/.test(name) ? '[]' : /^n_/.test(name) ? '0' : name);
    return `(${value})::${type} AS ${name}`;
  });
  const noise = `list_transform(range(${blocks}), lambda block: hash(${seed}, cell, threshold, day, block) >> 33)`;
  const fired = `list_filter(range(${blocks}), lambda block: noise[block + 1] % 5 < 2)`;
  return `WITH drawn AS (SELECT *, ${noise} AS noise FROM planted
      CROSS JOIN (SELECT unnest([${thresholds.values.join()}]::DOUBLE[]) AS threshold)),
    fired AS (SELECT *, ${fired} AS block FROM drawn),
    summed AS (SELECT *, ${sums.join(', ')} FROM fired)
    SELECT ${columns.join(', ')} FROM summed`;
}

/** The ledger's rows of the same units. */
function triedSql(units: string): string {
  const both = (name: string) =>
    `list_transform(list_zip(block_long${name}, block_short${name}), lambda pair: pair[1] + pair[2])`;
  const values: Readonly<Record<string, string>> = {
    n_winners: 'list_sum(block_winners)',
    n_losers: 'list_sum(block_losers)',
    block_n: both(''),
    block_gross: both('_gross'),
    block_spread: both('_spread'),
  };
  const columns = Object.values(resultTables.tried).map(
    ({ name, type }) => `(${values[name] ?? `units.${name}`})::${type} AS ${name}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${units}`;
}
