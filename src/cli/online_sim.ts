import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { OnlineSimReport } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, numberOption, signalsOption } from './options.ts';
import { formatFields } from './table.ts';

const examples = `
Examples:
  $ npx spymaster online-sim --signal derivative --dataset-id D
  $ npx spymaster online-sim --signal jad --dataset-id D --signal-params-json '{"zscore_window_bins": 200}' --bin-budget-ms 50`;

interface OnlineSimCommandOptions {
  readonly signal: string;
  readonly datasetId: string;
  readonly signalParamsJson: string;
  readonly binBudgetMs: number;
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly json?: true;
}

/** Adds `online-sim`: streams a dataset through a signal as serving would, and measures each bin. */
export function addOnlineSimCommand(program: Command, cli: Cli): void {
  program
    .command('online-sim')
    .description('stream a dataset through a signal, bin by bin, and measure what each takes')
    .requiredOption('--signal <name>', 'the signal; see list-signals')
    .requiredOption('--dataset-id <id>', 'the dataset; see list-datasets')
    .option('--signal-params-json <json>', 'parameters over the defaults', '{}')
    .option('--bin-budget-ms <number>', 'time that a bin may take', numberOption(1e-6, 1e9), 100)
    .option(...signalsOption)
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: OnlineSimCommandOptions) => simulate(options, cli));
}

async function simulate(options: OnlineSimCommandOptions, { output }: Cli): Promise<void> {
  const signalParameters = parseParameters(options.signalParamsJson);
  const { Lake } = await import('../lake/index.ts');
  const { onlineSim } = await import('../sweep/index.ts');
  const lake = new Lake(options.lakeRoot);
  await useUserSignal(lake, options.signal, options.signals);
  const progress = output.progress({ label: 'Streaming', unit: 'bins', total: null });
  const report = await onlineSim({
    lake,
    datasetId: options.datasetId,
    signalName: options.signal,
    signalParameters,
    binBudgetMs: options.binBudgetMs,
    nowMs: () => performance.now(),
    residentBytes: () => process.memoryUsage.rss(),
    onProgress: (bins) => progress.update(bins),
  }).finally(() => progress.stop());
  if (options.json)
    output.json({ signal: options.signal, dataset_id: options.datasetId, ...snakeCaseKeys({ ...report }) });
  else output.print(onlineSimText(options.signal, report));
}

/** Loads the user's signal of this name, if one has it. */
async function useUserSignal(lake: Lake, name: string, folder: string | undefined): Promise<void> {
  const { loadSignal, readUserSignals } = await import('../user_signals/index.ts');
  const found = (await readUserSignals({ lake, folder })).get(name);
  if (found instanceof SpymasterError) throw found;
  if (found !== undefined) await loadSignal(found.source);
}

function parseParameters(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new SpymasterError(
    'USAGE',
    `Cannot read --signal-params-json: expected a JSON object such as {"tanh_scale": 2}, got ${text}.`,
    { key: 'signal-params-json' },
  );
}

function onlineSimText(signal: string, report: OnlineSimReport): string {
  const us = (value: number) => `${value.toFixed(1)} µs`;
  const { binBudgetMs, misses } = report;
  return formatFields([
    ['signal', signal],
    ['bins', `${formatCount(report.bins)}, ${formatCount(report.readyBins)} of them ready`],
    ['a bin', `p50 ${us(report.p50Us)}, p95 ${us(report.p95Us)}, p99 ${us(report.p99Us)}, max ${us(report.maxUs)}`],
    ['budget', `${binBudgetMs} ms; p99 takes ${(report.budgetShareP99 * 100).toPrecision(2)} % of it`],
    ['misses', misses === 0 ? 'none' : `${plural(misses, 'bin')} took longer than the budget`],
    ['memory', `${formatBytes(report.residentBytesMax)}, ${formatBytes(report.residentBytesStart)} at the start`],
  ]);
}
