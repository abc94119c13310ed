import { SpymasterError } from '../errors.ts';
import { PlanFiles } from '../lake/index.ts';
import { generateDatasets } from '../replay/index.ts';
import { expectedPeakBytes } from '../sweep/index.ts';
import type { FleetPlan, PlannedDataset } from './fleet_plan.ts';
import { finishedShares } from './progress.ts';
import { isDatasetMade, type ShareReport, ShareRunner, type ShareRunnerOptions } from './share_runner.ts';
import { shardOf } from './shares.ts';

export interface RunShardOptions extends ShareRunnerOptions {
  readonly plan: FleetPlan;
  /** From 1, of so many. */
  readonly shard: { readonly number: number; readonly count: number };
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  readonly onGenerate?: (datasets: number, total: number, events: number) => void;
  readonly onProgress?: (shares: number, total: number) => void;
}

export interface ShardReport extends ShareReport {
  /** Shares of the shard, and how many of them had everything before. */
  readonly shares: number;
  readonly finishedBefore: number;
  /** Datasets that could not be made; their shares are left. */
  readonly leftOut: readonly { readonly datasetId: string; readonly reason: string }[];
}

/**
 * Runs the shares of a plan that fall into one shard, dataset after dataset, and makes those datasets that are missing. Shards
 * may run at once on any machines that see the lake; killed and run again, each goes on where it was.
 */
export async function runShard(options: RunShardOptions): Promise<ShardReport> {
  const { lake, plan, shard, signal } = options;
  using runner = await ShareRunner.create(options);
  const mine = [...plan.shares()].filter(({ id }) => shardOf(id, shard.count) === shard.number);
  const done = await finishedShares(lake, plan.hash);
  const open = mine.filter(({ id }) => !done.has(id));
  const total = { ran: 0, skipped: 0, failed: 0 };
  const leftOut: { datasetId: string; reason: string }[] = [];
  let shares = 0;
  for (const dataset of plan.content.datasets) {
    const ofDataset = open.filter(({ datasetId }) => datasetId === dataset.dataset_id);
    if (ofDataset.length === 0) continue;
    const reason = await makeDataset(options, dataset);
    if (reason !== null) leftOut.push({ datasetId: dataset.dataset_id, reason });
    else {
      for (const [at, share] of ofDataset.entries()) {
        const stop = await new PlanFiles(lake, plan.hash).stopReason();
        if (stop !== null) throw stopped(plan, stop);
        options.onProgress?.(shares + at, open.length);
        const report = await runner.run(plan, share, signal);
        for (const key of ['ran', 'skipped', 'failed'] as const) total[key] += report[key];
      }
    }
    shares += ofDataset.length;
    options.onProgress?.(shares, open.length);
  }
  return { ...total, shares: mine.length, finishedBefore: mine.length - open.length, leftOut };
}

/** Makes a dataset unless it is there; gives why it cannot be made. */
export async function makeDataset(
  {
    lake,
    plan,
    codeVersion,
    memoryBytes,
    signal,
    onGenerate,
  }: Pick<RunShardOptions, 'lake' | 'plan' | 'codeVersion' | 'memoryBytes' | 'signal' | 'onGenerate'>,
  dataset: PlannedDataset,
): Promise<string | null> {
  if (await isDatasetMade(lake, plan, dataset.dataset_id)) return null;
  let reason: string | null = null;
  await generateDatasets({
    ...{ lake, pipelines: [plan.pipelineOf(dataset)], maxWorkers: 1, memoryBytes, expectedPeakBytes },
    ...{ keepGoing: true, codeVersion, signal },
    onProgress: (datasets, events) => onGenerate?.(datasets, 1, events),
    onDone: (_, outcome) => {
      if (outcome instanceof SpymasterError) reason = outcome.message;
    },
  });
  signal.throwIfAborted();
  return reason;
}

function stopped({ hash }: FleetPlan, reason: string): SpymasterError {
  return new SpymasterError('SWEEP_FAILED', `Stopped the plan ${hash}: ${reason}`, { plan: hash });
}
