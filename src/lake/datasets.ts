import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type PipelineSpec, type RuntimeConfig, sha256Hex, tickSizeInt } from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { type BinColumn, type RecordsIdentity, sha256File, storedFeatureColumns, writeError } from '../files/index.ts';
import { type Coverage, describeCoverage } from './coverage.ts';
import { assertOwnDataset } from './foreign_dataset.ts';
import type { Lake } from './lake.ts';

/** Columns of a dataset's `bins.parquet` (product.md, "Datasets"). */
export const binColumns: readonly BinColumn[] = [
  ...(['bin_seq', 'ts_ns', 'bin_start_ns', 'bin_end_ns', 'mid_price', 'event_id', 'bin_event_count'] as const),
  ...(['book_valid', 'best_bid_price_int', 'best_ask_price_int', 'spot_ref_price_int'] as const),
  ...(['has_bid', 'has_ask'] as const),
];
/** Grid columns of a dataset: the flow score belongs to the model, not to the data. */
export const cleanColumns = gridColumns
  .map(([name]) => name)
  .filter((name) => name !== 'flow_score' && name !== 'flow_state_code');

/** Grid columns that the dataset of a pipeline holds: those that it names, and `k`; all by default. */
export function gridColumnsOf({ pipeline: { columns } }: PipelineSpec): typeof cleanColumns {
  if (columns === undefined || columns === 'all') return cleanColumns;
  return cleanColumns.filter((name) => name === 'k' || columns.includes(name));
}

/** Columns of a dataset's tables, in order; a pipeline may name fewer of the grid. */
export const datasetColumns: Readonly<Record<'bins' | 'grid_clean' | 'features', readonly string[]>> = {
  bins: binColumns,
  grid_clean: ['bin_seq', ...cleanColumns],
  features: storedFeatureColumns,
};

/** Names of the files that hold a dataset's tables. */
export const datasetFiles = { bins: 'bins.parquet', grid: 'grid_clean.parquet', features: 'features.parquet' } as const;
export const manifestFile = 'manifest.json';
export const checksumsFile = 'checksums.json';
/**
 * Version 1 wrote 0 for the prices of a missing side, and had no `has_bid` and `has_ask`: see `binsWithSides`. Version 2 had no
 * features.
 */
export const manifestVersion = 3;
const featuresVersion = 3;

/** A raw file as it was when it was read. */
export interface RawSource {
  readonly file_name: string;
  readonly size_bytes: number;
  readonly sha256: string;
  /** The records that were used; manifests of before 0.2 lack it. */
  readonly records?: RecordsIdentity;
}

/** The raw file of the session of the date `dt`, YYYY-MM-DD. */
export interface PriorSource extends RawSource {
  readonly dt: string;
}

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
  readonly source: RawSource;
  /** Files of the sessions before that features have taken (`pipeline.prior_day`), ascending by date; absent: none. */
  readonly prior_sources?: readonly PriorSource[];
  /** The vendor's condition of the day, such as `degraded`; null where none is kept beside the source. */
  readonly condition?: string | null;
  /** Events, and what was wrong with the feed. */
  readonly counters: Readonly<Record<string, number>>;
  /** How much of the capture the records cover. */
  readonly coverage?: Coverage;
  /** Whether the records start with a snapshot or a clear. */
  readonly starts_whole: boolean;
  readonly code_version: string;
  readonly bins: number;
  readonly rows: number;
  /** Bytes of each file of tables; datasets made before this was noted have none. */
  readonly file_bytes?: Readonly<Record<string, number>>;
}

/** Whether a dataset has `features.parquet`. */
export function hasFeatures({ manifest_version }: Pick<DatasetManifest, 'manifest_version'>): boolean {
  return manifest_version >= featuresVersion;
}

/** The raw files that a dataset was made from: that of its session first, then those of sessions before. */
export function sourcesOf({ spec, source, prior_sources = [] }: DatasetManifest): readonly PriorSource[] {
  return [{ dt: spec.capture.dt, ...source }, ...prior_sources];
}

/** Names of the files that hold a dataset's tables. */
export function filesOf(manifest: Pick<DatasetManifest, 'manifest_version'>): string[] {
  const { bins, grid, features } = datasetFiles;
  return hasFeatures(manifest) ? [bins, grid, features] : [bins, grid];
}

/**
 * The manifest of a dataset whose files are all there with the size they were written with; null when there is no folder
 * of that name. Their content is the business of `verifyDataset`. Throws DATASET_INVALID and CHECKSUM_MISMATCH.
 */
export async function findDataset(lake: Lake, datasetId: string): Promise<DatasetManifest | null> {
  if (!(await hasDataset(lake, datasetId))) return null;
  const folder = lake.datasets(datasetId);
  const manifest = await readManifest(lake, datasetId);
  // On object storage its file counts: here it may be missing, or damaged, and comes when it is held.
  const stored = (await lake.storage?.entry(lake.relative(folder)))?.files ?? [];
  for (const name of filesOf(manifest)) {
    const path = join(folder, name);
    const there = stored.find((file) => file.name === name)?.bytes;
    const bytes = there ?? (await stat(path).catch(() => null))?.size ?? null;
    const expected = manifest.file_bytes?.[name];
    if (bytes === null) throw invalid(datasetId, path, 'the file is missing');
    if (bytes === 0 || (expected !== undefined && bytes !== expected)) {
      throw invalid(datasetId, path, `the file has ${bytes} bytes${expected === undefined ? '' : `, not ${expected}`}`);
    }
  }
  return manifest;
}

/** Whether there is a dataset, or a folder of that name. */
export async function hasDataset(lake: Lake, datasetId: string): Promise<boolean> {
  const folder = lake.datasets(datasetId);
  return existsSync(folder) || ((await lake.storage?.describeOne(lake.relative(folder))) ?? false);
}

/** Keeps the files of a dataset on this machine until it is disposed; a lake on disk has them anyway. */
export async function holdDataset(lake: Lake, datasetId: string): Promise<Disposable> {
  const hold = await lake.storage?.hold(lake.relative(lake.datasets(datasetId)));
  return hold ?? { [Symbol.dispose]: () => {} };
}

/** What the records of a dataset's source do not cover of its capture, in sentences. */
export function describeDatasetCoverage({ coverage, capture, resolved_config }: DatasetManifest): string[] {
  if (coverage === undefined) return [];
  const { session_start_ns, session_end_ns, start_ns, end_ns } = capture;
  return describeCoverage(coverage, {
    capture: {
      sessionStartNs: BigInt(session_start_ns),
      sessionEndNs: BigInt(session_end_ns),
      startNs: BigInt(start_ns),
      endNs: BigInt(end_ns),
    },
    productType: resolved_config.product_type,
    tickInt: tickSizeInt(resolved_config),
  });
}

/**
 * Checks every file of a dataset against its checksum and gives its manifest. Throws DATASET_UNKNOWN, DATASET_INVALID for a
 * file that is missing, CHECKSUM_MISMATCH for one that changed.
 */
export async function verifyDataset(lake: Lake, datasetId: string): Promise<DatasetManifest> {
  const { manifest, checksums } = await readOwnDataset(lake, datasetId);
  using _hold = await holdDataset(lake, datasetId);
  for (const name of filesOf(manifest)) {
    const path = join(lake.datasets(datasetId), name);
    const expected = checksums[name];
    if (typeof expected !== 'string') throw invalid(datasetId, path, `${checksumsFile} has no checksum of it`);
    const actual = existsSync(path) ? await sha256File(path) : null;
    if (actual === null) throw invalid(datasetId, path, 'the file is missing');
    if (actual !== expected) throw changed(datasetId, path, expected, actual);
  }
  return manifest;
}

/** The manifest of a dataset, as its checksum has it. Throws DATASET_UNKNOWN, DATASET_INVALID, CHECKSUM_MISMATCH. */
export async function readManifest(lake: Lake, datasetId: string): Promise<DatasetManifest> {
  return (await readOwnDataset(lake, datasetId)).manifest;
}

interface OwnDataset {
  readonly manifest: DatasetManifest;
  /** SHA-256 by the name of the file. */
  readonly checksums: Readonly<Record<string, unknown>>;
}

/** Reads the manifest of a dataset and the checksums, each once. */
async function readOwnDataset(lake: Lake, datasetId: string): Promise<OwnDataset> {
  const [manifest, sums] = [
    await readText(lake, datasetId, manifestFile),
    await readText(lake, datasetId, checksumsFile),
  ];
  const present = ({ text }: TextFile) => (typeof text === 'string' ? text : null);
  assertOwnDataset(lake, datasetId, { manifest: present(manifest), checksums: present(sums) });
  const checksums = objectOf(datasetId, sums);
  const value = objectOf(datasetId, manifest);
  const actual = sha256Hex(present(manifest) ?? '');
  if (checksums[manifestFile] !== actual) {
    throw changed(datasetId, manifest.path, String(checksums[manifestFile]), actual);
  }
  const { manifest_version: version } = value;
  const isKnown = typeof version === 'number' && version >= 1 && version <= manifestVersion;
  if (!(isKnown && Number.isInteger(version)) || value.dataset_id !== datasetId) {
    const why = `expected a manifest of a version from 1 to ${manifestVersion} of this dataset`;
    throw invalid(datasetId, manifest.path, why);
  }
  return { manifest: value as unknown as DatasetManifest, checksums };
}

/** SHA-256 of each file of a dataset, as its `checksums.json` has them. Throws DATASET_UNKNOWN, DATASET_INVALID. */
export async function readChecksums(lake: Lake, datasetId: string): Promise<Readonly<Record<string, string>>> {
  return objectOf(datasetId, await readText(lake, datasetId, checksumsFile)) as Record<string, string>;
}

/** Ids of all datasets of a lake, sorted. */
export async function listDatasets(lake: Lake): Promise<string[]> {
  if (lake.storage !== null) return lake.storage.describe(lake.relative(lake.datasets()));
  const entries = await readdir(lake.datasets(), { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw writeError(lake.datasets(), cause);
  });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

/** A file of a dataset, with the error of reading it in place of its text. */
interface TextFile {
  readonly path: string;
  readonly text: string | Error;
}

async function readText(lake: Lake, datasetId: string, name: string): Promise<TextFile> {
  const folder = lake.datasets(datasetId);
  if (!(await hasDataset(lake, datasetId))) {
    throw new SpymasterError(
      'DATASET_UNKNOWN',
      `Cannot find the dataset ${datasetId} in ${lake.datasets()}: generate it, or see \`spymaster list-datasets\`.`,
      { dataset: datasetId, path: folder },
    );
  }
  const path = join(folder, name);
  return { path, text: await readFile(path, 'utf8').catch((cause: Error) => cause) };
}

function objectOf(datasetId: string, { path, text }: TextFile): Record<string, unknown> {
  if (text instanceof Error) throw invalid(datasetId, path, text.message);
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch (cause) {
    throw invalid(datasetId, path, (cause as Error).message);
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
