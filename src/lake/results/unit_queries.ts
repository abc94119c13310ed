import { pick, type ResultRow, resultTables } from '../../wire/light.ts';
import { isNewestTried } from './result_views.ts';
import type { ResultsStore } from './results_store.ts';
import { type Sql, select, sql, tableSql } from './sql.ts';
import { goneSql } from './tried_rows.ts';

const { tried, units } = resultTables;

/** A session as units name it. */
export interface UnitSession {
  readonly session: string;
  readonly symbolRoot: string;
  /** ISO 8601 in UTC. */
  readonly startUtc: string;
  readonly endUtc: string;
}

/** Ids of the units that are stored of sessions on these dates. */
export async function storedUnitIds(store: ResultsStore, dates: readonly string[]): Promise<Set<string>> {
  const from = sql`FROM ${tableSql('units')} WHERE ${units.session} IN (SELECT unnest(${dates}))
    GROUP BY ${units.unit_id}`;
  return new Set((await store.rows(select(pick(units, 'unit_id'), from))).map(({ unitId }) => unitId));
}

/** A trial at a threshold in a session; null where it is not stored. */
export async function unitRow(
  store: ResultsStore,
  unitId: string,
  threshold: number,
): Promise<ResultRow<'units'> | null> {
  const from = sql`FROM ${tableSql('units')} WHERE ${units.unit_id} = ${unitId} AND ${units.threshold} = ${threshold}`;
  return (await store.rows(select(units, from)))[0] ?? null;
}

/** What the ledger has of trials on one session whose units were deleted, in the same order. */
export function goneOfSession(store: ResultsStore, session: UnitSession): Promise<ResultRow<'tried'>[]> {
  const from = sql`${goneSql} WHERE ${onSession(tried, session)} QUALIFY ${isNewestTried}
    ORDER BY ${tried.trial_hash}, ${tried.threshold}, ${tried.dataset_id}`;
  return store.rows(select(tried, from));
}

/** The dates of these on which the ledger has trials whose units were deleted. */
export async function datesWithGone(store: ResultsStore, dates: readonly string[]): Promise<Set<string>> {
  const from = sql`${goneSql} WHERE ${tried.session} IN (SELECT unnest(${dates})) GROUP BY ALL`;
  return new Set((await store.rows(select(pick(tried, 'session'), from))).map(({ session }) => session));
}

/** A condition that lets rows of a session pass: of its product root and date, in a window that overlaps. */
export function onSession(
  columns: Pick<typeof units | typeof tried, 'session' | 'symbol_root' | 'start_utc' | 'end_utc'>,
  { session, symbolRoot, startUtc, endUtc }: UnitSession,
): Sql {
  return sql`${columns.session} = ${session} AND ${columns.symbol_root} = ${symbolRoot}
    AND ${columns.start_utc} < ${endUtc} AND ${columns.end_utc} > ${startUtc}`;
}
