import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatCount, formatDurationS, formatRate, plural } from '../format.ts';
import type { GeneratedDataset } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';
import { stepProgress } from './step_progress.ts';
import { programVersion } from './version.ts';

const examples = `
A dataset's id consists of the capture and a hash of everything that determines the data. An existing dataset is not made
again; instead it is compared with the raw file, by a hash of the records that it was made from, so recompressing the file or
appending to it makes no difference. An interrupted run leaves no dataset, and the next one starts over.

With \`pipeline: {prior_day: true}\` in the spec, features know the trading day before: overnight and prior high, low and close, and sums since the
trading day began. The raw files of those sessions must be in the lake; docs/datasets.md says which.

Examples:
  $ npx spymaster generate configs/pipelines/mnq_demo.yaml
  $ npx spymaster generate configs/pipelines/mnq_demo.yaml --verify    check files and raw file against their checksums
  $ npx spymaster generate configs/pipelines/mnq_demo.yaml --rebuild   make a dataset of a raw file that was delivered again`;

interface GenerateCommandOptions {
  readonly lakeRoot: string;
  readonly verify?: true;
  readonly rebuild?: true;
  readonly json?: true;
}

/** Adds `generate`: a PipelineSpec becomes an immutable dataset. */
export function addGenerateCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'a PipelineSpec')
    .option(...anyLakeOption)
    .option('--verify', 'check the existing dataset against its checksums, and fail if its raw file differs')
    .option('--rebuild', 'if the raw file has changed, make a new dataset beside the existing one')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: GenerateCommandOptions) => generate(file, options, cli));
}

async function generate(file: string, options: GenerateCommandOptions, cli: Cli): Promise<void> {
  const { output, interruptSignal } = cli;
  const {
    conditionSentence,
    describeDatasetCoverage,
    instrumentPath,
    rawNotice,
    readInstrument,
    SpecFiles,
    verifyDataset,
    openLake,
  } = await import('../lake/index.ts');
  const { generateDataset } = await import('../replay/index.ts');
  const lake = await openLake(options.lakeRoot);
  const instrument = await readInstrument(instrumentPath(process.env, file));
  const pipeline = await new SpecFiles(lake, instrument).pipeline(file);
  const steps = stepProgress(output);
  const startMs = performance.now();
  const dataset = await generateDataset({
    lake,
    pipeline,
    codeVersion: programVersion(),
    onWait: () => output.note('Another process makes this dataset: waiting for it to end.'),
    rebuild: options.rebuild === true,
    onCompare: (bytesRead, sizeBytes) => steps.show('Comparing the raw file', 'bytes', sizeBytes).update(bytesRead),
    onPrior: (bytesRead, sizeBytes, date) =>
      steps.show(`Reading the session of ${date}`, 'bytes', sizeBytes).update(bytesRead),
    onProgress: (bytesRead, sizeBytes, events) =>
      steps.show('Generating', 'events', sizeBytes).update(bytesRead, events),
    signal: interruptSignal(),
  }).finally(() => steps.stop());
  const { dataset_id: datasetId } = dataset.manifest;
  const verified = options.verify === true && !dataset.isNew;
  if (verified) await verifyDataset(lake, datasetId);
  const rawText = rawNotice(datasetId, dataset.raw);
  if (verified && dataset.raw.state === 'differs') {
    throw new SpymasterError('CHECKSUM_MISMATCH', `${rawText}`, { dataset: datasetId, path: dataset.raw.path ?? '' });
  }
  if (rawText !== null) output.note(rawText);
  const wallS = (performance.now() - startMs) / 1000;
  const missing = describeDatasetCoverage(dataset.manifest);
  if (options.json) {
    output.json(datasetJson(dataset, missing, verified, wallS));
    return;
  }
  output.print(datasetText(dataset, verified, wallS));
  const condition = conditionSentence(dataset.manifest.condition, dataset.manifest.spec.capture.dt);
  if (condition !== null) output.note(condition);
  for (const sentence of missing) output.note(`To be known: ${sentence}.`);
}

function datasetJson(
  { folder, manifest, isNew, raw }: GeneratedDataset,
  missing: readonly string[],
  verified: boolean,
  wallS: number,
): object {
  const { dataset_id, bins, rows, source, condition = null, counters, coverage = null, starts_whole } = manifest;
  const { prior_sources = [] } = manifest;
  const made = { dataset_id, folder, is_new: isNew, verified, raw_file: raw, bins, rows, source, condition };
  return { ...made, prior_sources, counters, coverage, missing, starts_whole, wall_s: wallS };
}

function datasetText({ folder, manifest, isNew }: GeneratedDataset, verified: boolean, wallS: number): string {
  const { dataset_id, bins, rows, counters, resolved_config } = manifest;
  const size = `${plural(bins, 'bin')} of ${resolved_config.cell_width_ms} ms, ${formatCount(rows)} grid rows`;
  if (!isNew) {
    const state = verified ? 'is there, and its files are as they were made' : 'is there already';
    return `The dataset ${dataset_id} ${state} (${size}).\n${folder}`;
  }
  const events = counters.events ?? 0;
  const prior = (manifest.prior_sources ?? []).map(({ dt }) => dt);
  const knows = prior.length === 0 ? '' : ` Its features know the sessions before, of ${prior.join(', ')}.`;
  return (
    `Made the dataset ${dataset_id} (${size}) of ${plural(events, 'event')} in ${formatDurationS(wallS)}, ` +
    `${formatRate(events / wallS)} events/s.${knows}\n${folder}`
  );
}
