import { pick, type ResultRow, resultTables } from '../../wire/index.ts';
import type { ResultsStore } from './results_store.ts';
import { select, sql, tableSql } from './sql.ts';

const { units } = resultTables;

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

/**
 * The units of every trial on one session, whatever experiment they were evaluated for: those of the same product root and
 * date whose windows overlap.
 */
export function unitsOfSession(
  store: ResultsStore,
  { session, symbolRoot, startUtc, endUtc }: UnitSession,
): Promise<ResultRow<'units'>[]> {
  const from = sql`FROM ${tableSql('units')}
    WHERE ${units.session} = ${session} AND ${units.symbol_root} = ${symbolRoot}
      AND ${units.start_utc} < ${endUtc} AND ${units.end_utc} > ${startUtc}
    ORDER BY ${units.trial_hash}, ${units.threshold}, ${units.dataset_id}`;
  return store.rows(select(units, from));
}
