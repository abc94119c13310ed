import { formatCount } from '../../format.ts';
import {
  clockTime,
  duration,
  type Html,
  histogramPlot,
  html,
  percent,
  type Row,
  significant,
  table,
} from '../../report/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import { spreadClasses } from '../book_quality.ts';
import type { FeedQuality, Quantiles } from '../feed_quality.ts';
import { causeWords } from '../verdict.ts';

const actionWords: Readonly<Record<string, string>> = {
  A: 'add',
  C: 'cancel',
  M: 'modify',
  R: 'clear',
  T: 'trade',
  F: 'fill',
  N: 'none',
};

/** Data quality: anomalies, gaps, books that are not valid, clocks, rates. */
export function dataSection(report: AnalysisReport): Html {
  const { feed } = report;
  return html`<section class="long" aria-labelledby="data"><h2 id="data">Data quality</h2>
<h3>Anomalies</h3>
<p class="lead">Counted from the file’s first record to the end of the window.</p>
${
  report.anomalies.length === 0
    ? html`<p>None.</p>`
    : html`<ul class="plain">${report.anomalies.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
}
<h3>Book and feed</h3>
<div class="cards">
${bookTable(report)}
${spanTable(report)}
${feed === null ? null : gapTable(report, feed)}
${quantileTable(report)}
${feed === null ? null : clockTable(feed)}
${feed === null ? null : actionTable(feed)}
</div>
<div class="cards">
${spreadPlot(report)}
${feed === null ? null : gapPlot(feed)}
${feed === null ? null : skewPlot(feed)}
</div></section>`;
}

function bookTable({ book }: AnalysisReport): Html {
  const rows: Row[] = book.causes.map(({ cause, spans, bins }) => ({
    cells: [causeWords[cause], formatCount(spans), formatCount(bins), percent(bins / book.bins)],
  }));
  rows.push({
    cells: ['all bins without a valid book', '', formatCount(book.invalidBins), percent(book.invalidBins / book.bins)],
  });
  rows.push({ cells: ['bins without an event', '', formatCount(book.emptyBins), percent(book.emptyBins / book.bins)] });
  const columns = [
    { title: 'at the bin’s end' },
    ...['spans', 'bins', 'share'].map((title) => ({ title, isNumber: true })),
  ];
  return table('Books that are not valid', columns, rows);
}

function spanTable({ book, subject }: AnalysisReport): Html {
  const rows = book.longestSpans.slice(0, 10).map(({ cause, startNs, bins }) => ({
    cells: [
      clockTime(subject.sessionStartNs + BigInt(startNs)),
      duration(bins * subject.cellWidthMs * 1e6),
      causeWords[cause],
    ],
  }));
  const columns = [{ title: 'from, New York time' }, { title: 'length', isNumber: true }, { title: 'why' }];
  return rows.length === 0 ? html`` : table('Longest spans without a valid book', columns, rows);
}

function gapTable({ subject }: AnalysisReport, feed: FeedQuality): Html {
  const rows = feed.gaps.longest.slice(0, 10).map(({ startNs, lengthNs }) => ({
    cells: [clockTime(subject.sessionStartNs + BigInt(Math.round(startNs))), duration(lengthNs)],
  }));
  return table(
    'Longest stretches without an event',
    [{ title: 'from, New York time' }, { title: 'length', isNumber: true }],
    rows,
  );
}

function quantileTable({ book, feed }: AnalysisReport): Html {
  const cells = (q: Quantiles, text: (value: number) => string) =>
    [q.p01, q.p50, q.p90, q.p99, q.p999, q.max].map((value) => text(value));
  const rows: Row[] = [
    ...(feed === null
      ? []
      : [
          { cells: ['time between events', ...cells(feed.gaps.quantiles, duration)] },
          { cells: ['events per second', ...cells(feed.rate.quantiles, significant)] },
        ]),
    { cells: ['events per bin', ...cells(book.eventsPerBin, significant)] },
    { cells: ['spread, ticks', ...cells(book.spreadTicks, significant)] },
  ];
  const columns = ['1 %', '50 %', '90 %', '99 %', '99.9 %', 'max'].map((title) => ({ title, isNumber: true }));
  return table('Quantiles', [{ title: 'of' }, ...columns], rows);
}

function clockTable({ skew, late, rate }: FeedQuality): Html {
  const { quantiles: q } = skew;
  const rows: Row[] = [
    { cells: ['received after it happened: 1 %', duration(q.p01)] },
    { cells: ['median', duration(q.p50)] },
    { cells: ['99 %', duration(q.p99)] },
    { cells: ['longest', duration(q.max)] },
    { cells: ['received before it happened', `${formatCount(skew.negative)} of ${formatCount(skew.count)}`] },
    { cells: ['by up to', skew.negative === 0 ? '–' : duration(-skew.mostNegativeNs)] },
    { cells: ['time of receipt flagged as bad', formatCount(skew.badTsRecv)] },
    { cells: ['late events', formatCount(late.count)] },
    { cells: ['by up to', late.count === 0 ? '–' : duration(late.maxNs)] },
    { cells: ['seconds without an event', `${formatCount(rate.quietSeconds)} of ${formatCount(rate.seconds)}`] },
  ];
  return table('Clocks: ts_recv − ts_event, and order', [{ title: 'what' }, { title: 'value', isNumber: true }], rows);
}

function actionTable({ actions, events }: FeedQuality): Html {
  const rows = actions.map(({ action, count }) => ({
    cells: [`${action} ${actionWords[action] ?? 'unknown'}`, formatCount(count), percent(count / events)],
  }));
  const columns = [{ title: 'action' }, { title: 'events', isNumber: true }, { title: 'share', isNumber: true }];
  return table('Events of the window by action', columns, rows);
}

function spreadPlot({ book }: AnalysisReport): Html {
  return histogramPlot({
    title: 'Spread',
    about: `Share of bins with a valid book; ${spreadClasses} stands for ${spreadClasses} ticks and more.`,
    xLabel: 'spread, ticks',
    edges: Array.from({ length: spreadClasses + 1 }, (_, i) => i + 0.5),
    counts: book.spreadTicks.shares.map((share) => (Number.isFinite(share) ? share : 0)),
    edgeText: significant,
    labelled: () => false,
    centred: book.spreadTicks.shares.map((_, i) => (i + 1 === spreadClasses ? `${i + 1}+` : String(i + 1))),
  });
}

const powerText = (edge: number) => (edge === 0 ? '0' : duration(edge));

function gapPlot({ gaps }: FeedQuality): Html {
  return histogramPlot({
    title: 'Time between events',
    about: 'From one event to the next; the scale is logarithmic, three bars to a power of ten.',
    xLabel: 'time',
    ...logBars(gaps.histogram),
    edgeText: powerText,
  });
}

function skewPlot({ skew }: FeedQuality): Html {
  return histogramPlot({
    title: 'Delay of receipt',
    about: 'ts_recv − ts_event; negative ones count as 0. The scale is logarithmic, three bars to a power of ten.',
    xLabel: 'delay',
    ...logBars(skew.histogram),
    edgeText: powerText,
  });
}

/** The stretch of a logarithmic histogram that holds anything; every third edge is named. */
function logBars({ edges, counts }: FeedQuality['gaps']['histogram']): {
  edges: readonly number[];
  counts: readonly number[];
  labelled: (index: number) => boolean;
} {
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const last = counts.findLastIndex((count) => count > 0) + 1;
  return {
    edges: edges.slice(first, last + 1),
    counts: counts.slice(first, last),
    labelled: (index) => first + index === 0 || ((first + index) % 3 === 1 && first + index > 1),
  };
}
