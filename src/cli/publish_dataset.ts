import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BundleFormat, type BundlePartition, bundleFormats } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, formatDurationS, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { PublishedBundle } from '../publish/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption } from './options.ts';
import { stepProgress } from './step_progress.ts';
import { programVersion } from './version.ts';

const examples = `
The bundle explains itself (README.md, schema.json with units, manifest.json, checksums.json) and is read-only. The dataset is
verified first, the copy is read back and compared with it; the folder appears whole or not at all.

Examples:
  $ npx spymaster publish-dataset mnqh6_20260206_0929_0939__mnq_demo__0123abcd --out bundle
  $ npx spymaster publish-dataset <dataset> --format csv --columns mid_price,composite --from 09:30 --to 09:30:30
  $ npx spymaster publish-dataset <dataset> --partition hour`;

interface PublishCommandOptions {
  readonly lakeRoot: string;
  readonly out?: string;
  readonly format: BundleFormat;
  readonly columns?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly partition?: BundlePartition;
  readonly json?: true;
}

/** Adds `publish-dataset`: a dataset becomes a bundle that explains itself. */
export function addPublishDatasetCommand(command: Command, cli: Cli): void {
  command
    .argument('<dataset>', 'a dataset id, see list-datasets')
    .option('--out <folder>', 'folder to make (default: research/vp_published/<dataset> in the lake)')
    .addOption(new Option('--format <format>', 'format of the data').choices(bundleFormats).default('parquet'))
    .option('--columns <names>', 'columns, separated by commas, besides bin_seq, k and the times', columnsOption)
    .option('--from <time>', 'only bins from this New York time on, HH:MM or HH:MM:SS', secondsOption)
    .option('--to <time>', 'only bins before this New York time', secondsOption)
    .addOption(new Option('--partition <by>', 'one file per New York hour').choices(['hour']))
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((datasetId: string, options: PublishCommandOptions) => publish(datasetId, options, cli));
}

async function publish(datasetId: string, options: PublishCommandOptions, cli: Cli): Promise<void> {
  const { output, interruptSignal } = cli;
  const { Lake } = await import('../lake/index.ts');
  const { publishDataset } = await import('../publish/index.ts');
  const lake = new Lake(options.lakeRoot);
  const startMs = performance.now();
  const steps = stepProgress(output);
  const bundle = await publishDataset({
    lake,
    request: {
      datasetId,
      format: options.format,
      columns: options.columns ?? null,
      ...(await windowOf(lake, datasetId, options)),
      partition: options.partition ?? 'none',
    },
    folder: options.out === undefined ? lake.published(datasetId) : resolve(options.out),
    codeVersion: programVersion(),
    onProgress: (phase, rows, total) =>
      steps.show(`${present(phase[0]).toUpperCase()}${phase.slice(1)}`, 'rows', total).update(rows),
    signal: interruptSignal(),
  }).finally(() => steps.stop());
  const wallS = (performance.now() - startMs) / 1000;
  if (options.json) output.json(bundleJson(bundle, wallS));
  else output.print(bundleText(bundle, wallS));
}

async function windowOf(lake: Lake, datasetId: string, { from, to }: PublishCommandOptions) {
  if (from === undefined && to === undefined) return { fromNs: null, toNs: null };
  const { readManifest } = await import('../lake/index.ts');
  const { sessionTimeNs } = await import('../config/index.ts');
  const { product_type, dt } = (await readManifest(lake, datasetId)).spec.capture;
  const fromNs = from === undefined ? null : sessionTimeNs(product_type, dt, from);
  const toNs = to === undefined ? null : sessionTimeNs(product_type, dt, to, 'end');
  if (fromNs !== null && toNs !== null && fromNs >= toNs) {
    throw new SpymasterError('USAGE', `Cannot publish from ${from} to ${to}: give an end after the start.`);
  }
  return { fromNs, toNs };
}

function bundleJson({ folder, manifest, bytes, isNew }: PublishedBundle, wallS: number): object {
  const { dataset_id, format, partition, bins, tables, verified } = manifest;
  const counted = tables.map(({ name, rows, columns, files }) => ({
    name,
    rows,
    columns: columns.length,
    files: files.length,
  }));
  return {
    dataset_id,
    folder,
    is_new: isNew,
    format,
    partition,
    bins,
    tables: counted,
    bytes,
    verified,
    wall_s: wallS,
  };
}

function bundleText({ folder, manifest, bytes, isNew }: PublishedBundle, wallS: number): string {
  const { dataset_id, format, tables } = manifest;
  const files = tables.reduce((count, table) => count + table.files.length, 0);
  const what = tables.map(({ name, rows }) => `${formatCount(rows)} rows of ${name}`).join(' and ');
  const size = `${what}, ${plural(files, `${format} file`)}, ${formatBytes(bytes)}`;
  if (!isNew) return `The bundle of ${dataset_id} is there, and its files are as they were made (${size}).\n${folder}`;
  return `Published ${dataset_id} (${size}) in ${formatDurationS(wallS)}; ${manifest.verified}.\n${folder}`;
}

function columnsOption(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('Expected names of columns separated by commas, for example mid_price,composite.');
}

function secondsOption(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a New York clock time written HH:MM or HH:MM:SS, for example 09:30:15.');
}
