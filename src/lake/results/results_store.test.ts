import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { madeUpRow, storedRows } from '../../../test/helpers/stored_rows.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { SpymasterError } from '../../errors.ts';
import { DuckDatabase } from '../../files/index.ts';
import { pick, type ResultRow, type ResultTable, resultTables } from '../../wire/index.ts';
import { Lake } from '../lake.ts';
import { ResultsStore } from './results_store.ts';
import { select, sql, tableSql } from './sql.ts';

const root = temporaryFolder('results');

let lakes = 0;
const newLake = () => new Lake(join(root, `lake-${lakes++}`));

const fixed = { VARCHAR: 'x', INTEGER: 1, DOUBLE: 0.5, BOOLEAN: true, 'INTEGER[]': [3, -4], 'DOUBLE[]': [1, 2] };

function row<T extends ResultTable>(table: T, values: Partial<ResultRow<T>>): ResultRow<T> {
  return { ...madeUpRow(table, ({ type }) => fixed[type]), ...values };
}

const run = (runId: string, timestampUtc: string, thresholds: number[]) => ({
  runs_meta: [row('runs_meta', { runId, timestampUtc })],
  runs: thresholds.map((threshold) => row('runs', { runId, timestampUtc, threshold })),
  trials: thresholds.map((threshold) => row('trials', { runId, timestampUtc, threshold, blockSums: [threshold, 2.5] })),
});

async function contents(store: ResultsStore): Promise<string[]> {
  const rows = await storedRows(store, 'runs');
  return rows.map(({ runId, timestampUtc, threshold }) => `${runId} ${timestampUtc} ${threshold}`);
}

test('appended rows are there, typed and whole; an empty store is empty', async () => {
  const lake = newLake();
  using store = await ResultsStore.open(lake);
  deepEqual(await storedRows(store, 'runs_meta'), []);
  await store.append(run('a', '2026-01-01', [0.25, 0.5]));
  await store.append({
    runs_meta: [row('runs_meta', { runId: 'b' })],
    runs: [row('runs', { runId: 'b', pProfit: null, survives: false, nSignals: 7 })],
  });
  const { runs } = resultTables;
  const named = sql`FROM ${tableSql('runs')} WHERE ${runs.run_id} = ${'b'}`;
  deepEqual(await store.rows(select(pick(runs, 'n_signals', 'p_profit', 'survives'), named)), [
    { nSignals: 7, pProfit: null, survives: false },
  ]);
  deepEqual(
    (await storedRows(store, 'trials')).map(({ blockSums }) => blockSums),
    [
      [0.25, 2.5],
      [0.5, 2.5],
    ],
  );
  const sorted = sql`FROM ${tableSql('runs')} ORDER BY ALL`;
  const thresholds = (await store.rows(select(pick(runs, 'threshold'), sorted))).map(({ threshold }) => threshold);
  deepEqual(thresholds, [0.25, 0.5, 0.5]);
  equal(readdirSync(lake.results).length, 2);
});

test('of a run that was evaluated again only the newest attempt shows, all of it', async () => {
  using store = await ResultsStore.open(newLake());
  await store.append(run('a', '2026-01-02', [0.1, 0.2, 0.3]));
  await store.append(run('a', '2026-01-03', [0.2, 0.4]));
  await store.append(run('a', '2026-01-01', [0.9]));
  await store.append(run('b', '2026-01-01', [0.1]));
  // The same rows once more, as two racing writers of one deterministic run leave them.
  await store.append(run('b', '2026-01-01', [0.1]));
  const expected = ['a 2026-01-03 0.2', 'a 2026-01-03 0.4', 'b 2026-01-01 0.1'];
  deepEqual(await contents(store), expected);
  deepEqual(await store.compact(), { before: 5, after: 1 });
  deepEqual(await contents(store), expected);
  equal((await storedRows(store, 'runs_meta')).length, 2);
  deepEqual(await store.compact(), { before: 1, after: 1 });
});

test('an interrupted store fails the query that runs, and those that follow', async () => {
  using store = await ResultsStore.open(newLake());
  const counted = select(
    pick(resultTables.runs, 'threshold'),
    sql`FROM (SELECT count(*)::DOUBLE AS threshold FROM range(1000000) a, range(1000000) b) runs`,
  );
  const long = rejects(store.rows(counted), /interrupt/i);
  await setImmediate();
  store.interrupt();
  await long;
  await rejects(storedRows(store, 'runs'), /interrupt/i);
});

test('writers, readers and compactors at once lose nothing and double nothing', async () => {
  const lake = newLake();
  const stores = await Promise.all(Array.from({ length: 4 }, () => ResultsStore.open(lake)));
  const writers = stores.slice(0, 3).map(async (store, writer) => {
    for (let part = 0; part < 12; part++) await store.append(run(`w${writer}-${part}`, '2026-01-01', [0.1, 0.2]));
  });
  let done = false;
  const compactor = (async () => {
    while (!done) {
      await stores[3]!.compact();
      await setImmediate();
    }
  })();
  const reader = (async () => {
    let last = 0;
    using store = await ResultsStore.open(lake);
    while (!done) {
      const { length: n } = await storedRows(store, 'runs');
      ok(n >= last, `${n} rows after ${last}`);
      last = n;
    }
  })();
  await Promise.all(writers);
  done = true;
  await Promise.all([compactor, reader]);
  equal((await contents(stores[0]!)).length, 72);
  equal(new Set(await contents(stores[1]!)).size, 72);
  for (const store of stores) store.close();
});

test('NaN, damage and unwritable folders are clear errors', async () => {
  const lake = newLake();
  using store = await ResultsStore.open(lake);
  const nan = { runs: [row('runs', { runId: 'bad', sharpe: Number.NaN })] };
  await rejects(store.append(nan), (error) => {
    ok(error instanceof SpymasterError);
    equal(error.code, 'RESULT_INVALID');
    match(error.message, /runs\.sharpe of bad/);
    return true;
  });
  deepEqual(readdirSync(lake.results), []);

  await store.append(run('a', '2026-01-01', [0.1]));
  const [part] = readdirSync(lake.results);
  writeFileSync(join(lake.results, part!, 'runs.parquet'), 'PAR1');
  using fresh = await ResultsStore.open(lake);
  await rejects(storedRows(fresh, 'runs'), { code: 'CHECKSUM_MISMATCH' });

  // A part that is there without its manifest is damaged too: no reader waits for it to vanish.
  const torn = newLake();
  using first = await ResultsStore.open(torn);
  await first.append(run('a', '2026-01-01', [0.1]));
  rmSync(join(torn.results, readdirSync(torn.results)[0]!, 'part.json'));
  using second = await ResultsStore.open(torn);
  await rejects(storedRows(second, 'runs'), { code: 'CHECKSUM_MISMATCH' });

  const blocked = newLake();
  writeFileSync(blocked.root, 'a file where the lake should be');
  using other = await ResultsStore.open(blocked);
  await rejects(other.append(run('a', '2026-01-01', [0.1])), { code: 'LAKE_NOT_WRITABLE' });
});

test('a part with a column less, or with one of another type, is an error that names table and column', async () => {
  for (const [change, column, why] of [
    ['* EXCLUDE (sharpe)', 'sharpe', 'the column runs.sharpe is missing'],
    ['* REPLACE (n_signals::DOUBLE AS n_signals)', 'n_signals', 'in runs.n_signals, expected INTEGER, got DOUBLE'],
    ['* REPLACE (NULL::INTEGER AS n_up)', 'n_up', 'in runs.n_up, expected INTEGER, got NULL'],
  ] as const) {
    const lake = newLake();
    using store = await ResultsStore.open(lake);
    await store.append(run('a', '2026-01-01', [0.1]));
    await rewrite(lake, 'runs', change);
    using fresh = await ResultsStore.open(lake);
    await rejects(storedRows(fresh, 'runs'), (error) => {
      ok(error instanceof SpymasterError);
      deepEqual([error.code, error.fields.table, error.fields.column], ['RESULT_INVALID', 'runs', column]);
      ok(error.message.includes(why), error.message);
      return true;
    });
  }
});

/** Changes the columns of a table in the one part of a store, and its checksum with them. */
async function rewrite(lake: Lake, table: ResultTable, columns: string): Promise<void> {
  const [part] = readdirSync(lake.results);
  const folder = join(lake.results, part!);
  const path = join(folder, `${table}.parquet`);
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  await connection.run(`COPY (SELECT ${columns} FROM read_parquet('${path}')) TO '${path}.new' (FORMAT parquet)`);
  renameSync(`${path}.new`, path);
  const manifestPath = join(folder, 'part.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { files: Record<string, string> };
  const files = {
    ...manifest.files,
    [`${table}.parquet`]: createHash('sha256').update(readFileSync(path)).digest('hex'),
  };
  writeFileSync(manifestPath, JSON.stringify({ ...manifest, files }));
}

test('queries of one store at once each see whole tables, while runs are evaluated again', async () => {
  const lake = newLake();
  using writer = await ResultsStore.open(lake);
  using store = await ResultsStore.open(lake);
  for (let time = 1; time < 10; time++) {
    await writer.append(run('a', `2026-01-0${time}`, [0.1, 0.2]));
    const seen = await Promise.all(Array.from({ length: 4 }, () => contents(store)));
    for (const rows of seen)
      deepEqual(
        rows,
        [0.1, 0.2].map((threshold) => `a 2026-01-0${time} ${threshold}`),
      );
  }
});

// The compiler refuses columns that no table has; where it does not, it refuses the directive.
void [
  // @ts-expect-error
  () => sql`${resultTables.runs.mean_net_pnl}`,
  // @ts-expect-error
  () => pick(resultTables.runs, 'runs_id'),
  // @ts-expect-error
  (found: ResultRow<'runs'>) => found.meanNetPnl,
  // @ts-expect-error
  (): ResultRow<'resolved'> => ({ runId: 'a', timestampUtc: '2026-01-01' }),
];
