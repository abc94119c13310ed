import { basename } from 'node:path';
import { flag, type Metadata } from '../dbn/index.ts';
import { formatBytes, formatCount, formatDurationS, formatNewYork, formatPriceInt, plural } from '../format.ts';
import type { Input, InspectionReport, InstrumentReport } from '../inspect/index.ts';
import { formatFields, formatTable } from './table.ts';

const stillRecorded: [string, string] = ['Recording', 'goes on: this is the file up to its last whole record'];
/** Symbols, instruments and gaps that the text shows; --json has them all. */
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

/** The report of `inspect` for people. */
export function textReport(
  source: Input,
  report: InspectionReport,
  anomalies: readonly string[],
  isBeingRecorded: boolean,
): string {
  const { name, container, metadata } = source;
  const parts = [
    `${basename(name)}, ${formatBytes(source.sizeBytes ?? source.bytesRead)}${container === 'dbn' ? '' : ` (${container})`}`,
    formatFields([
      ...metadataFields(metadata, report.streamSymbols),
      ...(isBeingRecorded ? [stillRecorded] : []),
      ...contentFields(report),
    ]),
    ...(report.records > 0 ? [countTable('record type', report.byType)] : []),
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
  if (report.gaps.count > 0) parts.push(gapTable(report.gaps));
  parts.push(
    anomalies.length === 0
      ? 'No anomalies.'
      : ['Anomalies:', ...anomalies.map((sentence) => `  - ${sentence}`)].join('\n'),
  );
  return parts.join('\n\n');
}

function metadataFields(metadata: Metadata | null, streamSymbols: readonly string[]): [string, string][] {
  if (metadata === null) return [['Format', 'a fragment: records without metadata']];
  const symbols = [...new Set([...metadata.symbols, ...streamSymbols])];
  const more = symbols.length > shownNames ? ` and ${formatCount(symbols.length - shownNames)} more` : '';
  const end = metadata.end === null ? 'open' : formatNewYork(metadata.end);
  const unmapped = [...metadata.partial, ...metadata.notFound];
  return [
    ['Format', `DBN version ${metadata.version}, ${metadata.dataset}, ${metadata.schema ?? 'mixed schemas'}`],
    ['Requested', `${metadata.start === 0n ? 'all there is' : formatNewYork(metadata.start)} to ${end}`],
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
      ['Last', `${formatNewYork(lastNs)}, ${formatDurationS(seconds)} later`],
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
  const price = (priceInt: number | null): string => (priceInt === null ? '–' : formatPriceInt(BigInt(priceInt)));
  const rows = instruments.slice(0, shownNames).map(({ instrumentId, symbol, publisherId, records, book }) => {
    const head = [symbol === '' ? '–' : symbol, String(instrumentId), String(publisherId), formatCount(records)];
    if (book === null) return head;
    const { orders, bidLevels, askLevels, bestBid, bestAsk, frontShare } = book;
    const front = frontShare === null ? '–' : `${(frontShare * 100).toFixed(2)} %`;
    return [
      ...head,
      ...[orders, bidLevels, askLevels].map((n) => formatCount(n)),
      price(bestBid),
      price(bestAsk),
      front,
    ];
  });
  const more = instruments.length - rows.length;
  const right = [
    'instrument',
    'publisher',
    'records',
    'orders at end',
    'bid levels',
    'ask levels',
    'best bid',
    'best ask',
    'at the front',
  ];
  const columns = instruments.some(({ book }) => book !== null) ? right : right.slice(0, 3);
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

function gapTable({ count, listed }: InspectionReport['gaps']): string {
  const rows = listed.slice(0, shownNames).map(({ fromNs, toNs, cause }) => {
    const lengthS = Number(toNs - fromNs) / 1e9;
    return [formatNewYork(fromNs), lengthS > 0 ? formatDurationS(lengthS) : 'not known', cause];
  });
  const table = formatTable([{ title: 'gap from' }, { title: 'length', align: 'right' }, { title: 'cause' }], rows);
  return count > rows.length ? `${table}\nand ${plural(count - rows.length, 'gap')} more (--json has them)` : table;
}

function flagsMeaning(flags: number): string {
  return flagNames.flatMap(([bit, name]) => ((flags & bit) !== 0 ? [name] : [])).join(', ');
}
