import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { runSweep } from '../../src/sweep/index.ts';
import { randomMarket, writeMarket } from '../helpers/lab_dataset.ts';
import { marketRadius as radius, skilledMarket, sweepNumbers, sweepOptions } from '../helpers/skilled_market.ts';

const { folder, newLake } = skilledMarket();

test('an interrupted sweep keeps what is done and goes on from there', async () => {
  const lake = await newLake();
  const stop = new AbortController();
  const report = await runSweep(
    sweepOptions(lake, { maxWorkers: 1, signal: stop.signal, onProgress: (done) => done === 3 && stop.abort() }),
  );
  ok(report.interrupted && report.ran >= 3 && report.ran < 12 && report.statistics === null, `${report.ran} ran`);
  const none = await runSweep(sweepOptions(lake, { signal: AbortSignal.abort() }));
  deepEqual([none.ran, none.skipped, none.interrupted], [0, report.ran, true]);
  const rest = await runSweep(sweepOptions(lake));
  equal(rest.ran + report.ran, 12);
  ok(rest.statistics !== null);
  const whole = await newLake();
  await runSweep(sweepOptions(whole));
  deepEqual(await sweepNumbers(lake), await sweepNumbers(whole));
});

test('cells that end faster than they are stored wait for the store', async () => {
  const lake = new Lake(join(folder, 'fast'));
  for (const date of ['2026-02-05', '2026-02-06'])
    await writeMarket(lake, date, randomMarket(120, radius, 5), { date });
  const datasets = ['2026-02-05', '2026-02-06'].map((datasetId) => ({ datasetId }));
  const ticks = Array.from({ length: 36 }, (_, i) => i + 1);
  let stored = 0;
  const stop = new AbortController();
  const onProgress = (done: number) => {
    if (done < 1250 || stop.signal.aborted) return;
    stored = readdirSync(lake.results).filter((name) => name.startsWith('part-')).length;
    stop.abort();
  };
  const request = { signalAxes: {}, tpTicks: ticks, slTicks: ticks };
  await runSweep(sweepOptions(lake, { datasets, onProgress, signal: stop.signal }, request));
  ok(stored > 0, `${stored} parts`);
});

test('on noise the machinery finds nothing beyond chance', async () => {
  const lake = new Lake(join(folder, 'noise'));
  await writeMarket(lake, 'skilled', randomMarket(6000, radius, 20_260_206));
  const axes = {
    zscore_window_bins: [60, 100, 150],
    zscore_min_periods: [30],
    spatial_decay_power: [0, 1],
    d2_weight: [0, 1],
  };
  const report = await runSweep(sweepOptions(lake, {}, { signalAxes: { derivative: axes }, slTicks: [4, 8] }));
  const statistics = report.statistics!;
  equal(report.ran, 48);
  const { best, survivors, trials, foldWalkForward } = statistics;
  ok(best!.result.deflatedSharpe! < 0.9, `deflated Sharpe ${best!.result.deflatedSharpe}`);
  const least = Math.min(...trials.map(({ result }) => result.qValue ?? 1));
  ok(least > 0.1 && survivors.length === 0, `least q ${least}`);
  ok(Math.abs(foldWalkForward!.testMeanGrossTicks!) < 1);
});
