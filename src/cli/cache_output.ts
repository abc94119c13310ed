import { resolve } from 'node:path';
import type { Command } from 'commander';
import { present, SpymasterError } from '../errors.ts';
import { formatCount, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { OutputRequest } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { clockOption, jsonOption, lakeRootOption } from './options.ts';
import { programVersion } from './version.ts';

const examples = `
The values are those that are streamed: the window says which bins are stored, not where the replay starts. Stores
bins.parquet, grid.parquet (dense) and manifest.json, all or none; the same output is not made again.

Examples:
  $ npx spymaster cache-output --serving demo --out frames
  $ npx spymaster cache-output --pipeline configs/pipelines/mnq_demo.yaml --from 09:30 --to 09:35 --out frames`;

interface OutputOptions {
  readonly serving?: string;
  readonly pipeline?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out: string;
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `cache-output`: the frames of a serving version or a pipeline, stored as Parquet. */
export function addCacheOutputCommand(command: Command, cli: Cli): void {
  command
    .option('--serving <name>', 'alias or id of a published serving version')
    .option('--pipeline <file>', 'a PipelineSpec')
    .option('--from <time>', 'start of the bins to store, New York time', clockOption)
    .option('--to <time>', 'end of the bins to store, New York time', clockOption)
    .requiredOption('--out <folder>', 'folder to make')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: OutputOptions) => store(options, cli));
}

async function store(options: OutputOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { Lake } = await import('../lake/index.ts');
  const { storeOutput } = await import('../replay/index.ts');
  const lake = new Lake(options.lakeRoot);
  const request = await requestOf(lake, options);
  const progress = output.progress({ label: 'Storing', unit: 'events', total: 1 });
  const stored = await storeOutput(lake, request, resolve(options.out), {
    codeVersion: programVersion(),
    onProgress: (bytesRead, sizeBytes, events) => progress.update(bytesRead / sizeBytes, events),
    signal: interruptSignal(),
  }).finally(() => progress.stop());
  const { folder, bins, gridRows, isNew } = stored;
  if (options.json) output.json({ name: request.name, folder, bins, grid_rows: gridRows, is_new: isNew });
  else {
    const what = `${plural(bins, 'bin')} and ${formatCount(gridRows)} grid rows of ${request.name}`;
    output.print(isNew ? `Stored ${what} in ${folder}.` : `${what} are in ${folder} already.`);
  }
}

async function requestOf(lake: Lake, options: OutputOptions): Promise<OutputRequest> {
  const { serving, pipeline, from = null, to = null } = options;
  if ((serving === undefined) === (pipeline === undefined)) {
    throw new SpymasterError('USAGE', 'Cannot tell what to store: give either --serving or --pipeline.');
  }
  const { captureOf, captureWindow, pickRuntime } = await import('../config/index.ts');
  const { instrumentPath, readInstrument, ServingRegistry, SpecFiles } = await import('../lake/index.ts');
  const base = await (async () => {
    if (pipeline !== undefined) {
      const { runtime, capture, spec, datasetId } = await new SpecFiles(
        lake,
        await readInstrument(instrumentPath(process.env, pipeline)),
      ).pipeline(pipeline);
      return { name: datasetId, runtime, date: spec.capture.dt, capture, signal: undefined };
    }
    using registry = new ServingRegistry(lake);
    const { spec, servingId } = registry.resolve(present(serving));
    const { runtime_snapshot: snapshot, signal } = spec;
    const [capture, runtime] = [captureOf(snapshot), pickRuntime(snapshot)];
    return { name: servingId, runtime, date: snapshot.stream_dt, capture, signal };
  })();
  const at = (time: string | null): bigint | null =>
    time === null ? null : captureWindow(base.runtime.product_type, base.date, time).startNs;
  const [fromNs, toNs] = [at(from), at(to)];
  if (fromNs !== null && toNs !== null && fromNs >= toNs) {
    throw new SpymasterError('USAGE', `Cannot store from ${from} to ${to}: give an end after the start.`);
  }
  return { ...base, fromNs, toNs };
}
