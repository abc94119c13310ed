import type { Command } from 'commander';
import type { PublishedServingSpec } from '../config/index.ts';
import { formatChance, formatTicks, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption, registryOption } from './options.ts';
import { formatTable } from './table.ts';

const examples = `
Examples:
  $ npx spymaster serving show demo
  $ npx spymaster serving history demo
  $ npx spymaster serving compare srv_sweep_derivative_3f9c2a1b_77d0e1aa demo
  $ npx spymaster serving rollback demo --to srv_sweep_derivative_3f9c2a1b_77d0e1aa`;

interface ServingOptions {
  readonly lakeRoot: string;
  readonly registry?: string;
  readonly json?: true;
}

/** Adds `serving`: what an alias points at, its history, and its rollback. */
export function addServingCommand(command: Command, cli: Cli): void {
  const serving = command.addHelpText('after', examples);
  serving
    .command('show')
    .description('show the version that an alias points at, and what was known of it when it was published')
    .argument('<alias>', 'an alias or the id of a version')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .action((alias: string, options: ServingOptions) => show(alias, options, cli));
  serving
    .command('history')
    .description('show the versions that an alias has pointed at, and when')
    .argument('<alias>')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .action((alias: string, options: ServingOptions) => history(alias, options, cli));
  serving
    .command('compare')
    .description('show the fields in which two versions differ')
    .argument('<before>', 'an alias or the id of a version')
    .argument('<after>', 'an alias or the id of a version')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .action((before: string, after: string, options: ServingOptions) => compare(before, after, options, cli));
  serving
    .command('rollback')
    .description('point an alias at a version that it had before')
    .argument('<alias>')
    .requiredOption('--to <id>', 'the serving version')
    .option('--reason <text>', 'why, for the history of the alias')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option(...jsonOption)
    .action((alias: string, options: ServingOptions & { readonly to: string; readonly reason?: string }) =>
      rollback(alias, options, cli),
    );
}

async function show(name: string, options: ServingOptions, { output }: Cli): Promise<void> {
  const { openLake, openServingRegistry } = await import('../lake/index.ts');
  using registry = await openServingRegistry(await openLake(options.lakeRoot, options.registry));
  const { servingId, spec } = registry.resolve(name);
  if (options.json) output.json(spec);
  else output.print([servingId, spec.description, ...evidenceLines(spec)].join('\n'));
}

/** What was known of a version when it was published, as lines. */
function evidenceLines({ evidence, source }: PublishedServingSpec): string[] {
  const from = `Run ${source.run_id.slice(0, 8)} of ${source.experiment_name}, published ${source.promoted_at_utc}.`;
  if (evidence === undefined)
    return [from, 'It was published without its evidence: promote the run again to store it.'];
  const chance = (p: number | null) => (p === null ? 'not tested' : formatChance(p));
  const span =
    evidence.n_sessions === 1
      ? `on ${evidence.first_session}`
      : `over ${evidence.n_sessions} sessions from ${evidence.first_session} to ${evidence.last_session}`;
  return [
    from,
    `Verdict on the experiment: ${evidence.verdict ?? 'not judged'} (judged ${evidence.judged_at_utc}).`,
    `At threshold ${evidence.threshold}, ${plural(evidence.n_signals, 'trade')} ${span}: ${formatTicks(evidence.mean_net_pnl_ticks)} ticks a ` +
      `trade after costs (${formatTicks(evidence.mean_net_pnl_ticks_low)} to ${formatTicks(evidence.mean_net_pnl_ticks_high)}), ` +
      `p ${chance(evidence.p_profit)}, adjusted p ${chance(evidence.p_adjusted)}.`,
    ...(evidence.walk_forward_net_ticks === null
      ? ['No walk-forward over sessions.']
      : [
          `Walk-forward of the experiment: ${formatTicks(evidence.walk_forward_net_ticks)} ticks a trade, at least ` +
            `${formatTicks(evidence.walk_forward_net_ticks_low)}.`,
        ]),
  ];
}

async function history(alias: string, options: ServingOptions, { output }: Cli): Promise<void> {
  const { openLake, openServingRegistry } = await import('../lake/index.ts');
  using registry = await openServingRegistry(await openLake(options.lakeRoot, options.registry));
  const events = registry.knownHistory(alias);
  if (options.json) output.json({ alias, events });
  else {
    const columns = ['when', 'what', 'from', 'to', 'reason'].map((title) => ({ title }));
    const rows = events.map(({ atUtc, action, fromServingId, toServingId, reason }) => [
      ...[atUtc, action, fromServingId ?? '–', toServingId, reason ?? '–'],
    ]);
    output.print(formatTable(columns, rows));
  }
}

async function compare(before: string, after: string, options: ServingOptions, { output }: Cli): Promise<void> {
  const { openLake, openServingRegistry } = await import('../lake/index.ts');
  const { servingDifferences } = await import('../config/index.ts');
  using registry = await openServingRegistry(await openLake(options.lakeRoot, options.registry));
  const [a, b] = [registry.resolve(before), registry.resolve(after)];
  const differences = servingDifferences(a.spec, b.spec);
  if (options.json) output.json({ before: a.servingId, after: b.servingId, differences });
  else if (differences.length === 0) output.print(`${a.servingId} and ${b.servingId} differ in nothing but the id.`);
  else {
    const columns = ['field', a.servingId, b.servingId].map((title) => ({ title }));
    const shown = (value: unknown) => (value === undefined ? '–' : JSON.stringify(value));
    const rows = differences.map((one) => [one.field, shown(one.before), shown(one.after)]);
    output.print(formatTable(columns, rows));
  }
}

async function rollback(
  alias: string,
  options: ServingOptions & { readonly to: string; readonly reason?: string },
  { output }: Cli,
): Promise<void> {
  const { assertChangesAliases, checkedReason, openLake, openServingRegistry } = await import('../lake/index.ts');
  const lake = await openLake(options.lakeRoot, options.registry);
  assertChangesAliases(lake);
  using registry = await openServingRegistry(lake);
  const reason = options.reason === undefined ? undefined : checkedReason(options.reason);
  registry.rollback(alias, options.to, () => new Date().toISOString(), reason);
  if (options.json) output.json({ alias, serving_id: options.to });
  else output.print(`The alias ${alias} points at ${options.to} again.`);
}
