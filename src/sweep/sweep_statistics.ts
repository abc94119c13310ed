import { present } from '../errors.ts';
import {
  deflatedSharpeRatio,
  type Overfitting,
  overfittingProbability,
  type SharpeEstimate,
  wilsonInterval,
} from '../statistics/index.ts';

/** A run at one threshold, as the statistics over its sweep see it. */
export interface Trial extends SharpeEstimate {
  readonly runId: string;
  /** Runs with equal hashes are the same trial. */
  readonly trialHash: string;
  readonly threshold: number;
  readonly signals: number;
  readonly blockSums: readonly number[];
  readonly blockSquares: readonly number[];
  /** Firings and net ticks per fold. */
  readonly foldTrainCount: readonly number[];
  readonly foldTrainNet: readonly number[];
  readonly foldTestCount: readonly number[];
  readonly foldTestTakeProfits: readonly number[];
  readonly foldTestGross: readonly number[];
  readonly foldTestNet: readonly number[];
}

/** What was chosen on a fold's training part, and what it then did on the test part. */
export interface FoldChoice {
  readonly fold: number;
  readonly runId: string;
  readonly threshold: number;
  readonly trainSignals: number;
  readonly trainMeanNetTicks: number;
  readonly testSignals: number;
  readonly testTpRate: number | null;
  readonly testMeanGrossTicks: number | null;
  readonly testMeanNetTicks: number | null;
}

/** Walk-forward: the choices, and all their tests together. */
export interface WalkForward {
  readonly folds: readonly FoldChoice[];
  readonly testSignals: number;
  readonly testTpRate: number | null;
  readonly testTpRateLow: number;
  readonly testTpRateHigh: number;
  readonly testMeanGrossTicks: number | null;
  readonly testMeanNetTicks: number | null;
}

export interface SweepStatistics {
  /** Runs × thresholds, and those of them that are different trials with enough signals to be chosen. */
  readonly trials: number;
  readonly distinctTrials: number;
  /** Of Sharpe ratios over the distinct trials. */
  readonly sharpeVariance: number;
  readonly best: { readonly trial: Trial; readonly deflatedSharpe: number | null } | null;
  readonly overfitting: Overfitting | null;
  readonly walkForward: WalkForward | null;
}

/** CSCV with 16 blocks up to this many trials, with 8 beyond: 12,870 splits of more would take seconds. */
const maxTrialsOf16Blocks = 4000;

/** What all trials of a sweep together say; trials with fewer than `minSignals` signals cannot be chosen. */
export function sweepStatistics(trials: readonly Trial[], minSignals: number): SweepStatistics {
  const distinct = [...new Map(trials.map((trial) => [`${trial.trialHash}/${trial.threshold}`, trial])).values()];
  const eligible = distinct.filter((trial) => trial.signals >= Math.max(1, minSignals));
  const sharpeVariance = variance(eligible.map((trial) => trial.sharpe));
  const best = eligible.reduce<Trial | null>((a, b) => (a === null || b.sharpe > a.sharpe ? b : a), null);
  const deflated = best === null ? Number.NaN : deflatedSharpeRatio(best, eligible.length, sharpeVariance);
  return {
    trials: trials.length,
    distinctTrials: eligible.length,
    sharpeVariance,
    best: best === null ? null : { trial: best, deflatedSharpe: Number.isNaN(deflated) ? null : deflated },
    overfitting: overfitting(eligible),
    walkForward: walkForward(eligible, minSignals),
  };
}

function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function overfitting(trials: readonly Trial[]): Overfitting | null {
  const [first] = trials;
  if (first === undefined || first.blockSums.length < 2) return null;
  const stored = first.blockSums.length;
  const merge = stored === 16 && trials.length > maxTrialsOf16Blocks ? 2 : 1;
  const blocks = stored / merge;
  const lay = (of: (trial: Trial) => readonly number[]) => {
    const out = new Float64Array(trials.length * blocks);
    trials.forEach((trial, index) => {
      of(trial).forEach((value, block) => {
        const at = index * blocks + Math.floor(block / merge);
        out[at] = present(out[at]) + value;
      });
    });
    return out;
  };
  return overfittingProbability(
    lay((trial) => trial.blockSums),
    lay((trial) => trial.blockSquares),
    blocks,
    first.count / blocks,
  );
}

function walkForward(trials: readonly Trial[], minSignals: number): WalkForward | null {
  const folds = trials[0]?.foldTestCount.length ?? 0;
  const choices: FoldChoice[] = [];
  let takeProfits = 0;
  let gross = 0;
  let net = 0;
  for (let fold = 0; fold < folds; fold++) {
    const trained = trials.filter((trial) => present(trial.foldTrainCount[fold]) >= Math.max(1, minSignals));
    const meanOf = (trial: Trial) => present(trial.foldTrainNet[fold]) / present(trial.foldTrainCount[fold]);
    const chosen = trained.reduce<Trial | null>((a, b) => (a === null || meanOf(b) > meanOf(a) ? b : a), null);
    if (chosen === null) continue;
    const count = present(chosen.foldTestCount[fold]);
    const perSignal = (sum: number) => (count === 0 ? null : sum / count);
    takeProfits += present(chosen.foldTestTakeProfits[fold]);
    gross += present(chosen.foldTestGross[fold]);
    net += present(chosen.foldTestNet[fold]);
    choices.push({
      fold,
      runId: chosen.runId,
      threshold: chosen.threshold,
      trainSignals: present(chosen.foldTrainCount[fold]),
      trainMeanNetTicks: meanOf(chosen),
      testSignals: count,
      testTpRate: perSignal(present(chosen.foldTestTakeProfits[fold])),
      testMeanGrossTicks: perSignal(present(chosen.foldTestGross[fold])),
      testMeanNetTicks: perSignal(present(chosen.foldTestNet[fold])),
    });
  }
  if (choices.length === 0) return null;
  const signals = choices.reduce((sum, choice) => sum + choice.testSignals, 0);
  const interval = wilsonInterval(takeProfits, signals);
  return {
    folds: choices,
    testSignals: signals,
    testTpRate: signals === 0 ? null : takeProfits / signals,
    testTpRateLow: interval.low,
    testTpRateHigh: interval.high,
    testMeanGrossTicks: signals === 0 ? null : gross / signals,
    testMeanNetTicks: signals === 0 ? null : net / signals,
  };
}
