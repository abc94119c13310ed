import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Metadata, namedInstruments, type RecordBatch } from '../../dbn/index.ts';
import { buildFile, refuseExisting, writeError } from '../../files/index.ts';
import { plural } from '../../format.ts';
import {
  BufferedSink,
  dbnSink,
  type Input,
  type OutputOptions,
  openByteSink,
  ParquetSink,
  type RecordSink,
  type TextOptions,
  textSink,
} from '../../inspect/index.ts';
import type { Cli } from '../command.ts';

export type Format = 'dbn' | 'json' | 'csv' | 'parquet';

/** The batches, shown as progress on standard error while a file is written. */
export async function* watched(
  batches: AsyncIterable<RecordBatch>,
  inputs: readonly Input[],
  options: OutputOptions,
  output: Cli['output'],
): AsyncGenerator<RecordBatch> {
  if (options.output === '-') {
    yield* batches;
    return;
  }
  const total = inputs.reduce<number | null>(
    (sum, { sizeBytes }) => (sum === null || sizeBytes === null ? null : sum + sizeBytes),
    0,
  );
  const progress = output.progress({ label: 'Writing', unit: 'records', total });
  let records = 0;
  try {
    for await (const batch of batches) {
      yield batch;
      records += batch.count;
      progress.update(
        inputs.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
        records,
      );
    }
  } finally {
    progress.stop();
  }
}

/**
 * Writes records to where the options say. Of an input that was cut, what was whole goes to standard output before the
 * error is thrown; a file is not written.
 */
export async function writeRecords(
  records: AsyncIterable<RecordBatch>,
  format: Format,
  metadata: Metadata | null,
  tsOut: boolean,
  options: TextOptions,
  output: Cli['output'],
): Promise<void> {
  const written = { count: 0 };
  await writeBatches(counted(records, written), format, metadata, tsOut, options, output);
  if (options.output === '-') return;
  const symbols = metadata === null ? [] : [...new Set(namedInstruments(metadata).map(({ symbol }) => symbol))];
  const of =
    symbols.length === 0 ? '' : ` of ${symbols.length <= 4 ? symbols.join(', ') : plural(symbols.length, 'symbol')}`;
  output.print(`Wrote ${plural(written.count, 'record')}${of} to ${options.output}.`);
}

async function* counted(batches: AsyncIterable<RecordBatch>, written: { count: number }): AsyncGenerator<RecordBatch> {
  for await (const batch of batches) {
    written.count += batch.count;
    yield batch;
  }
}

async function writeBatches(
  batches: AsyncIterable<RecordBatch>,
  format: Format,
  metadata: Metadata | null,
  tsOut: boolean,
  options: TextOptions,
  output: Cli['output'],
): Promise<void> {
  if (format === 'parquet') {
    await writeParquet(batches, metadata, tsOut, options, output);
    return;
  }
  const bytes = new BufferedSink(await openByteSink(options, output));
  const pretty = options.pretty ?? false;
  const textOptions = {
    prettyPrices: pretty,
    prettyTimes: pretty,
    mapSymbols: options.mapSymbols ?? false,
    tsOut,
    metadata,
  };
  const sink = format === 'dbn' ? await dbnSink(bytes, metadata) : await textSink(bytes, { format, ...textOptions });
  await pour(batches, sink, options.output === '-');
}

async function pour(batches: AsyncIterable<RecordBatch>, sink: RecordSink, keepPartial: boolean): Promise<void> {
  let isFinished = false;
  const finish = async () => {
    await sink.finish();
    isFinished = true;
  };
  try {
    try {
      for await (const batch of batches) {
        await sink.write(batch);
        if (!sink.isOpen) break;
      }
    } catch (error) {
      if (keepPartial) await finish();
      throw error;
    }
    await finish();
  } finally {
    // A sink that failed to finish still holds its file and its thread.
    if (!isFinished) await sink.abort();
  }
}

async function writeParquet(
  batches: AsyncIterable<RecordBatch>,
  metadata: Metadata | null,
  tsOut: boolean,
  options: TextOptions,
  output: Cli['output'],
): Promise<void> {
  const write = async (path: string) => {
    const { mapSymbols = false, priceType = 'decimal' } = options;
    const sink = new ParquetSink(path, { metadata, tsOut, mapSymbols, priceType });
    await pour(batches, sink, false);
    return sink.written;
  };
  if (options.output !== '-') {
    const target = { force: options.force ?? false };
    refuseExisting(options.output, target);
    await buildFile(options.output, target, write);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'spymaster-')).catch((cause: unknown) => {
    throw writeError(tmpdir(), cause);
  });
  try {
    const path = join(folder, 'records.parquet');
    await write(path);
    for await (const chunk of createReadStream(path)) if (!(await output.write(chunk as Uint8Array))) break;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
