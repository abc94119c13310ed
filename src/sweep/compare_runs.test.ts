import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixtureRequest, randomMarket } from '../../test/helpers/lab_dataset.ts';
import { storedRows } from '../../test/helpers/stored_rows.ts';
import { Lake, ResultsStore, type RunQuery } from '../lake/index.ts';
import type { SignalColumns } from '../signals/index.ts';
import { benjaminiHochberg, breakEvenRate, wilsonInterval } from '../statistics/index.ts';
import { CellRunner } from './cell_runner.ts';
import { compareRuns, findRunId, runDetail } from './compare_runs.ts';
import { planSweep } from './plan.ts';
import { resultRows } from './result_rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-compare-'));
after(() => rmSync(folder, { recursive: true }));

const market = randomMarket(1500, 10, 3, 1);
const plans = ['one', 'two'].map((experimentName, index) =>
  planSweep(fixtureRequest(`data-${index}`, 10, { experimentName })),
);

async function filledStore(name: string): Promise<ResultsStore> {
  const store = await ResultsStore.open(new Lake(join(folder, name)));
  const series = {
    mids: market.midTicks.map((mid) => mid * 250_000_000),
    tradable: Uint8Array.from(market.midTicks, (mid, bin) => (!Number.isNaN(mid) && market.valid[bin] === 1 ? 1 : 0)),
  };
  for (const plan of plans) {
    const runner = new CellRunner(plan, series, { state5_code: market.state5 } as unknown as SignalColumns);
    const provenance = { timestampUtc: '2026-02-06T00:00:00.000Z', codeVersion: 'test', binCount: market.bins };
    const rows = plan.cells.map((cell) =>
      resultRows(
        plan,
        cell,
        runner.run(cell, () => 0),
        provenance,
      ),
    );
    await store.append({
      runs_meta: rows.flatMap((row) => row.runs_meta),
      resolved: rows.flatMap((row) => row.resolved),
      runs: rows.flatMap((row) => row.runs),
      trials: rows.flatMap((row) => row.trials),
    });
  }
  return store;
}

const query = (changes: Partial<RunQuery> = {}): RunQuery => ({ sort: 'tp_rate', minSignals: 5, top: 50, ...changes });

test('runs are compared at their best threshold, with honest numbers', async () => {
  using store = await filledStore('all');
  const { runs, family, filters, sweeps } = await compareRuns(store, query());
  equal(runs.length, 24);
  deepEqual(family, { runs: 24, tests: 144 });
  deepEqual(filters, { signals: ['derivative'], datasets: ['data-0', 'data-1'] });
  deepEqual(sweeps, []);
  const all = await storedRows(store, 'runs');
  for (const run of runs) {
    const own = all.filter((row) => row.runId === run.runId && row.nSignals >= 5);
    equal(run.tpRate, Math.max(...own.map((row) => row.tpRate ?? 0)));
    const interval = wilsonInterval(Math.round(run.tpRate! * run.nSignals), run.nSignals);
    deepEqual([run.tpRateLow, run.tpRateHigh], [interval.low, interval.high]);
    equal(run.breakEvenRate, breakEvenRate(run.evalTpTicks, run.evalSlTicks, 0.1 + 0.2));
    ok(Math.abs(run.meanPnlTicks! - run.meanNetPnlTicks! - 0.3) < 1e-12);
    equal(run.deflatedSharpe, null);
  }
  const sorted = runs.map((run) => run.tpRate!);
  deepEqual(
    sorted,
    [...sorted].sort((a, b) => b - a),
  );

  const q = benjaminiHochberg(Float64Array.from(all, (row) => row.pValue ?? Number.NaN));
  for (const run of runs) {
    const index = all.findIndex((row) => row.runId === run.runId && row.threshold === run.threshold);
    equal(run.qValue, q[index]);
  }
});

test('filters, sort keys and limits do what they say', async () => {
  using store = await filledStore('filters');
  const one = await compareRuns(store, query({ experiment: 'one', sort: 'p_value', top: 3 }));
  deepEqual(one.family, { runs: 12, tests: 72 });
  equal(one.runs.length, 3);
  ok(one.runs[0]!.pValue! <= one.runs[1]!.pValue!);
  equal((await compareRuns(store, query({ datasetId: 'none' }))).runs.length, 0);
  equal((await compareRuns(store, query({ signal: 'ads' }))).family.tests, 0);
  equal((await compareRuns(store, query({ minSignals: 100_000 }))).runs.length, 0);
});

test('a run is found by id or the start of it', async () => {
  using store = await filledStore('detail');
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
