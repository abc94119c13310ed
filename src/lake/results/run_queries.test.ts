import { deepEqual, equal, rejects } from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { madeUpRow } from '../../../test/helpers/stored_rows.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { randomSource } from '../../statistics/index.ts';
import type { ResultRow, ResultTable } from '../../wire/index.ts';
import { Lake } from '../lake.ts';
import { ResultParts } from './result_parts.ts';
import { ResultsStore } from './results_store.ts';
import { bestRuns, countRuns, filterChoices } from './run_queries.ts';

const seed = 20261130;
const root = temporaryFolder('run-queries');
const fixed = { VARCHAR: 'x', INTEGER: 1, DOUBLE: 0.5, BOOLEAN: true, 'INTEGER[]': [3, -4], 'DOUBLE[]': [1, 2] };

function row<T extends ResultTable>(table: T, values: Partial<ResultRow<T>>): ResultRow<T> {
  return { ...madeUpRow(table, ({ type }) => fixed[type]), ...values };
}

/** Parts of runs with few different numbers, some of the runs evaluated twice; an id has a quote in it. */
async function fill(store: ResultsStore): Promise<void> {
  const random = randomSource(seed);
  const some = () => [null, 0, 0.1, 0.30000000000000004][random.below(4)]!;
  for (const [part, ids] of [
    ["a'1", 'b', 'c', 'd'],
    ['e', 'b', 'f'],
    ["a'1", 'g', 'h'],
  ].entries()) {
    const timestampUtc = `2026-01-0${part + 1}`;
    const thresholds = ids.flatMap((runId) => [0.1, 0.30000000000000004, 1 / 3].map((one) => [runId, one] as const));
    await store.append({
      runs_meta: ids.map((runId) =>
        row('runs_meta', { runId, timestampUtc, signalName: runId < 'd' ? 'one' : 'two', evalMinSignals: 2 }),
      ),
      runs: thresholds.map(([runId, threshold]) =>
        row('runs', {
          ...{ runId, timestampUtc, threshold, nSignals: random.below(4) },
          ...{ pAdjusted: some(), qValue: some(), meanNetPnlTicksLow: some(), meanNetPnlTicks: some() },
        }),
      ),
    });
  }
}

test('the best runs are the first of all runs in their order, whether they are named or joined', async () => {
  for (const isInMemory of [false, true]) {
    using store = await ResultsStore.open(new Lake(join(root, String(isInMemory))), { isInMemory });
    await fill(store);
    for (const sort of ['evidence', 'q_value', 'timestamp_utc'] as const) {
      for (const minSignals of [null, 3]) {
        const all = await bestRuns(store, { sort, minSignals, top: 1_000_000 });
        for (const top of [0, 3]) {
          const best = await bestRuns(store, { sort, minSignals, top });
          deepEqual(best, all.slice(0, top), `seed ${seed}, ${sort}, ${minSignals}, ${top}`);
        }
      }
    }
    const { length } = await bestRuns(store, { sort: 'evidence', minSignals: 0, top: 20 });
    equal(length, 8);
    deepEqual(await bestRuns(store, { sort: 'evidence', minSignals: 0, top: 20, signal: 'none' }), []);
    equal(await countRuns(store, {}), 8);
    equal(await countRuns(store, { signal: 'one' }), 3);
    deepEqual(await filterChoices(store), { signals: ['one', 'two'], datasets: ['x'] });
  }
});

test('a part that is damaged fails the first query of a store, also where it is verified while the database starts', async () => {
  const lake = new Lake(join(root, 'damaged'));
  {
    using store = await ResultsStore.open(lake);
    await fill(store);
  }
  const [name = ''] = new ResultParts(lake.results).names();
  appendFileSync(join(lake.results, name, 'runs.parquet'), 'x');
  using store = await ResultsStore.open(lake, { isReadAtOnce: true });
  await rejects(countRuns(store, {}), { code: 'CHECKSUM_MISMATCH' });
});
