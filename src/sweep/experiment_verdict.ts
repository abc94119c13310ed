import { present } from '../errors.ts';
import {
  type DayStatistics,
  dayStatistics,
  type Requirement,
  requirement,
  seriesOf,
  type Verdict,
  verdictOf,
  type WalkForward,
  walkForward,
} from '../statistics/index.ts';
import type { FamilyTrial } from './family.ts';
import { bySessions, costsOf, netTicks } from './family_clusters.ts';
import type { JudgedTrial } from './judge_family.ts';
import type { Judgement, SessionSplit, TradeCosts } from './plan.ts';

/** Taken where the spec gives no split and there are sessions enough. */
export const defaultSplit: SessionSplit = { trainSessions: 20, testSessions: 5, anchored: false };

/** How a trial's result is spread over its sessions. */
export function daysOf(trial: FamilyTrial, costs: TradeCosts): DayStatistics {
  const charged = costsOf(costs, trial);
  const largest = netTicks(charged, trial.total('largestN'), trial.total('largestGross'), trial.total('largestSpread'));
  const sessions = bySessions([trial], trial.sessions, costs);
  return dayStatistics(seriesOf(sessions, 0), largest);
}

/**
 * Walk-forward over the sessions by choice among these trials; null where no session is left to test. Only the first that
 * was declared on its sessions (`isFirst`) has an interval: the others were chosen with its result known.
 */
export function sessionWalkForward(
  trials: readonly FamilyTrial[],
  sessions: number,
  { costs, split, choose, minSignals }: Judgement,
  isFirst: boolean,
): WalkForward | null {
  if (trials.length === 0 || sessions < 2) return null;
  const hashes = trials.map(({ trialHash, threshold }) => `${trialHash}/${threshold}`);
  const { trainSessions, testSessions, anchored } = split ?? defaultSplit;
  const rule = { trainSessions, testSessions, anchored, choose, minSignals };
  const walk = walkForward(bySessions(trials, sessions, costs), hashes, rule);
  return walk === null || isFirst ? walk : { ...walk, estimate: null };
}

/** What a round trip costs, ticks: as charged, or the spread where nothing is, for an edge below it is of no use. */
function roundTripCost({ trial, signals, meanCost, execution }: JudgedTrial, { commissionTicks }: TradeCosts): number {
  // What is executed pays the spread in its prices.
  if (execution !== null) return (execution.midGross.mean ?? 0) - (execution.midNet.mean ?? 0);
  if (meanCost !== null && meanCost > 0) return meanCost;
  return (trial.total('longSpread') + trial.total('shortSpread')) / 2 / Math.max(1, signals) + commissionTicks;
}

/** Everything that the verdict on an experiment is made of. */
export interface ExperimentVerdict {
  readonly verdict: Verdict;
  /** What it would take to see the best trial's edge; for a survivor, else inflated by the search. */
  readonly requirement: Requirement | null;
  readonly bestDays: DayStatistics | null;
}

/** Judges an experiment; `best` is its tested trial with the most evidence, `today` a date YYYY-MM-DD in UTC. */
export function experimentVerdict(
  {
    sessions,
    tested,
    judgement,
  }: { readonly sessions: number; readonly tested: number; readonly judgement: Judgement },
  best: JudgedTrial | null,
  survivor: JudgedTrial | null,
  walk: WalkForward | null,
  today: string,
): ExperimentVerdict {
  const { costs, final } = judgement;
  const needs = best?.net == null ? null : requirement(best.net, sessions);
  const survivorDays = survivor === null ? null : daysOf(survivor.trial, costs);
  const { pAdjusted } = survivor ?? { pAdjusted: null };
  return {
    requirement: needs,
    bestDays: best === null ? null : daysOf(best.trial, costs),
    verdict: verdictOf({
      sessions,
      tested,
      best:
        best?.net == null || needs === null
          ? null
          : { ...best.net, detectable: needs.detectable, cost: roundTripCost(best, costs) },
      survivor:
        survivorDays === null || pAdjusted === null
          ? null
          : { adjusted: pAdjusted, withoutBest: survivorDays.withoutBest },
      walkForward: walk === null ? null : { testSessions: present(walk.sums.length), low: walk.estimate?.low ?? null },
      finalAhead: final !== null && today < final,
    }),
  };
}
