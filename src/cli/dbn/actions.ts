import { gapsOf, jsonText, metadataJson, type RecordBatch, rtype } from '../../dbn/index.ts';
import { describeAnomalies } from '../../engine/index.ts';
import { exitCode, SpymasterError } from '../../errors.ts';
import { formatCount, plural } from '../../format.ts';
import {
  type BookOptions,
  type Input,
  type InputOptions,
  MbpBuilder,
  mergedMetadata,
  mergeRecords,
  type OutputOptions,
  openInput,
  requireMetadata,
  Selection,
  type SplitOptions,
  split,
  type TextOptions,
  type Verification,
  verify,
} from '../../inspect/index.ts';
import type { Cli } from '../command.ts';
import { formatFields, formatTable } from '../table.ts';
import { type Format, watched, writeRecords } from './write_records.ts';

/** Prints an input's metadata as one JSON object. */
export async function printMetadata(file: string, options: TextOptions, { output }: Cli): Promise<void> {
  await using input = await openInput(file, options);
  const metadata = requireMetadata(input, 'print the metadata of');
  const pretty = options.pretty ?? false;
  output.print(jsonText(metadataJson(metadata, pretty), pretty ? 4 : 0));
}

/** Writes the selected records of an input in a format. */
export async function convert(file: string, format: Format, options: TextOptions, { output }: Cli): Promise<void> {
  await using input = await openInput(file, options);
  const selection = new Selection(input, options, { keepsGaps: format === 'dbn' });
  const metadata = input.metadata === null ? null : selection.narrow(input.metadata);
  const records = watched(selected(input, selection), [input], options, output);
  await writeRecords(records, format, metadata, input.tsOut, options, output);
}

/** Merges inputs in order of time. */
export async function merge(
  files: readonly string[],
  options: InputOptions & OutputOptions,
  { output }: Cli,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const inputs: Input[] = [];
  for (const file of files) inputs.push(opened.use(await openInput(file, options)));
  const metadata = mergedMetadata(inputs);
  const records = watched(mergeRecords(inputs), inputs, options, output);
  await writeRecords(records, 'dbn', metadata, metadata.tsOut, options, output);
}

/** Splits an input into files and prints their names. */
export async function splitFile(file: string, options: SplitOptions, { output }: Cli): Promise<void> {
  await using input = await openInput(file, options);
  const { by, folder, zstd = false, force = false } = options;
  const files = await split(input, by, folder, { zstd, force });
  if (options.json) output.json({ path: input.name, by, files });
  else {
    const rows = files.map(({ key, path, records }) => [key, formatCount(records), path]);
    output.print(formatTable([{ title: by }, { title: 'records', align: 'right' }, { title: 'file' }], rows));
  }
}

/** Reads an input to its end and reports; sets a failing exit code when it is cut or damaged. */
export async function verifyFile(
  file: string,
  options: InputOptions & { json?: true },
  { output }: Cli,
): Promise<void> {
  await using input = await openInput(file, options);
  const { error, ...found } = await verify(input);
  if (options.json) {
    const failure = error === null ? {} : { error: { code: error.code, message: error.message, ...error.fields } };
    output.json({ ok: error === null, ...found, ...failure });
    if (error !== null) output.exitCode = exitCode.failure;
    return;
  }
  output.print(verificationText(found));
  if (error !== null) throw error;
  output.print('Whole: every record was read.');
}

function verificationText(found: Omit<Verification, 'error'>): string {
  const warnings = [
    [found.unknownRecords, 'record', 'of an unknown type'],
    [found.outOfOrder, 'record', 'earlier than the one before'],
    [found.outsideRange, 'record', "outside the metadata's start and end"],
    [found.unmapped, 'record', 'of instruments that the metadata does not map'],
  ] as const;
  const said = warnings.filter(([count]) => count > 0).map(([count, noun, what]) => `${plural(count, noun)} ${what}`);
  const byLayout = Object.entries(found.recordsByLayout).map(([name, count]) => `${name} ${formatCount(count)}`);
  return formatFields([
    [
      'file',
      `${found.path} (${found.container}${found.version === null ? ', fragment' : `, DBN version ${found.version}`})`,
    ],
    ['dataset', found.dataset ?? 'unknown'],
    ['schema', found.schema ?? 'mixed or unknown'],
    ['records', `${formatCount(found.records)} (${byLayout.join(', ') || 'none'})`],
    ['instruments', formatCount(found.instruments)],
    ['first time', found.firstTs === null ? 'none' : isoOf(found.firstTs)],
    ['last time', found.lastTs === null ? 'none' : isoOf(found.lastTs)],
    ['bytes', `${formatCount(found.bytes)} decompressed`],
    ['remarks', said.length === 0 ? 'none' : said.join('; ')],
  ]);
}

function isoOf(ts: bigint): string {
  return ts > 2n ** 63n
    ? `${ts} ns`
    : Temporal.Instant.fromEpochNanoseconds(ts).toString({ fractionalSecondDigits: 9 });
}

/** Makes mbp records from an input's MBO records. */
export async function book(file: string, options: BookOptions, { output }: Cli): Promise<void> {
  await using input = await openInput(file, options);
  const selection = new Selection(input, options, { keepsGaps: true });
  const depth = options.levels === '10' ? 10 : 1;
  const narrowed = input.metadata === null ? null : selection.narrow(input.metadata);
  const metadata =
    narrowed === null
      ? null
      : { ...narrowed, schema: depth === 10 ? ('mbp-10' as const) : ('mbp-1' as const), tsOut: false };
  const format = options.as ?? formatOfName(options.output);
  const builder = new MbpBuilder(depth);
  const taken = watched(selected(input, selection), [input], options, output);
  const records = mbpRecords(taken, builder, input.name, format === 'dbn');
  await writeRecords(records, format, metadata, false, options, output);
  for (const sentence of describeAnomalies(builder.counters, builder.startsWithSnapshot))
    output.note(`Note: ${sentence}.`);
}

function formatOfName(name: string): Format {
  const extension = /\.(csv|json|parquet)(?:\.zst)?$/.exec(name)?.[1];
  return (extension as Format | undefined) ?? 'dbn';
}

async function* mbpRecords(
  batches: AsyncIterable<RecordBatch>,
  builder: MbpBuilder,
  name: string,
  keepsGaps: boolean,
): AsyncGenerator<RecordBatch> {
  let records = 0;
  let made: RecordBatch | null;
  for await (const batch of batches) {
    if (gapsOf(batch) !== null) {
      yield* open(builder);
      builder.loseBooks();
      if (keepsGaps) yield batch;
    }
    if (batch.rtype !== rtype.mbo) continue;
    records += batch.count;
    for (let index = 0; index < batch.count; ) {
      index = builder.apply(batch, index);
      made = builder.take();
      if (made !== null) yield made;
    }
  }
  yield* open(builder);
  if (records > 0) return;
  throw new SpymasterError(
    'SCHEMA_MISMATCH',
    `Cannot make a book from ${name}: it holds no MBO records of what was selected.`,
    { path: name },
  );
}

/** The records of snapshots that are still open. */
function* open(builder: MbpBuilder): Generator<RecordBatch> {
  builder.finish();
  for (let made = builder.take(); made !== null; builder.finish(), made = builder.take()) yield made;
}

async function* selected(input: Input, selection: Selection): AsyncGenerator<RecordBatch> {
  for await (const batch of input) {
    const taken = selection.take(batch);
    if (taken !== null) yield taken;
    if (selection.isDone) return;
  }
  selection.end();
}
