import { existsSync } from 'node:fs';
import { chmod, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { canonicalJson } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { makeTemporaryFolder, syncFolder, writeError, writeFileAtomic } from '../atomic.ts';
import { sha256File } from '../config_files.ts';
import { readChecksums, verifyDataset } from '../datasets.ts';
import type { Lake } from '../lake.ts';
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
  /** UNIX time in milliseconds, to tell what an interrupted process left. */
  readonly nowMs: number;
  readonly onProgress?: PublishWatcher;
  readonly signal?: AbortSignal;
}

export interface PublishedBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** Size of all files together. */
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
  const { lake, request, signal } = options;
  const folder = resolve(options.folder);
  const identity = await identityOf(lake, request);
  const there = await sameBundle(folder, identity);
  if (there !== null) return there;
  options.onProgress?.('checking', 0, 1);
  const dataset = await verifyDataset(lake, request.datasetId);
  const temporary = await makeTemporaryFolder(folder, options.nowMs);
  try {
    const spill = join(temporary, 'duckdb');
    const copied = await (async () => {
      await using database = await BundleDatabase.open(spill, signal);
      return await copyAndCompare(database, request, lake.datasets(request.datasetId), temporary, options.onProgress);
    })();
    await rm(spill, { recursive: true, force: true });
    const manifest: BundleManifest = {
      ...identity,
      code_version: options.codeVersion,
      ...copied,
      dataset,
    };
    const bytes = await describe(temporary, manifest, copied.tables);
    await rename(temporary, folder).catch((cause: unknown) => {
      throw occupied(folder, cause);
    });
    await syncFolder(dirname(folder));
    return { folder, manifest, bytes, isNew: true };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
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

/** Adds the texts and checksums, makes all files durable and read-only; gives the bytes of all files. */
async function describe(folder: string, manifest: BundleManifest, tables: BundleManifest['tables']): Promise<number> {
  const schema = bundleSchema(manifest);
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  try {
    await writeFileAtomic(join(folder, texts.manifest), json(manifest));
    await writeFileAtomic(join(folder, texts.schema), json(schema));
    await writeFileAtomic(join(folder, texts.readme), bundleReadme(manifest));
    const paths = [
      ...tables.flatMap(({ files }) => files.map(({ path }) => path)),
      texts.manifest,
      texts.schema,
      texts.readme,
    ];
    const checksums: Record<string, string> = {};
    let bytes = 0;
    for (const path of paths) {
      const file = await open(join(folder, path), 'r+');
      await file.sync();
      bytes += (await file.stat()).size;
      await file.close();
      checksums[path] = await sha256File(join(folder, path));
    }
    await writeFileAtomic(join(folder, texts.checksums), json(checksums));
    for (const path of [...paths, texts.checksums]) await chmod(join(folder, path), 0o444);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
    }
    await syncFolder(folder);
    return bytes;
  } catch (cause) {
    throw writeError(folder, cause);
  }
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
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== undefined && !['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'].includes(code))
    return writeError(folder, cause);
  return new SpymasterError(
    'FILE_EXISTS',
    `Cannot publish to ${folder}: it exists and is not this bundle; give another --out, or delete it.`,
    { path: folder },
    cause,
  );
}
