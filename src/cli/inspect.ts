import { basename } from 'node:path';
import type { Command } from 'commander';
import type { BookCounters } from '../book/index.ts';
import { flag, type Metadata } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { describeAnomalies } from './anomalies.ts';
import type { Cli } from './command.ts';
import { type Input, openInput } from './dbn/source.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatFields,
  formatNewYork,
  formatPrice,
  formatTable,
  plural,
} from './format.ts';
import { Inspection, type InspectionReport, type InstrumentReport } from './inspection.ts';
import { jsonOption } from './options.ts';
import { exitCode } from './output.ts';

const examples = `
Reads the whole file in bounded memory and keeps the book of each instrument to see whether the records make sense.
A file that was cut is reported up to the cut, then fails with the byte at which it ends.

Examples:
  $ npx spymaster inspect session.dbn.zst
  $ npx spymaster inspect session.dbn.zst --json | jq .anomalies`;

/** Symbols and instruments that the text shows; --json has them all. */
const shownNames = 12;

const actionMeaning: Readonly<Record<string, string>> = {
  A: 'add',
  C: 'cancel',
  M: 'modify',
  T: 'trade',
  F: 'fill',
  R: 'clear',
  N: 'none',
};

const flagNames = [
  [flag.last, 'last of event'],
  [flag.tob, 'top of book'],
  [flag.snapshot, 'snapshot'],
  [flag.mbp, 'aggregated'],
  [flag.badTsRecv, 'bad receive time'],
  [flag.maybeBadBook, 'maybe bad book'],
  [flag.publisherSpecific, 'publisher specific'],
] as const;

interface InspectOptions {
  readonly fragment?: true;
  readonly json?: true;
}

/** Adds `inspect`: what is in a DBN file, and what is wrong with it. */
export function addInspectCommand(program: Command, cli: Cli): void {
  program
    .command('inspect')
    .description('show what is in a DBN file, and what is wrong with it')
    .argument('<file>', 'DBN or DBZ file, plain or zstd; - is standard input')
    .option('--fragment', 'the file is records without metadata')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((path: string, options: InspectOptions) => inspect(path, options, cli));
}

async function inspect(path: string, options: InspectOptions, { output }: Cli): Promise<void> {
  await using source = await openInput(path, options.fragment ? { fragment: true } : {});
  const inspection = new Inspection();
  const cut = await readAll(source, inspection, output);
  const report = inspection.report(source.metadata);
  const anomalies = anomaliesOf(report);
  if (options.json) {
    const error = cut === null ? {} : { error: { code: cut.code, message: cut.message, ...cut.fields } };
    output.json({ path, ...jsonReport(source, report), anomalies, ...error });
    if (cut !== null) output.exitCode = exitCode.failure;
    return;
  }
  output.print(textReport(source, report, anomalies));
  if (cut !== null) throw cut;
}

/** Reads to the end; gives the error when the file does not reach it. */
async function readAll(source: Input, inspection: Inspection, output: Cli['output']): Promise<SpymasterError | null> {
  const progress = output.progress({ label: 'Reading', unit: 'records', total: source.sizeBytes });
  let records = 0;
  try {
    for await (const batch of source) {
      inspection.add(batch);
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

/** What is wrong, in sentences: the sums over all books and the file's own faults. */
function anomaliesOf(report: InspectionReport): string[] {
  const books = report.instruments.flatMap(({ book }) => (book === null ? [] : [book]));
  const sum: Partial<Record<keyof BookCounters, number>> = {};
  for (const { counters } of books) {
    for (const [name, count] of Object.entries(counters) as [keyof BookCounters, number][]) {
      sum[name] = (sum[name] ?? 0) + count;
    }
  }
  const { late, nullTime } = report;
  const sentences = describeAnomalies({ ...sum, late, nullTime }, report.snapshot?.first === true);
  if (report.receivedEarly > 0) {
    sentences.push(`${plural(report.receivedEarly, 'record')} received before they happened: the clocks disagree`);
  }
  return sentences;
}

function textReport(source: Input, report: InspectionReport, anomalies: readonly string[]): string {
  const { name, container, metadata } = source;
  const parts = [
    `${basename(name)}, ${formatBytes(source.sizeBytes ?? source.bytesRead)}${container === 'dbn' ? '' : ` (${container})`}`,
    formatFields([...metadataFields(metadata), ...contentFields(report)]),
    countTable('record type', report.byType),
  ];
  if (report.byAction.length > 0) {
    parts.push(
      countTable(
        'action',
        report.byAction.map(([action, count]) => [`${action} ${actionMeaning[action] ?? 'unknown'}`, count]),
      ),
      countTable(
        'flags',
        report.byFlags.map(([flags, count]) => [
          `${String(flags).padStart(3)} ${flagsMeaning(flags)}`.trimEnd(),
          count,
        ]),
      ),
    );
  }
  if (report.instruments.length > 0) parts.push(instrumentTable(report.instruments));
  parts.push(
    anomalies.length === 0
      ? 'No anomalies.'
      : ['Anomalies:', ...anomalies.map((sentence) => `  - ${sentence}`)].join('\n'),
  );
  return parts.join('\n\n');
}

function metadataFields(metadata: Metadata | null): [string, string][] {
  if (metadata === null) return [['Format', 'a fragment: records without metadata']];
  const { symbols } = metadata;
  const more = symbols.length > shownNames ? ` and ${formatCount(symbols.length - shownNames)} more` : '';
  const end = metadata.end === null ? 'open' : formatNewYork(metadata.end);
  const unmapped = [...metadata.partial, ...metadata.notFound];
  return [
    ['Format', `DBN version ${metadata.version}, ${metadata.dataset}, ${metadata.schema ?? 'mixed schemas'}`],
    ['Requested', `${formatNewYork(metadata.start)} to ${end}`],
    ['Symbols', `${symbols.slice(0, shownNames).join(', ')}${more}  (${metadata.stypeIn ?? 'mixed'})`],
    ...(unmapped.length > 0
      ? [
          ['Not mapped', `${unmapped.slice(0, shownNames).join(', ')}: without a mapping on all dates`] as [
            string,
            string,
          ],
        ]
      : []),
  ];
}

function contentFields(report: InspectionReport): [string, string][] {
  const { firstNs, lastNs, snapshot } = report;
  const fields: [string, string][] = [['Records', formatCount(report.records)]];
  if (firstNs !== null && lastNs !== null) {
    const seconds = Number(lastNs - firstNs) / 1e9;
    fields.push(
      ['First', formatNewYork(firstNs)],
      ['Last', `${formatNewYork(lastNs)}, ${formatDuration(seconds)} later`],
    );
    fields.push(['Busiest second', plural(report.peakPerS, 'record')]);
  }
  if (report.byAction.length === 0) return fields;
  if (snapshot === null) return [...fields, ['Snapshot', 'none']];
  const oddities = [
    ...(snapshot.first ? [] : ['not at the start']),
    ...(snapshot.hasClear ? [] : ['without a clear (R) before it']),
    ...(snapshot.hasLast ? [] : ['without a last-of-event flag at its end']),
  ];
  fields.push([
    'Snapshot',
    [
      `${plural(snapshot.records, 'record')} received ${formatNewYork(snapshot.receivedNs)}`,
      `oldest order placed ${formatNewYork(snapshot.oldestNs)}`,
      ...oddities,
    ].join(', '),
  ]);
  return fields;
}

function countTable(title: string, counts: readonly (readonly [string, number])[]): string {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return formatTable(
    [{ title }, { title: 'records', align: 'right' }, { title: 'share', align: 'right' }],
    counts.map(([name, count]) => [name, formatCount(count), `${((100 * count) / total).toFixed(1)} %`]),
  );
}

function instrumentTable(instruments: readonly InstrumentReport[]): string {
  const price = (priceInt: number | null): string => (priceInt === null ? '–' : formatPrice(BigInt(priceInt)));
  const rows = instruments.slice(0, shownNames).map(({ instrumentId, symbol, records, book }) => {
    const head = [symbol === '' ? '–' : symbol, String(instrumentId), formatCount(records)];
    if (book === null) return head;
    const { orders, bidLevels, askLevels, bestBid, bestAsk } = book;
    return [...head, ...[orders, bidLevels, askLevels].map((n) => formatCount(n)), price(bestBid), price(bestAsk)];
  });
  const more = instruments.length - rows.length;
  const right = ['instrument', 'records', 'orders at end', 'bid levels', 'ask levels', 'best bid', 'best ask'];
  const columns = instruments.some(({ book }) => book !== null) ? right : right.slice(0, 2);
  const table = formatTable(
    [{ title: 'symbol' }, ...columns.map((title) => ({ title, align: 'right' as const }))],
    rows,
  );
  const kept = instruments.filter(({ book }) => book !== null).length;
  const notes = [
    ...(more > 0 ? [`and ${plural(more, 'instrument')} more (--json has them all)`] : []),
    ...(kept > 0 && kept < instruments.length ? [`The books of the first ${kept} instruments were checked.`] : []),
  ];
  return [table, ...notes].join('\n');
}

function flagsMeaning(flags: number): string {
  return flagNames.flatMap(([bit, name]) => ((flags & bit) !== 0 ? [name] : [])).join(', ');
}

function jsonReport(source: Input, report: InspectionReport): object {
  const { metadata } = source;
  const { snapshot } = report;
  return {
    size_bytes: source.sizeBytes ?? source.bytesRead,
    container: source.container,
    metadata:
      metadata === null
        ? null
        : {
            version: metadata.version,
            dataset: metadata.dataset,
            schema: metadata.schema,
            start_ns: metadata.start,
            end_ns: metadata.end,
            stype_in: metadata.stypeIn,
            stype_out: metadata.stypeOut,
            symbols: metadata.symbols,
            partial: metadata.partial,
            not_found: metadata.notFound,
            mappings: metadata.mappings.map(({ rawSymbol, intervals }) => ({
              raw_symbol: rawSymbol,
              intervals: intervals.map(({ startDate, endDate, symbol }) => ({
                start_date: startDate,
                end_date: endDate,
                symbol,
              })),
            })),
          },
    records: report.records,
    records_by_type: Object.fromEntries(report.byType),
    records_by_action: Object.fromEntries(report.byAction),
    records_by_flags: Object.fromEntries(report.byFlags),
    first_ts_event_ns: report.firstNs,
    last_ts_event_ns: report.lastNs,
    peak_records_per_s: report.peakPerS,
    snapshot:
      snapshot === null
        ? null
        : {
            records: snapshot.records,
            ts_recv_ns: snapshot.receivedNs,
            oldest_ts_event_ns: snapshot.oldestNs,
            at_start: snapshot.first,
            has_clear: snapshot.hasClear,
            has_last: snapshot.hasLast,
          },
    instruments: report.instruments.map(({ instrumentId, symbol, records, book }) => ({
      instrument_id: instrumentId,
      symbol,
      records,
      book: book === null ? null : bookJson(book),
    })),
  };
}

function bookJson(book: NonNullable<InstrumentReport['book']>): object {
  const { counters, orders, bidLevels, askLevels, bestBid, bestAsk, valid } = book;
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    orders,
    bid_levels: bidLevels,
    ask_levels: askLevels,
    best_bid_price_int: bestBid === null ? null : String(bestBid),
    best_ask_price_int: bestAsk === null ? null : String(bestAsk),
    book_valid: valid,
    counters: Object.fromEntries(Object.entries(counters).map(([name, count]) => [snake(name), count])),
  };
}
