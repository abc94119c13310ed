import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze, datasetSubject, type TradeRules, toJson } from '../../src/analysis/index.ts';
import {
  defaultRuntimeConfig,
  type ProductType,
  parsePipelineSpec,
  type RuntimeConfig,
  resolvePipeline,
} from '../../src/config/index.ts';
import { mboRecordBytes } from '../../src/dbn/index.ts';
import { type DatasetManifest, evaluationTimes, Lake, ResultsStore } from '../../src/lake/index.ts';
import { generateDataset } from '../../src/replay/index.ts';
import { OutcomeEvaluator, onlineSim, planSweep, runDetail, runSweep } from '../../src/sweep/index.ts';
import { totalNames } from '../../src/sweep/unit_table.ts';
import { SyntheticSession } from '../../src/synth/index.ts';
import { fixtureRequest } from '../helpers/lab_dataset.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { timelessRuns } from '../helpers/stored_rows.ts';

/*
 * A session whose prices are shifted by whole ticks: so that its mid crosses 0, and below 0 altogether. Dataset, sweep, trades
 * and analysis must be those of the session as it is, but for the prices themselves.
 */

const folder = mkdtempSync(join(tmpdir(), 'spymaster-shifted-'));
after(() => rmSync(folder, { recursive: true }));

const undefinedPrice = 2n ** 63n - 1n;
const clear = 'R'.charCodeAt(0);
const tickInt = 250_000_000;
const rules: TradeRules = { threshold: 0.5, tpTicks: 2, slTicks: 2, maxHoldBins: 40, cooldownBins: 5 };

const session = (() => {
  const made = new SyntheticSession({
    ...{ seed: 3, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs: 1770387900_000_000_000n, durationS: 61, openS: 300, recordsPerS: 200 },
  });
  const chunks: Uint8Array[] = [];
  for (let chunk = made.next(); chunk !== null; chunk = made.next()) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
})();

/** The session with every price `byInt` higher. */
function shifted(byInt: bigint): Buffer {
  const bytes = Buffer.from(session);
  for (let at = 8 + bytes.readUInt32LE(4); at < bytes.length; at += mboRecordBytes) {
    const price = bytes.readBigInt64LE(at + 24);
    if (price === undefinedPrice || bytes[at + 38] === clear) continue;
    bytes.writeBigInt64LE(price + byInt, at + 24);
  }
  return bytes;
}

interface Made {
  readonly lake: Lake;
  readonly manifest: DatasetManifest;
  readonly runtime: RuntimeConfig;
  readonly raw: string;
}

/** A lake with the session and its dataset. */
async function lakeOf(productType: ProductType, name: string, byInt: bigint): Promise<Made> {
  const lake = new Lake(join(folder, productType, name));
  const rawFolder = lake.rawFolder(productType, 'MNQH6');
  mkdirSync(rawFolder, { recursive: true });
  const raw = join(rawFolder, 'session-20260206.mbo.dbn');
  writeFileSync(raw, shifted(byInt));
  const times = { dt: '2026-02-06', start_time: '09:25', end_time: '09:26' };
  const spec = parsePipelineSpec(
    { name: 'shifted', pipeline_code_version: 1, capture: { product_type: productType, symbol: 'MNQH6', ...times } },
    'shifted.yaml',
  );
  const small = { n_absolute_ticks: 1024, grid_radius_ticks: 12, projection_horizons_bins: [1, 2, 4] };
  const flow = { flow_windows: [2, 5, 10, 20], flow_zscore_window_bins: 60, flow_zscore_min_periods: 20 };
  const model = { state_model_zscore_window_bins: 60, state_model_zscore_min_periods: 20 };
  const product = { product_type: productType, bucket_size_dollars: 0.5 };
  const instrument = { ...defaultRuntimeConfig, ...small, ...flow, ...model, ...product };
  const pipeline = { ...resolvePipeline(spec, instrument, 'shifted.yaml'), path: '' };
  const { manifest } = await generateDataset({ lake, pipeline, codeVersion: 'test' });
  return { lake, manifest, runtime: pipeline.runtime, raw };
}

const tableOf = ({ lake, manifest }: Made, table: 'bins' | 'grid_clean') =>
  `'${lake.datasets(manifest.dataset_id)}/${table}.parquet'`;

/** Bins with their prices less the shift, in order. */
function binsOf(made: Made, byInt: bigint): Promise<unknown[][]> {
  const relative = ['best_bid_price_int', 'best_ask_price_int', 'spot_ref_price_int'].map(
    (n) => `${n} - (${byInt}) AS ${n}`,
  );
  const mid = `round(mid_price * 1e9)::BIGINT - (${byInt}) AS mid_price`;
  return queryRows(
    `SELECT * REPLACE (${[...relative, mid].join(', ')}) FROM ${tableOf(made, 'bins')} ORDER BY bin_seq`,
  );
}

/** What a sweep of a signal stores of its runs, and every trade of them. */
async function sweepOf({ lake, manifest, runtime }: Made, signalName: string) {
  const datasetId = manifest.dataset_id;
  const evaluation = { maxHoldBins: 40, warmupBins: 60, tickSize: tickInt / 1e9, entryDelayBins: 0 };
  const request = fixtureRequest(runtime.grid_radius_ticks, {
    ...{ runtime, signalName, signalAxes: {}, tpTicks: [2, 4], slTicks: [2], cooldownBins: [5] },
    evaluation: { ...evaluation, folds: 2, embargoBins: 40 },
  });
  const now = () => new Date(0);
  const options = { maxWorkers: 1, timeoutMs: 120_000, keepGoing: false, force: false, codeVersion: 'test', now };
  const { statistics } = await runSweep({ ...options, lake, plans: [planSweep(request)], datasets: [{ datasetId }] });
  using store = await ResultsStore.open(lake);
  const ids = await evaluationTimes(store, { signal: signalName });
  const runs = (await timelessRuns(store)).filter(({ runId }) => ids.has(runId));
  const evaluator = new OutcomeEvaluator(lake);
  const trades: unknown[] = [];
  for (const { runId, threshold } of runs) {
    const { meta } = await runDetail(store, runId);
    const { trades: made, costTicks, states } = await evaluator.of(meta, threshold);
    trades.push({ made, costTicks, states });
  }
  // Without the units, which name their dataset.
  const { judged, foldWalkForward } = statistics!;
  const trials = statistics!.trials.map(({ runId, result: { trial, ...result } }) => ({
    ...{
      runId,
      result,
      threshold: trial.threshold,
      totals: totalNames.map((name) => trial.total(name)),
      hours: trial.hours,
    },
  }));
  return { runs, judged, foldWalkForward, trials, trades };
}

/** The JSON of an analysis without what names the file, and with the series of mids less the shift. */
async function analysisOf({ lake, manifest }: Made, by: number): Promise<unknown> {
  const report = await analyze(
    await datasetSubject(lake, manifest.dataset_id),
    { codeVersion: 'test', rules },
    { onProgress: () => {} },
  );
  const { mid } = report.series;
  // Sums of prices of another size are rounded elsewhere.
  const less = (values: readonly number[]) => values.map((value) => Math.round((value - by) * 1e6) / 1e6);
  const series = { ...report.series, mid: { ...mid, min: less(mid.min), max: less(mid.max), mean: less(mid.mean) } };
  const leftOut = report.leftOut === null ? null : 'left out';
  // Prices of stocks below $1 that lie between ticks are counted by their very price.
  const isOfAnyPrice = (text: string) => !text.includes('below $1');
  const words = {
    missing: report.missing.filter(isOfAnyPrice),
    verdict: report.verdict.filter(({ text }) => isOfAnyPrice(text)),
  };
  const coverage = report.coverage && { ...report.coverage, off_grid_prices: null };
  return toJson({ ...report, ...words, coverage, leftOut, series, subject: { ...report.subject, source: null } });
}

async function everythingOf(made: Made, byInt: bigint) {
  const { lake, manifest } = made;
  const derivative = await sweepOf(made, 'derivative');
  const fromFlow = await sweepOf(made, 'erd');
  const replayed = await analysisOf(made, Number(byInt) / 1e9);
  const [[grid]] = (await queryRows(`SELECT sum(hash(g)::HUGEINT)::VARCHAR FROM ${tableOf(made, 'grid_clean')} g`)) as [
    [string],
  ];
  const options = {
    lake,
    datasetId: manifest.dataset_id,
    signalName: 'derivative',
    signalParameters: {},
    binBudgetMs: 1,
  };
  const { lastScore, readyBins } = await onlineSim({ ...options, nowMs: () => 0, residentBytes: () => 0 });
  rmSync(made.raw);
  const fromParquet = await analysisOf(made, Number(byInt) / 1e9);
  const { counters, bins, rows } = manifest;
  const online = { lastScore, readyBins };
  return {
    counters,
    bins,
    rows,
    grid,
    prices: await binsOf(made, byInt),
    derivative,
    fromFlow,
    online,
    replayed,
    fromParquet,
  };
}

for (const productType of ['future_mbo', 'equity_mbo'] as const) {
  test(`${productType}: dataset, sweep, trades and analysis do not depend on where prices lie`, async () => {
    const plain = await lakeOf(productType, 'plain', 0n);
    // The mid that most bins have whose spread is of two ticks, so that bid and ask lie at −1 and +1 tick when it is at 0.
    const [[middle]] = (await queryRows(
      `SELECT ((best_bid_price_int + best_ask_price_int) / 2)::BIGINT AS middle FROM ${tableOf(plain, 'bins')}
       WHERE best_ask_price_int - best_bid_price_int = ${2 * tickInt} AND book_valid
       GROUP BY middle ORDER BY count(*) DESC, middle LIMIT 1`,
    )) as [[bigint]];
    const expected = await everythingOf(plain, 0n);
    ok(
      expected.derivative.runs.some(({ nSignals }) => nSignals > 10),
      'the signal fires',
    );
    const bucketInt = 500_000_000n;
    const whole = productType === 'equity_mbo' ? (middle / bucketInt) * bucketInt : middle;
    const shifts = [['zero', -whole] as const, ['below', -3n * whole] as const];
    for (const [name, byInt] of productType === 'equity_mbo' ? shifts.slice(0, 1) : shifts) {
      const made = await lakeOf(productType, name, byInt);
      const [[zeroMids, negative]] = (await queryRows(
        `SELECT count(*) FILTER (mid_price = 0 AND book_valid), count(*) FILTER (mid_price < 0) FROM ${tableOf(made, 'bins')}`,
      )) as [[bigint, bigint]];
      ok(
        name === 'below' ? Number(negative) === made.manifest.bins : zeroMids > 0n && negative > 0n,
        `${zeroMids}, ${negative}`,
      );
      const got = await everythingOf(made, byInt);
      for (const part of Object.keys(expected) as (keyof typeof expected)[]) {
        deepEqual(got[part], expected[part], `${part}, ${name}`);
      }
      equal(made.manifest.dataset_id, plain.manifest.dataset_id);
    }
  });
}
