import type { ClusterMean } from './cluster_mean.ts';
import { testedRule } from './tested.ts';

/** What an experiment says, in one of these words; the first that applies, in this order. */
export const verdictKinds = [
  'not_enough_data',
  'loses_after_costs',
  'nothing_here',
  'too_few_days',
  'one_day_carries_it',
  'not_the_walk_forward',
  'holds',
] as const;

export type VerdictKind = (typeof verdictKinds)[number];

/** Numbers that a verdict is decided by. Money in ticks a trade. */
export interface VerdictInput {
  /** S: sessions of the experiment. */
  readonly sessions: number;
  /** Tested trials of the family. */
  readonly tested: number;
  /** The tested trial with the largest z; null when nothing is tested. */
  readonly best: (Pick<ClusterMean, 'mean' | 'low' | 'high'> & VerdictBest) | null;
  /** The best trial with an adjusted p-value below 0.05; null when there is none. */
  readonly survivor: VerdictSurvivor | null;
  /** Walk-forward by sessions; null when none was made. */
  readonly walkForward: { readonly testSessions: number; readonly low: number | null } | null;
  /** Whether the date on which to judge lies ahead: the verdict is interim, and never *holds*. */
  readonly finalAhead: boolean;
}

export interface VerdictBest {
  /** Smallest true edge that would have been found with probability 0.8 (`Requirement.detectable`). */
  readonly detectable: number;
  /** What a round trip of the trial costs. */
  readonly cost: number;
}

export interface VerdictSurvivor {
  readonly adjusted: number;
  /** Its estimate without its best session; null when nothing can be said without that session. */
  readonly withoutBest: Pick<ClusterMean, 'mean' | 'low' | 'high'> | null;
}

/** The verdict with the numbers that decided it, and no others. */
export type Verdict = { readonly interim: boolean } & (
  | { readonly kind: 'not_enough_data'; readonly tested: number; readonly best: VerdictBest | null }
  | { readonly kind: 'loses_after_costs'; readonly mean: number; readonly low: number; readonly high: number }
  | {
      readonly kind: 'nothing_here';
      readonly tested: number;
      readonly mean: number;
      readonly low: number;
      readonly high: number;
    }
  | {
      readonly kind: 'too_few_days';
      readonly adjusted: number;
      readonly sessions: number;
      readonly testSessions: number;
      /** Whether the one thing that is missing is the date on which to judge. */
      readonly awaitsFinal: boolean;
    }
  | {
      readonly kind: 'one_day_carries_it';
      readonly adjusted: number;
      readonly withoutBest: Pick<ClusterMean, 'mean' | 'low' | 'high'> | null;
    }
  | { readonly kind: 'not_the_walk_forward'; readonly adjusted: number; readonly low: number | null }
  | {
      readonly kind: 'holds';
      readonly adjusted: number;
      readonly withoutBestLow: number;
      readonly walkForwardLow: number;
    }
);

/**
 * Judges an experiment. Too few days are fewer than ten sessions, or fewer than ten of them tested by the walk-forward. An
 * experiment that would hold before its date says that days are still to come.
 */
export function verdictOf(input: VerdictInput): Verdict {
  const { sessions, tested, best, survivor, walkForward, finalAhead } = input;
  const interim = finalAhead;
  if (tested === 0 || best === null) return { kind: 'not_enough_data', interim, tested, best: null };
  const { detectable, cost, mean, low, high } = best;
  if (survivor === null && detectable > cost) {
    return { kind: 'not_enough_data', interim, tested, best: { detectable, cost } };
  }
  if (high < 0) return { kind: 'loses_after_costs', interim, mean, low, high };
  if (survivor === null) return { kind: 'nothing_here', interim, tested, mean, low, high };
  const { adjusted, withoutBest } = survivor;
  const testSessions = walkForward?.testSessions ?? 0;
  const few = sessions < testedRule.minClusters || testSessions < testedRule.minClusters;
  if (few) return { kind: 'too_few_days', interim, adjusted, sessions, testSessions, awaitsFinal: false };
  if (withoutBest === null || withoutBest.low <= 0) {
    return { kind: 'one_day_carries_it', interim, adjusted, withoutBest };
  }
  const walkForwardLow = walkForward?.low ?? null;
  if (walkForwardLow === null || walkForwardLow <= 0) {
    return { kind: 'not_the_walk_forward', interim, adjusted, low: walkForwardLow };
  }
  if (finalAhead) return { kind: 'too_few_days', interim, adjusted, sessions, testSessions, awaitsFinal: true };
  return { kind: 'holds', interim, adjusted, withoutBestLow: withoutBest.low, walkForwardLow };
}
