import { type Html, html, renderPage, thinCount } from '../../report/index.ts';
import { client } from './client.ts';
import { daysSection } from './days_section.ts';
import { planSection } from './plan_section.ts';
import { costsSection, searchSection } from './search_section.ts';
import { reportSeries } from './series.ts';
import type { ReportDocument } from './session_feeds.ts';
import { style } from './style.ts';
import { shownTrial, trialName } from './trial.ts';
import { ticks, trialsSection } from './trials_section.ts';

/** An experiment's report as one HTML page, verdict first, see `renderPage`. `codeVersion` names the program. */
export function renderExperimentReport(document: ReportDocument, codeVersion: string): Promise<string> {
  return renderPage({
    title: `${document.experiment_name} – experiment`,
    body: html`${header(document, codeVersion)}
${daysSection(document)}
${trialsSection(document)}
${searchSection(document)}
${costsSection(document)}
${planSection(document)}`,
    data: reportSeries(document),
    script: client,
    extraStyle: style,
  });
}

function header(document: ReportDocument, codeVersion: string): Html {
  const { verdict, sessions, family, scope, looks, is_before_costs: isBefore } = document;
  const shown = shownTrial(document);
  const contracts = [...new Set(sessions.map(({ symbol }) => symbol))];
  const facts: readonly (readonly [string, string])[] = [
    ['signal', document.signal_name],
    ['sessions', `${thinCount(sessions.length)}, ${sessions[0]?.date ?? '–'} to ${sessions.at(-1)?.date ?? '–'}`],
    ['contracts', contracts.join(', ')],
    ['trials tested', `${thinCount(family.tested)} of ${thinCount(family.distinct)} different`],
    ['survivors', thinCount(document.survivors.length)],
    ...(shown === null
      ? []
      : ([
          [shown.survives === true ? 'best survivor' : 'best tested trial', trialName(shown)],
          ['its trades', thinCount(shown.n_signals)],
          ['its net PnL', `${ticks(shown.mean_net_pnl_ticks)} ticks a trade`],
        ] as const)),
    ['program', codeVersion],
  ];
  return html`<header><h1>${document.experiment_name}</h1>
<section class="verdict" aria-label="Verdict"><p class="headline">${verdict.headline}${isBefore ? html` <strong class="tag">before costs</strong>` : null}</p>
<p class="deciding">${verdict.sentence}</p>
${verdict.sensitivity === null ? null : html`<p>${verdict.sensitivity}</p>`}${scope === null ? null : html`<p><strong>Scope:</strong> ${scope}.</p>`}
<p>${looks.sentence}${looks.unkept === null ? null : html` <strong>${looks.unkept}</strong>`}</p></section>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="lead">Definitions of all numbers: docs/experiments.md; the numbers themselves: <code>spymaster report ${document.experiment_name} --json</code></p>
<nav aria-label="Sections"><a href="#curves">Day by day</a><a href="#trials">Trials</a><a href="#search">The search</a><a href="#costs">Costs</a><a href="#plan">Sessions</a></nav></header>`;
}
