import { formatCount } from '../../format.ts';
import { clockTime, type Html, html, renderPage } from '../../report/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import { client } from './client.ts';
import { dataSection } from './data_section.ts';
import { projectionSection } from './projection_section.ts';
import { type Panel, panelsOf, seriesData } from './series.ts';
import { signalSection } from './signal_section.ts';
import { spectrumSection } from './spectrum_section.ts';

const levelWords = { bad: 'Serious', warning: 'Careful', note: 'Note', good: 'Fine' } as const;
const aboutWords = { data: 'data', spectrum: 'spectrum', projection: 'projection', signal: 'signal' } as const;

/** A report as one HTML page, see `renderPage`. The same report gives the same bytes. */
export function renderReport(report: AnalysisReport): Promise<string> {
  const panels = panelsOf(report);
  return renderPage({
    title: `${report.subject.name} – session analysis`,
    body: html`${header(report)}
${verdict(report)}
${seriesSection(panels)}
${dataSection(report)}
${spectrumSection(report)}
${projectionSection(report)}
${signalSection(report)}`,
    data: seriesData(report, panels),
    script: client,
  });
}

function header({ subject, book, feed, counters }: AnalysisReport): Html {
  const at = (ns: number) => clockTime(subject.sessionStartNs + BigInt(ns), 0);
  const facts: readonly (readonly [string, string])[] = [
    ['instrument', `${subject.symbol} (${subject.productType})`],
    ['session', subject.date],
    ['window, New York time', `${at(subject.startNs)} to ${at(subject.endNs)}`],
    ['bins', `${formatCount(book.bins)} of ${subject.cellWidthMs} ms`],
    ['events in it', feed === null ? '–' : formatCount(feed.events)],
    ['events read', formatCount(counters.events ?? 0)],
    ['replay file', subject.source?.fileName ?? '–'],
    ['vendor’s condition', subject.condition ?? 'not kept'],
    ['its SHA-256', subject.source === null ? '–' : `${subject.source.sha256.slice(0, 16)}…`],
    ['config version', subject.configVersion],
    ['program', subject.codeVersion],
  ];
  return html`<header><h1>${subject.name}</h1>
<p class="lead">Spymaster session analysis. Definitions of all numbers: docs/analyze.md; the numbers themselves: report.json.</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<nav aria-label="Sections"><a href="#time">Session</a><a href="#data">Data quality</a><a href="#spectrum">Spectrum</a><a href="#projection">Projection</a><a href="#regimes">Signal and regimes</a></nav></header>`;
}

function verdict(report: AnalysisReport): Html {
  return html`<section class="verdict" aria-labelledby="verdict"><h2 id="verdict">What to know before trusting this session</h2>
<ul>${report.verdict.map(
    ({ level, about, text }) =>
      html`<li><b class="badge ${level}">${levelWords[level]}</b><span>${aboutWords[about]}</span><div>${text}</div></li>`,
  )}</ul>${report.leftOut === null ? null : html`<p class="lead">${report.leftOut}</p>`}</section>`;
}

function seriesSection(panels: readonly Panel[]): Html {
  return html`<section aria-labelledby="time"><h2 id="time">The session in time</h2>
<p class="lead">Each point covers a run of bins: its mean as a line, its extremes as a band. Shaded: bins without a valid book. Drag to zoom, double-click to see all.</p>
${panels.map(({ id, title, about }) => html`<div class="panel"><h3>${title}<span>${about}</span></h3><div id="${id}" role="img" aria-label="${title}. ${about}"></div></div>`)}</section>`;
}
