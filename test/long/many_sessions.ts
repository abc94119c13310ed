import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import { planSweep, runSweep, type SweepRequest } from '../../src/sweep/index.ts';
import { fixtureRequest, randomMarket, writeMarket } from '../helpers/lab_dataset.ts';
import { storedRows, timelessRuns } from '../helpers/stored_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('many-sessions');
const radius = 10;

let time = Date.UTC(2026, 2, 1);

type Options = Parameters<typeof runSweep>[0];

function options(lake: Lake, changes: Partial<Options>, request: Partial<SweepRequest>): Options {
  return {
    ...{ lake, plans: [planSweep(fixtureRequest(radius, request))], datasets: [], maxWorkers: 2, timeoutMs: 60_000 },
    ...{ keepGoing: false, force: false, codeVersion: 'test', now: () => new Date(time++) },
    ...changes,
  };
}

async function numbersOf(lake: Lake) {
  using store = await ResultsStore.open(lake);
  return await timelessRuns(store);
}

test('sessions are evaluated once each, pooled, and judged with all that was tried on them', async () => {
  const lake = new Lake(join(folder, 'many'));
  const days = Array.from({ length: 12 }, (_, day) => `2026-02-${String(day + 2).padStart(2, '0')}`);
  for (const [day, date] of days.entries()) {
    await writeMarket(lake, `day-${day}`, randomMarket(1200, radius, 40 + day, 1.5), { date });
  }
  const datasets = days.map((_, day) => ({ datasetId: `day-${day}` }));
  const small = {
    signalAxes: { derivative: { zscore_window_bins: [40], zscore_min_periods: [20], d2_weight: [0, 1] } },
  };
  const few = await runSweep(options(lake, { datasets: datasets.slice(0, 11) }, small));
  deepEqual([few.ran, few.skipped, few.units], [44, 0, 44]);
  // A day more runs that day, and a kill in between loses nothing: the numbers are those of one run over all.
  const all = await runSweep(options(lake, { datasets }, small));
  deepEqual([all.ran, all.skipped], [4, 44]);
  const { family, best, walkForward, judged } = all.statistics!;
  deepEqual([family.isBySessions, family.clusters, walkForward], [true, 12, null]);
  ok(best!.result.survives && judged.verdict.kind === 'too_few_days', judged.verdict.kind);
  const pooled = await numbersOf(lake);
  ok(pooled.every(({ nSessions }) => nSessions === 12));

  const other = new Lake(join(folder, 'reversed'));
  for (const [day, date] of days.entries()) {
    await writeMarket(other, `day-${day}`, randomMarket(1200, radius, 40 + day, 1.5), { date });
  }
  await runSweep(options(other, { datasets, maxWorkers: 1 }, small));
  deepEqual(await numbersOf(other), pooled);

  // Every number is that of the trades of all sessions.
  using store = await ResultsStore.open(lake);
  const trades = (await storedRows(store, 'units')).filter(({ threshold }) => threshold === 0.3);
  for (const row of pooled.filter(({ threshold }) => threshold === 0.3)) {
    const { trialHash } = [...options(lake, {}, small).plans[0]!.cells].find(({ runId }) => runId === row.runId)!;
    const own = trades.filter((unit) => unit.trialHash === trialHash);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const n = sum(own.map(({ nSignals }) => nSignals));
    const gross = sum(own.map((unit) => sum(unit.blockLongGross) + sum(unit.blockShortGross)));
    equal(row.nSignals, n);
    ok(Math.abs(row.meanNetPnlTicks! - (gross / 2 / n - 0.3)) < 1e-12);
  }

  // Another experiment on one of the days is tried there too: the first one's family grows.
  const before = family.distinct;
  const second = { ...small, experimentName: 'second', tpTicks: [6] };
  await runSweep(options(lake, { datasets: datasets.slice(0, 1) }, second));
  const parts = readdirSync(lake.results).length;
  const again = await runSweep(options(lake, { datasets }, small));
  deepEqual([again.ran, again.statistics!.family.distinct > before], [0, true]);
  // Both were judged with that family already: nothing is stored again.
  equal(readdirSync(lake.results).length, parts);
});
