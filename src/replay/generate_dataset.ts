import { join } from 'node:path';
import { type CaptureWindow, configVersion, scoringOf } from '../config/index.ts';
import { notNull } from '../errors.ts';
import {
  type HashRecordsOptions,
  isBeingRecorded,
  makeFolder,
  RecordsHash,
  takeTurn,
  Workspace,
  writeError,
} from '../files/index.ts';
import {
  binColumns,
  candidatesOf,
  checksumsFile,
  type DatasetManifest,
  datasetFiles,
  findDataset,
  findRawFile,
  gridColumnsOf,
  isCurrent,
  type Lake,
  type LoadedPipeline,
  manifestFile,
  manifestVersion,
  pickDataset,
  RawHashCache,
  type RawMatch,
  readCondition,
  rebuiltId,
  recordsHashOf,
} from '../lake/index.ts';
import { snakeCaseKeys } from '../name_case.ts';
import { defaultSignal } from '../signals/index.ts';

import { type PriorFeaturesOptions, priorFeatures } from './prior_features.ts';
import { describeSource, unfinished } from './raw_source.ts';
import { openSession, type SessionWatcher } from './session.ts';
import { writeSessionFiles } from './session_files.ts';

export interface GenerateOptions extends Pick<SessionWatcher, 'onProgress' | 'signal'> {
  readonly lake: Lake;
  readonly pipeline: LoadedPipeline;
  /** Version of the program, for the manifest. */
  readonly codeVersion: string;
  /** Called once when another process makes this dataset: it is waited for. */
  readonly onWait?: () => void;
  /** Makes a dataset beside those that are there when none of them is of this raw file and this version of the format. */
  readonly rebuild?: boolean;
  /** Called often while sessions before are read, of the file of `date`. */
  readonly onPrior?: PriorFeaturesOptions['onProgress'];
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
 * folder, which gets the dataset's name at one stroke when all its files are durable and found to be as they were written
 * (`Workspace`). The same file and pipeline give the same bytes. A dataset that is there is compared with the raw file; one
 * that is made in spite of it gets the id of `rebuiltId`. Of two processes that make one dataset the second waits.
 *
 * Killed at any moment it leaves no dataset, only a folder that the next run removes. Throws LAKE_NOT_WRITABLE, what
 * `findRawFile`, `openSession` and its `run` throw, what `chooseDataset` throws, and DATASET_INVALID when what is there is
 * not whole.
 */
export async function generateDataset(options: GenerateOptions): Promise<GeneratedDataset> {
  const { lake, pipeline, signal, onWait } = options;
  const there = await currentDataset(options);
  if (there.dataset !== null) return there.dataset;
  const { product_type, symbol, dt: date } = pipeline.spec.capture;
  const sourcePath = await findRawFile(lake, product_type, symbol, date);
  const folder = lake.datasets(pipeline.datasetId);
  try {
    makeFolder(lake.datasets());
  } catch (cause) {
    throw writeError(folder, cause);
  }
  using _turn = await takeTurn(folder, { ...(signal && { signal }), ...(onWait && { onWait }) });
  const now = await currentDataset(options);
  if (now.dataset !== null) return now.dataset;
  await using workspace = await Workspace.create(folder);
  const manifest = await writeDataset(options, sourcePath, workspace, now.isRebuilt);
  const target = lake.datasets(manifest.dataset_id);
  const isFirst =
    (await lake.storage?.publish(lake.relative(target), workspace.path, [...workspace.files.keys()])) ?? true;
  const isNew = isFirst && (await workspace.publish(target));
  const made = {
    folder: lake.datasets(manifest.dataset_id),
    raw: { state: 'same', path: sourcePath, found: '' },
  } as const;
  if (isNew) return { ...made, manifest, isNew };
  // A process on a machine that shares the folder or the storage but no locks was faster: its dataset is the one.
  const other = await findDataset(lake, manifest.dataset_id);
  if (other === null) throw writeError(made.folder, Object.assign(new Error(), { code: 'ENOTDIR' }));
  return { ...made, manifest: other, isNew };
}

/** The dataset that is to be used; null when it is to be made, beside others or not. */
async function currentDataset({ lake, pipeline, rebuild, signal, onCompare }: GenerateOptions): Promise<{
  readonly dataset: GeneratedDataset | null;
  readonly isRebuilt: boolean;
}> {
  const candidates = await candidatesOf(lake, pipeline.datasetId, { hash: true, signal, onProgress: onCompare });
  const there = rebuild === true ? candidates.find(isCurrent) : pickDataset(candidates);
  const isRebuilt = candidates.length > 0;
  if (there === undefined) return { dataset: null, isRebuilt };
  return { dataset: { folder: lake.datasets(there.manifest.dataset_id), ...there, isNew: false }, isRebuilt };
}

/** Replays the session and writes the files of its dataset. */
async function writeDataset(
  { lake, pipeline, codeVersion, onProgress, onPrior, signal }: GenerateOptions,
  sourcePath: string,
  workspace: Workspace,
  isRebuilt: boolean,
): Promise<DatasetManifest> {
  const { runtime, capture } = pipeline;
  const { dt: date } = pipeline.spec.capture;
  const prior =
    pipeline.spec.pipeline.prior_day === true
      ? await priorFeatures({ lake, pipeline, signal, onProgress: onPrior })
      : null;
  await using session = await openSession({
    ...{ path: sourcePath, runtime, date, capture },
    ...{ makesFeatures: true, features: prior?.features },
  });
  const isGrowing = isBeingRecorded(sourcePath);
  const source = await describeSource(sourcePath, isGrowing);
  const condition = await readCondition(sourcePath, date);
  const hash = new RecordsHash();
  const written = await writeSessionFiles(
    session,
    {
      binsPath: join(workspace.path, datasetFiles.bins),
      binColumns,
      gridPath: join(workspace.path, datasetFiles.grid),
      gridColumns: gridColumnsOf(pipeline.spec),
      omitZeroRows: true,
      signalName: defaultSignal.name,
      featuresPath: join(workspace.path, datasetFiles.features),
    },
    {
      onUsed: (bytes) => hash.update(bytes),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    },
  );
  if (written.endsWithFile && (isGrowing || written.tornTail !== null)) {
    throw unfinished(pipeline.datasetId, sourcePath, capture, written.coverage.last_event_ns);
  }
  await source.assertUnchanged();
  const { bins, counters, coverage, startsFromKnownBook, endsWithFile, gridRows: rows, binsFile, gridFile } = written;
  const featuresFile = notNull(written.featuresFile);
  const records = hash.identity(endsWithFile);
  const manifest: DatasetManifest = {
    manifest_version: manifestVersion,
    dataset_id: isRebuilt
      ? rebuiltId(pipeline.datasetId, recordsHashOf(records, prior?.sources ?? []))
      : pipeline.datasetId,
    spec: pipeline.spec,
    capture: decimalStrings(capture),
    resolved_config: runtime,
    config_version: configVersion(runtime),
    flow_scoring: scoringOf(runtime),
    source: { ...source.description, records },
    ...(prior !== null && { prior_sources: prior.sources }),
    condition,
    counters: snakeCaseKeys({ ...counters }),
    coverage,
    starts_whole: startsFromKnownBook,
    code_version: codeVersion,
    bins,
    rows,
    file_bytes: {
      [datasetFiles.bins]: binsFile.fileBytes,
      [datasetFiles.grid]: gridFile.fileBytes,
      [datasetFiles.features]: featuresFile.fileBytes,
    },
  };
  workspace.add(datasetFiles.bins, binsFile);
  workspace.add(datasetFiles.grid, gridFile);
  workspace.add(datasetFiles.features, featuresFile);
  await workspace.write(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  const checksums = Object.fromEntries([...workspace.files].map(([name, { sha256 }]) => [name, sha256]));
  await workspace.write(checksumsFile, `${JSON.stringify(checksums, null, 2)}\n`);
  await new RawHashCache(lake).add(sourcePath, source.stamp, source.description.sha256, records);
  return manifest;
}

function decimalStrings(capture: CaptureWindow): DatasetManifest['capture'] {
  return {
    session_start_ns: String(capture.sessionStartNs),
    session_end_ns: String(capture.sessionEndNs),
    start_ns: String(capture.startNs),
    end_ns: String(capture.endNs ?? capture.sessionEndNs),
  };
}
