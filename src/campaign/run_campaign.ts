import { present, SpymasterError } from '../errors.ts';
import { writeFileAtomic } from '../files/index.ts';
import type { DatasetManifest, Lake } from '../lake/index.ts';

import { type PublishPhase, publishDataset } from '../publish/index.ts';
import { DatasetProcess, type GenerateDatasetsOptions, generateDatasets, type Measured } from '../replay/index.ts';
import { type CampaignPlan, type PlannedDataset, variantRow, writeCampaignSpecs } from './campaign_plan.ts';

export interface CampaignOptions extends Omit<GenerateDatasetsOptions, 'pipelines' | 'onDone'> {
  readonly plan: CampaignPlan;
  readonly onPublish: (datasetId: string, phase: PublishPhase, rows: number, total: number) => void;
}

/** State of a dataset; `pending`: the campaign ended before. */
export interface DatasetOutcome {
  readonly datasetId: string;
  readonly state: 'made' | 'there' | 'failed' | 'pending';
  readonly manifest: DatasetManifest | null;
  /** Folder of its bundle; null when it was not published. */
  readonly published: string | null;
  /** Why it was not made, or not published. */
  readonly error: SpymasterError | null;
}

export interface CampaignReport {
  readonly datasets: readonly DatasetOutcome[];
  readonly indexPath: string;
  readonly workers: number;
  /** The most memory that a worker had; 0 when none ran. */
  readonly peakBytes: number;
  readonly interrupted: boolean;
}

/** Replays the first bins of a dataset that is to be made, in a process of its own, to tell what the campaign will cost. */
export async function measureCampaign(
  lake: Lake,
  dataset: PlannedDataset,
  codeVersion: string,
  signal: AbortSignal,
): Promise<Measured> {
  const worker = new DatasetProcess();
  const end = () => void worker.close();
  signal.addEventListener('abort', end);
  try {
    signal.throwIfAborted();
    return await worker.measure(jobOf(lake, dataset, codeVersion));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await worker.close();
  }
}

/**
 * Makes the datasets of a campaign that are missing, in processes of their own, publishes those that are asked for, and
 * writes specs and index.
 *
 * Existing datasets are not made again, so the same campaign resumes after any end. A dataset that fails is
 * reported; without `keepGoing` no other is begun after it. Throws LAKE_NOT_WRITABLE for what belongs to no dataset.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { lake, plan, signal } = options;
  await writeCampaignSpecs(plan);
  const outcomes = new Map<string, DatasetOutcome>(
    plan.datasets.map(({ datasetId, manifest }) => [
      datasetId,
      { datasetId, state: manifest === null ? 'pending' : 'there', manifest, published: null, error: null },
    ]),
  );
  const indexPath = lake.campaignIndex(plan.spec.name);
  let made = { workers: 0, peakBytes: 0 };
  try {
    made = await makeDatasets(options, outcomes);
    await publishAll(options, outcomes);
  } finally {
    const datasets = [...outcomes.values()];
    await writeFileAtomic(indexPath, `${JSON.stringify(indexOf(options, datasets), null, 2)}\n`);
  }
  return { datasets: [...outcomes.values()], indexPath, ...made, interrupted: signal.aborted };
}

async function makeDatasets(
  { plan, ...options }: CampaignOptions,
  outcomes: Map<string, DatasetOutcome>,
): Promise<{ workers: number; peakBytes: number }> {
  const jobs = plan.datasets.filter(({ manifest }) => manifest === null);
  return await generateDatasets({
    ...options,
    pipelines: jobs.map(({ datasetId, pipeline }) => ({ ...pipeline, datasetId })),
    onDone: (index, outcome) => {
      const { datasetId } = present(jobs[index]);
      const before = present(outcomes.get(datasetId));
      outcomes.set(
        datasetId,
        outcome instanceof SpymasterError
          ? { ...before, state: 'failed', error: outcome }
          : { ...before, state: outcome.isNew ? 'made' : 'there', manifest: outcome.manifest },
      );
    },
  });
}

async function publishAll(options: CampaignOptions, outcomes: Map<string, DatasetOutcome>): Promise<void> {
  const { lake, plan, signal, keepGoing } = options;
  const { name, publish } = plan.spec;
  if (publish === undefined) return;
  for (const { datasetId, manifest } of [...outcomes.values()]) {
    if (manifest === null) continue;
    try {
      signal.throwIfAborted();
      const { folder } = await publishDataset({
        lake,
        request: {
          datasetId,
          format: publish.format,
          columns: publish.columns ?? null,
          fromNs: null,
          toNs: null,
          partition: publish.partition,
        },
        folder: lake.published(datasetId, name),
        codeVersion: options.codeVersion,
        onProgress: (phase, rows, total) => options.onPublish(datasetId, phase, rows, total),
        signal,
      });
      outcomes.set(datasetId, { ...present(outcomes.get(datasetId)), published: folder });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SpymasterError)) throw error;
      outcomes.set(datasetId, { ...present(outcomes.get(datasetId)), error });
      if (!keepGoing) return;
    }
  }
}

function jobOf(lake: Lake, { datasetId, pipeline }: PlannedDataset, codeVersion: string) {
  const { spec, runtime, capture } = pipeline;
  return { lakeRoot: lake.root, pipeline: { spec, runtime, capture, datasetId }, codeVersion };
}

/** Products of a campaign: `index.json`. */
function indexOf({ lake, plan, codeVersion }: CampaignOptions, datasets: readonly DatasetOutcome[]): object {
  const { spec, variants } = plan;
  return {
    index_version: 1,
    name: spec.name,
    description: spec.description,
    code_version: codeVersion,
    spec,
    variants: variants.map(variantRow),
    datasets: Object.fromEntries(
      datasets.map(({ datasetId, state, manifest, published, error }) => [
        datasetId,
        {
          state: state === 'made' || state === 'there' ? 'complete' : state,
          folder: lake.relative(lake.datasets(datasetId)),
          published: published === null ? null : lake.relative(published),
          error: error === null ? null : { code: error.code, message: error.message },
          manifest,
        },
      ]),
    ),
  };
}
