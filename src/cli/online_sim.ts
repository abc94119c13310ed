import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { StoredSignal } from '../signals/index.ts';
import type { OnlineSimReport } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, numberOption, signalsOption } from './options.ts';
import { formatFields } from './table.ts';

const examples = `
Examples:
  $ npx spymaster online-sim --signal derivative --dataset-id D
  $ npx spymaster online-sim --signal jad --dataset-id D --signal-params-json '{"zscore_window_bins": 200}' --bin-budget-ms 50
  $ npx spymaster online-sim --serving live --dataset-id D`;

interface OnlineSimCommandOptions {
  readonly signal?: string;
  readonly serving?: string;
  readonly datasetId: string;
  readonly signalParamsJson: string;
  readonly binBudgetMs: number;
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly json?: true;
}

/** Adds `online-sim`: streams a dataset through a signal as serving would, and measures each bin. */
export function addOnlineSimCommand(command: Command, cli: Cli): void {
  command
    .option('--signal <name>', 'the signal; see list-signals')
    .option(
      '--serving <name>',
      'a published version instead: its signal and parameters, of its stored source where it is yours',
    )
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
  const signal = await chosenSignal(lake, options, signalParameters);
  const progress = output.progress({ label: 'Streaming', unit: 'bins', total: null });
  const report = await onlineSim({
    lake,
    datasetId: options.datasetId,
    signalName: signal.name,
    signalParameters: signal.params,
    signalSource: signal.source_hash,
    binBudgetMs: options.binBudgetMs,
    nowMs: () => performance.now(),
    residentBytes: () => process.memoryUsage.rss(),
    onProgress: (bins) => progress.update(bins),
  }).finally(() => progress.stop());
  if (options.json)
    output.json({ signal: signal.name, dataset_id: options.datasetId, ...snakeCaseKeys({ ...report }) });
  else output.print(onlineSimText(signal.name, report));
}

/** The signal that is named, loaded where it is the user's. @throws USAGE unless a signal or a version is named, and not both */
async function chosenSignal(
  lake: Lake,
  { signal: name, serving, signals: folder }: OnlineSimCommandOptions,
  params: Record<string, unknown>,
): Promise<StoredSignal> {
  const { loadSignal, readUserSignals } = await import('../user_signals/index.ts');
  if (name === undefined && serving !== undefined) return servedSignal(lake, serving, params);
  if (name === undefined || serving !== undefined) {
    throw new SpymasterError('USAGE', 'Cannot choose a signal: give --signal <name>, or --serving <alias or id>.', {
      key: 'signal',
    });
  }
  const found = (await readUserSignals({ lake, folder })).get(name);
  if (found instanceof SpymasterError) throw found;
  if (found !== undefined) await loadSignal(found.source);
  return { name, params };
}

/** The signal of a published version, of its stored source where it is the user's. */
async function servedSignal(lake: Lake, serving: string, over: Record<string, unknown>): Promise<StoredSignal> {
  const { openServingRegistry } = await import('../lake/index.ts');
  const { defaultSignal, registerSource, runtimeParameters, storedParameters } = await import('../signals/index.ts');
  const { storedSignal } = await import('../user_signals/index.ts');
  using registry = await openServingRegistry(lake);
  const { signal, runtime_snapshot } = registry.resolve(serving).spec;
  if (signal === undefined) {
    return { name: defaultSignal.name, params: { ...runtimeParameters(defaultSignal, runtime_snapshot), ...over } };
  }
  const { name, params, source_hash } = signal;
  const definition = await storedSignal(lake, name, source_hash);
  registerSource(definition);
  return { name, params: { ...storedParameters(definition, params), ...over }, source_hash };
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
