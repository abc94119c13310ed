import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type CaptureWindow,
  configVersion,
  type PipelineSpec,
  type RuntimeConfig,
  sha256Hex,
} from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  makeFolder,
  removeStaleTemporaries,
  syncFolder,
  temporaryName,
  writeError,
  writeFileAtomic,
} from './atomic.ts';
import type { BinColumn } from './bins_parquet.ts';
import { sha256File } from './config_files.ts';
import type { Lake } from './lake.ts';
import { fileIdentity, findRawFile } from './raw.ts';
import { openSession, type SessionWatcher } from './session.ts';
import { writeSession } from './session_files.ts';
import type { LoadedPipeline } from './specs.ts';

/** Columns of a dataset's `bins.parquet` (product.md, "Datasets"). */
const binColumns: readonly BinColumn[] = [
  ...(['bin_seq', 'ts_ns', 'bin_start_ns', 'bin_end_ns', 'mid_price', 'event_id', 'bin_event_count'] as const),
  ...(['book_valid', 'best_bid_price_int', 'best_ask_price_int', 'spot_ref_price_int'] as const),
];
/** Grid columns of a dataset: the flow score belongs to the model, not to the data. */
export const cleanColumns = gridColumns
  .map(([name]) => name)
  .filter((name) => name !== 'flow_score' && name !== 'flow_state_code');

/** Columns of a dataset's tables, in order. */
export const datasetColumns: Readonly<Record<'bins' | 'grid_clean', readonly string[]>> = {
  bins: binColumns,
  grid_clean: ['bin_seq', ...cleanColumns],
};

/** Names of the files that hold a dataset's tables. */
export const datasetFiles = { bins: 'bins.parquet', grid: 'grid_clean.parquet' } as const;
const manifestFile = 'manifest.json';
const checksumsFile = 'checksums.json';
const manifestVersion = 1;

/** What a dataset was made from, and how much it holds. */
export interface DatasetManifest {
  readonly manifest_version: number;
  readonly dataset_id: string;
  readonly spec: PipelineSpec;
  /** UNIX nanoseconds as decimal strings. */
  readonly capture: Readonly<Record<'session_start_ns' | 'session_end_ns' | 'start_ns' | 'end_ns', string>>;
  readonly resolved_config: RuntimeConfig;
  readonly config_version: string;
  /** Scoring of the instrument when the dataset was made; the data does not depend on it. */
  readonly flow_scoring: Readonly<Record<string, number | readonly number[]>>;
  readonly source: { readonly file_name: string; readonly size_bytes: number; readonly sha256: string };
  /** Events, and what was wrong with the feed. */
  readonly counters: Readonly<Record<string, number>>;
  /** Whether the records start with a snapshot or a clear. */
  readonly starts_whole: boolean;
  readonly code_version: string;
  readonly bins: number;
  readonly rows: number;
}

export interface GenerateOptions extends Pick<SessionWatcher, 'onProgress' | 'signal'> {
  readonly lake: Lake;
  readonly pipeline: LoadedPipeline;
  /** Version of the program, for the manifest. */
  readonly codeVersion: string;
  /** UNIX time in milliseconds, to tell what an interrupted process left. */
  readonly nowMs: number;
}

export interface GeneratedDataset {
  readonly folder: string;
  readonly manifest: DatasetManifest;
  /** False when the dataset was there already. */
  readonly isNew: boolean;
}

/**
 * Makes the dataset of a pipeline unless it is there: the session's raw file in the lake is replayed into a temporary
 * folder, which gets the dataset's name at one stroke when all its files are durable. The same file and pipeline give the
 * same bytes.
 *
 * Killed at any moment it leaves no dataset, only a folder that the next run removes. Throws LAKE_NOT_WRITABLE, what
 * `findRawFile`, `openSession` and its `run` throw, and DATASET_INVALID when what is there is not whole.
 */
export async function generateDataset(options: GenerateOptions): Promise<GeneratedDataset> {
  const { lake, pipeline } = options;
  const folder = lake.datasets(pipeline.datasetId);
  if (existsSync(folder)) return { folder, manifest: await readManifest(lake, pipeline.datasetId), isNew: false };
  const parent = lake.datasets();
  const temporary = temporaryName(folder);
  const { runtime, capture } = pipeline;
  const { product_type, symbol, dt: date } = pipeline.spec.capture;
  const sourcePath = await findRawFile(lake, product_type, symbol, date);
  await using session = await openSession({ path: sourcePath, runtime, date, capture });
  try {
    await writing(parent, async () => {
      makeFolder(parent);
      await mkdir(temporary);
    });
    await removeStaleTemporaries(parent, options.nowMs);
    const source = await describeSource(sourcePath);
    const written = await writeSession(
      session,
      {
        binsPath: join(temporary, datasetFiles.bins),
        binColumns,
        gridPath: join(temporary, datasetFiles.grid),
        gridColumns: cleanColumns,
        omitZeroRows: true,
        signalName: 'derivative',
      },
      {
        ...(options.onProgress && { onProgress: options.onProgress }),
        ...(options.signal && { signal: options.signal }),
      },
    );
    await source.assertUnchanged();
    const { bins, counters, startsWhole, gridRows: rows } = written;
    const manifest: DatasetManifest = {
      manifest_version: manifestVersion,
      dataset_id: pipeline.datasetId,
      spec: pipeline.spec,
      capture: decimalStrings(capture),
      resolved_config: runtime,
      config_version: configVersion(runtime),
      flow_scoring: flowScoring(runtime),
      source: source.description,
      counters: snakeCaseKeys({ ...counters }),
      starts_whole: startsWhole,
      code_version: options.codeVersion,
      bins,
      rows,
    };
    const manifestText = `${JSON.stringify(manifest, null, 2)}\n`;
    const checksums = {
      [datasetFiles.bins]: written.binsFile.sha256,
      [datasetFiles.grid]: written.gridFile.sha256,
      [manifestFile]: sha256Hex(manifestText),
    };
    await writeFileAtomic(join(temporary, manifestFile), manifestText);
    await writeFileAtomic(join(temporary, checksumsFile), `${JSON.stringify(checksums, null, 2)}\n`);
    return await publish(lake, temporary, manifest);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Gives a finished folder its name; when another process was faster, its dataset is the one. */
async function publish(lake: Lake, temporary: string, manifest: DatasetManifest): Promise<GeneratedDataset> {
  const folder = lake.datasets(manifest.dataset_id);
  try {
    await rename(temporary, folder);
  } catch (cause) {
    if (!existsSync(folder)) throw writeError(folder, cause);
    await rm(temporary, { recursive: true, force: true });
    return { folder, manifest: await readManifest(lake, manifest.dataset_id), isNew: false };
  }
  await writing(folder, () => syncFolder(lake.datasets()));
  return { folder, manifest, isNew: true };
}

/**
 * Checks every file of a dataset against its checksum and gives its manifest. Throws DATASET_UNKNOWN, DATASET_INVALID for a
 * file that is missing, CHECKSUM_MISMATCH for one that changed.
 */
export async function verifyDataset(lake: Lake, datasetId: string): Promise<DatasetManifest> {
  const folder = lake.datasets(datasetId);
  const checksums = (await readJson(lake, datasetId, checksumsFile)).value;
  for (const name of [datasetFiles.bins, datasetFiles.grid, manifestFile]) {
    const path = join(folder, name);
    const expected = checksums[name];
    if (typeof expected !== 'string') throw invalid(datasetId, path, `${checksumsFile} has no checksum of it`);
    const actual = existsSync(path) ? await sha256File(path) : null;
    if (actual === null) throw invalid(datasetId, path, 'the file is missing');
    if (actual !== expected) throw changed(datasetId, path, expected, actual);
  }
  return readManifest(lake, datasetId);
}

/** The manifest of a dataset, as its checksum has it. Throws DATASET_UNKNOWN, DATASET_INVALID, CHECKSUM_MISMATCH. */
export async function readManifest(lake: Lake, datasetId: string): Promise<DatasetManifest> {
  const path = join(lake.datasets(datasetId), manifestFile);
  const checksums = (await readJson(lake, datasetId, checksumsFile)).value;
  const { text, value } = await readJson(lake, datasetId, manifestFile);
  const actual = sha256Hex(text);
  if (checksums[manifestFile] !== actual) throw changed(datasetId, path, String(checksums[manifestFile]), actual);
  if (value.manifest_version !== manifestVersion || value.dataset_id !== datasetId) {
    throw invalid(datasetId, path, `expected a manifest of version ${manifestVersion} of this dataset`);
  }
  return value as unknown as DatasetManifest;
}

/** SHA-256 of each file of a dataset, as its `checksums.json` has them. Throws DATASET_UNKNOWN, DATASET_INVALID. */
export async function readChecksums(lake: Lake, datasetId: string): Promise<Readonly<Record<string, string>>> {
  return (await readJson(lake, datasetId, checksumsFile)).value as Record<string, string>;
}

/** Ids of all datasets of a lake, sorted. */
export async function listDatasets(lake: Lake): Promise<string[]> {
  const entries = await readdir(lake.datasets(), { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw writeError(lake.datasets(), cause);
  });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

async function readJson(
  lake: Lake,
  datasetId: string,
  name: string,
): Promise<{ text: string; value: Record<string, unknown> }> {
  const folder = lake.datasets(datasetId);
  const path = join(folder, name);
  if (!existsSync(folder)) {
    throw new SpymasterError(
      'DATASET_UNKNOWN',
      `Cannot find the dataset ${datasetId} in ${lake.datasets()}: generate it, or see \`spymaster list-datasets\`.`,
      { dataset: datasetId, path: folder },
    );
  }
  try {
    const text = await readFile(path, 'utf8');
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return { text, value: value as Record<string, unknown> };
  } catch (cause) {
    throw invalid(datasetId, path, cause instanceof Error ? cause.message : String(cause));
  }
  throw invalid(datasetId, path, 'expected a JSON object');
}

function invalid(datasetId: string, path: string, why: string): SpymasterError {
  return new SpymasterError(
    'DATASET_INVALID',
    `Cannot use the dataset ${datasetId}: ${path}: ${why}; delete the folder and generate the dataset again.`,
    { dataset: datasetId, path },
  );
}

function changed(datasetId: string, path: string, expected: string, actual: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use the dataset ${datasetId}: ${path} changed since it was made (SHA-256 expected ${expected.slice(0, 12)}…, ` +
      `got ${actual.slice(0, 12)}…); delete the folder and generate the dataset again.`,
    { dataset: datasetId, path, expected, actual },
  );
}

/** Name, size and hash of the source, and a check that it stayed as it was. */
async function describeSource(path: string) {
  const before = await fileIdentity(path);
  const sha256 = await sha256File(path);
  return {
    description: { file_name: basename(path), size_bytes: before.sizeBytes, sha256 },
    assertUnchanged: async () => {
      const after = await fileIdentity(path);
      if (JSON.stringify(after) === JSON.stringify(before)) return;
      throw new SpymasterError('FILE_UNREADABLE', `Cannot use ${path}: it changed while it was replayed; try again.`, {
        path,
      });
    },
  };
}

function decimalStrings(capture: CaptureWindow): DatasetManifest['capture'] {
  return {
    session_start_ns: String(capture.sessionStartNs),
    session_end_ns: String(capture.sessionEndNs),
    start_ns: String(capture.startNs),
    end_ns: String(capture.endNs ?? capture.sessionEndNs),
  };
}

function flowScoring(runtime: RuntimeConfig): DatasetManifest['flow_scoring'] {
  return {
    zscore_window_bins: runtime.flow_zscore_window_bins,
    zscore_min_periods: runtime.flow_zscore_min_periods,
    derivative_weights: runtime.flow_derivative_weights,
    tanh_scale: runtime.flow_tanh_scale,
    threshold_neutral: runtime.flow_neutral_threshold,
  };
}

function snakeCaseKeys(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, count]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      count,
    ]),
  );
}

async function writing<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw writeError(path, cause);
  }
}
