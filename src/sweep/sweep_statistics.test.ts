import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { deflatedSharpeRatio } from '../statistics/index.ts';
import { sweepStatistics, type Trial } from './sweep_statistics.ts';

const trial = (runId: string, changes: Partial<Trial> = {}): Trial => ({
  runId,
  trialHash: runId,
  threshold: 0.5,
  signals: 20,
  count: 32,
  sharpe: 0,
  skewness: 0,
  kurtosis: 3,
  blockSums: Array.from({ length: 16 }, (_, block) => ((block * 7 + runId.length) % 5) - 2),
  blockSquares: new Array<number>(16).fill(6),
  foldTrainCount: [10, 20],
  foldTrainNet: [0, 0],
  foldTestCount: [8, 9],
  foldTestTakeProfits: [4, 4],
  foldTestGross: [1, 1],
  foldTestNet: [0.5, 0.5],
  ...changes,
});

test('equal trials count once, those with few signals cannot be chosen', () => {
  const trials = [
    trial('a', { sharpe: 0.2 }),
    trial('copy', { sharpe: 0.2, trialHash: 'a' }),
    trial('b', { sharpe: 0.4 }),
    trial('few', { sharpe: 3, signals: 4 }),
    trial('b', { sharpe: 0.1, threshold: 0.7 }),
  ];
  const statistics = sweepStatistics(trials, 5);
  deepEqual([statistics.trials, statistics.distinctTrials], [5, 3]);
  equal(statistics.best?.trial.sharpe, 0.4);
  const variance = [0.2, 0.4, 0.1].reduce((sum, x) => sum + (x - 0.7 / 3) ** 2, 0) / 2;
  ok(Math.abs(statistics.sharpeVariance - variance) < 1e-15);
  equal(statistics.best?.deflatedSharpe, deflatedSharpeRatio(trials[2]!, 3, statistics.sharpeVariance));
  equal(statistics.overfitting?.splits, 12870);
});

test('each fold is judged by what was chosen on its training part', () => {
  const trials = [
    trial('early', {
      foldTrainNet: [5, -5],
      foldTestNet: [-4, 9],
      foldTestGross: [-2, 11],
      foldTestTakeProfits: [1, 7],
    }),
    trial('late', {
      foldTrainNet: [-5, 30],
      foldTestNet: [9, 4.5],
      foldTestGross: [11, 6],
      foldTestTakeProfits: [7, 5],
    }),
    // The best of all on train, from too few firings.
    trial('thin', { foldTrainCount: [2, 3], foldTrainNet: [99, 99] }),
  ];
  const { walkForward } = sweepStatistics(trials, 5);
  deepEqual(
    walkForward?.folds.map(({ runId, trainMeanNetTicks, testMeanNetTicks }) => [
      runId,
      trainMeanNetTicks,
      testMeanNetTicks,
    ]),
    [
      ['early', 0.5, -0.5],
      ['late', 1.5, 0.5],
    ],
  );
  equal(walkForward?.testSignals, 17);
  equal(walkForward?.testTpRate, 6 / 17);
  equal(walkForward?.testMeanNetTicks, 0.5 / 17);
  equal(walkForward?.testMeanGrossTicks, 4 / 17);
});

test('a sweep of nothing says nothing', () => {
  const statistics = sweepStatistics([], 5);
  deepEqual(
    [statistics.best, statistics.overfitting, statistics.walkForward, statistics.sharpeVariance],
    [null, null, null, 0],
  );
  equal(sweepStatistics([trial('a', { foldTestCount: [], blockSums: [], blockSquares: [] })], 5).walkForward, null);
});
