import { deepEqual, equal, ok } from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { test } from 'node:test';
import { parsePipelineSpec, type ResolvedPipeline, replayCapture, resolvePipeline } from '../../src/config/index.ts';
import { rtypeMbo } from '../../src/dbn/index.ts';
import { openRecords, tradedColumns } from '../../src/files/index.ts';
import type { Lake } from '../../src/lake/index.ts';
import { featureColumns } from '../../src/orders/index.ts';
import { generateDataset, openSession } from '../../src/replay/index.ts';
import { registerSignal, signalContext, type UserSignal, userSignalDefinition } from '../../src/signals/index.ts';
import { onlineSim, signalSession } from '../../src/sweep/index.ts';
import { Scorer } from '../../src/sweep/scorer.ts';
import { parseFeatures } from '../../src/wire/index.ts';
import { fileBins } from '../../web/vacuum-pressure/local/file_bins.ts';
import { readGoldenConfig } from '../helpers/golden.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { missingShared, sharedPath } from '../helpers/shared.ts';
import { type Mbo, readMbo } from '../oracle/mbo.ts';
import { createRealLake } from '../web/real_lake.ts';

const file = sharedPath('data', 'esh4-glbx-mdp3-20231225.mbo.dbn.zst');

test('features of a dataset are those of the stream, to the bit, and the sums of the raw records', {
  skip: missingShared,
}, async () => {
  const real = createRealLake();
  const config = readGoldenConfig('esh4-open');
  const { sessionStartNs, startNs } = replayCapture(config);
  try {
    const capture = {
      ...{ product_type: 'future_mbo', symbol: real.runtime.symbol, dt: config.stream_dt },
      ...{ start_time: config.stream_start_time, end_time: config.end_time },
    };
    const spec = parsePipelineSpec({ name: 'features', pipeline_code_version: 1, capture, pipeline: {} }, 'f.yaml');
    const pipeline = { ...resolvePipeline(spec, real.runtime, 'f.yaml'), path: '' };
    const made = await generateDataset({ lake: real.lake, pipeline, codeVersion: 'test' });
    const names = featureColumns.map(([name]) => name);
    const rows = await queryRows(
      `SELECT ts_ns, ${[...names, ...tradedColumns].join(', ')} FROM '${made.folder}/features.parquet' ORDER BY bin_seq`,
    );
    const messages = [];
    for await (const { features } of fileBins(await openAsBlob(file), config, () => {})) {
      messages.push(parseFeatures(features));
    }
    equal(messages.length, rows.length);
    const cellNs = BigInt(real.runtime.cell_width_ms) * 1_000_000n;
    const prints = (await recordsOf(file)).filter(({ action }) => action === 'T');
    let [at, volume, cvd, sum] = [0, 0, 0, 0];
    for (const [seq, message] of messages.entries()) {
      const [tsNs, ...values] = rows[seq] ?? [];
      const told = names.map((name) => (name === 'since_ns' ? message.since_ns : message.values[name]));
      const stored = names.map((name, i) => (name === 'since_ns' ? String(values[i]) : numberOf(values[i])));
      deepEqual(stored, told, `bin ${seq}`);
      const lists = values.slice(names.length).map((list) => (list as { items: unknown[] }).items.map(numberOf));
      deepEqual(
        message.traded.map((row) => [...row]),
        message.traded.map((_, i) => lists.map((list) => list[i])),
      );
      // The sums again, by filters alone: all T since 18:00.
      const endNs = startNs + BigInt(seq + 1) * cellNs;
      equal(tsNs, endNs);
      for (let print = prints[at]; print !== undefined && print.tsEvent < endNs; print = prints[++at]) {
        if (print.tsEvent < startNs) continue;
        volume += print.size;
        cvd += print.side === 'B' ? print.size : print.side === 'A' ? -print.size : 0;
        sum += (Number(print.price) / 1e9) * print.size;
      }
      deepEqual([message.values.since_volume, message.values.cvd], [volume, cvd], `bin ${seq}`);
      ok(volume === 0 || Math.abs((message.values.vwap ?? 0) - sum / volume) < 1e-6);
    }
    await assertSignalReads(real.lake, pipeline, made.manifest.dataset_id);
    ok(volume > 1000 && BigInt(messages[0]?.since_ns ?? 0) >= sessionStartNs);
  } finally {
    real.remove();
  }
});

/** Reads the mid and features beside the grid. */
const withFeatures: UserSignal = {
  ...{
    name: 'with_features',
    doc: 'delta against cvd, what was added, and the mid',
    parameters: [],
    columns: ['delta', 'cvd', 'v_add', 'mid'],
  },
  thresholds: { kind: 'score', values: [1] },
  create: (_, { radius }) => ({
    update({ delta, cvd, v_add, mid }) {
      const [now = Number.NaN, sum = Number.NaN, ticks = Number.NaN] = [delta[0], cvd[radius], mid[radius]];
      return Number.isNaN(sum + ticks) ? null : now - sum / 100 + (v_add[radius] ?? 0) + ticks / 1000;
    },
    save() {},
    restore() {},
  }),
};

/** A signal has the same scores in a sweep, which reads the files, and in a stream, whose engine makes the features. */
async function assertSignalReads(lake: Lake, pipeline: ResolvedPipeline, datasetId: string): Promise<void> {
  const source = { ...{ name: 'with_features', folder: '/signals', entry: 'with_features.ts', files: {} }, hash: 'f0' };
  const definition = userSignalDefinition(withFeatures, source);
  registerSignal(definition);
  const { runtime, capture } = pipeline;
  const { dataset, columns } = await signalSession(lake, datasetId, signalContext(runtime), withFeatures.columns);
  const scores = new Scorer(definition, signalContext(runtime), dataset.binCount, columns).scores({});
  const streamed: number[] = [];
  await using session = await openSession({
    ...{ path: file, runtime, capture, date: pipeline.spec.capture.dt },
    signal: { name: 'with_features', params: {} },
  });
  await session.run({
    onBin: ({ signal }) => {
      streamed.push(signal.score);
      return undefined;
    },
  });
  deepEqual(Float64Array.from(streamed), scores);
  ok(new Set(streamed).size > 500);
  const report = await onlineSim({ lake, datasetId, signalName: 'with_features', ...idle });
  equal(report.bins, dataset.binCount);
  equal(report.lastScore, scores.at(-1));
}

/** Nothing of a machine's is measured. */
const idle = { signalParameters: {}, binBudgetMs: 1, residentBytes: () => 0, nowMs: () => 0 };

const numberOf = (value: unknown) => (value === null ? null : Number(value));

async function recordsOf(path: string): Promise<Mbo[]> {
  const records: Mbo[] = [];
  await using source = await openRecords(path);
  for await (const batch of source) {
    if (batch.rtype !== rtypeMbo) continue;
    for (let i = 0; i < batch.count; i++) records.push(readMbo(batch, i));
  }
  return records;
}
