import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import type { ExperimentStatistics } from '../../src/sweep/judge_experiment.ts';
import { runDays, withStore, writeDays } from '../helpers/day_experiments.ts';
import { storedRows } from '../helpers/stored_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('family-ledger');
const small = { experimentName: 'small', tpTicks: [4] };
const large = { experimentName: 'large', tpTicks: [6, 8], slTicks: [3, 5] };

/** Everything that the search over the family leaves of an experiment's trials. */
function judged({ family, trials }: ExperimentStatistics) {
  const { distinct, tested, spaP, luckSharpe, overfitting } = family;
  return {
    family: { distinct, tested, spaP, luckSharpe, overfitting },
    trials: trials.map(({ runId, result }) => {
      const { meanNet, pProfit, qValue, pAdjusted, deflatedSharpe } = result;
      return { runId, threshold: result.trial.threshold, meanNet, pProfit, qValue, pAdjusted, deflatedSharpe };
    }),
  };
}

test('trials whose results were deleted are judged in their family as before', async () => {
  const lake = new Lake(join(folder, 'deleted'));
  await writeDays(lake, 2, 900);
  const alone = judged(await runDays(lake, small, [0, 2]));
  await runDays(lake, large, [0, 2]);
  const both = judged(await runDays(lake, small, [0, 2]));
  ok(both.family.distinct > alone.family.distinct);
  ok(both.family.tested > alone.family.tested);

  rmSync(lake.results, { recursive: true });
  const after = await runDays(lake, small, [0, 2]);
  deepEqual(judged(after), both);
  equal(after.family.gone, both.family.distinct - alone.family.distinct);
  // Compaction keeps them, of results and of the ledger.
  await withStore(lake, (store) => store.compact());
  rmSync(lake.results, { recursive: true });
  deepEqual(judged(await runDays(lake, small, [0, 2])), both);

  // Evaluated again they have results again.
  await runDays(lake, large, [0, 2]);
  equal((await runDays(lake, small, [0, 2])).family.gone, 0);
});

test('a lake of a version without a ledger gets one when it is judged or compacted', async () => {
  const lake = new Lake(join(folder, 'old'));
  await writeDays(lake, 2);
  await runDays(lake, large, [0, 1]);
  await runDays(lake, small, [0, 1]);
  const rows = await withStore(lake, (store) => storedRows(store, 'tried'));
  ok(rows.length > 0 && rows.some(({ blockN }) => blockN.length > 0));
  for (const complete of [
    () => runDays(lake, small, [0, 1]),
    () => withStore(lake, (store) => store.compact()),
    () => withStore(lake, (store) => store.completeLedger()),
  ]) {
    rmSync(lake.ledger, { recursive: true });
    await complete();
    deepEqual(await withStore(lake, (store) => storedRows(store, 'tried')), rows);
  }
  rmSync(lake.results, { recursive: true });
  ok(!existsSync(lake.results));
  deepEqual(await withStore(lake, (store) => storedRows(store, 'tried')), rows);
});
