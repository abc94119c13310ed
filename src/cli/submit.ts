import { type Command, Option } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatCount, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, integerOption, jsonOption, queueOption } from './options.ts';
import { loadExperiment } from './run.ts';
import { programVersion } from './version.ts';

const examples = `
What the lake has is not queued, and what is queued is not queued twice: the command may be run again at any time, also while workers
are busy, and after the queue was lost. When all is done, \`npx spymaster run FILE\` judges the experiment. SPYMASTER_REDIS_PASSWORD
and SPYMASTER_REDIS_USERNAME hold the password and the user of a Redis that asks for them.

Example:
  $ npx spymaster submit configs/experiments/edge_demo.yaml --queue redis://127.0.0.1`;

/** Most that BullMQ takes. */
const maxPriority = 2_097_151;

interface SubmitOptions {
  readonly lakeRoot: string;
  readonly queue: string;
  readonly priority: number;
  readonly openHoldout?: true;
  readonly json?: true;
}

/** Adds `submit`: an experiment becomes jobs of a queue. */
export function addSubmitCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'an ExperimentSpec')
    .requiredOption(...queueOption)
    .option(...anyLakeOption)
    .option('--priority <n>', 'jobs of a lower number come first', integerOption(0, maxPriority), 0)
    .addOption(new Option('--open-holdout').hideHelp())
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: SubmitOptions) => submit(file, options, cli));
}

async function submit(file: string, options: SubmitOptions, { output, interruptSignal }: Cli): Promise<void> {
  if (options.openHoldout) {
    throw new SpymasterError(
      'USAGE',
      'Cannot queue the locked sessions of the holdout: an opening is counted where its results are judged; when the other sessions are ' +
        `done, run \`npx spymaster run ${file} --open-holdout\` on one machine.`,
    );
  }
  const { JobQueue, makePlan, queueConnection, submitPlan } = await import('../fleet/index.ts');
  const { openLake } = await import('../lake/index.ts');
  const lake = await openLake(options.lakeRoot);
  const connection = queueConnection(options.queue, process.env);
  // A queue that cannot be used is told before the plan is made.
  await using queue = await JobQueue.open(connection, programVersion());
  const experiment = await loadExperiment(lake, file);
  const plan = await makePlan({ lake, experiment, signal: interruptSignal(), notice: (text) => output.note(text) });
  const { added, finished, datasetsToMake } = await submitPlan(lake, plan, queue, options.priority);
  if (options.json) {
    output.json({
      ...{ id: plan.hash, experiment_name: experiment.spec.name, shares: plan.shareCount, finished_shares: finished },
      ...{ queued: added, datasets_to_make: datasetsToMake },
    });
    return;
  }
  output.print(
    [
      `Plan ${plan.hash}: ${plural(plan.shareCount, 'share')} of ${formatCount(plan.unitCount)} cells and sessions, ` +
        `${formatCount(finished)} done. Queued ${plural(added, 'job')}` +
        `${datasetsToMake === 0 ? '' : `; datasets to make first: ${formatCount(datasetsToMake)}`}.`,
      `  npx spymaster jobs watch ${plan.hash} --queue ${connection.address} --lake-root ${options.lakeRoot}`,
    ].join('\n'),
  );
}
