import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { exitCode, SpymasterError } from '../errors.ts';
import type { EmitFormat, FleetPlan, ShardReport } from '../fleet/index.ts';
import { formatCount, formatDurationS, plural } from '../format.ts';
import { type FailedUnit, openLake, PlanFiles } from '../lake/index.ts';
import type { AnyExperiment } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { defaultMemoryGb } from './options.ts';
import { stepProgress } from './step_progress.ts';
import { programVersion } from './version.ts';

/** One of so many shards, from 1. */
export interface Shard {
  readonly number: number;
  readonly count: number;
}

/** Options of `run` that cut an experiment into shards. */
export interface ShardOptions {
  readonly lakeRoot: string;
  readonly shard?: Shard;
  readonly emit?: EmitFormat;
  readonly shards?: number;
  readonly json?: true;
}

/** Most shards of an experiment: as many as it may have shares. */
const maxShards = 50_000;

/** A parser for commander that takes `3/16`. */
export function shardOption(text: string): Shard {
  const [number, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text)?.slice(1).map(Number) ?? [];
  if (number === undefined || count === undefined || number < 1 || number > count || count > maxShards) {
    throw new InvalidArgumentError(`Expected a shard and their number, from 1/1 to ${maxShards}/${maxShards}: 3/16.`);
  }
  return { number, count };
}

export const shardsRange = [1, maxShards] as const;

/** Prints the array job of an experiment. Throws USAGE without a number of shards. */
export async function emitShards(
  file: string,
  { spec }: AnyExperiment,
  { emit, shards, lakeRoot, json }: ShardOptions,
  { output }: Cli,
): Promise<void> {
  const { emitArrayJob } = await import('../fleet/index.ts');
  if (emit === undefined || shards === undefined) {
    throw new SpymasterError('USAGE', 'Cannot print an array job: expected --emit slurm|k8s with --shards N.');
  }
  const text = emitArrayJob(emit, { file, lakeRoot, experiment: spec.name, shards });
  if (json) output.json({ experiment_name: spec.name, shards, text });
  else output.print(text.trimEnd());
}

/** Runs one shard of an experiment. */
export async function runShardOf(
  experiment: AnyExperiment,
  shard: Shard,
  { lakeRoot, json }: ShardOptions,
  { output, interruptSignal }: Cli,
): Promise<void> {
  const { makePlan, runShard } = await import('../fleet/index.ts');
  const lake = await openLake(lakeRoot);
  const signal = interruptSignal();
  const steps = stepProgress(output);
  const startMs = performance.now();
  try {
    const plan = await makePlan({ lake, experiment, signal, notice: (text) => output.note(text) });
    const report = await runShard({
      ...{ lake, plan, shard, signal, codeVersion: programVersion(), now: () => new Date() },
      threads: experiment.spec.parallel.max_workers ?? availableParallelism(),
      memoryBytes: defaultMemoryGb() * 1e9,
      onGenerate: (datasets, total, events) => steps.show('Generating', 'events', total).update(datasets, events),
      onProgress: (shares, total) => steps.show('Sweeping', 'shares', total).update(shares),
    });
    steps.stop();
    const failures = report.failed === 0 ? [] : await new PlanFiles(lake, plan.hash).failures();
    if (json) output.json(shardJson(plan, shard, report));
    else output.print(shardText(plan, shard, report, failures, (performance.now() - startMs) / 1000));
    if (report.failed > 0 || report.leftOut.length > 0) output.exitCode = exitCode.failure;
  } finally {
    steps.stop();
  }
}

function shardJson(plan: FleetPlan, { number, count }: Shard, report: ShardReport) {
  const { shares, finishedBefore, ran, skipped, failed, leftOut } = report;
  return {
    ...{ plan: plan.hash, shard: number, shards: count, shares, shares_finished_before: finishedBefore },
    ...{ ran, skipped, failed },
    left_out: leftOut.map(({ datasetId, reason }) => ({ dataset_id: datasetId, reason })),
  };
}

/** Failures that are named. */
const namedFailures = 10;

function shardText(
  plan: FleetPlan,
  { number, count }: Shard,
  report: ShardReport,
  failures: readonly FailedUnit[],
  wallS: number,
): string {
  const { shares, finishedBefore, ran, skipped, failed, leftOut } = report;
  return [
    `Shard ${number}/${count} of plan ${plan.hash}: ${plural(shares, 'share')} of ${formatCount(plan.shareCount)}, ` +
      `${formatCount(finishedBefore)} done before. Ran ${plural(ran, 'cell')} in ${formatDurationS(wallS)}` +
      `${skipped === 0 ? '' : `; ${formatCount(skipped)} had results already`}.`,
    ...leftOut.map(({ datasetId, reason }) => `Left out the dataset ${datasetId}: ${reason}`),
    ...(failed === 0
      ? []
      : [`${plural(failed, 'cell')} failed. Failed so far in the plan:`, ...failureLines(failures)]),
    'When all shards are done, the same command without --shard judges the experiment.',
  ].join('\n');
}

/** The first cells that failed, one a line. */
export function failureLines(failures: readonly FailedUnit[]): string[] {
  const shown = failures.slice(0, namedFailures).map(({ run_id, dataset_id, code, message }) => {
    return `  run ${run_id.slice(0, 8)} on ${dataset_id}: ${code}: ${message.split('\n')[0]}`;
  });
  const more = failures.length - shown.length;
  return more === 0 ? shown : [...shown, `  and ${formatCount(more)} more`];
}
