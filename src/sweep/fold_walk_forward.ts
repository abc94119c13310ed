import { present } from '../errors.ts';
import { wilsonInterval } from '../statistics/index.ts';
import type { FamilyTrial } from './family.ts';
import { netTicks } from './family_clusters.ts';
import type { TradeCosts } from './plan.ts';

/** A trial of an experiment on one session, by the run that it belongs to. */
export interface RunTrial {
  readonly runId: string;
  readonly trial: FamilyTrial;
}

/** The choice on a fold's training part, and how it did on the test part. */
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

/** Walk-forward over folds inside a session: the choices, and all their tests together. */
export interface FoldWalkForward {
  readonly folds: readonly FoldChoice[];
  readonly testSignals: number;
  readonly testTpRate: number | null;
  /** Wilson's interval, as if trades were independent. */
  readonly testTpRateLow: number;
  readonly testTpRateHigh: number;
  readonly testMeanGrossTicks: number | null;
  readonly testMeanNetTicks: number | null;
}

/**
 * Chooses on each fold's training part the trial with the best net mean among those with `minSignals` signals there, and
 * judges it on the test part. Null without folds, or where no fold has a trial to choose.
 */
export function foldWalkForward(
  trials: readonly RunTrial[],
  costs: TradeCosts,
  minSignals: number,
): FoldWalkForward | null {
  const units = trials.flatMap(({ runId, trial }) => {
    const unit = trial.folds();
    return unit === null ? [] : [{ runId, threshold: trial.threshold, unit }];
  });
  const folds = units[0]?.unit.testN.length ?? 0;
  const choices: FoldChoice[] = [];
  let [takeProfits, gross, net] = [0, 0, 0];
  for (let fold = 0; fold < folds; fold++) {
    const trained = units.flatMap(({ runId, threshold, unit }) => {
      const count = present(unit.trainN[fold]);
      if (count < Math.max(1, minSignals)) return [];
      const sum = netTicks(costs, count, present(unit.trainGross[fold]), present(unit.trainSpread[fold]));
      return [{ runId, threshold, unit, count, mean: sum / count }];
    });
    const [first] = trained;
    if (first === undefined) continue;
    const chosen = trained.reduce((a, b) => (b.mean > a.mean ? b : a), first);
    const { unit } = chosen;
    const count = present(unit.testN[fold]);
    const testGross = present(unit.testGross[fold]);
    const testNet = netTicks(costs, count, testGross, present(unit.testSpread[fold]));
    const perSignal = (sum: number) => (count === 0 ? null : sum / count);
    takeProfits += present(unit.testTp[fold]);
    gross += testGross / 2;
    net += testNet;
    choices.push({
      fold,
      runId: chosen.runId,
      threshold: chosen.threshold,
      trainSignals: chosen.count,
      trainMeanNetTicks: chosen.mean,
      testSignals: count,
      testTpRate: perSignal(present(unit.testTp[fold])),
      testMeanGrossTicks: perSignal(testGross / 2),
      testMeanNetTicks: perSignal(testNet),
    });
  }
  if (choices.length === 0) return null;
  const signals = choices.reduce((sum, choice) => sum + choice.testSignals, 0);
  const interval = wilsonInterval(takeProfits, signals);
  const perSignal = (sum: number) => (signals === 0 ? null : sum / signals);
  return {
    folds: choices,
    testSignals: signals,
    testTpRate: perSignal(takeProfits),
    testTpRateLow: interval.low,
    testTpRateHigh: interval.high,
    testMeanGrossTicks: perSignal(gross),
    testMeanNetTicks: perSignal(net),
  };
}
