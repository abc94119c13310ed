import { existsSync } from 'node:fs';
import { sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { RecordsIdentity } from '../files/index.ts';
import { type DatasetManifest, findDataset, listDatasets, manifestVersion, type PriorSource } from './datasets.ts';
import type { Lake } from './lake.ts';
import { matchRawFiles, type RawMatch, type RawMatchOptions } from './raw_match.ts';

/** The dataset that a pipeline's id stands for in a lake. */
export interface ChosenDataset {
  readonly manifest: DatasetManifest;
  readonly raw: RawMatch;
}

/** The id of a dataset that is made beside that of its pipeline, from other records. */
export function rebuiltId(pipelineDatasetId: string, recordsSha256: string): string {
  return `${pipelineDatasetId}_r${recordsSha256.slice(0, 8)}`;
}

/** One SHA-256 for all records that a dataset is made from; that of its session's records where there are no others. */
export function recordsHashOf(records: RecordsIdentity, prior: readonly PriorSource[]): string {
  if (prior.length === 0) return records.sha256;
  return sha256Hex([records.sha256, ...prior.map((source) => source.records?.sha256 ?? source.sha256)].join('\n'));
}

/** The id of the pipeline's own dataset, for one that was rebuilt too. */
export function pipelineIdOf(datasetId: string): string {
  return datasetId.replace(/_r[0-9a-f]{8}$/, '');
}

/** Ids of the datasets of a pipeline that are there: the one of its own id first, then those that were rebuilt. */
export async function datasetsOf(lake: Lake, pipelineDatasetId: string): Promise<string[]> {
  const all = await listDatasets(lake);
  const own = existsSync(lake.datasets(pipelineDatasetId)) ? [pipelineDatasetId] : [];
  return [...own, ...all.filter((id) => id !== pipelineDatasetId && pipelineIdOf(id) === pipelineDatasetId)];
}

/** Whether a dataset was made from the raw file that is there, by a version that writes today's format. */
export function isCurrent({ manifest, raw }: ChosenDataset): boolean {
  return raw.state === 'same' && manifest.manifest_version === manifestVersion;
}

/**
 * Of the datasets of a pipeline, the one that was made from the records of the raw file, or the only one there is; null when
 * there is none. Throws CHECKSUM_MISMATCH when there are several and the raw file does not tell which is meant, and what
 * `findDataset` throws.
 */
export async function chooseDataset(
  lake: Lake,
  pipelineDatasetId: string,
  options: RawMatchOptions,
): Promise<ChosenDataset | null> {
  return pickDataset(await candidatesOf(lake, pipelineDatasetId, options)) ?? null;
}

/** The choice of `chooseDataset` among datasets of one pipeline; undefined when there is none. */
export function pickDataset(candidates: readonly ChosenDataset[]): ChosenDataset | undefined {
  const [first, ...others] = candidates;
  if (first === undefined || others.length === 0) return first;
  const matching = candidates.find(isCurrent) ?? candidates.find(({ raw }) => raw.state === 'same');
  if (matching !== undefined) return matching;
  const ids = candidates.map(({ manifest }) => manifest.dataset_id);
  throw new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot tell which of the datasets ${ids.join(' and ')} to use: none is known to be made from the raw file there is ` +
      `(${first.raw.found}); put the file back, make a dataset from this one with \`spymaster generate --rebuild\`, or delete ` +
      'those that are not wanted.',
    { datasets: ids },
  );
}

/** The datasets of a pipeline, each compared with the raw file. */
export async function candidatesOf(
  lake: Lake,
  pipelineDatasetId: string,
  options: RawMatchOptions,
): Promise<ChosenDataset[]> {
  const manifests: DatasetManifest[] = [];
  for (const id of await datasetsOf(lake, pipelineDatasetId)) {
    const manifest = await findDataset(lake, id);
    if (manifest !== null) manifests.push(manifest);
  }
  const matches = await matchRawFiles(lake, manifests, options);
  return manifests.flatMap((manifest) => {
    const raw = matches.get(manifest.dataset_id);
    return raw === undefined ? [] : [{ manifest, raw }];
  });
}
