import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { exitCode, SpymasterError } from '../errors.ts';
import type { FleetPlan, JobQueue, PlanProgress, QueueCounts } from '../fleet/index.ts';
import { formatCount, formatDurationS, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption, queueOption } from './options.ts';
import { failureLines } from './run_shard.ts';
import { programVersion } from './version.ts';

const examples = `
What is done is told by the lake, so that status and watch work without --queue, also for shards; with it they tell what waits, and who
is connected. submit prints the ID, whose first digits are enough; status without one shows all plans.

Examples:
  $ npx spymaster jobs status --queue redis://127.0.0.1
  $ npx spymaster jobs watch 58ac1f --queue redis://127.0.0.1
  $ npx spymaster jobs cancel 58ac1f --queue redis://127.0.0.1
  $ npx spymaster jobs retry 58ac1f --queue redis://127.0.0.1`;

const watchEveryMs = 1000;

interface JobsOptions {
  readonly lakeRoot: string;
  readonly queue?: string;
  readonly json?: true;
}

/** Adds `jobs`: how far plans are, and the stopping and retrying of them. */
export function addJobsCommand(command: Command, cli: Cli): void {
  const jobs = command.addHelpText('after', examples);
  const add = (
    name: string,
    id: string,
    about: string,
    act: (options: JobsOptions, id: string | undefined, cli: Cli) => Promise<void>,
  ) =>
    jobs
      .command(name, name === 'status' ? { isDefault: true } : {})
      .description(about)
      .argument(id, 'the id that submit printed, or its first digits')
      .option(...anyLakeOption)
      .option(...queueOption)
      .option(...jsonOption)
      .addHelpText('after', examples)
      .action((planId: string | undefined, options: JobsOptions) => act(options, planId, cli));
  add('status', '[id]', 'how far plans are, and why something failed', status);
  add('watch', '<id>', 'follow a plan until all of it is done or failed', watch);
  add('cancel', '<id>', 'take the jobs of a plan away, and stop those that run', cancel);
  add('retry', '<id>', 'run again what failed', retry);
}

/** The queue of the options; null without one. */
async function openQueue({ queue }: JobsOptions): Promise<JobQueue | null> {
  if (queue === undefined) return null;
  const { JobQueue, queueConnection } = await import('../fleet/index.ts');
  return await JobQueue.open(queueConnection(queue, process.env), programVersion());
}

async function openLake({ lakeRoot }: JobsOptions): Promise<Lake> {
  const lakes = await import('../lake/index.ts');
  return lakes.openLake(lakeRoot);
}

/** The plan whose hash begins with `id`. Throws RUN_UNKNOWN, USAGE. */
async function findPlan(lake: Lake, id: string): Promise<FleetPlan> {
  const { listPlans } = await import('../lake/index.ts');
  const { readPlan } = await import('../fleet/index.ts');
  const found = (await listPlans(lake)).filter((hash) => hash.startsWith(id));
  const [hash] = found;
  if (found.length > 1)
    throw new SpymasterError('USAGE', `Cannot tell which plan ${id} is: ${found.join(', ')}; give more digits.`);
  const plan = hash === undefined ? null : await readPlan(lake, hash);
  if (plan !== null) return plan;
  throw new SpymasterError(
    'RUN_UNKNOWN',
    `Cannot find the plan ${id}: the lake ${lake.root} has none; submit prints its id.`,
    {
      plan: id,
    },
  );
}

interface QueueState extends QueueCounts {
  readonly workers: readonly string[];
  /** Why jobs failed, each reason once, with the number of jobs. */
  readonly reasons: ReadonlyMap<string, number>;
}

async function queueState(queue: JobQueue | null, plans: readonly string[]): Promise<QueueState | null> {
  if (queue === null) return null;
  const reasons = new Map<string, number>();
  for (const { job, reason } of await queue.failed()) {
    if (job !== null && plans.includes(job.data.plan)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { ...(await queue.counts()), workers: await queue.workers(), reasons };
}

async function status(options: JobsOptions, id: string | undefined, { output }: Cli): Promise<void> {
  const { listPlans } = await import('../lake/index.ts');
  const { planProgress } = await import('../fleet/index.ts');
  const lake = await openLake(options);
  await using queue = await openQueue(options);
  const plans: PlanProgress[] = [];
  for (const hash of id === undefined ? await listPlans(lake) : [id]) {
    plans.push(await planProgress(lake, await findPlan(lake, hash)));
  }
  const state = await queueState(
    queue,
    plans.map(({ hash }) => hash),
  );
  if (options.json) output.json({ plans: plans.map(progressJson), queue: state === null ? null : stateJson(state) });
  else if (plans.length === 0) output.print(`The lake ${lake.root} has no plans.`);
  else output.print([...plans.flatMap(progressLines), ...(state === null ? [] : stateLines(state))].join('\n'));
}

async function watch(options: JobsOptions, id: string | undefined, { output, interruptSignal }: Cli): Promise<void> {
  const { planProgress } = await import('../fleet/index.ts');
  const lake = await openLake(options);
  await using queue = await openQueue(options);
  const plan = await findPlan(lake, id ?? '');
  const signal = interruptSignal();
  const line = output.statusLine();
  try {
    for (;;) {
      const progress = await planProgress(lake, plan);
      const state = await queueState(queue, [plan.hash]);
      line.update('plan', watchText(progress, state));
      const isIdle = state !== null && state.waiting + state.active + state.delayed === 0;
      const isOver = progress.finishedShares === progress.shares || progress.stopReason !== null || isIdle;
      if (isOver) {
        line.stop();
        if (options.json)
          output.json({ plans: [progressJson(progress)], queue: state === null ? null : stateJson(state) });
        else output.print([...progressLines(progress), ...(state === null ? [] : stateLines(state))].join('\n'));
        if (progress.finishedShares < progress.shares || progress.failures.length > 0)
          output.exitCode = exitCode.failure;
        return;
      }
      await pause(watchEveryMs, undefined, { signal });
    }
  } finally {
    line.stop();
  }
}

async function cancel(options: JobsOptions, id: string | undefined, { output }: Cli): Promise<void> {
  const { PlanFiles } = await import('../lake/index.ts');
  const lake = await openLake(options);
  await using queue = await openQueue(options);
  const plan = await findPlan(lake, id ?? '');
  await new PlanFiles(lake, plan.hash).stop('it was cancelled');
  const removed = (await queue?.removePlan(plan.hash)) ?? 0;
  if (options.json) output.json({ id: plan.hash, removed_jobs: removed });
  else {
    output.print(
      `Cancelled the plan ${plan.hash}: took ${plural(removed, 'job')} from the queue; workers leave what they are at within half a ` +
        'lease. What is done is kept; submit goes on from there.',
    );
  }
}

async function retry(options: JobsOptions, id: string | undefined, { output }: Cli): Promise<void> {
  const { PlanFiles } = await import('../lake/index.ts');
  const { submitPlan } = await import('../fleet/index.ts');
  const lake = await openLake(options);
  await using queue = await openQueue(options);
  const plan = await findPlan(lake, id ?? '');
  const files = new PlanFiles(lake, plan.hash);
  const cells = await files.retryFailures();
  await files.goOn();
  const queued = queue === null ? null : (await submitPlan(lake, plan, queue, 0)).added;
  if (options.json) output.json({ id: plan.hash, cells, queued });
  else {
    output.print(
      `${plural(cells, 'cell')} that failed may run again. ` +
        (queued === null ? 'Run the shards again.' : `Queued ${plural(queued, 'job')}.`),
    );
  }
}

function watchText(
  { shares, finishedShares, sharesPerS, leftS, failures }: PlanProgress,
  state: QueueState | null,
): string {
  return [
    `${formatCount(finishedShares)} of ${plural(shares, 'share')}`,
    ...(sharesPerS === null ? [] : [`${(sharesPerS * 60).toPrecision(3)} a minute`]),
    ...(leftS === null ? [] : [`${formatDurationS(leftS)} left`]),
    ...(state === null ? [] : [`${formatCount(state.active)} running`, plural(state.workers.length, 'worker')]),
    ...(failures.length === 0 ? [] : [`${plural(failures.length, 'cell')} failed`]),
  ].join('  ');
}

function progressLines(progress: PlanProgress): string[] {
  const { hash, experimentName, shares, finishedShares, datasets, madeDatasets, failures, stopReason, workers } =
    progress;
  const rate = watchText(progress, null).split('  ').slice(1);
  return [
    `${experimentName}  ${hash}: ${formatCount(finishedShares)} of ${plural(shares, 'share')} done, ` +
      `${formatCount(madeDatasets)} of ${plural(datasets, 'dataset')} made${rate.length === 0 ? '' : `; ${rate.join(', ')}`}.`,
    ...(stopReason === null ? [] : [`  Stopped: ${stopReason}.`.replace(/\.\.$/, '.')]),
    ...workers.map(({ worker, codeVersion, platform, shares: done, cells, lastUtc }) => {
      return `  ${worker} (${codeVersion}, ${platform}): ${plural(done, 'share')}, ${plural(cells, 'cell')}, last at ${lastUtc}`;
    }),
    ...(failures.length === 0 ? [] : [`  ${plural(failures.length, 'cell')} failed; \`jobs retry\` runs them again:`]),
    ...failureLines(failures).map((text) => `  ${text}`),
  ];
}

function stateLines({ waiting, active, delayed, failed, workers, reasons }: QueueState): string[] {
  return [
    `Queue: ${formatCount(waiting)} waiting, ${formatCount(active)} running, ${formatCount(delayed)} delayed, ` +
      `${formatCount(failed)} failed; ${workers.length === 0 ? 'no worker is connected' : `connected: ${workers.join('; ')}`}.`,
    ...Array.from(reasons, ([reason, count]) => `  ${plural(count, 'job')} failed: ${reason}`),
  ];
}

function progressJson(progress: PlanProgress) {
  return {
    ...{ id: progress.hash, experiment_name: progress.experimentName, sweep_id: progress.sweepId },
    ...{ shares: progress.shares, finished_shares: progress.finishedShares, units: progress.units },
    ...{ datasets: progress.datasets, made_datasets: progress.madeDatasets, stop_reason: progress.stopReason },
    ...{ shares_per_s: progress.sharesPerS, left_s: progress.leftS, last_utc: progress.lastUtc },
    workers: progress.workers.map(({ codeVersion, lastUtc, ...worker }) => {
      return { ...worker, code_version: codeVersion, last_utc: lastUtc };
    }),
    failures: progress.failures,
  };
}

function stateJson({ reasons, ...state }: QueueState) {
  return { ...state, reasons: Array.from(reasons, ([reason, jobs]) => ({ reason, jobs })) };
}
