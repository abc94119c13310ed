import { formatChance, formatTicks } from '../format.ts';
import type { Requirement, Verdict } from '../statistics/index.ts';
import type { FreshResult } from './fresh_result.ts';

const days = (count: number) => (count === 1 ? '1 session' : `${count} sessions`);

const headlines: Readonly<Record<Verdict['kind'], string>> = {
  not_enough_data: 'not enough data',
  loses_after_costs: 'loses after costs',
  nothing_here: 'nothing here',
  too_few_days: 'too few days',
  one_day_carries_it: 'one day carries it',
  not_the_walk_forward: 'survives the search, not the walk-forward',
  holds: 'holds',
};

/** A verdict in a few words. */
export function verdictHeadline(verdict: Verdict): string {
  return `${verdict.interim ? 'interim: ' : ''}${headlines[verdict.kind]}`;
}

/** The numbers that decided a verdict, in a sentence. Money in ticks a trade. */
export function verdictSentence(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'not_enough_data':
      return verdict.best === null
        ? 'No trial has 30 trades, 10 that gain, 10 that lose and 10 clusters with trades: nothing can be tested.'
        : `The smallest edge that these sessions could have shown is ${formatTicks(verdict.best.detectable)} ticks a trade, more than ` +
            `the ${formatTicks(verdict.best.cost)} that a round trip costs.`;
    case 'loses_after_costs':
      return `The best tested trial earns ${between(verdict)} ticks a trade after costs.`;
    case 'nothing_here':
      return (
        `No trial survives the correction for ${verdict.tested} tested trials; the one with the most evidence earns ` +
        `${between(verdict)} ticks a trade after costs.`
      );
    case 'too_few_days':
      return verdict.awaitsFinal
        ? `A trial survives the search (adjusted p ${formatChance(verdict.adjusted)}); the date on which to judge lies ahead.`
        : `A trial survives the search (adjusted p ${formatChance(verdict.adjusted)}), on ${days(verdict.sessions)}, of which the ` +
            `walk-forward tests ${verdict.testSessions}: ten of each are needed before other days can be spoken of.`;
    case 'one_day_carries_it':
      return (
        `Without its best session the best survivor (adjusted p ${formatChance(verdict.adjusted)}) earns ` +
        `${verdict.withoutBest === null ? 'an amount that nothing can be said of' : `${between(verdict.withoutBest)} ticks a trade`}.`
      );
    case 'not_the_walk_forward':
      return (
        `A trial survives the search (adjusted p ${formatChance(verdict.adjusted)}); chosen on earlier sessions and judged on later ones, ` +
        `the lower end is ${verdict.low === null ? 'not known' : `${formatTicks(verdict.low)} ticks a trade`}.`
      );
    case 'holds':
      return (
        `Adjusted p ${formatChance(verdict.adjusted)}; at least ${formatTicks(verdict.withoutBestLow)} ticks a trade without the best session, ` +
        `at least ${formatTicks(verdict.walkForwardLow)} in the walk-forward.`
      );
  }
}

/** The sensitivity of an experiment in a sentence; `isSearched`: the trial is the best of a search, and r is inflated by it. */
export function requirementSentence(needs: Requirement, isSearched: boolean): string {
  const { sessions, detectable, mean, sessionsNeeded } = needs;
  const shown = `${days(sessions)} could have shown ${formatTicks(detectable)} ticks a trade; this is ${between(needs)}`;
  if (isSearched) return `${shown}, inflated by the search.`;
  return sessionsNeeded === null
    ? `${shown}.`
    : `${shown}; about ${days(sessionsNeeded)} would be needed if ${formatTicks(mean)} were true.`;
}

/** How often a trial was looked at, and what the sessions say that were added after the first time. */
export function looksSentence(times: number, fresh: FreshResult | null): string {
  const often = times === 0 ? 'Not shown before' : times === 1 ? 'Looked at once' : `Looked at ${times} times`;
  if (fresh === null) return `${often}; no session was added after the first look.`;
  const { sessions, signals, meanNet, low, high, pProfit } = fresh;
  const trades = signals === 1 ? '1 trade' : `${signals} trades`;
  const found = meanNet === null ? '' : ` at ${formatTicks(meanNet)} ticks`;
  const told =
    low === null || high === null
      ? ', too few for an interval'
      : ` (${formatTicks(low)} to ${formatTicks(high)}${pProfit === null ? ', not tested' : `, p ${formatChance(pProfit)}`})`;
  return `${often}; fresh, on the ${days(sessions)} added after the first look: ${trades}${found}${told}.`;
}

function between({ mean, low, high }: { readonly mean: number; readonly low: number; readonly high: number }): string {
  return `${formatTicks(mean)} (${formatTicks(low)} to ${formatTicks(high)})`;
}
