import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake, ResultsStore, type RunQuery, silentRuns } from '../../src/lake/index.ts';
import { benjaminiHochberg, breakEvenRate, wilsonInterval } from '../../src/statistics/index.ts';
import { bestThreshold, compareRuns, findRunId, runDetail } from '../../src/sweep/compare_runs.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import { concernsOf, promotionConcerns } from '../../src/sweep/promotion_concerns.ts';
import { runSweep } from '../../src/sweep/run_sweep.ts';
import { compareEvidence } from '../../src/wire/index.ts';
import { fixtureRequest, randomMarket, writeMarket } from '../helpers/lab_dataset.ts';
import { storedRows } from '../helpers/stored_rows.ts';

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
    const tested = all.filter((row) => row.pProfit !== null && [...cells].some(({ runId }) => runId === row.runId));
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
  const { runId } = plans[0]!.cells.at(4);
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

test('sorted by evidence, runs that were tested come first, and the threshold is the one that promote takes', async () => {
  using store = await ResultsStore.open(lake);
  const byEvidence = query({ sort: 'evidence', minSignals: null });
  const { runs } = await compareRuns(store, byEvidence);
  deepEqual(await silentRuns(store, byEvidence), { runs: 0, mostSignals: 0 });
  const evidence = (run: (typeof runs)[number]) =>
    [run.pAdjusted, run.qValue, run.meanNetPnlTicksLow, run.meanNetPnlTicks] as const;
  runs.slice(1).forEach((run, index) => {
    ok(compareEvidence(evidence(runs[index]!), evidence(run)) <= 0);
  });
  ok(runs[0]!.pAdjusted !== null);
  for (const run of runs) {
    const { thresholdResults } = await runDetail(store, run.runId);
    equal(bestThreshold(thresholdResults, run.evalMinSignals)?.threshold, run.threshold);
  }
});

test('runs without enough signals are counted with the most that any fired', async () => {
  using store = await ResultsStore.open(lake);
  const unreached = query({ experiment: 'one', minSignals: 100_000 });
  const { runs } = await compareRuns(store, unreached);
  const most = (await storedRows(store, 'runs'))
    .filter(({ runId }) => [...plans[0]!.cells].some((cell) => cell.runId === runId))
    .map(({ nSignals }) => nSignals);
  deepEqual([runs.length, await silentRuns(store, unreached)], [0, { runs: 12, mostSignals: Math.max(...most) }]);
});

test('a run of an experiment without an edge is not published without a word', async () => {
  using store = await ResultsStore.open(lake);
  const { runId } = plans[0]!.cells.at(4);
  const concerns = await promotionConcerns(store, runId);
  match(concerns[0]!, /^It (was not tested|does not survive the search: its adjusted p is)/);
  match(concerns.at(-1)!, /^The verdict on one is: /);
  await rejects(promotionConcerns(store, 'nope'), { code: 'RUN_UNKNOWN' });
  const { thresholdResults } = await runDetail(store, runId);
  const sound = {
    ...thresholdResults[0]!,
    ...{ nSessions: 20, survives: true, pProfit: 0.001, pAdjusted: 0.01, meanCostTicks: 0.3 },
    ...{ meanNetPnlTicks: 1, meanNetPnlTicksLow: 0.5, meanNetPnlTicksHigh: 1.5 },
  };
  const holds = { experimentName: 'one', verdict: 'holds', nTested: 12, sessionWalkForwardJson: null };
  deepEqual(concernsOf(sound, holds), []);
  match(concernsOf({ ...sound, meanCostTicks: 0 }, holds)[0]!, /before costs/);
  match(concernsOf({ ...sound, meanNetPnlTicksLow: -0.1 }, holds)[0]!, /\+1\.00 ticks a trade \(−0\.10 to \+1\.50\)/);
  match(concernsOf({ ...sound, nSessions: null }, holds)[0]!, /older method/);
});
