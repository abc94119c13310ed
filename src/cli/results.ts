import type { Command } from 'commander';
import { formatCount, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';

const examples = `
Examples:
  $ npx spymaster results compact
  $ npx spymaster results compact --lake-root /data/lake --json`;

/** Adds `results`: upkeep of the results store. */
export function addResultsCommand(command: Command, cli: Cli): void {
  const results = command.addHelpText('after', examples);
  results
    .command('compact')
    .description('merge the parts of the results store, into one a dataset and one of the rest; safe while sweeps run')
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (options: { readonly lakeRoot: string; readonly json?: true }) => {
      const { ResultsStore, openLake } = await import('../lake/index.ts');
      using store = await ResultsStore.open(await openLake(options.lakeRoot));
      const { before, after } = await store.compact();
      if (options.json) cli.output.json({ before, after });
      else if (before === after) cli.output.print(`Nothing to merge: the store has ${plural(before, 'part')}.`);
      else cli.output.print(`Merged ${plural(before, 'part')} into ${formatCount(after)}.`);
    });
}
