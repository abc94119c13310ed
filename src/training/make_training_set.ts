import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { float64, int8, int32, int64, utf8 } from '@uwdata/flechette';
import { canonicalJson } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type LabelKind, type LabelRules, labelBins } from '../evaluation/index.ts';
import { ParquetThread, refuseNoFolder, Workspace } from '../files/index.ts';
import { cleanColumns, type Lake, readManifest } from '../lake/index.ts';
import { type DeclaredFeature, type FeatureList, FeatureRow, layOutFeatures, signalContext } from '../signals/index.ts';
import {
  type AnyExperiment,
  type PrepareOptions,
  prepareDatasets,
  sessionOf,
  signalSession,
  sweepRequest,
} from '../sweep/index.ts';
import { ParquetRows } from './parquet_rows.ts';
import { type FoldOptions, TrainingFolds } from './training_folds.ts';
import { type TrainingManifest, trainingFormat, trainingManifestFile, trainingVersion } from './training_manifest.ts';

export interface TrainingSetOptions extends PrepareOptions {
  /** Folder to make; it must not exist, or be empty. */
  readonly folder: string;
  readonly features: readonly DeclaredFeature[];
  readonly label: LabelKind;
  readonly folds: FoldOptions;
  /** After each session, with how many are done, of how many. */
  readonly onSession?: (done: number, total: number) => void;
}

/**
 * Writes features, labels, folds and sessions of an experiment as Parquet into a folder, whole or not at all; sessions of the holdout are
 * left out. @throws CONFIG_INVALID for an experiment with several take-profits or stop-losses, and what `prepareDatasets` throws
 */
export async function makeTrainingSet(options: TrainingSetOptions, given: AnyExperiment): Promise<TrainingManifest> {
  const { lake, folder, features: declared, signal } = options;
  const list = layOutFeatures(declared);
  const experiment = withColumns(given, list);
  const rules = labelRules(experiment, options.label);
  refuseNoFolder(folder);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw occupied(folder);
  const { datasets } = await prepareDatasets(options, experiment);
  const sessions = await Promise.all(
    datasets.map(async ({ datasetId }) => sessionOf(await readManifest(lake, datasetId))),
  );
  const folds = new TrainingFolds(
    experiment,
    sessions.map(({ date }) => date),
    options.folds,
  );
  await using workspace = await Workspace.create(folder);
  const tables = new TrainingTables(workspace.path, list, folds);
  const described: TrainingManifest['sessions'][number][] = [];
  try {
    for (const [index, session] of sessions.entries()) {
      signal?.throwIfAborted();
      const counts = await appendSession(lake, experiment, session, { list, rules, folds, tables, index, signal });
      described.push({
        root: session.symbolRoot,
        date: session.date,
        symbol: session.symbol,
        dataset_id: session.datasetId,
        ...counts,
      });
      options.onSession?.(index + 1, sessions.length);
    }
    await tables.finish(described);
  } finally {
    await tables.close();
  }
  for (const name of tables.files) await workspace.adopt(name);
  const { runtime } = experiment.serving;
  const manifest: TrainingManifest = {
    format: trainingFormat,
    version: trainingVersion,
    experiment: experiment.spec.name,
    code_version: options.codeVersion,
    feature_list: declared,
    feature_names: list.features.map(({ name }) => name),
    cell_width_ms: runtime.cell_width_ms,
    label: {
      kind: rules.kind,
      tp_ticks: rules.tpTicks,
      sl_ticks: rules.slTicks,
      max_hold_bins: rules.maxHoldBins,
      tick_size: sweepRequest(experiment).evaluation.tickSize,
    },
    sessions: described,
    folds: folds.described(),
    folds_by: folds.by,
    embargo_bins: folds.by === 'blocks' ? folds.embargoBins : 0,
    purged: options.folds.purges,
    files: Object.fromEntries(
      [...workspace.files].map(([name, { fileBytes, sha256 }]) => [name, { bytes: fileBytes, sha256 }]),
    ),
  };
  await workspace.write(
    trainingManifestFile,
    `${JSON.stringify(JSON.parse(canonicalJson({ ...manifest })), null, 2)}\n`,
  );
  if (await workspace.publish()) return manifest;
  throw occupied(folder);
}

function occupied(folder: string): SpymasterError {
  const why = 'there are files already; give another --out, or remove the folder';
  return new SpymasterError('FILE_EXISTS', `Cannot make the training set ${folder}: ${why}.`, { path: folder });
}

/** The experiment with the columns that a feature list reads, where its pipeline names columns. */
function withColumns<T extends AnyExperiment>(experiment: T, list: FeatureList): T {
  const { serving } = experiment;
  const { pipeline } = serving;
  const { columns } = pipeline.spec.pipeline;
  if (columns === undefined || columns === 'all') return experiment;
  const read = new Set<string>([...columns, ...list.columns]);
  const more = cleanColumns.filter((name) => read.has(name));
  const spec = { ...pipeline.spec, pipeline: { ...pipeline.spec.pipeline, columns: more } };
  return { ...experiment, serving: { ...serving, pipeline: { ...pipeline, spec } } };
}

function labelRules({ spec }: AnyExperiment, kind: LabelKind): LabelRules {
  const { tp_ticks, sl_ticks, max_hold_bins: maxHoldBins } = spec.eval;
  const [tpTicks = 0, slTicks = 0] = [tp_ticks[0], sl_ticks[0]];
  for (const [key, values] of [
    ['tp_ticks', tp_ticks],
    ['sl_ticks', sl_ticks],
  ] as const) {
    if (values.length === 1) continue;
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot label ${spec.name}: eval.${key} has ${values.length} values, and a label needs one; make an experiment with one.`,
      { key: `eval.${key}` },
    );
  }
  return { kind, tpTicks, slTicks, maxHoldBins };
}

interface SessionParts {
  readonly list: FeatureList;
  readonly rules: LabelRules;
  readonly folds: TrainingFolds;
  readonly tables: TrainingTables;
  readonly index: number;
  readonly signal?: AbortSignal | undefined;
}

async function appendSession(
  lake: Lake,
  experiment: AnyExperiment,
  session: ReturnType<typeof sessionOf>,
  { list, rules, folds, tables, index, signal }: SessionParts,
): Promise<{ rows: number; labelled: number }> {
  const { runtime } = experiment.serving;
  const context = signalContext(runtime);
  const { dataset, columns } = await signalSession(lake, session.datasetId, context, list.columns, signal);
  const { series, binCount, firstBinSeq } = dataset;
  const { evaluation } = sweepRequest(experiment);
  const labels = labelBins(series.mids, series.tradable, Math.round(evaluation.tickSize * 1e9), rules);
  const first = Math.max(evaluation.warmupBins, list.warmUpBins);
  const binOf = Array.from({ length: Math.max(0, binCount - first) }, (_, row) => first + row);
  const values = list.features.map(() => new Float64Array(binOf.length));
  const features = new FeatureRow(list, context);
  const rowsPerBin = 2 * context.radius + 1;
  for (let bin = 0; bin < binCount; bin++) {
    if (!features.update(columns, bin * rowsPerBin) || bin < first) continue;
    for (const [at, column] of values.entries()) column[bin - first] = features.row[at] ?? Number.NaN;
  }
  const startNs = Temporal.Instant.from(session.startUtc).epochNanoseconds;
  const endNs = (bin: number) => startNs + BigInt(bin + 1) * BigInt(runtime.cell_width_ms) * 1_000_000n;
  const ifLabelled = <T>(value: (bin: number) => T) =>
    binOf.map((bin) => (labels.hasLabel[bin] === 1 ? value(bin) : null));
  await tables.append(
    values,
    [
      binOf.map(() => session.date),
      binOf.map((bin) => BigInt(firstBinSeq + bin)),
      binOf.map((bin) => endNs(bin - 1)),
      ifLabelled((bin) => labels.label[bin]),
      ifLabelled((bin) => BigInt(firstBinSeq + (labels.knownBin[bin] ?? 0))),
      ifLabelled((bin) => endNs(labels.knownBin[bin] ?? 0)),
    ],
    folds.names.map((_, fold) => folds.roles(fold, index, binCount, binOf, labels.hasLabel)),
    binOf.length,
  );
  return { rows: binOf.length, labelled: binOf.reduce((sum, bin) => sum + (labels.hasLabel[bin] ?? 0), 0) };
}

const labelColumns = [
  ['session', utf8],
  ['bin_seq', int64],
  ['ts_ns', int64],
  ['label', int8],
  ['known_bin_seq', int64],
  ['known_ts_ns', int64],
] as const;

/** The Parquet files of a training set while they are written. */
class TrainingTables {
  readonly files: readonly string[] = ['features', 'labels', 'folds', 'sessions'].map((name) => `${name}.parquet`);
  readonly #thread = new ParquetThread();
  readonly #folder: string;
  readonly #features: ParquetRows;
  readonly #labels: ParquetRows;
  readonly #folds: ParquetRows;

  constructor(folder: string, { features }: FeatureList, folds: TrainingFolds) {
    const path = (name: string) => join(folder, `${name}.parquet`);
    this.#folder = folder;
    this.#features = new ParquetRows(
      this.#thread,
      path('features'),
      features.map(({ name }) => [name, float64] as const),
    );
    this.#labels = new ParquetRows(this.#thread, path('labels'), labelColumns, [
      'label',
      'known_bin_seq',
      'known_ts_ns',
    ]);
    this.#folds = new ParquetRows(
      this.#thread,
      path('folds'),
      folds.names.map((name) => [name, utf8] as const),
      folds.names,
    );
  }

  async append(
    features: readonly Float64Array[],
    labels: readonly (readonly unknown[])[],
    folds: readonly (readonly (string | null)[])[],
    count: number,
  ): Promise<void> {
    await this.#features.append(features, count);
    await this.#labels.append(labels, count);
    await this.#folds.append(folds, count);
  }

  async finish(sessions: TrainingManifest['sessions']): Promise<void> {
    const columns = [
      ['date', utf8],
      ['root', utf8],
      ['symbol', utf8],
      ['dataset_id', utf8],
      ['rows', int32],
      ['labelled', int32],
    ] as const;
    const table = new ParquetRows(this.#thread, join(this.#folder, 'sessions.parquet'), columns);
    await table.append(
      columns.map(([name]) => sessions.map((session) => session[name])),
      sessions.length,
    );
    await Promise.all([this.#features, this.#labels, this.#folds, table].map((file) => file.finish()));
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
