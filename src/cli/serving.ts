import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption } from './options.ts';
import { formatTable } from './table.ts';

const examples = `
Examples:
  $ npx spymaster serving history demo
  $ npx spymaster serving rollback demo --to srv_sweep_derivative_3f9c2a1b_77d0e1aa`;

interface ServingOptions {
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `serving`: the history of an alias, and its rollback. */
export function addServingCommand(program: Command, cli: Cli): void {
  const serving = program
    .command('serving')
    .description('show and undo changes of an alias')
    .addHelpText('after', examples);
  serving
    .command('history')
    .description('show the versions that an alias has pointed at, and when')
    .argument('<alias>')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .action((alias: string, options: ServingOptions) => history(alias, options, cli));
  serving
    .command('rollback')
    .description('point an alias at a version that it had before')
    .argument('<alias>')
    .requiredOption('--to <id>', 'the serving version')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .action((alias: string, options: ServingOptions & { readonly to: string }) => rollback(alias, options, cli));
}

async function history(alias: string, options: ServingOptions, { output }: Cli): Promise<void> {
  const { Lake, ServingRegistry } = await import('../lake/index.ts');
  using registry = new ServingRegistry(new Lake(options.lakeRoot));
  const events = registry.history(alias);
  if (events.length === 0) {
    const known = registry.aliases().map((one) => one.alias);
    throw new SpymasterError(
      'SERVING_UNKNOWN',
      `Cannot find the alias ${JSON.stringify(alias)}: ${known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}`}.`,
      { serving: alias, known },
    );
  }
  if (options.json) output.json({ alias, events });
  else {
    const columns = ['when', 'what', 'from', 'to'].map((title) => ({ title }));
    const rows = events.map((event) => [event.atUtc, event.action, event.fromServingId ?? '–', event.toServingId]);
    output.print(formatTable(columns, rows));
  }
}

async function rollback(
  alias: string,
  options: ServingOptions & { readonly to: string },
  { output }: Cli,
): Promise<void> {
  const { Lake, ServingRegistry } = await import('../lake/index.ts');
  using registry = new ServingRegistry(new Lake(options.lakeRoot));
  registry.rollback(alias, options.to, () => new Date().toISOString());
  if (options.json) output.json({ alias, serving_id: options.to });
  else output.print(`The alias ${alias} points at ${options.to} again.`);
}
