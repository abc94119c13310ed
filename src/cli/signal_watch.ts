import { once } from 'node:events';
import type { Command } from 'commander';
import { formatCount } from '../format.ts';
import type { WatchState } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { integerOption, jsonOption, lakeRootOption, numberOption, signalsOption } from './options.ts';

interface WatchCommandOptions {
  readonly dataset: string;
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly port: number;
  readonly timeout: number;
  readonly json?: true;
}

/** Adds `signal watch`: a page that follows a signal's file. */
export function addSignalWatchCommand(signal: Command, cli: Cli): void {
  signal
    .command('watch')
    .description('run a signal on a dataset at each save of its file; a page shows score and firings of the newest')
    .argument('<name>', 'the name of the signal')
    .requiredOption('--dataset <id>', 'the dataset; see list-datasets')
    .option(
      '--port <number>',
      'port of the page, on this machine alone (default: any that is free)',
      integerOption(0, 65_535),
      0,
    )
    .option('--timeout <seconds>', 'how long a bin may take', numberOption(0.2, 3600), 10)
    .option(...signalsOption)
    .option(...lakeRootOption)
    .option(jsonOption[0], 'print one JSON object a run instead of text')
    .addHelpText('after', '\nExample:\n  $ npx spymaster signal watch my_signal --dataset mnq_demo')
    .action((name: string, options: WatchCommandOptions) => watchSignal(name, options, cli));
}

async function watchSignal(
  name: string,
  options: WatchCommandOptions,
  { output, interruptSignal }: Cli,
): Promise<void> {
  const { Lake } = await import('../lake/index.ts');
  const { findUserSignalFile } = await import('../user_signals/index.ts');
  const { WatchedSignal } = await import('../sweep/index.ts');
  const { startSignalWatch } = await import('../server/index.ts');
  const { dataset: datasetId, port, timeout, json } = options;
  const lake = new Lake(options.lakeRoot);
  const places = { lake, folder: options.signals };
  const { folder, path } = await findUserSignalFile(places, name);
  const interrupted = interruptSignal();
  const watched = await WatchedSignal.open({ lake, places, name, datasetId, stallMs: timeout * 1000 });
  const tell = (state: WatchState) => (json ? output.json(stateJson(state)) : output.print(stateText(state)));
  await using watch = await startSignalWatch({ watched, name, folder, port, now: () => new Date(), onState: tell });
  if (json) output.json({ signal: name, path, dataset_id: datasetId, page: watch.address });
  else output.print(`Watching ${path} on ${datasetId}: ${watch.address} (Ctrl-C ends it).`);
  if (!interrupted.aborted) await once(interrupted, 'abort');
}

function stateJson({ save, run, error }: WatchState) {
  if (run === null || error !== null) return { save, error };
  const { hash, threshold, scores, warmUpBins, firings, tookMs } = run;
  return {
    ...{
      save,
      error,
      source_hash: hash,
      bins: scores.length,
      firings: firings.bins.length,
      threshold: threshold.value,
    },
    ...{ warm_up_bins: warmUpBins, took_ms: Math.round(tookMs) },
  };
}

function stateText({ save, run, error }: WatchState): string {
  if (error !== null) return `${save}: ${error}`;
  if (run === null) return `${save}: nothing has run yet.`;
  const { hash, threshold, scores, firings, tookMs } = run;
  const at = `${threshold.kind === 'score' ? 'threshold' : 'percentile'} ${threshold.value}`;
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  return `${save}: source ${hash.slice(0, 12)}, ${formatCount(scores.length)} bins in ${took}, ${formatCount(firings.bins.length)} firings at ${at}.`;
}
