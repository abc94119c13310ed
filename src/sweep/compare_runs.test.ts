import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fixtureRequest, randomMarket, writeMarket } from '../../test/helpers/lab_dataset.ts';
import { storedRows } from '../../test/helpers/stored_rows.ts';
import { Lake, ResultsStore, type RunQuery } from '../lake/index.ts';
import { benjaminiHochberg, breakEvenRate, wilsonInterval } from '../statistics/index.ts';
import { compareRuns, findRunId, runDetail } from './compare_runs.ts';
import { planSweep } from './plan.ts';
import { runSweep } from './run_sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-compare-'));
after(() => rmSync(folder, { recursive: true }));

const plans = ['one', 'two'].map((experimentName) => planSweep(fixtureRequest(10, { experimentName })));

const lake = new Lake(join(folder, 'filled'));

/** Two experiments, each on a session of its own. */
before(async () => {
  for (const [index, plan] of plans.entries()) {
    const datasetId = `data-${index}`;
    await writeMarket(lake, datasetId, randomMarket(4500, 10, 3 + index, 1), { date: `2026-02-0${index + 5}` });
    await runSweep({
      ...{
        lake,
        plans: [plan],
        datasets: [{ datasetId }],
        maxWorkers: 1,
        timeoutMs: 60_000,
        keepGoing: false,
        force: false,
      },
      ...{ codeVersion: 'test', now: () => new Date('2026-02-06') },
    });
  }
});

const query = (changes: Partial<RunQuery> = {}): RunQuery => ({ sort: 'tp_rate', minSignals: 5, top: 50, ...changes });

test('runs are compared at their best threshold, with honest numbers', async () => {
  using store = await ResultsStore.open(lake);
  const { runs, family, filters, sweeps } = await compareRuns(store, query());
  equal(runs.length, 24);
  deepEqual(filters, { signals: ['derivative'], datasets: ['data-0', 'data-1'] });
  deepEqual(sweeps.map((sweep) => sweep.experimentName).sort(), ['one', 'two']);
  deepEqual(family, { runs: 24, tests: sweeps.reduce((sum, { nTested }) => sum + nTested!, 0) });
  ok(family.tests > 20);
  const all = await storedRows(store, 'runs');
  for (const run of runs) {
    const own = all.filter((row) => row.runId === run.runId && row.nSignals >= 5);
    equal(run.tpRate, Math.max(...own.map((row) => row.tpRate ?? 0)));
    // Wider than if trades were independent, since they are not.
    const { low, high } = wilsonInterval(Math.round(run.tpRate! * run.nSignals), run.nSignals);
    ok(run.tpRateLow! <= low + 1e-12 && run.tpRateHigh! >= high - 1e-12);
    equal(run.breakEvenRate, breakEvenRate(run.evalTpTicks, run.evalSlTicks, run.meanCostTicks!));
    ok(Math.abs(run.meanCostTicks! - 0.3) < 1e-12);
    ok(Math.abs(run.meanMidPnlTicks! - run.meanNetPnlTicks! - 0.3) < 1e-12);
    equal(run.pProfit !== null && run.pProfit < 0.025, run.pProfit !== null && run.meanNetPnlTicksLow! > 0);
  }
  const sorted = runs.map((run) => run.tpRate!);
  deepEqual(
    sorted,
    [...sorted].sort((a, b) => b - a),
  );
  // Each experiment's trials are a family of their own, for they share no session; trials with the same trades count once.
  for (const { cells } of plans) {
    const tested = all.filter((row) => row.pProfit !== null && cells.some(({ runId }) => runId === row.runId));
    const tradesOf = (row: (typeof all)[number]) =>
      [row.nSignals, row.nUp, row.tpRate, row.meanMidPnlTicks, row.meanPnlTicks, row.sharpe].join();
    const rows = [...new Map(tested.map((row) => [tradesOf(row), row])).values()];
    const q = benjaminiHochberg(Float64Array.from(rows, (row) => row.pProfit!));
    rows.forEach((row, index) => {
      ok(Math.abs(row.qValue! - q[index]!) < 1e-12);
    });
  }
});

test('filters, sort keys and limits do what they say', async () => {
  using store = await ResultsStore.open(lake);
  const one = await compareRuns(store, query({ experiment: 'one', sort: 'p_profit', top: 3 }));
  equal(one.family.runs, 12);
  equal(one.runs.length, 3);
  ok(one.runs[0]!.pProfit! <= one.runs[1]!.pProfit!);
  equal((await compareRuns(store, query({ datasetId: 'none' }))).runs.length, 0);
  equal((await compareRuns(store, query({ signal: 'ads' }))).family.tests, 0);
  equal((await compareRuns(store, query({ minSignals: 100_000 }))).runs.length, 0);
});

test('a run is found by id or the start of it', async () => {
  using store = await ResultsStore.open(lake);
  const { runId } = plans[0]!.cells[4]!;
  const { meta, thresholdResults } = await runDetail(store, runId);
  equal(meta.experimentName, 'one');
  equal(thresholdResults.length, 6);
  equal(await findRunId(store, runId.slice(0, 10)), runId);
  await rejects(runDetail(store, 'nope'), { code: 'RUN_UNKNOWN' });
  await rejects(findRunId(store, ''), { code: 'RUN_UNKNOWN', message: /several/ });
});

test('an empty store compares to nothing', async () => {
  using store = await ResultsStore.open(new Lake(join(folder, 'empty')));
  const { runs, family, filters } = await compareRuns(store, query());
  deepEqual([runs, family, filters], [[], { runs: 0, tests: 0 }, { signals: [], datasets: [] }]);
});
