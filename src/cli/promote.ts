import type { Command } from 'commander';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, numberOption } from './options.ts';
import { loadExperiment } from './run.ts';

const examples = `
Examples:
  $ npx spymaster promote configs/experiments/sweep_derivative.yaml --run-id 3f9c2a1b --alias demo
  $ npx spymaster serve        then open vacuum-pressure.html?serving=demo`;

interface PromoteCommandOptions {
  readonly lakeRoot: string;
  readonly runId: string;
  readonly alias: string;
  readonly threshold?: number;
  readonly json?: true;
}

/** Adds `promote`: a run becomes an immutable serving version under an alias. */
export function addPromoteCommand(program: Command, cli: Cli): void {
  program
    .command('promote')
    .description('publish a run as an immutable serving version and point an alias at it')
    .argument('<file>', 'the ExperimentSpec that the run is of')
    .requiredOption('--run-id <id>', 'the run, or the start of its id')
    .requiredOption('--alias <name>', 'the name that the stream is asked for by')
    .option('--threshold <number>', "one of the run's thresholds (default: the best net mean)", numberOption(0, 1e9))
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: PromoteCommandOptions) => promote(file, options, cli));
}

async function promote(file: string, options: PromoteCommandOptions, { output }: Cli): Promise<void> {
  const { Lake, ResultsStore } = await import('../lake/index.ts');
  const { findRunId, promoteRun } = await import('../sweep/index.ts');
  const lake = new Lake(options.lakeRoot);
  const { spec } = await loadExperiment(lake, file);
  using store = await ResultsStore.open(lake);
  const runId = await findRunId(store, options.runId);
  const { alias, threshold } = options;
  const now = () => new Date().toISOString();
  const { version, isReused } = await promoteRun({
    lake,
    store,
    experimentName: spec.name,
    runId,
    alias,
    threshold,
    now,
  });
  if (options.json) {
    output.json({ serving_id: version.servingId, alias, run_id: runId, path: version.path, reused: isReused });
    return;
  }
  output.print(`${isReused ? 'Published before as' : 'Published'} ${version.servingId} (${version.path}).`);
  output.print(`The alias ${alias} points at it: vacuum-pressure.html?serving=${alias}`);
}
