import { testedRule } from '../statistics/index.ts';
import type { Family, FamilyTrial } from './family.ts';
import type { TradeCosts } from './plan.ts';
import { familyClusters, type TrialResult, trialResults } from './trial_result.ts';

/** A trial on the sessions that were added after it was first shown: net PnL in ticks a trade. */
export interface FreshResult {
  readonly sessions: number;
  readonly signals: number;
  readonly meanNet: number | null;
  /** The interval and p-value of the method that the pooled number has; null where they need more than there is. */
  readonly low: number | null;
  readonly high: number | null;
  readonly pProfit: number | null;
}

/**
 * Judges trials on their fresh sessions, by the clusters that all sessions have: `isFresh` gives, for each trial, which
 * sessions those are. Null for a trial without any. Where clusters are sessions, fewer than ten have n and r only.
 */
export function freshResults(
  family: Family,
  trials: readonly { readonly trial: FamilyTrial; readonly isFresh: readonly boolean[] }[],
  costs: TradeCosts,
): (FreshResult | null)[] {
  const results: (FreshResult | null)[] = trials.map(() => null);
  const alike = Map.groupBy(trials.keys(), (at) => trials[at]?.isFresh);
  for (const [isFresh = [], places] of alike) {
    const sessions = isFresh.filter(Boolean).length;
    if (sessions === 0) continue;
    const parts = places.flatMap((at) => trials[at]?.trial.on(isFresh) ?? []);
    const judged = trialResults(parts, familyClusters(family, parts, costs), costs, sessions);
    const isTooFew = family.isBySessions && sessions < testedRule.minClusters;
    places.forEach((at, index) => {
      const result = judged[index];
      if (result !== undefined) results[at] = freshOf(result, sessions, isTooFew);
    });
  }
  return results;
}

function freshOf({ signals, meanNet, net, pProfit }: TrialResult, sessions: number, isTooFew: boolean): FreshResult {
  const isKnown = net !== null && !isTooFew;
  return {
    ...{ sessions, signals, meanNet },
    low: isKnown ? net.low : null,
    high: isKnown ? net.high : null,
    pProfit: isKnown ? pProfit : null,
  };
}
