import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { formatCount } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { CheckReport, DescribedSignal } from '../user_signals/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, integerOption, jsonOption, lakeRootOption, numberOption, signalsOption } from './options.ts';
import { addSignalImportCommand } from './signal_import.ts';
import { addSignalWatchCommand } from './signal_watch.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

const examples = `
A signal of yours is one TypeScript file that exports one definition, in the lake's folder research/vp_harness/configs/signals, in the
folder signals beside that of an experiment, or in the folder of --signals. docs/signals.md goes from an idea to a stream.

Examples:
  $ npx spymaster signal new my_signal --signals signals
  $ npx spymaster signal check my_signal --signals signals
  $ npx spymaster signal check my_signal --dataset mnq_demo --json
  $ npx spymaster signal watch my_signal --dataset mnq_demo
  $ npx spymaster signal import scores.parquet --name s --available-after-ms 50`;

interface PlaceOptions {
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly json?: true;
}

interface CheckCommandOptions extends PlaceOptions {
  readonly dataset?: string;
  readonly bins: number;
  readonly timeout: number;
}

/** Adds `signal`: write and check a signal of one's own. */
export function addSignalCommand(command: Command, cli: Cli): void {
  const signal = command.addHelpText('after', examples);
  signal
    .command('new')
    .description('write a working signal, its test, and a tsconfig for the editor')
    .argument('<name>', 'the name of the signal and of its file')
    .option(...signalsOption)
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  $ npx spymaster signal new my_signal --signals signals')
    .action((name: string, options: PlaceOptions) => writeNew(name, options, cli));
  signal
    .command('check')
    .description('prove on data that a signal looks at no future bin, restarts, and depends on its bins alone')
    .argument('<name>', 'the name of the signal')
    .option('--dataset <id>', 'the bins to check on (default: made-up ones)')
    .option('--bins <count>', 'made-up bins, or the first of the dataset', integerOption(100, 1_000_000), 3000)
    .option('--timeout <seconds>', 'how long a bin may take', numberOption(0.2, 3600), 10)
    .option(...signalsOption)
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  $ npx spymaster signal check my_signal --dataset mnq_demo')
    .action((name: string, options: CheckCommandOptions) => check(name, options, cli));
  addSignalWatchCommand(signal, cli);
  addSignalImportCommand(signal, cli);
}

async function writeNew(name: string, { lakeRoot, signals, json }: PlaceOptions, { output }: Cli): Promise<void> {
  const { Lake } = await import('../lake/index.ts');
  const { writeNewSignal } = await import('../user_signals/index.ts');
  const written = await writeNewSignal(signals ?? new Lake(lakeRoot).signals, name);
  if (json) output.json({ signal: name, written });
  else {
    output.print(`Wrote ${written.join(', ')}.`);
    const where = signals === undefined ? '' : ` --signals ${signals}`;
    output.print(`Check it with: npx spymaster signal check ${name}${where}`);
  }
}

async function check(name: string, options: CheckCommandOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { openLake } = await import('../lake/index.ts');
  const { findUserSignal } = await import('../user_signals/index.ts');
  const lake = await openLake(options.lakeRoot);
  const signal = await findUserSignal({ lake, folder: options.signals }, name);
  const report = await checkAndStore(lake, signal, options, interruptSignal());
  if (options.json) output.json(reportJson(signal, report, options.dataset ?? null));
  else output.print(reportText(signal, report, options.dataset ?? null));
  if (!report.passed) output.exitCode = exitCode.failure;
}

/** Checks a signal and stores what was found. */
export async function checkAndStore(
  lake: Lake,
  described: DescribedSignal,
  options: Pick<CheckCommandOptions, 'dataset' | 'bins' | 'timeout'>,
  signal: AbortSignal,
): Promise<CheckReport> {
  const { checkSignal, storeCheck } = await import('../user_signals/index.ts');
  const data = await checkData(lake, described, options);
  const report = await checkSignal(described, { data, stallMs: options.timeout * 1000, signal });
  await storeCheck(lake, described.source.hash, {
    passed: report.passed,
    checked_at_utc: new Date().toISOString(),
    dataset_id: options.dataset ?? null,
    code_version: programVersion(),
  });
  return report;
}

/** The bins to check on. */
async function checkData(
  lake: Lake,
  { description }: DescribedSignal,
  { dataset, bins }: Pick<CheckCommandOptions, 'dataset' | 'bins'>,
) {
  const { columns: names } = description;
  if (dataset !== undefined) {
    const { signalColumns } = await import('../sweep/index.ts');
    return await signalColumns(lake, dataset, names, bins);
  }
  const { madeColumns } = await import('../user_signals/index.ts');
  const context = { radius: 50, binS: 0.1 };
  return { columns: madeColumns(names, bins, context), context, binCount: bins };
}

function reportJson({ description, source }: DescribedSignal, report: CheckReport, dataset: string | null) {
  const { rows, warmUpBins, medianUs, p99Us, grownBytes, ...rest } = report;
  return {
    signal: description.name,
    path: join(source.folder, source.entry),
    source_hash: source.hash,
    files: Object.keys(source.files),
    dataset_id: dataset,
    ...rest,
    checks: rows,
    warm_up_bins: warmUpBins,
    median_us: medianUs,
    p99_us: p99Us,
    grown_bytes: grownBytes,
  };
}

function reportText({ description, source }: DescribedSignal, report: CheckReport, dataset: string | null): string {
  const { rows, notes, passed, bins, warmUpBins } = report;
  const where = dataset === null ? `${formatCount(bins)} made-up bins` : `${formatCount(bins)} bins of ${dataset}`;
  const columns = [{ title: 'check' }, { title: 'result' }, { title: 'found' }];
  const table = rows.map((row) => [row.check, row.passed ? 'passed' : 'FAILED', row.found]);
  const warmUp = warmUpBins === null ? [] : [`Its first score is at bin ${formatCount(warmUpBins)}.`];
  const verdict = passed
    ? `${description.name} passed on ${where}: \`run\` and \`promote\` take this source (${source.hash.slice(0, 12)}).`
    : `${description.name} did not pass on ${where}: \`run\` and \`promote\` refuse it until it does.`;
  return [formatTable(columns, table), '', ...warmUp, ...notes, verdict].join('\n');
}
