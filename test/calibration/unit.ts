import { firingLists, firingsOf, nullSession, type Outcomes, outcomesOf, type Payoff, warmupBins } from './market.ts';

/** Results of all trials of a family in one session, per block; trial-major, money in half ticks. */
export interface SessionSums {
  readonly trials: number;
  readonly blocks: number;
  /** trials × blocks. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Trades that end at their take-profit, trials × blocks. */
  readonly profits: Float64Array;
  /** Per trial: trades above and below 0. */
  readonly winners: Float64Array;
  readonly losers: Float64Array;
}

/** Firings of every list and the outcomes of every payoff in one session, as the p-value of timing needs them. */
export interface SessionDetail {
  readonly sums: SessionSums;
  readonly fired: readonly ReturnType<typeof firingsOf>[];
  readonly outcomes: readonly Outcomes[];
}

/** One session of a null market under every firing list and payoff: trial = list·payoffs + payoff. */
export function runSession(
  seed: number,
  bins: number,
  blocks: number,
  payoffs: readonly Payoff[],
  dayFactor: boolean,
): SessionDetail {
  const session = nullSession(seed, bins, dayFactor);
  const trials = firingLists.length * payoffs.length;
  const sums = new Float64Array(trials * blocks);
  const counts = new Float64Array(trials * blocks);
  const profits = new Float64Array(trials * blocks);
  const [winners, losers] = [new Float64Array(trials), new Float64Array(trials)];
  const outcomes = payoffs.map((payoff) => outcomesOf(session.mids, payoff));
  const fired = firingLists.map((list) => firingsOf(session, list));
  fired.forEach((firings, list) => {
    outcomes.forEach((outcome, payoff) => {
      const trial = list * payoffs.length + payoff;
      for (let index = 0; index < firings.bins.length; index++) {
        const bin = firings.bins[index]!;
        const isLong = firings.sides[index]! > 0;
        const gain = (isLong ? outcome.long : outcome.short)[bin]!;
        const at = trial * blocks + Math.floor(((bin - warmupBins) * blocks) / (bins - warmupBins));
        sums[at]! += gain;
        counts[at]!++;
        profits[at]! += (isLong ? outcome.longTp : outcome.shortTp)[bin]!;
        if (gain > 0) winners[trial]!++;
        if (gain < 0) losers[trial]!++;
      }
    });
  });
  return { sums: { trials, blocks, sums, counts, profits, winners, losers }, fired, outcomes };
}
