import { present } from '../../errors.ts';
import { camelCase } from '../../name_case.ts';
import { pick, type ResultRow, type RowOf, resultTables } from '../../wire/light.ts';
import type { ColumnsOf } from './decode_columns.ts';
import { isNewestUnit } from './result_views.ts';
import type { ResultsStore } from './results_store.ts';
import { columnsSql, joinSql, rawSql, type Sql, sql, tableSql } from './sql.ts';
import { bothSides, bothSidesSql, sum, sumSql } from './tried_rows.ts';
import { onSession, type UnitSession } from './unit_queries.ts';

const { units } = resultTables;

const key = pick(
  units,
  ...(['unit_id', 'trial_hash', 'threshold', 'signal_name', 'dataset_id', 'session', 'capture_window'] as const),
  ...(['max_hold_bins', 'n_bins', 'n_bins_judged', 'cell_width_ms', 'trades_hash', 'n_signals', 'n_long'] as const),
  ...(['n_blocks', 'order_price_ticks', 'later_gross', 'later_spread', 'largest_n', 'largest_gross'] as const),
  ...(['largest_spread', 'hours', 'median_time_to_outcome_ms', 'n_open_at_end', 'n_invalid_exit'] as const),
  ...(['n_overlapping', 'n_invalid_book', 'n_cooling', 'shift_t', 'shift_mean', 'shift_variance', 'p_shift'] as const),
  'execution_json',
);

const integer = <N extends string>(name: N, about: string) =>
  ({ table: 'units', name, type: 'INTEGER', isNullable: false, about }) as const;
const integers = <N extends string>(name: N, about: string) =>
  ({ table: 'units', name, type: 'INTEGER[]', isNullable: false, about }) as const;

/** Sums over the blocks of a unit; money in half ticks. */
const summed = {
  sum_tp: integer('sum_tp', 'take-profits'),
  sum_sl: integer('sum_sl', 'stop-losses'),
  sum_winners: integer('sum_winners', 'trades that gained before costs'),
  sum_losers: integer('sum_losers', 'trades that lost before costs'),
  sum_long_gross: integer('sum_long_gross', 'gross gain of long trades'),
  sum_short_gross: integer('sum_short_gross', 'gross gain of short trades'),
  sum_long_spread: integer('sum_long_spread', 'half the spreads of long trades'),
  sum_short_spread: integer('sum_short_spread', 'half the spreads of short trades'),
};

/** Block by block, both sides together; and per fold. Empty where they were not asked for. */
const lists = {
  block: units.block,
  block_n: integers('block_n', 'per block, trades'),
  block_tp: units.block_tp,
  block_gross: integers('block_gross', 'per block, gross gain'),
  block_spread: integers('block_spread', 'per block, half the spreads'),
  ...pick(
    units,
    ...(['fold_train_n', 'fold_train_gross', 'fold_train_spread', 'fold_test_n', 'fold_test_tp'] as const),
    ...(['fold_test_sl', 'fold_test_gross', 'fold_test_spread'] as const),
  ),
};

const columns = { ...key, ...summed, ...lists };

/** What an experiment is judged from of units, by columns: a tenth of their rows. */
export type UnitSums = ColumnsOf<typeof columns>;

/** Which lists are taken: blocks where they are clusters, folds where there is one session. */
export interface UnitLists {
  readonly blocks: boolean;
  readonly folds: boolean;
}

/** The sums of a unit that is at hand. */
export function sumsOfUnit(unit: ResultRow<'units'>): RowOf<typeof columns> {
  return {
    ...unit,
    sumTp: sum(unit.blockTp),
    sumSl: sum(unit.blockSl),
    sumWinners: sum(unit.blockWinners),
    sumLosers: sum(unit.blockLosers),
    sumLongGross: sum(unit.blockLongGross),
    sumShortGross: sum(unit.blockShortGross),
    sumLongSpread: sum(unit.blockLongSpread),
    sumShortSpread: sum(unit.blockShortSpread),
    blockN: bothSides(unit.blockLong, unit.blockShort),
    blockGross: bothSides(unit.blockLongGross, unit.blockShortGross),
    blockSpread: bothSides(unit.blockLongSpread, unit.blockShortSpread),
  };
}

/** The sums of units that are at hand, by columns. */
export function unitSums(rows: readonly ResultRow<'units'>[]): UnitSums;
export function unitSums(rows: readonly ResultRow<'units'>[]): object {
  const sums = rows.map((row): Readonly<Record<string, unknown>> => sumsOfUnit(row));
  return Object.fromEntries(
    Object.keys(columns)
      .map(camelCase)
      .map((name) => [name, sums.map((row) => row[name])]),
  );
}

/** The same as `sumsOfUnit`, by column; every other column is the unit's of the same name. */
const ofUnit: Readonly<Partial<Record<keyof typeof columns, Sql>>> = {
  sum_tp: sumSql(units.block_tp),
  sum_sl: sumSql(units.block_sl),
  sum_winners: sumSql(units.block_winners),
  sum_losers: sumSql(units.block_losers),
  sum_long_gross: sumSql(units.block_long_gross),
  sum_short_gross: sumSql(units.block_short_gross),
  sum_long_spread: sumSql(units.block_long_spread),
  sum_short_spread: sumSql(units.block_short_spread),
  block_n: bothSidesSql(units.block_long, units.block_short),
  block_gross: bothSidesSql(units.block_long_gross, units.block_short_gross),
  block_spread: bothSidesSql(units.block_long_spread, units.block_short_spread),
};

/** The sums of stored units, as a query that a WHERE ends. */
function sumsSql(taken: UnitLists): Sql {
  const isTaken = (name: string) => (name.startsWith('fold_') ? taken.folds : taken.blocks);
  const items = Object.entries(columns).map(([name, column]) => {
    const isLeftOut = name in lists && !isTaken(name);
    const value = isLeftOut ? sql`[]::INTEGER[]` : (ofUnit[column.name as keyof typeof columns] ?? sql`${column}`);
    return sql`${value} AS ${rawSql(name)}`;
  });
  return sql`SELECT ${joinSql(items, ', ')}, ${units.timestamp_utc} FROM ${tableSql('stored_units')} AS units`;
}

/** Only the newest evaluation of each unit; sums come first, lest a window over evaluations carries every list. */
function newestSums(store: ResultsStore, taken: UnitLists, where: Sql, order: Sql) {
  const from = sql`FROM (${sumsSql(taken)} WHERE ${where}) AS units QUALIFY ${isNewestUnit} ${order}`;
  return store.portions({ columns, sql: sql`SELECT ${columnsSql(columns)} ${from}` });
}

/** Rows `from` to before `to` of columns of units. */
export interface UnitRange {
  readonly units: UnitSums;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the units of every trial on these sessions, whatever experiment they were evaluated for: those of the same product
 * root and date whose windows overlap. `take` is given those of a session, by its place among the sessions, in portions: in
 * the order of the sessions, and in each by trial, threshold and dataset. About `mostTogether` are held in memory at once.
 */
export async function readUnitSums(
  store: ResultsStore,
  sessions: readonly UnitSession[],
  taken: UnitLists,
  take: (session: number, range: UnitRange) => Promise<void>,
  mostTogether = 20_000,
): Promise<void> {
  const order = sql`ORDER BY ${units.session}, ${units.trial_hash}, ${units.threshold}, ${units.dataset_id}`;
  const counts = await unitCounts(store, sessions);
  for (let first = 0; first < sessions.length; ) {
    // As many sessions as fit, one at least; of two windows of a day each is read by itself.
    let [end, count] = [first + 1, present(counts[first])];
    const isLater = (at: number) => present(sessions[at]).session > present(sessions[at - 1]).session;
    while (end < sessions.length && isLater(end) && count + present(counts[end]) <= mostTogether) {
      count += present(counts[end++]);
    }
    const some = sessions.slice(first, end);
    const places = new Map(some.map(({ session }, at) => [session, first + at]));
    for (const hashes of trialRanges(count, mostTogether)) {
      for (const portion of await newestSums(store, taken, sql`${ofSessions(some)} AND ${hashes}`, order)) {
        for (const range of bySession(portion)) await take(present(places.get(range.session)), range);
      }
    }
    first = end;
  }
}

/** A portion cut into the rows of each session, which follow each other. */
function* bySession({ rows, columns }: { readonly rows: number; readonly columns: UnitSums }) {
  for (let from = 0, to = 0; from < rows; from = to) {
    const session = present(columns.session[from]);
    while (to < rows && columns.session[to] === session) to++;
    yield { session, units: columns, from, to };
  }
}

/** Stored units of each session, older evaluations included. */
async function unitCounts(store: ResultsStore, sessions: readonly UnitSession[]): Promise<number[]> {
  const dates = sessions.map(({ session }) => session);
  const rows = await store.rows({
    columns: { ...pick(units, 'session'), n: integer('n', 'a count') },
    sql: sql`SELECT ${units.session}, count(*)::INTEGER FROM ${tableSql('stored_units')} AS units
      WHERE ${units.session} IN (SELECT unnest(${dates})) GROUP BY ${units.session}`,
  });
  const counts = new Map(rows.map(({ session, n }) => [session, n]));
  return dates.map((date) => counts.get(date) ?? 0);
}

function ofSessions(sessions: readonly UnitSession[]): Sql {
  const each = sessions.map((session) => sql`(${onSession(units, session)})`);
  const dates = sessions.map(({ session }) => session);
  return sql`${units.session} IN (SELECT unnest(${dates})) AND (${joinSql(each, ' OR ')})`;
}

/** Conditions that cut so many units into portions by the first digits of their trials' hashes, in order. */
function trialRanges(count: number, most: number): Sql[] {
  let digits = 0;
  while (count / 16 ** digits > most) digits++;
  const ranges = 16 ** digits;
  const bound = (at: number) => at.toString(16).padStart(digits, '0');
  return Array.from({ length: ranges }, (_, at) => {
    const from = at === 0 ? sql`true` : sql`${units.trial_hash} >= ${bound(at)}`;
    return at === ranges - 1 ? from : sql`${from} AND ${units.trial_hash} < ${bound(at + 1)}`;
  });
}

/** The sums of the units of these ids, without lists, each with its id. */
export async function unitSumsOf(store: ResultsStore, unitIds: readonly string[]): Promise<UnitRange[]> {
  const named = sql`${units.unit_id} IN (SELECT unnest(${unitIds}))`;
  const portions = await newestSums(store, { blocks: false, folds: false }, named, sql``);
  return portions.map(({ rows, columns }) => ({ units: columns, from: 0, to: rows }));
}
