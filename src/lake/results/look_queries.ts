import { pick, type ResultColumns, resultTables } from '../../wire/light.ts';
import type { ResultsStore } from './results_store.ts';
import { select, sql, tableSql } from './sql.ts';

const { look_trials: lookTrials, looks, walk_forwards: walkForwards } = resultTables;

/** What is kept of the looks at a trial. */
export interface KeptLooks {
  readonly trialHash: string;
  /** Different sets of sessions on which its result was shown. */
  readonly times: number;
  /** The first of them, as canonical JSON. */
  readonly firstSessionsJson: string;
  /** Whether the set in question is one of them. */
  readonly hasSet: boolean;
}

const column = <T extends 'INTEGER' | 'BOOLEAN'>(name: string, type: T) =>
  ({ table: 'looks', name, type, isNullable: false, about: '' }) as const;

/** The looks at each of these trials that was shown before; `sessionsHash` is the set in question. */
export async function keptLooks(
  store: ResultsStore,
  trialHashes: readonly string[],
  sessionsHash: string,
): Promise<KeptLooks[]> {
  const counted = {
    trial_hash: lookTrials.trial_hash,
    times: column('times', 'INTEGER'),
    first_hash: { ...looks.sessions_hash, name: 'first_hash' },
    has_set: column('has_set', 'BOOLEAN'),
  } satisfies ResultColumns;
  const rows = await store.rows({
    columns: counted,
    sql: sql`SELECT ${lookTrials.trial_hash}, count(DISTINCT ${looks.sessions_hash})::INTEGER,
        arg_min(${looks.sessions_hash}, ${looks.timestamp_utc} || ${looks.sessions_hash}),
        bool_or(${looks.sessions_hash} = ${sessionsHash})
      FROM ${tableSql('looks')} JOIN ${tableSql('look_trials')} ON ${lookTrials.trials_hash} = ${looks.trials_hash}
      WHERE ${lookTrials.trial_hash} IN (SELECT unnest(${trialHashes})) GROUP BY ${lookTrials.trial_hash}`,
  });
  if (rows.length === 0) return [];
  const firsts = [...new Set(rows.map(({ firstHash }) => firstHash))];
  const from = sql`FROM ${tableSql('looks')} WHERE ${looks.sessions_hash} IN (SELECT unnest(${firsts})) GROUP BY ALL`;
  const sets = await store.rows(select(pick(looks, 'sessions_hash', 'sessions_json'), from));
  const jsonOf = new Map(sets.map(({ sessionsHash: hash, sessionsJson }) => [hash, sessionsJson]));
  return rows.map(({ trialHash, times, firstHash, hasSet }) => ({
    ...{ trialHash, times, hasSet },
    firstSessionsJson: jsonOf.get(firstHash) ?? '[]',
  }));
}

/** Whether the ledger has these trials as a set. */
export async function hasTrialSet(store: ResultsStore, trialsHash: string): Promise<boolean> {
  const from = sql`FROM ${tableSql('look_trials')} WHERE ${lookTrials.trials_hash} = ${trialsHash} LIMIT 1`;
  return (await store.rows(select(pick(lookTrials, 'trials_hash'), from))).length > 0;
}

/** Every walk-forward that was made, the earliest first. */
export function walkForwardRows(store: ResultsStore) {
  const from = sql`FROM ${tableSql('walk_forwards')} ORDER BY ${walkForwards.timestamp_utc}, ${walkForwards.sessions_hash}`;
  return store.rows(select(walkForwards, from));
}
