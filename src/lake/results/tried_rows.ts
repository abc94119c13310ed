import { present } from '../../errors.ts';
import { type ResultColumn, type ResultRow, resultTables } from '../../wire/light.ts';
import { joinSql, rawSql, type Sql, sql, tableSql } from './sql.ts';

const { tried, units } = resultTables;

/** What the ledger keeps of a unit. */
export function triedRow(unit: ResultRow<'units'>): ResultRow<'tried'> {
  const { unitId, timestampUtc, trialHash, threshold, signalName, datasetId, session, symbolRoot } = unit;
  const { captureWindow, startUtc, endUtc, maxHoldBins, tradesHash, nSignals, nBlocks, block } = unit;
  return {
    ...{ unitId, timestampUtc, trialHash, threshold, signalName, datasetId, session, symbolRoot },
    ...{ captureWindow, startUtc, endUtc, maxHoldBins, tradesHash, nSignals, nBlocks, block },
    nWinners: sum(unit.blockWinners),
    nLosers: sum(unit.blockLosers),
    blockN: bothSides(unit.blockLong, unit.blockShort),
    blockGross: bothSides(unit.blockLongGross, unit.blockShortGross),
    blockSpread: bothSides(unit.blockLongSpread, unit.blockShortSpread),
  };
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const bothSides = (long: readonly number[], short: readonly number[]) =>
  long.map((value, at) => value + present(short[at]));

export const sumSql = (list: ResultColumn) => sql`coalesce(list_sum(${list}), 0)::INTEGER`;
export const bothSidesSql = (long: ResultColumn, short: ResultColumn) =>
  sql`list_transform(list_zip(${long}, ${short}), lambda pair: pair[1] + pair[2])::INTEGER[]`;

/** The same as `triedRow`, by column; every other column is the unit's of the same name. */
const ofUnit: Readonly<Partial<Record<keyof typeof tried, Sql>>> = {
  n_winners: sumSql(units.block_winners),
  n_losers: sumSql(units.block_losers),
  block_n: bothSidesSql(units.block_long, units.block_short),
  block_gross: bothSidesSql(units.block_long_gross, units.block_short_gross),
  block_spread: bothSidesSql(units.block_long_spread, units.block_short_spread),
};

/** Whether a row of the ledger and a stored unit are one trial on the same data. */
const isSame = sql`${tried.unit_id} = ${units.unit_id} AND ${tried.threshold} = ${units.threshold}`;

/** The rows that the ledger lacks of units that are stored, as a query. */
export const untriedSql = sql`SELECT ${joinSql(
  Object.values(tried).map(
    (column) => sql`${ofUnit[column.name] ?? rawSql(`units.${column.name}`)} AS ${rawSql(column.name)}`,
  ),
  ', ',
)} FROM ${tableSql('stored_units')} AS units ANTI JOIN ${tableSql('stored_tried')} AS tried ON ${isSame}`;

/** The ledger's rows whose units are gone, as a FROM; a WHERE may follow, and `isNewestTried`. */
export const goneSql = sql`FROM ${tableSql('stored_tried')} AS tried
  ANTI JOIN ${tableSql('stored_units')} AS units ON ${isSame}`;
