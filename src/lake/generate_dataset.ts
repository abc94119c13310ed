import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CaptureWindow, configVersion, type RuntimeConfig, sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  makeFolder,
  removeStaleTemporaries,
  syncFolder,
  temporaryName,
  writeError,
  writeFileAtomic,
} from './atomic.ts';
import { readCondition } from './condition.ts';
import { sha256File } from './config_files.ts';
import { candidatesOf, isCurrent, pickDataset, rebuiltId } from './dataset_choice.ts';
import {
  binColumns,
  checksumsFile,
  cleanColumns,
  type DatasetManifest,
  datasetFiles,
  manifestFile,
  manifestVersion,
  readManifest,
} from './datasets.ts';
import type { Lake } from './lake.ts';
import { fileIdentity, findRawFile } from './raw.ts';
import { RawHashCache, stampOf } from './raw_hashes.ts';
import type { RawMatch } from './raw_match.ts';
import { type HashRecordsOptions, RecordsHash } from './records_hash.ts';
import { openSession, type SessionWatcher } from './session.ts';
import { writeSession } from './session_files.ts';
import type { LoadedPipeline } from './specs.ts';

export interface GenerateOptions extends Pick<SessionWatcher, 'onProgress' | 'signal'> {
  readonly lake: Lake;
  readonly pipeline: LoadedPipeline;
  /** Version of the program, for the manifest. */
  readonly codeVersion: string;
  /** UNIX time in milliseconds, to tell what an interrupted process left. */
  readonly nowMs: number;
  /** Makes a dataset beside those that are there when none of them is of this raw file and this version of the format. */
  readonly rebuild?: boolean;
  /** Called while raw files are hashed to compare them with the datasets that are there. */
  readonly onCompare?: HashRecordsOptions['onProgress'];
}

export interface GeneratedDataset {
  readonly folder: string;
  readonly manifest: DatasetManifest;
  /** False when the dataset was there already. */
  readonly isNew: boolean;
  /** How its raw file compares with what it was made from. */
  readonly raw: RawMatch;
}

/**
 * Makes the dataset of a pipeline unless it is there: the session's raw file in the lake is replayed into a temporary
 * folder, which gets the dataset's name at one stroke when all its files are durable. The same file and pipeline give the
 * same bytes. A dataset that is there is compared with the raw file; one that is made in spite of it gets the id of `rebuiltId`.
 *
 * Killed at any moment it leaves no dataset, only a folder that the next run removes. Throws LAKE_NOT_WRITABLE, what
 * `findRawFile`, `openSession` and its `run` throw, what `chooseDataset` throws, and DATASET_INVALID when what is there is
 * not whole.
 */
export async function generateDataset(options: GenerateOptions): Promise<GeneratedDataset> {
  const { lake, pipeline } = options;
  const compared = { hash: true, signal: options.signal, onProgress: options.onCompare };
  const candidates = await candidatesOf(lake, pipeline.datasetId, compared);
  const there = options.rebuild === true ? candidates.find(isCurrent) : pickDataset(candidates);
  if (there !== undefined) return { folder: lake.datasets(there.manifest.dataset_id), ...there, isNew: false };
  const folder = lake.datasets(pipeline.datasetId);
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
    const condition = await readCondition(sourcePath, date);
    const hash = new RecordsHash();
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
        onUsed: (bytes) => hash.update(bytes),
        ...(options.onProgress && { onProgress: options.onProgress }),
        ...(options.signal && { signal: options.signal }),
      },
    );
    await source.assertUnchanged();
    const { bins, counters, startsWhole, endsWithFile, gridRows: rows } = written;
    const records = hash.identity(endsWithFile);
    const manifest: DatasetManifest = {
      manifest_version: manifestVersion,
      dataset_id: candidates.length === 0 ? pipeline.datasetId : rebuiltId(pipeline.datasetId, records.sha256),
      spec: pipeline.spec,
      capture: decimalStrings(capture),
      resolved_config: runtime,
      config_version: configVersion(runtime),
      flow_scoring: flowScoring(runtime),
      source: { ...source.description, records },
      condition,
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
    const published = await publish(lake, temporary, manifest);
    await new RawHashCache(lake).add(sourcePath, source.stamp, source.description.sha256, records);
    return { ...published, raw: { state: 'same', path: sourcePath, found: '' } };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Gives a finished folder its name; when another process was faster, its dataset is the one. */
async function publish(
  lake: Lake,
  temporary: string,
  manifest: DatasetManifest,
): Promise<Omit<GeneratedDataset, 'raw'>> {
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

/** Name, size and hash of the source, and a check that it stayed as it was. */
async function describeSource(path: string) {
  const stamp = await stampOf(path);
  const before = await fileIdentity(path);
  const sha256 = await sha256File(path);
  return {
    stamp,
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
