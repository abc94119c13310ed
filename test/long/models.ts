import { deepEqual, equal, fail, match, ok } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { captureOf, defaultRuntimeConfig, pickRuntime, tickSizeInt } from '../../src/config/index.ts';
import { BinColumns } from '../../src/engine/index.ts';
import { labelBins } from '../../src/evaluation/index.ts';
import { ResultsStore, ServingRegistry } from '../../src/lake/index.ts';
import { modelScore, readModel } from '../../src/models/index.ts';
import { openSession } from '../../src/replay/index.ts';
import { FeatureRow, layOutFeatures, registerSource, signalContext } from '../../src/signals/index.ts';
import { promoteRun, signalSession } from '../../src/sweep/index.ts';
import { storedSignal } from '../../src/user_signals/index.ts';
import { edgeLake } from '../helpers/edge_lake.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { runCommand } from '../helpers/run_command.ts';

/*
 * From an experiment to a training set, a model, its import, and its verdict, on three short days with a planted edge. The model is made here
 * from the training set: the packages are compared in test/interop.
 */
const lake = edgeLake({ perMinute: 10, probability: 0.9, ticks: 10 }, 2);
after(() => rmSync(lake.root, { recursive: true }));
const configs = join(lake.root, 'configs');
const dates = ['2026-02-04', '2026-02-05', '2026-02-06'];
const features = [
  {
    name: 'lean',
    of: [
      { column: 'pressure_variant', sum: [-10, -1] },
      { column: 'pressure_variant', sum: [1, 10], weight: -1 },
    ],
    rolling: ['value', 'mean'],
    bins: 20,
  },
  { name: 'add', column: 'v_add', k: [-2, 2], lag: [0, 3] },
  { name: 'ret', column: 'mid_return', rolling: ['mean'], bins: 20 },
  { name: 'delta', column: 'delta' },
];
const runtime = { ...defaultRuntimeConfig, n_absolute_ticks: 2048, grid_radius_ticks: 20 };
const experiment = (name: string, serving: string, chosen: readonly string[], split: object = {}) => ({
  ...{ name, serving, sessions: { dates: chosen } },
  eval: { tp_ticks: 6, sl_ticks: 6, max_hold_bins: 40, warmup_bins: 100, cooldown_bins: 20, min_signals: 1, ...split },
  sweep: {},
});
const walk = { split: { train_sessions: 1, test_sessions: 1, anchored: true } };

function write(path: string, value: unknown): string {
  const file = join(configs, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, stringify(value));
  return file;
}
write('instrument.yaml', runtime);
process.env.VP_INSTRUMENT_CONFIG_PATH = join(configs, 'instrument.yaml');
write('features/train.yaml', { features });
write('serving/mine.yaml', { name: 'mine', pipeline: 'planted', signal: { name: 'mine' } });
const train = write('experiments/train.yaml', experiment('train', 'planted', dates, walk));
const signals = join(configs, 'signals');
const spymaster = async (...words: string[]) => {
  const { code, out, err } = await runCommand(...words, '--lake-root', lake.root);
  return { code, out, err };
};
const json = async (...words: string[]) => {
  const { code, out, err } = await spymaster(...words, '--json');
  equal(code, 0, err);
  return JSON.parse(out);
};

test('training set, import, refusal in sample, and verdict out of sample', async () => {
  const set = join(configs, 'set');
  const made = await json('training-set', train, '--out', set);
  deepEqual(made.feature_names, [
    'lean',
    'lean_mean_20',
    'add_m2',
    'add_m2_lag3',
    'add_2',
    'add_2_lag3',
    'ret_mean_20',
    'delta',
  ]);
  deepEqual(
    made.folds.map((fold: { train: string[]; test: string[] }) => [fold.train, fold.test]),
    [
      [dates.slice(0, 1), dates.slice(1, 2)],
      [dates.slice(0, 2), dates.slice(2, 3)],
    ],
  );
  await compareWithDataset(set, made);

  const again = await spymaster('training-set', train, '--out', set);
  match(again.err, /there are files already; give another --out/);
  ok(!readdirSync(configs).some((name) => name.startsWith('.')), 'nothing half made is left');

  // A line through the mean lean of the rows that moved up and down.
  const [up, down] = await Promise.all(
    [1, -1].map(async (label) => {
      const rows = await queryRows(
        `SELECT avg(f.lean) AS lean FROM read_parquet('${set}/features.parquet') f POSITIONAL JOIN read_parquet('${set}/labels.parquet') l WHERE l.label = ${label}`,
      );
      return Number(rows[0]![0]);
    }),
  );
  const weight = 1 / (up! - down!);
  const model = (name: string, factor: number) => {
    const path = join(configs, name);
    const coef = [[factor * weight, 0, 0, 0, 0, 0, 0.05, 0.001]];
    writeFileSync(
      path,
      JSON.stringify({ format: 'spymaster-linear', version: 1, link: 'logistic', coef, intercept: [0] }),
    );
    return path;
  };
  const files = [model('one.json', 1), model('two.json', 1.01)];
  const imported = await json(
    'model',
    'import',
    ...files,
    '--name',
    'mine',
    '--training-set',
    set,
    '--signals',
    signals,
  );
  equal(imported.passed, true);
  deepEqual(
    imported.models.map(({ from }: { from: string }) => from),
    dates.slice(1),
  );

  const early = write('experiments/early.yaml', experiment('early', 'mine', dates));
  match((await spymaster('run', early)).err, /mine has no model that was trained before 1 session of 3 \(2026-02-04\)/);
  const later = write('experiments/later.yaml', experiment('later', 'mine', dates.slice(1)));
  await json('run', later);
  const judged = await json('compare', '--experiment', 'later');
  equal(judged.runs[0].in_sample_sessions, null);
  ok(judged.runs[0].mean_mid_pnl_ticks > 0, 'the planted edge is found');
  // Evaluated again from what is stored, session by session, each by its own model.
  const trades = await json('trades', judged.runs[0].run_id);
  deepEqual([...new Set(trades.trades.map(({ session }: { session: string }) => session))], dates.slice(1));

  await compareWithStream(judged.runs[0].run_id, files);

  await json('model', 'import', files[0]!, '--name', 'mine', '--training-set', set, '--signals', signals, '--force');
  match((await spymaster('run', later)).err, /mine was trained on 2 sessions of 2 .*--in-sample/);
  await json('run', later, '--in-sample');
  const marked = await json('compare', '--experiment', 'later');
  equal(
    marked.runs.find((run: { in_sample_sessions: number | null }) => run.in_sample_sessions === 2)?.experiment_name,
    'later',
  );

  const blocks = await json(
    'training-set',
    train,
    '--out',
    join(configs, 'blocks'),
    '--split-sessions',
    '200',
    '--folds',
    '3',
  );
  equal(blocks.folds_by, 'blocks');
  ok(blocks.folds[0].rows.purged > 0 && blocks.folds[0].rows.embargo > 0);
});

/** What the run streams in each of its sessions, by the model of that session's date, is what its features and model give. */
async function compareWithStream(runId: string, files: readonly string[]): Promise<void> {
  using store = await ResultsStore.open(lake);
  const list = layOutFeatures(features as Parameters<typeof layOutFeatures>[0]);
  for (const [index, session] of dates.slice(1).entries()) {
    const now = () => `2026-02-07T00:00:0${index}.000Z`;
    const { version } = await promoteRun({ lake, store, experimentName: 'later', runId, alias: 'mine', session, now });
    using registry = new ServingRegistry(lake);
    const { spec } = registry.resolve(version.servingId);
    const { runtime_snapshot: snapshot, signal } = spec;
    ok(signal?.source_hash !== undefined);
    registerSource(await storedSignal(lake, 'mine', signal.source_hash));
    const capture = captureOf(snapshot);
    await using streamed = await openSession({
      path: rawFile(session),
      runtime: pickRuntime(snapshot),
      date: session,
      capture,
      signal,
    });
    const row = new FeatureRow(list, signalContext(runtime));
    const stored = new FeatureRow(list, signalContext(runtime));
    const { sessions } = JSON.parse(readFileSync(join(configs, 'set/manifest.json'), 'utf8'));
    const { dataset, columns: read } = await signalSession(
      lake,
      sessions.find(({ date }: { date: string }) => date === session).dataset_id,
      signalContext(runtime),
      list.columns,
    );
    const scoreOf = modelScore('m', readModel({ name: 'm', text: readFileSync(files[index]!, 'utf8') }), 'probability');
    let columns: BinColumns | null = null;
    let scored = 0;
    await streamed.run({
      onBin: (bin, frame, made) => {
        columns ??= new BinColumns(frame, list.columns, tickSizeInt(runtime));
        const expected = row.update(columns.take(bin, made), 0) ? scoreOf(row.row) : 0;
        if (bin.seq < dataset.binCount) {
          stored.update(read, bin.seq * 41);
          deepEqual(row.row, stored.row, `bin ${bin.seq} of ${session} as its dataset has it`);
        }
        if (bin.signal.score !== expected) fail(`bin ${bin.seq} of ${session}: ${bin.signal.score}, not ${expected}`);
        if (bin.signal.ready) scored++;
        return undefined;
      },
    });
    ok(scored > 1000);
  }
}

const rawFile = (date: string) =>
  join(lake.rawFolder('future_mbo', 'MNQH6'), `glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn`);

/** Every feature and label of the set again from the datasets, and every file by its checksum. */
async function compareWithDataset(
  set: string,
  made: { sessions: { dataset_id: string; rows: number }[] },
): Promise<void> {
  const rows = await queryRows(
    `SELECT f.*, l.bin_seq::INTEGER AS bin_seq, l.label, (l.known_bin_seq)::INTEGER AS known, (l.known_ts_ns - l.ts_ns)::DOUBLE AS wait_ns
     FROM read_parquet('${set}/features.parquet') f POSITIONAL JOIN read_parquet('${set}/labels.parquet') l`,
  );
  const list = layOutFeatures(features as Parameters<typeof layOutFeatures>[0]);
  const context = signalContext(runtime);
  let at = 0;
  for (const { dataset_id: datasetId, rows: count } of made.sessions) {
    const { dataset, columns } = await signalSession(lake, datasetId, context, list.columns);
    const { mids, tradable } = dataset.series;
    const labels = labelBins(mids, tradable, 250_000_000, {
      kind: 'first_move',
      tpTicks: 6,
      slTicks: 6,
      maxHoldBins: 40,
    });
    const row = new FeatureRow(list, context);
    let found = 0;
    for (let bin = 0; bin < dataset.binCount; bin++) {
      row.update(columns, bin * 41);
      if (bin < 100) continue;
      const values = rows[at++]!;
      const [seq, label, known, waitNs] = values.slice(-4);
      found++;
      equal(seq, dataset.firstBinSeq + bin);
      deepEqual(values.slice(0, -4), Array.from(row.row));
      const isLabelled = labels.hasLabel[bin] === 1;
      equal(label, isLabelled ? labels.label[bin] : null);
      equal(known, isLabelled ? dataset.firstBinSeq + labels.knownBin[bin]! : null);
      if (isLabelled) equal(waitNs, (labels.knownBin[bin]! - bin + 1) * 1e8);
    }
    equal(found, count);
  }
  equal(at, rows.length);
  const manifest = JSON.parse(readFileSync(join(set, 'manifest.json'), 'utf8'));
  deepEqual(Object.keys(manifest.files).sort(), [
    'features.parquet',
    'folds.parquet',
    'labels.parquet',
    'sessions.parquet',
  ]);
}
