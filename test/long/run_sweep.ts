import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { createSignal, type SignalColumns } from '../../src/signals/index.ts';
import { CellRunner } from '../../src/sweep/cell_runner.ts';
import { loadDataset } from '../../src/sweep/dataset.ts';
import { runSweep } from '../../src/sweep/run_sweep.ts';
import { randomMarket, writeMarket } from '../helpers/lab_dataset.ts';
import { marketRadius as radius, skilledMarket, sweepNumbers, sweepOptions } from '../helpers/skilled_market.ts';

const { folder, newLake, skilled, source } = skilledMarket();

test('a dataset comes back as it was written, zero rows included', async () => {
  const dataset = await loadDataset(source, 'skilled', radius, ['state5_code']);
  deepEqual(dataset.columns.state5_code, skilled.state5);
  equal(dataset.binCount, skilled.bins);
  skilled.midTicks.forEach((mid, bin) => {
    equal(dataset.series.mids[bin], mid * 250_000_000);
    equal(dataset.series.tradable[bin], !Number.isNaN(mid) && skilled.valid[bin] === 1 ? 1 : 0);
  });
  await rejects(loadDataset(source, 'none', radius, []), { code: 'DATASET_UNKNOWN' });
  await rejects(loadDataset(source, 'skilled', radius, ['v_add']), {
    code: 'DATASET_INVALID',
    message: /the column v_add is missing/,
  });
  await rejects(loadDataset(source, 'skilled', 4, ['state5_code']), { code: 'DATASET_INVALID' });
  await rejects(loadDataset(source, 'skilled', radius, [], AbortSignal.abort()), { name: 'AbortError' });
});

test('a dataset of the first version reads as one of today, and is refused where its zeros may be prices', async () => {
  await writeMarket(source, 'old', skilled, { manifestVersion: 1 });
  const { series } = await loadDataset(source, 'old', radius, []);
  deepEqual(series, (await loadDataset(source, 'skilled', radius, [])).series);
  // Mids from 0.5 ticks down: a bid of 0, then negative prices.
  const first = skilled.midTicks.find((mid) => !Number.isNaN(mid))!;
  for (const [name, shift, bin] of [
    ['old_zero_bid', first - 0.5, skilled.midTicks.indexOf(first)],
    ['old_negative', 90_000, skilled.midTicks.indexOf(first)],
  ] as const) {
    const shifted = { ...skilled, midTicks: skilled.midTicks.map((mid) => mid - shift) };
    await writeMarket(source, name, shifted, { manifestVersion: 1 });
    await rejects(loadDataset(source, name, radius, []), {
      code: 'DATASET_INVALID',
      message: new RegExp(`${name}: it has prices at or below 0 \\(first in bin ${bin}\\).*generate --rebuild`),
    });
    await writeMarket(source, name, shifted);
    const { series: now } = await loadDataset(source, name, radius, []);
    deepEqual(now.tradable, series.tradable);
    deepEqual(
      now.mids,
      series.mids.map((mid) => mid - shift * 250_000_000),
    );
  }
});

test('scores of a sweep are the incremental signal’s, bit for bit, in whatever order cells come', async () => {
  const plan = sweepOptions(source).plans[0]!;
  const dataset = await loadDataset(source, 'skilled', radius, ['state5_code']);
  const runner = new CellRunner(plan, dataset.series, dataset.columns, { startOfDayMs: 0, isOnly: true });
  const order = Array.from(plan.cells, (_, index) => (index * 5) % plan.cells.length);
  for (const number of order) {
    const cell = plan.cells.at(number);
    const signal = createSignal('derivative', cell.parameters, { radius, binS: 0.1 });
    // As the engine calls it: one bin's columns at a time.
    const expected = Float64Array.from({ length: skilled.bins }, (_, bin) => {
      const rows = 2 * radius + 1;
      const state5_code = skilled.state5.slice(bin * rows, (bin + 1) * rows);
      return signal.update({ state5_code } as unknown as SignalColumns, 0);
    });
    deepEqual(runner.scores(cell), expected);
  }
});

test('a sweep finds the skill that is there, runs once, and gives the same numbers on any number of workers', async () => {
  const lake = await newLake();
  const report = await runSweep(sweepOptions(lake));
  deepEqual([report.ran, report.skipped, report.failures.length, report.interrupted], [12, 0, 0, false]);
  const { statistics } = report;
  equal(statistics?.trials.length, 72);
  const { best, family } = statistics!;
  ok(best!.result.deflatedSharpe! > 0.8, `deflated Sharpe ${best!.result.deflatedSharpe}`);
  ok(best!.result.survives && best!.result.net!.low > 0 && best!.result.qValue! < 0.05 && family.spaP! < 0.05);
  ok(family.overfitting!.probability < 0.2);
  ok(statistics!.foldWalkForward!.testMeanGrossTicks! > 0.5);

  const again = await runSweep(sweepOptions(lake));
  deepEqual([again.ran, again.skipped], [0, 12]);
  deepEqual(again.statistics, statistics);
  const first = await sweepNumbers(lake);
  equal(first.length, 72);

  const forced = await runSweep(sweepOptions(lake, { force: true, now: () => new Date() }));
  equal(forced.ran, 12);
  deepEqual(await sweepNumbers(lake), first);

  const alone = await newLake();
  await runSweep(sweepOptions(alone, { maxWorkers: 1 }));
  deepEqual(await sweepNumbers(alone), first);
});

test('a cell that fails is named; with --keep-going the others are run', async () => {
  const lake = await newLake();
  const slow = sweepOptions(
    lake,
    { timeoutMs: 1 },
    { signalAxes: { derivative: { d2_weight: [0, 1] } }, tpTicks: [4] },
  );
  await rejects(runSweep(slow), (error: Error) => {
    match(error.message, /stopped: run [0-9a-f]{8} \(.*d2_weight.*\) failed: it took longer than 0\.001 s/);
    return true;
  });
  const kept = await runSweep({ ...slow, keepGoing: true });
  ok(kept.failures.length > 0);
  equal(kept.ran + kept.failures.length, slow.plans[0]!.cells.length - kept.skipped);
});

test('of several sessions one whose dataset cannot be read is left out and named', async () => {
  const lake = new Lake(join(folder, 'damaged'));
  for (const date of ['2026-02-05', '2026-02-06']) {
    await writeMarket(lake, date, randomMarket(900, radius, 5, 1.5), { date });
  }
  appendFileSync(join(lake.datasets('2026-02-05'), 'bins.parquet'), 'x');
  const datasets = ['2026-02-05', '2026-02-06'].map((datasetId) => ({ datasetId }));
  const report = await runSweep(sweepOptions(lake, { datasets }, { tpTicks: [4] }));
  deepEqual([report.ran, report.units, report.interrupted, report.sessions.length], [6, 6, false, 1]);
  const [leftOut] = report.leftOut;
  match(`${leftOut?.date}: ${leftOut?.reason}`, /2026-02-05: .*bins\.parquet changed/);
  ok(report.statistics !== null);
  await rejects(runSweep(sweepOptions(lake, { datasets: datasets.slice(0, 1) })), { code: 'CHECKSUM_MISMATCH' });
});
