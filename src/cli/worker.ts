import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { formatCount, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { defaultMemoryGb, integerOption, jsonOption, queueOption } from './options.ts';
import { programVersion } from './version.ts';

const examples = `
A worker takes jobs of its own version of the program alone, and reads and writes nothing outside the lake. Ctrl-C or SIGTERM puts
back what it was at. A worker that is killed loses what it was at, and another worker does it.

Examples:
  $ npx spymaster worker --queue redis://127.0.0.1 --slots 4
  $ npx spymaster worker --queue rediss://queue.example.org --lake /shared/lake --until-empty`;

interface WorkerOptions {
  readonly lakeRoot: string;
  readonly queue: string;
  readonly slots: number;
  readonly untilEmpty?: true;
  readonly json?: true;
}

/** Adds `worker`: does the jobs of a queue. */
export function addWorkerCommand(command: Command, cli: Cli): void {
  command
    .requiredOption(...queueOption)
    .option('--lake, --lake-root <place>', 'the data lake: a folder, or s3://bucket/prefix', 'lake')
    .option('--slots <n>', 'jobs at a time, a core each', integerOption(1, 512), availableParallelism())
    .option('--until-empty', 'end when nothing is left to do, by the queue and by the lake')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: WorkerOptions) => work(options, cli));
}

async function work(options: WorkerOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { queueConnection, runFleetWorker, workerName } = await import('../fleet/index.ts');
  const { openLake } = await import('../lake/index.ts');
  const lake = await openLake(options.lakeRoot);
  const connection = queueConnection(options.queue, process.env);
  const { slots } = options;
  const version = programVersion();
  output.note(
    `Worker ${workerName()}: version ${version}, ${process.platform}-${process.arch}, ${plural(slots, 'slot')}, ` +
      `queue ${connection.address}, lake ${lake.root}.`,
  );
  const line = output.statusLine();
  let shares = 0;
  let cells = 0;
  const report = await runFleetWorker({
    ...{ lake, connection, slots, codeVersion: version, memoryBytes: defaultMemoryGb() * 1e9 },
    untilEmpty: options.untilEmpty === true,
    now: () => new Date(),
    signal: interruptSignal(),
    onShare: ({ ran }) => {
      shares++;
      cells += ran;
      line.update('work', `${plural(shares, 'share')}, ${plural(cells, 'cell')}`);
    },
    notice: (text) => line.note(text),
  }).finally(() => line.stop());
  const { ran, failed, datasets, failedJobs } = report;
  if (options.json) {
    output.json({ worker: workerName(), shares: report.shares, ran, failed, datasets, failed_jobs: failedJobs });
  } else {
    output.print(
      `Ran ${plural(report.shares, 'share')} with ${plural(ran, 'cell')}, made ${plural(datasets, 'dataset')}.` +
        `${failed === 0 ? '' : ` ${formatCount(failed)} of their cells failed.`}` +
        `${failedJobs === 0 ? '' : ` ${plural(failedJobs, 'job')} failed; \`npx spymaster jobs status\` tells why.`}`,
    );
  }
  if (failed + failedJobs > 0) output.exitCode = exitCode.failure;
}
