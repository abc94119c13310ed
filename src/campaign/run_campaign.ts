import { present, SpymasterError } from '../errors.ts';
import { writeFileAtomic } from '../files/index.ts';
import { type DatasetManifest, type Lake, readManifest } from '../lake/index.ts';

import { type PublishPhase, publishDataset } from '../publish/index.ts';
import type { Measured } from './campaign_job.ts';
import { type CampaignPlan, type PlannedDataset, variantRow, writeCampaignSpecs } from './campaign_plan.ts';
import { CampaignProcess } from './campaign_process.ts';

export interface CampaignOptions {
  readonly lake: Lake;
  readonly plan: CampaignPlan;
  /** Processes at most, and bytes that all of them together may take. */
  readonly maxWorkers: number;
  readonly memoryBytes: number;
  /** Expected peak memory of one, see `measureCampaign`. */
  readonly expectedPeakBytes: number;
  readonly keepGoing: boolean;
  readonly codeVersion: string;
  readonly signal: AbortSignal;
  /** Called with the datasets done, fractions included, and the events replayed. */
  readonly onProgress: (datasets: number, events: number) => void;
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

/** How many workers fit: at least one, whatever the budget. */
export function fittingWorkers(jobs: number, maxWorkers: number, memoryBytes: number, peakBytes: number): number {
  return Math.max(1, Math.min(jobs, maxWorkers, Math.floor(memoryBytes / peakBytes)));
}

/** Replays the first bins of a dataset that is to be made, in a process of its own, to tell what the campaign will cost. */
export async function measureCampaign(
  lake: Lake,
  dataset: PlannedDataset,
  codeVersion: string,
  signal: AbortSignal,
): Promise<Measured> {
  const worker = new CampaignProcess();
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

/** State that the workers of a campaign share. */
interface Work {
  readonly jobs: readonly PlannedDataset[];
  next: number;
  running: number;
  peakBytes: number;
  failed: boolean;
}

async function makeDatasets(
  options: CampaignOptions,
  outcomes: Map<string, DatasetOutcome>,
): Promise<{ workers: number; peakBytes: number }> {
  const jobs = options.plan.datasets.filter(({ manifest }) => manifest === null);
  const work: Work = { jobs, next: 0, running: 0, peakBytes: 0, failed: false };
  const { maxWorkers, memoryBytes, expectedPeakBytes } = options;
  const workers = jobs.length === 0 ? 0 : fittingWorkers(jobs.length, maxWorkers, memoryBytes, expectedPeakBytes);
  const shares = new Map<string, { share: number; events: number }>();
  const show = (datasetId: string, share: number, events: number) => {
    shares.set(datasetId, { share, events });
    const all = [...shares.values()];
    const sum = (key: 'share' | 'events') => all.reduce((total, each) => total + each[key], 0);
    options.onProgress(sum('share'), sum('events'));
  };
  await Promise.all(Array.from({ length: workers }, () => runJobs(options, work, outcomes, show)));
  return { workers, peakBytes: work.peakBytes };
}

async function runJobs(
  { lake, signal, keepGoing, codeVersion, maxWorkers, memoryBytes }: CampaignOptions,
  work: Work,
  outcomes: Map<string, DatasetOutcome>,
  show: (datasetId: string, share: number, events: number) => void,
): Promise<void> {
  const { jobs } = work;
  // When datasets take more memory than was measured, surplus workers exit.
  const fits = () =>
    work.peakBytes === 0 || work.running <= fittingWorkers(jobs.length, maxWorkers, memoryBytes, work.peakBytes);
  let worker = new CampaignProcess();
  const end = () => void worker.close();
  signal.addEventListener('abort', end);
  work.running++;
  try {
    while (work.next < jobs.length && !signal.aborted && (keepGoing || !work.failed) && fits()) {
      const dataset = present(jobs[work.next++]);
      const { datasetId } = dataset;
      if (!worker.alive) worker = new CampaignProcess();
      try {
        const made = await worker.make(jobOf(lake, dataset, codeVersion), (share, events) =>
          show(datasetId, share, events),
        );
        work.peakBytes = Math.max(work.peakBytes, made.peakBytes);
        const manifest = await readManifest(lake, datasetId);
        outcomes.set(datasetId, {
          ...present(outcomes.get(datasetId)),
          state: made.isNew ? 'made' : 'there',
          manifest,
        });
        show(datasetId, 1, manifest.counters.events ?? 0);
      } catch (error) {
        if (signal.aborted) return;
        fail(outcomes, datasetId, error);
        work.failed = true;
        show(datasetId, 1, 0);
      }
    }
  } finally {
    work.running--;
    signal.removeEventListener('abort', end);
    await worker.close();
  }
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

function fail(outcomes: Map<string, DatasetOutcome>, datasetId: string, error: unknown): void {
  if (!(error instanceof SpymasterError)) throw error;
  outcomes.set(datasetId, { ...present(outcomes.get(datasetId)), state: 'failed', error });
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
