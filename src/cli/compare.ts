import { type Command, Option } from 'commander';
import { nearest } from '../config/light.ts';
import { type ErrorCode, SpymasterError } from '../errors.ts';
import type { ResultsStore } from '../lake/index.ts';
import { type RunSortKey, runSortKeys } from '../wire/light.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, integerOption, jsonOption } from './options.ts';
import { familyText, oneSidedText, runTable, silentText, sweepText } from './run_table.ts';

const examples = `
Each run is shown at its best threshold by what is sorted by. "evidence" sorts by adjusted p, then q, then the lower end of net
PnL's interval; runs that were not tested come last. Filters choose what is shown; p-values count the whole family.

Examples:
  $ npx spymaster compare
  $ npx spymaster compare --experiment sweep_derivative --sort mean_net_pnl_ticks --top 10`;

interface CompareOptions {
  readonly lakeRoot: string;
  readonly signal?: string;
  readonly datasetId?: string;
  readonly experiment?: string;
  readonly sort: RunSortKey;
  readonly minSignals?: number;
  readonly top: number;
  readonly json?: true;
}

/** Adds `compare`: the best runs, and how much of them is luck. */
export function addCompareCommand(command: Command, cli: Cli): void {
  command
    .option('--signal <name>', 'only runs of this signal')
    .option('--dataset-id <id>', 'only runs on this dataset')
    .option('--experiment <name>', 'only runs of this experiment')
    .addOption(new Option('--sort <key>', 'what to sort by').choices(runSortKeys).default('evidence'))
    .option(
      '--min-signals <number>',
      "leave out thresholds with fewer signals (default: each experiment's own min_signals)",
      integerOption(0, 1e9),
    )
    .option('--top <number>', 'runs to show', integerOption(1, 1e6), 20)
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: CompareOptions) => compare(options, cli));
}

async function compare(options: CompareOptions, { output }: Cli): Promise<void> {
  const { ResultsStore, silentRuns, openLake } = await import('../lake/light.ts');
  const { compareRuns, comparisonJson, lookAtComparison } = await import('../sweep/light.ts');
  using store = await ResultsStore.open(await openLake(options.lakeRoot), { isReadAtOnce: true });
  const { signal, datasetId, experiment, sort, minSignals = null, top } = options;
  const query = { signal, datasetId, experiment, sort, minSignals, top };
  const comparison = await compareRuns(store, query);
  if (comparison.runs.length === 0) await refuseUnknown(store, options);
  const look = { shownBy: 'compare', timestampUtc: new Date().toISOString() } as const;
  const looks = await lookAtComparison(store, comparison, look);
  if (options.json) {
    output.json(comparisonJson(comparison, looks));
    return;
  }
  const silent = await silentRuns(store, query);
  if (comparison.runs.length === 0) {
    const none = 'No run fits: `npx spymaster run <experiment.yaml>` makes some, fewer filters show more.';
    output.print(silent.runs > 0 ? silentText(silent) : none);
    return;
  }
  output.print(runTable(comparison.runs, looks));
  output.print(`\n${oneSidedText(comparison.runs)}${familyText(comparison.family, comparison.runs)}`);
  if (silent.runs > 0) output.print(silentText(silent));
  for (const sweep of comparison.sweeps) output.print(sweepText(sweep, looks));
  if (looks.unkept !== null) output.note(looks.unkept);
}

/** Refuses names that no result has, with the nearest one: a misspelt filter would look like an empty lake. */
async function refuseUnknown(
  store: ResultsStore,
  { experiment, datasetId, signal }: Pick<CompareOptions, 'experiment' | 'datasetId' | 'signal'>,
): Promise<void> {
  const { filterChoices, sweepSummaries } = await import('../lake/light.ts');
  const { signals, datasets } = await filterChoices(store);
  const experiments = [...new Set((await sweepSummaries(store, {})).map(({ experimentName }) => experimentName))];
  const asked: readonly (readonly [ErrorCode, string, string | undefined, readonly string[]])[] = [
    ['EXPERIMENT_UNKNOWN', 'experiment', experiment, experiments],
    ['DATASET_UNKNOWN', 'dataset', datasetId, datasets],
    ['USAGE', 'signal', signal, signals],
  ];
  for (const [code, what, name, known] of asked) {
    if (name === undefined || known.length === 0 || known.includes(name)) continue;
    throw new SpymasterError(
      code,
      `Cannot compare runs: the lake has no results of the ${what} ${JSON.stringify(name)}; the nearest is ` +
        `${JSON.stringify(nearest(name, known) ?? known[0])}, of ${known.slice(0, 10).join(', ')}${known.length > 10 ? ' …' : ''}.`,
      { [what]: name, known: known.slice(0, 100) },
    );
  }
}
