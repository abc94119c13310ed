import { formatFixed, plural } from '../../format.ts';
import { type Html, html, percent, probability, thinCount } from '../../report/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';
import { trialName } from './trial.ts';
import { ticks } from './trials_section.ts';

/** The search that the best trial came out of, and how much of it is luck. */
export function searchSection(document: ExperimentDocument): Html {
  return html`<section aria-labelledby="search"><h2 id="search">The search</h2>
<ul class="plain">${sentences(document).map((text) => html`<li>${text}</li>`)}</ul></section>`;
}

function sentences({ family, trials, best, notes }: ExperimentDocument): string[] {
  const { overfitting, spa_p: spaP, luck_sharpe: luck, luck_trials: luckTrials } = family;
  const cluster = family.is_by_sessions ? 'session' : 'block of time';
  return [
    `This experiment has ${thinCount(trials.length)} trials (a cell at a threshold). Its family, every trial that was ever evaluated on one of ` +
      `its sessions, has ${thinCount(family.trials)}; ${thinCount(family.distinct)} of them made different trades, and ` +
      `${thinCount(family.tested)} are tested. q and adjusted p correct for these.${deletedText(family.deleted)}`,
    `Every error is taken from variation between ${thinCount(family.clusters)} ${family.is_by_sessions ? 'sessions' : 'blocks of time'}.`,
    spaP === null
      ? 'Whether the best of all is better than nothing (Hansen’s SPA) cannot be tested here.'
      : `That the best of all is no better than nothing has p = ${probability(spaP)} (Hansen’s SPA).`,
    overfitting === null
      ? 'The probability of overfitting needs more clusters or trials than there are.'
      : `Over ${thinCount(overfitting.splits)} splits of the time in two halves, the trial that is best in one half is not above the median in the ` +
        `other in ${percent(overfitting.probability)} of them (PBO), and loses money there in ${percent(overfitting.lossProbability)}.`,
    luck === null || luckTrials === null
      ? 'Below ten clusters there is no deflated Sharpe ratio.'
      : `By luck alone the best Sharpe ratio per ${cluster} of such a search is ${formatFixed(luck, 2)}, ` +
        (luckTrials < 1.5
          ? 'less than the better of two independent trials would have; '
          : `as the best of ${thinCount(luckTrials)} independent trials would have; `) +
        `${thinCount(family.tested)} were counted.` +
        (best === null || best.deflated_sharpe === null
          ? ''
          : ` That ${trialName(best)} truly exceeds it has probability ${probability(best.deflated_sharpe)} (deflated Sharpe ratio).`),
    ...notes,
  ];
}

/** What became of trials whose results are gone; empty where there are none. */
export function deletedText(deleted: number): string {
  if (deleted === 0) return '';
  return ` The results of ${plural(deleted, 'different trial')} were deleted; the ledger keeps what is needed to judge them, and they count.`;
}

/** What trades are assumed to cost. */
export function costsSection({ costs, is_before_costs: isBefore, best }: ExperimentDocument): Html {
  const spread =
    costs.spread === 'half'
      ? 'Half the spread at entry and at exit: (ask − bid)/2 of the bin’s last two-sided book, at least half a tick each.'
      : costs.spread === 'none'
        ? 'The spread is not counted.'
        : `The spread costs ${formatFixed(costs.spread, 2)} ticks a round trip, whatever the book.`;
  const commission =
    costs.commissionTicks === 0
      ? 'No commission.'
      : `Commission: ${formatFixed(costs.commissionTicks, 2)} ticks a round trip.`;
  const texts = [
    ...(isBefore ? ['Every number of this page is before costs: no spread and no commission is taken off.'] : []),
    spread,
    commission,
    'Both fills are at the mid of their bins, of any size, without a place in the queue and without moving the market.',
    ...(best?.mean_cost_ticks == null
      ? []
      : [
          `A round trip of ${trialName(best)} costs ${formatFixed(best.mean_cost_ticks, 2)} ticks; before costs it earns ${ticks(best.mean_mid_pnl_ticks)}.`,
        ]),
  ];
  return html`<section aria-labelledby="costs"><h2 id="costs">Costs${isBefore ? html` <strong class="tag">before costs</strong>` : null}</h2>
<ul class="plain">${texts.map((text) => html`<li>${text}</li>`)}</ul></section>`;
}
