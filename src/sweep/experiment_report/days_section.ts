import { type Html, html, percent, probability, thinCount } from '../../report/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';
import { maxStripTrials } from './series.ts';
import { shownTrial, trialName } from './trial.ts';
import { ticks } from './trials_section.ts';

/** The equity curves, the bar per session, how the result is spread over days, and all trials over all days. */
export function daysSection(document: ExperimentDocument): Html {
  const shown = shownTrial(document);
  const name = shown === null ? '' : trialName(shown);
  const kind = shown?.survives === true ? 'the best survivor' : 'the best tested trial';
  const strip = document.trials.length;
  const capped =
    strip > maxStripTrials ? ` The ${maxStripTrials} of ${thinCount(strip)} with the most evidence are drawn.` : '';
  const days = html`<div class="panel"><h3>Net PnL by session<span>${name}, ${kind}; ticks</span></h3><div id="days" role="img" aria-label="A bar per session: net PnL in ticks of ${name}"></div></div>`;
  return html`<section aria-labelledby="curves"><h2 id="curves">Out of sample, and day by day</h2>
${walkForwardText(document)}
<div class="pair">${shown === null ? null : html`${equityPanel(document)}${days}`}</div>
${dayTexts(document)}
<div class="panel"><h3>Trials by day<span>a row per trial, the most evidence first; a column per session; net ticks of the day.${capped}</span></h3>
<div id="strip" class="strip" tabindex="0" role="application" aria-label="Trials by day: arrow keys move from cell to cell" aria-describedby="strip-cell"></div>
<p id="strip-cell" class="readout" aria-live="polite">Point at a cell, or move with the arrow keys.</p>
<p class="scale"><span id="scale-low"></span><i></i><span id="scale-high"></span></p></div></section>`;
}

function equityPanel({ walk_forward: walk }: ExperimentDocument): Html {
  const about =
    walk === null
      ? 'in sample only: chosen on the days that it is shown on'
      : `cumulated ticks; walk-forward${walk.mean_net_pnl_ticks_low === null ? '' : ' with its 95 % interval'}, and in sample, the best trial of the same days`;
  return html`<div class="panel"><h3>Equity<span>${about}</span></h3><div id="equity" role="img" aria-label="Equity: ${about}"></div></div>`;
}

function walkForwardText({ walk_forward: walk, sessions }: ExperimentDocument): Html {
  if (walk === null) {
    return html`<p>No walk-forward: ${sessions.length === 1 ? 'one session leaves' : `${sessions.length} sessions leave`} none to test after a stretch to train on. What follows is in sample: the trial was chosen on the days that it is shown on.</p>`;
  }
  const { mean_net_pnl_ticks: mean, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = walk;
  const interval =
    low === null
      ? `without an interval${walk.number > 1 ? '' : ': fewer than ten test sessions, or too few with trades'}`
      : `95 % interval ${ticks(low)} to ${ticks(high)}`;
  const trades = walk.signals.reduce((sum, count) => sum + count, 0);
  return html`<p><strong>Walk-forward: ${ticks(mean)} ticks a trade</strong>, ${interval}; ${thinCount(trades)} trades on ${thinCount(walk.test_sessions)} test sessions, each trial chosen on earlier sessions alone (${thinCount(walk.stretches.length)} choices). This is the honest curve; the other one was chosen on the days that it is shown on.${walk.count_sentence === '' ? null : html` <strong>${walk.count_sentence}</strong>`}</p>`;
}

function dayTexts({ best }: ExperimentDocument): Html | null {
  if (best === null) return null;
  const { days } = best;
  const { without_best: without } = days;
  const texts = [
    days.positive_share === null
      ? 'No session ended above or below 0.'
      : `${percent(days.positive_share)} of the sessions ended above 0, those at 0 left out; median day p ${probability(days.median_day_p)} (sign test, enters no verdict).`,
    ...(days.best === null || days.worst === null
      ? []
      : [
          `Best session ${days.best.date} with ${ticks(days.best.net_ticks)} ticks, worst ${days.worst.date} with ${ticks(days.worst.net_ticks)}.`,
        ]),
    days.best_share === null || days.best_trades_share === null
      ? 'The total is not above 0: no share of it belongs to the best session or the best trades.'
      : `The best session makes ${percent(days.best_share)} of the total, the best 5 % of trades ${percent(days.best_trades_share)}.`,
    `Without the best session ${ticks(days.mean_without_best)} ticks a trade` +
      (without.mean_net_pnl_ticks_low === null
        ? '.'
        : ` (${ticks(without.mean_net_pnl_ticks_low)} to ${ticks(without.mean_net_pnl_ticks_high)}).`),
    `First half of the sessions ${ticks(days.first_half)}, second half ${ticks(days.second_half)} ticks a trade.`,
    `Long ${ticks(best.mean_net_pnl_ticks_up)} on ${thinCount(best.n_up)} trades, short ${ticks(best.mean_net_pnl_ticks_down)} on ${thinCount(best.n_signals - best.n_up)}; entered one bin later ${ticks(best.mean_net_pnl_ticks_later)} ticks a trade.`,
  ];
  return html`<h3>How ${trialName(best)} is spread over its days</h3>
<ul class="plain">${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}
