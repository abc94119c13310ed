import type { Command } from 'commander';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption, registryOption } from './options.ts';
import { formatTable } from './table.ts';

/** Adds `list-servings`: published versions and the aliases that point at them. */
export function addListServingsCommand(command: Command, cli: Cli): void {
  command
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExamples:\n  $ npx spymaster list-servings\n  $ npx spymaster list-servings --json')
    .action((options: { readonly lakeRoot: string; readonly registry?: string; readonly json?: true }) =>
      listServings(options, cli),
    );
}

async function listServings(
  options: { readonly lakeRoot: string; readonly registry?: string; readonly json?: true },
  { output }: Cli,
): Promise<void> {
  const { openLake, openServingRegistry } = await import('../lake/index.ts');
  using registry = await openServingRegistry(await openLake(options.lakeRoot, options.registry));
  const versions = registry.versions();
  if (options.json) output.json({ servings: versions, aliases: registry.aliases() });
  else if (versions.length === 0)
    output.print('No serving version is published yet: `npx spymaster promote` makes one.');
  else {
    const columns = ['aliases', 'serving', 'signal', 'experiment', 'published'].map((title) => ({ title }));
    const rows = versions.map(({ aliases, servingId, signalName, experimentName, createdAtUtc }) => [
      aliases.length === 0 ? '–' : aliases.join(', '),
      servingId,
      signalName,
      experimentName,
      createdAtUtc,
    ]);
    output.print(formatTable(columns, rows));
  }
}
