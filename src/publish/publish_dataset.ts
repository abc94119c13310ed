import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalJson } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { refuseNoFolder, remove, sha256File, Workspace, writeError } from '../files/index.ts';
import { type DatasetManifest, type Lake, readChecksums, verifyDataset } from '../lake/index.ts';
import { systemCode } from '../system_errors.ts';

import { BundleDatabase } from './bundle_database.ts';
import { copyAndCompare, type PublishWatcher } from './bundle_files.ts';
import type { BundleRequest } from './bundle_plan.ts';
import { type BundleManifest, bundleReadme, bundleSchema, bundleVersion } from './bundle_texts.ts';

export interface PublishOptions {
  readonly lake: Lake;
  readonly request: BundleRequest;
  /** Folder to make; it must not exist, or be empty. */
  readonly folder: string;
  readonly codeVersion: string;
  readonly onProgress?: PublishWatcher;
  readonly signal?: AbortSignal;
}

export interface PublishedBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** Size of all files that have a checksum, together. */
  readonly bytes: number;
  /** False when this very bundle was there already, with files as they were made. */
  readonly isNew: boolean;
}

const texts = { manifest: 'manifest.json', schema: 'schema.json', readme: 'README.md', checksums: 'checksums.json' };

/**
 * Copies a dataset, or columns and bins of it, out as a bundle that explains itself: data, manifest, schema with units,
 * README and checksums, all files read-only. The source is verified before, the copy is read back and compared with it
 * after; then the folder gets its name at one stroke.
 *
 * Killed at any moment it leaves no bundle, only a folder that a later run removes. Throws DATASET_UNKNOWN, DATASET_INVALID,
 * CHECKSUM_MISMATCH, USAGE for an unknown column, DATE_OUTSIDE_FILE for a time without bins, FILE_EXISTS and
 * LAKE_NOT_WRITABLE.
 */
export async function publishDataset(options: PublishOptions): Promise<PublishedBundle> {
  const { lake, request } = options;
  const folder = resolve(options.folder);
  refuseNoFolder(folder);
  const identity = await identityOf(lake, request);
  const there = await sameBundle(folder, identity);
  if (there !== null) return there;
  options.onProgress?.('checking', 0, 1);
  const dataset = await verifyDataset(lake, request.datasetId);
  await using workspace = await Workspace.create(folder);
  const spill = join(workspace.path, 'duckdb');
  const copied = await copy(options, dataset, workspace, spill);
  const manifest: BundleManifest = { ...identity, code_version: options.codeVersion, ...copied, dataset };
  const bytes = await describe(workspace, manifest);
  if (!(await workspace.publish())) throw occupied(folder, null);
  return { folder, manifest, bytes, isNew: true };
}

async function copy(
  { lake, request, signal, onProgress }: PublishOptions,
  dataset: DatasetManifest,
  workspace: Workspace,
  spill: string,
) {
  try {
    await using database = await BundleDatabase.open(spill, signal);
    const source = lake.datasets(request.datasetId);
    return await copyAndCompare(database, request, dataset, source, workspace, onProgress);
  } catch (cause) {
    // DuckDB tells the system's failures in words; anything else is a defect, or an abort.
    throw systemCode(cause) === null ? cause : writeError(workspace.target, cause);
  } finally {
    await remove(spill);
  }
}

type Identity = Pick<
  BundleManifest,
  'bundle_version' | 'dataset_id' | 'dataset_checksums' | 'format' | 'partition' | 'columns' | 'from_ns' | 'to_ns'
>;

async function identityOf(lake: Lake, request: BundleRequest): Promise<Identity> {
  return {
    bundle_version: bundleVersion,
    dataset_id: request.datasetId,
    dataset_checksums: await readChecksums(lake, request.datasetId),
    format: request.format,
    partition: request.partition,
    columns: request.columns === null ? null : [...new Set(request.columns)].sort(),
    from_ns: request.fromNs === null ? null : String(request.fromNs),
    to_ns: request.toNs === null ? null : String(request.toNs),
  };
}

/** Adds the texts and checksums, and makes all files durable and read-only; gives the bytes of what the checksums are of. */
async function describe(workspace: Workspace, manifest: BundleManifest): Promise<number> {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  for (const { files } of manifest.tables) for (const { path } of files) await workspace.adopt(path);
  await workspace.write(texts.manifest, json(manifest));
  await workspace.write(texts.schema, json(bundleSchema(manifest)));
  await workspace.write(texts.readme, bundleReadme(manifest));
  const bytes = [...workspace.files.values()].reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  const checksums = Object.fromEntries([...workspace.files].map(([path, { sha256 }]) => [path, sha256]));
  await workspace.write(texts.checksums, json(checksums));
  await workspace.makeReadOnly();
  return bytes;
}

/**
 * The bundle that `folder` holds, when it is the one that is asked for and its files are as they were made; null when
 * there is none. Throws FILE_EXISTS for anything else, CHECKSUM_MISMATCH for files that changed.
 */
async function sameBundle(folder: string, identity: Identity): Promise<PublishedBundle | null> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw occupied(folder, cause);
  });
  if (names.length === 0) return null;
  let manifest: BundleManifest;
  let checksums: Record<string, string>;
  try {
    manifest = JSON.parse(await readFile(join(folder, texts.manifest), 'utf8')) as BundleManifest;
    checksums = JSON.parse(await readFile(join(folder, texts.checksums), 'utf8')) as Record<string, string>;
    const said = Object.fromEntries(Object.keys(identity).map((key) => [key, manifest[key as keyof Identity]]));
    if (canonicalJson(said) !== canonicalJson(identity)) throw new Error('it is another bundle');
  } catch (cause) {
    throw occupied(folder, cause);
  }
  let bytes = 0;
  for (const [path, expected] of Object.entries(checksums)) {
    const file = join(folder, path);
    const actual = existsSync(file) ? await sha256File(file) : null;
    if (actual !== expected) {
      throw new SpymasterError(
        'CHECKSUM_MISMATCH',
        `Cannot use the bundle in ${folder}: ${path} ${actual === null ? 'is missing' : 'changed since it was made'}; ` +
          'delete the folder and publish the dataset again.',
        { path: file, expected, ...(actual === null ? {} : { actual }) },
      );
    }
    bytes += (await stat(file)).size;
  }
  return { folder, manifest, bytes, isNew: false };
}

function occupied(folder: string, cause: unknown): SpymasterError {
  const code = cause === null ? null : systemCode(cause);
  if (code !== null && !['ENOTDIR', 'ENOENT'].includes(code)) return writeError(folder, cause);
  return new SpymasterError(
    'FILE_EXISTS',
    `Cannot publish to ${folder}: it exists and is not this bundle; give another --out, or delete it.`,
    { path: folder },
    cause,
  );
}
