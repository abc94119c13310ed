import { deepEqual, equal, ok } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { runDays, writeDays } from '../helpers/day_experiments.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('deleted-sessions');

test('over sessions a family is as large, and judged alike, when results of it were deleted', async () => {
  const lake = new Lake(join(folder, 'lake'));
  await writeDays(lake, 11);
  const small = { experimentName: 'small', tpTicks: [4] };
  const alone = await runDays(lake, small, [0, 11]);
  await runDays(lake, { experimentName: 'large', tpTicks: [6, 8], slTicks: [3, 5] }, [0, 11]);
  const { family: before, trials } = await runDays(lake, small, [0, 11]);
  ok(before.isBySessions && before.tested > alone.family.tested);
  rmSync(lake.results, { recursive: true });
  const { family: after, trials: now } = await runDays(lake, small, [0, 11]);
  equal(after.gone, before.distinct - alone.family.distinct);
  deepEqual(
    [after.distinct, after.tested, after.spaP, after.luckSharpe, after.overfitting],
    [before.distinct, before.tested, before.spaP, before.luckSharpe, before.overfitting],
  );
  deepEqual(
    now.map(({ result }) => [result.pProfit, result.qValue, result.pAdjusted]),
    trials.map(({ result }) => [result.pProfit, result.qValue, result.pAdjusted]),
  );
});
