import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { Cli } from './command.ts';
import { confirmAtTerminal } from './confirm.ts';
import { anyLakeOption, dateOption, jsonOption, numberOption, registryOption, signalsOption } from './options.ts';
import { loadExperiment, useUserSignals } from './run.ts';

const examples = `
What is known against the run is printed first, and publishing it all the same has to be confirmed, with --yes where no terminal is.

Examples:
  $ npx spymaster promote configs/experiments/sweep_derivative.yaml --run-id 3f9c2a1b --alias demo
  $ npx spymaster serve        then open vacuum-pressure.html?serving=demo`;

interface PromoteCommandOptions {
  readonly lakeRoot: string;
  readonly registry?: string;
  readonly runId: string;
  readonly alias: string;
  readonly threshold?: number;
  readonly session?: string;
  readonly reason?: string;
  readonly signals?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** Adds `promote`: a run becomes an immutable serving version under an alias. */
export function addPromoteCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'the ExperimentSpec that the run is of')
    .requiredOption('--run-id <id>', 'the run, or the start of its id')
    .requiredOption('--alias <name>', 'the name that the stream is asked for by')
    .option(
      '--threshold <number>',
      "one of the run's thresholds (default: the one with the most evidence)",
      numberOption(0, 1e9),
    )
    .option('--session <date>', 'the session that streams (default: the newest outside the holdout)', dateOption)
    .option('--reason <text>', 'why, for the history of the alias')
    .option(...signalsOption)
    .option('--yes', 'publish whatever speaks against the run')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: PromoteCommandOptions) => promote(file, options, cli));
}

async function promote(file: string, options: PromoteCommandOptions, cli: Cli): Promise<void> {
  const { output } = cli;
  const { assertChangesAliases, checkedReason, openLake, ResultsStore } = await import('../lake/index.ts');
  const { findRunId, promoteRun, promotionConcerns } = await import('../sweep/index.ts');
  const lake = await openLake(options.lakeRoot, options.registry);
  assertChangesAliases(lake);
  await useUserSignals(lake, file, options.signals, cli);
  const { spec } = await loadExperiment(lake, file);
  using store = await ResultsStore.open(lake);
  const runId = await findRunId(store, options.runId);
  const { alias, threshold, session } = options;
  const reason = options.reason === undefined ? undefined : checkedReason(options.reason);
  const concerns = await promotionConcerns(store, runId, threshold);
  if (concerns.length > 0 && !(await isConfirmed(concerns, options, cli))) {
    output.print('Nothing was published.');
    return;
  }
  const now = () => new Date().toISOString();
  const { version, isReused } = await promoteRun({
    lake,
    store,
    experimentName: spec.name,
    runId,
    alias,
    threshold,
    session,
    reason,
    now,
  });
  if (options.json) {
    output.json({ serving_id: version.servingId, alias, run_id: runId, path: version.path, reused: isReused });
    return;
  }
  output.print(`${isReused ? 'Published before as' : 'Published'} ${version.servingId} (${version.path}).`);
  output.print(`The alias ${alias} points at it: vacuum-pressure.html?serving=${alias}`);
}

/** Shows what speaks against a run, and asks. @throws USAGE where nobody can be asked */
async function isConfirmed(concerns: readonly string[], options: PromoteCommandOptions, cli: Cli): Promise<boolean> {
  const list = ['Against this run:', ...concerns.map((one) => `  - ${one}`)].join('\n');
  if (options.yes) {
    cli.output.note(list);
    return true;
  }
  const confirm = options.json ? null : confirmAtTerminal(cli);
  if (confirm === null) {
    throw new SpymasterError(
      'USAGE',
      `Nothing was published. ${concerns.join(' ')} To publish it all the same, pass --yes: there is no terminal to confirm on.`,
      { concerns },
    );
  }
  cli.output.note(list);
  return confirm('Publish it all the same? [y/N] ');
}
