import type { Command } from 'commander';
import type { Metadata, RecordBatch } from '../dbn/index.ts';
import { describeAnomalies, type EngineCounters } from '../engine/index.ts';

import { exitCode, SpymasterError } from '../errors.ts';
import { leastFrontShare } from '../execution/index.ts';
import { isBeingRecorded } from '../files/index.ts';
import { formatDurationS, formatNewYork, joinWords, plural } from '../format.ts';
import {
  type Input,
  Inspection,
  type InspectionReport,
  type InstrumentReport,
  jsonReport,
  openAsItIs,
} from '../inspect/index.ts';
import type { Cli } from './command.ts';

import { textReport } from './inspection_text.ts';
import { jsonOption } from './options.ts';
import { tornTailSentence } from './recording_text.ts';

const examples = `
Reads the whole file in bounded memory and keeps the book of each instrument to see whether the records make sense.
A file that was cut is reported up to the cut, then fails with the byte at which it ends. A live recording may still grow: it is
reported up to its last whole record.

Examples:
  $ npx spymaster inspect session.dbn.zst
  $ npx spymaster inspect session.dbn.zst --json | jq .anomalies`;

interface InspectOptions {
  readonly fragment?: true;
  readonly json?: true;
}

/** Adds `inspect`: what is in a DBN file, and what is wrong with it. */
export function addInspectCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'DBN or DBZ file, plain or zstd; - is standard input')
    .option('--fragment', 'the file is records without metadata')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((path: string, options: InspectOptions) => inspect(path, options, cli));
}

async function inspect(path: string, options: InspectOptions, { output }: Cli): Promise<void> {
  const isRecorded = path !== '-' && isBeingRecorded(path);
  await using source = await openAsItIs(path, options.fragment ? { fragment: true } : {});
  const inspection = new Inspection();
  const stock = await stockCoverage(source.metadata);
  const cut = await readAll(source, [inspection, ...(stock === null ? [] : [stock.watch])], output);
  const report = inspection.report(source.metadata);
  const anomalies = [
    ...anomaliesOf(report),
    ...(stock?.sentences() ?? []),
    ...(isRecorded || source.tornTail === null ? [] : [tornTailSentence(source.tornTail)]),
  ];
  if (options.json) {
    const error = cut === null ? {} : { error: { code: cut.code, message: cut.message, ...cut.fields } };
    output.json({ path, ...jsonReport(source, report, isRecorded), anomalies, ...error });
    if (cut !== null) output.exitCode = exitCode.failure;
    return;
  }
  output.print(textReport(source, report, anomalies, isRecorded));
  if (cut !== null) throw cut;
}

/** Reads to the end; gives the error when the file does not reach it. */
async function readAll(
  source: Input,
  watches: readonly { add(batch: RecordBatch): void }[],
  output: Cli['output'],
): Promise<SpymasterError | null> {
  const progress = output.progress({ label: 'Reading', unit: 'records', total: source.sizeBytes });
  let records = 0;
  try {
    for await (const batch of source) {
      for (const watch of watches) watch.add(batch);
      records += batch.count;
      progress.update(source.bytesRead, records);
    }
    return null;
  } catch (error) {
    if (error instanceof SpymasterError) return error;
    throw error;
  } finally {
    progress.stop();
  }
}

/** Datasets of US stocks: their venues' and the consolidated ones. */
const stockDataset = /^(ARCX|BATS|BATY|DBEQ|EDGA|EDGX|EPRL|EQUS|IEXG|MEMX|XASE|XBOS|XCHI|XCIS|XNAS|XNYS|XPSX)\./;
const centInt = 1e7;
const dayNs = 86_400_000_000_000n;

/**
 * Watches the regular hours of a file with one session of a stock for halts, an early end and prices finer than a cent; null
 * for other files, of which it is not known when they trade.
 */
async function stockCoverage(metadata: Metadata | null) {
  if (metadata === null || metadata.schema !== 'mbo' || metadata.end === null) return null;
  const { dataset, start, end } = metadata;
  if (!stockDataset.test(dataset) || end - start > dayNs || metadata.symbols.length !== 1) return null;
  const { captureWindow } = await import('../config/index.ts');
  const { CoverageWatch, describeCoverage } = await import('../lake/index.ts');
  const date = Temporal.Instant.fromEpochNanoseconds(start).toZonedDateTimeISO('UTC').toPlainDate().toString();
  const capture = captureWindow('equity_mbo', date, '09:30', '16:00');
  // A file that was asked for only in part does not end early.
  if (end < capture.sessionEndNs || start > capture.startNs) return null;
  const subject = { capture, productType: 'equity_mbo', tickInt: centInt } as const;
  const watch = new CoverageWatch(subject, null, false);
  return { watch, sentences: () => describeCoverage(watch.report(), subject) };
}

/** What is wrong, in sentences: the sums over all books and the file's own faults. */
function anomaliesOf(report: InspectionReport): string[] {
  if (report.records === 0) return ['the file holds no records'];
  const sum: Partial<Record<keyof EngineCounters, number>> = {};
  for (const { book } of followedBooks(report.instruments)) {
    for (const [name, count] of Object.entries(book?.counters ?? {}) as [keyof EngineCounters, number][]) {
      sum[name] = (sum[name] ?? 0) + count;
    }
  }
  const sentences = describeAnomalies(sum, report.snapshot?.first === true);
  if (report.receivedEarly > 0) {
    sentences.push(`${plural(report.receivedEarly, 'record')} received before they happened: the clocks disagree`);
  }
  return [
    ...sentences,
    ...severalPublishers(report.instruments),
    ...report.moves.map(moveSentence),
    ...outOfTurn(report.instruments),
    ...gapSentences(report.gaps),
  ];
}

function gapSentences({ count, missingNs, longest }: InspectionReport['gaps']): string[] {
  if (longest === null) return [];
  const length = missingNs > 0n ? formatDurationS(Number(missingNs) / 1e9) : 'of a length that is not known';
  return [
    `${plural(count, 'gap')} in the recording, ${length}, the longest from ${formatNewYork(longest.fromNs)} (${longest.cause}): ` +
      'a replay empties the book there, which is not valid until the next snapshot or clear',
  ];
}

/** The books that a replay may follow: a publisher that only trades is left out where another makes a book. */
function followedBooks(instruments: readonly InstrumentReport[]): InstrumentReport[] {
  const made = new Set(
    instruments.filter(({ book }) => (book?.acting ?? 0) > 0).map(({ instrumentId }) => instrumentId),
  );
  return instruments.filter(({ instrumentId, book }) => (book?.acting ?? 0) > 0 || !made.has(instrumentId));
}

function severalPublishers(instruments: readonly InstrumentReport[]): string[] {
  const acting = instruments.filter(({ book }) => (book?.acting ?? 0) > 0);
  const byInstrument = Map.groupBy(acting, ({ instrumentId }) => instrumentId);
  return [...byInstrument.values()]
    .filter((books) => books.length > 1)
    .map((books) => {
      const { symbol, instrumentId } = books[0] as InstrumentReport;
      const publishers = books.map(({ publisherId, records }) => `${publisherId} (${plural(records, 'record')})`);
      return (
        `several publishers make a book of ${symbol === '' ? `instrument ${instrumentId}` : symbol}: ` +
        `${joinWords(publishers)}; a replay needs publisher_id`
      );
    });
}

/** Markets that allocate otherwise than first in, first out. */
function outOfTurn(instruments: readonly InstrumentReport[]): string[] {
  return instruments.flatMap(({ symbol, instrumentId, book }) => {
    if (book === null || book.frontShare === null || book.frontShare >= leastFrontShare) return [];
    const share = `${(book.frontShare * 100).toFixed(2)} % of ${plural(book.executions, 'execution')}`;
    return [
      `${symbol === '' ? `instrument ${instrumentId}` : symbol} does not execute first in, first out: ${share} were at the front of ` +
        'their queue; fills and execute refuse it without --not-fifo',
    ];
  });
}

function moveSentence({ symbol, instrumentIds }: InspectionReport['moves'][number]): string {
  return `${symbol} moved from instrument ${instrumentIds.join(' to ')}: a replay of it empties the book there`;
}
