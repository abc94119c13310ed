import { assert } from '../errors.ts';
import { type ClusterMean, clusterMean } from './cluster_mean.ts';
import { assertClusterSums, type ClusterSums, seriesOf } from './cluster_sums.ts';
import { returnMoments } from './sharpe.ts';
import { testedRule } from './tested.ts';

/** How a trial is chosen on a train stretch: by r = Σ y/Σ n, or by the Sharpe ratio of its sessions' sums. */
export type WalkForwardCriterion = 'net_mean' | 'sharpe';

export interface WalkForwardRule {
  /** Sessions that a choice is made on, and that it is then judged on. */
  readonly trainSessions: number;
  readonly testSessions: number;
  /** Whether every train stretch begins with the first session. */
  readonly anchored: boolean;
  readonly choose: WalkForwardCriterion;
  /** Trades that a trial needs on a train stretch to be chosen. */
  readonly minSignals: number;
}

/** One choice. Sessions are half-open ranges of indices. */
export interface WalkForwardStretch {
  readonly trainFrom: number;
  readonly trainTo: number;
  readonly testFrom: number;
  readonly testTo: number;
  /** The chosen trial; null when none had enough trades: then nothing is traded. */
  readonly trial: number | null;
  /** The criterion's value of the chosen trial on the train stretch. */
  readonly trained: number | null;
}

export interface WalkForward {
  readonly stretches: readonly WalkForwardStretch[];
  /** Index of the first tested session; the test sessions are those from there to the end. */
  readonly firstSession: number;
  /** Net PnL in ticks and trades of the chosen trials, per test session: the honest equity curve. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** r of the test sessions together; null without trades. */
  readonly mean: number | null;
  /** Its interval by sessions; null with fewer than ten test sessions, or where `clusterMean` has none. */
  readonly estimate: ClusterMean | null;
}

/**
 * Chooses a trial on each train stretch and judges it on the sessions that follow, which it has not seen. Clusters of `data`
 * are sessions, in order of time; `hashes` break ties between equally good trials: the smallest is taken, in code unit
 * order. The last test stretch is shorter when the sessions run out. Null when there are no sessions left to test.
 *
 * Source: Pardo, "Design, testing and optimization of trading systems" (1992), by whole sessions: no position crosses one,
 * so nothing has to be purged.
 */
export function walkForward(data: ClusterSums, hashes: readonly string[], rule: WalkForwardRule): WalkForward | null {
  assertClusterSums(data);
  assert(data.neighbours === null, 'a walk-forward goes by whole sessions');
  assert(rule.trainSessions >= 1 && rule.testSessions >= 1, 'a walk-forward needs sessions to train and test on');
  assert(hashes.length === data.trials, 'a walk-forward needs one hash a trial');
  const sessions = data.clusters;
  const firstSession = rule.trainSessions;
  if (firstSession >= sessions) return null;
  const stretches: WalkForwardStretch[] = [];
  const sums = new Float64Array(sessions - firstSession);
  const counts = new Float64Array(sums.length);
  for (let testFrom = firstSession; testFrom < sessions; testFrom += rule.testSessions) {
    const testTo = Math.min(sessions, testFrom + rule.testSessions);
    const trainFrom = rule.anchored ? 0 : testFrom - rule.trainSessions;
    const choice = choose(data, hashes, rule, trainFrom, testFrom);
    const stretch = { trainFrom, trainTo: testFrom, testFrom, testTo };
    stretches.push({ ...stretch, trial: choice?.trial ?? null, trained: choice?.value ?? null });
    if (choice === null) continue;
    const series = seriesOf(data, choice.trial);
    sums.set(series.sums.subarray(testFrom, testTo), testFrom - firstSession);
    counts.set(series.counts.subarray(testFrom, testTo), testFrom - firstSession);
  }
  const trades = counts.reduce((sum, n) => sum + n, 0);
  return {
    stretches,
    firstSession,
    sums,
    counts,
    mean: trades === 0 ? null : sums.reduce((sum, y) => sum + y, 0) / trades,
    estimate: sums.length < testedRule.minClusters ? null : clusterMean({ sums, counts, neighbours: null }),
  };
}

/** The best trial on the sessions from `from` to `to`; null when none has enough trades. */
function choose(
  data: ClusterSums,
  hashes: readonly string[],
  rule: WalkForwardRule,
  from: number,
  to: number,
): { readonly trial: number; readonly value: number } | null {
  let best: { trial: number; value: number } | null = null;
  for (let trial = 0; trial < data.trials; trial++) {
    const series = seriesOf(data, trial);
    let trades = 0;
    let total = 0;
    for (let c = from; c < to; c++) {
      trades += series.counts[c]!;
      total += series.sums[c]!;
    }
    if (trades === 0 || trades < rule.minSignals) continue;
    const value = rule.choose === 'net_mean' ? total / trades : returnMoments(series.sums.subarray(from, to)).sharpe;
    if (best === null || value > best.value || (value === best.value && hashes[trial]! < hashes[best.trial]!)) {
      best = { trial, value };
    }
  }
  return best;
}
