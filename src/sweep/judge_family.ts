import { present } from '../errors.ts';
import {
  type BacktestOverfitting,
  backtestOverfitting,
  benjaminiHochberg,
  boundByOwn,
  type ClusterSums,
  deflatedSharpe,
  seriesOf,
  signFlipTests,
} from '../statistics/index.ts';
import type { Family } from './family.ts';
import type { Judgement } from './plan.ts';
import { familyClusters, type TrialResult, trialResults } from './trial_result.ts';

/** Of the random signs behind the adjusted p-values. */
const seed = 20_260_206;

/** A trial with what the search over its whole family leaves of it. */
export interface JudgedTrial extends TrialResult {
  readonly qValue: number | null;
  readonly pAdjusted: number | null;
  readonly survives: boolean | null;
  readonly deflatedSharpe: number | null;
}

/** A family judged as a whole. */
export interface JudgedFamily {
  /** In the order of the family's trials; trials that made the same trades share their numbers. */
  readonly trials: readonly JudgedTrial[];
  /** Trials that made different trades, and those of them that are tested. */
  readonly distinct: number;
  readonly tested: number;
  /** Different trials that the ledger alone knows: their results were deleted. */
  readonly gone: number;
  readonly clusters: number;
  readonly isBySessions: boolean;
  /** Hansen's SPA: p-value of the best tested trial being no better than nothing. */
  readonly spaP: number | null;
  /** Mean of the largest Sharpe ratio of any tested trial over random signs of the clusters. */
  readonly luckSharpe: number | null;
  readonly overfitting: BacktestOverfitting | null;
}

/** Judges all trials of a family at these costs, each by itself and as the outcome of a search. */
export function judgeFamily(family: Family, { costs }: Judgement): JudgedFamily {
  const { trials } = family;
  const clusters = familyClusters(family, trials, costs);
  const results = trialResults(trials, clusters, costs, family.sessions.length);
  const keys = trials.map((trial) => trial.tradesKey());
  const first = new Map<string, number>();
  keys.forEach((key, index) => {
    if (!first.has(key)) first.set(key, index);
  });
  const distinct = [...first.values()];
  const tested = Uint8Array.from(distinct, (index) => (present(results[index]).isTested ? 1 : 0));
  const matrix = rowsOf(clusters.main, distinct);
  const pValues = Float64Array.from(distinct, (index) => present(results[index]).pProfit ?? Number.NaN);
  const qValues = benjaminiHochberg(pValues);
  const byClusters = signFlipTests(matrix, tested, seed);
  const flips = byClusters === null ? null : boundByOwn(byClusters, pValues);
  const place = new Map(distinct.map((index, at) => [present(keys[index]), at]));
  return {
    trials: results.map((result, index): JudgedTrial => {
      const at = present(place.get(present(keys[index])));
      if (tested[at] === 0) return { ...result, qValue: null, pAdjusted: null, survives: null, deflatedSharpe: null };
      const pAdjusted = flips === null ? null : present(flips.adjusted[at]);
      return {
        ...result,
        qValue: present(qValues[at]),
        pAdjusted,
        survives: flips === null ? null : flips.survivors.includes(at),
        deflatedSharpe:
          flips === null
            ? null
            : (deflatedSharpe(seriesOf(matrix, at).sums, flips.benchmarkSharpe)?.probability ?? null),
      };
    }),
    distinct: first.size,
    tested: tested.reduce((sum, one) => sum + one, 0),
    gone: first.size - new Set(keys.filter((_, index) => !present(trials[index]).isGone)).size,
    clusters: clusters.main.clusters,
    isBySessions: family.isBySessions,
    spaP: flips?.spa ?? null,
    luckSharpe: flips?.benchmarkSharpe ?? null,
    overfitting: backtestOverfitting(matrix, tested),
  };
}

/** The rows of these trials, in their order; the sums themselves where it is all of them. */
function rowsOf(sums: ClusterSums, trials: readonly number[]): ClusterSums {
  const { clusters } = sums;
  if (trials.length === sums.trials) return sums;
  const picked = {
    sums: new Float64Array(trials.length * clusters),
    counts: new Float64Array(trials.length * clusters),
  };
  trials.forEach((trial, at) => {
    picked.sums.set(sums.sums.subarray(trial * clusters, (trial + 1) * clusters), at * clusters);
    picked.counts.set(sums.counts.subarray(trial * clusters, (trial + 1) * clusters), at * clusters);
  });
  return { ...sums, ...picked, trials: trials.length };
}
