import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { expectedBestSharpe, probabilisticSharpeRatio, returnMoments, type SharpeEstimate } from './sharpe.ts';

const near = (actual: number, expected: number, absolute: number) =>
  ok(Math.abs(actual - expected) <= absolute, `${actual} is not ${expected}`);

test('returnMoments of a small series', () => {
  const moments = returnMoments(Float64Array.of(1, 2, 3, 4, 10));
  equal(moments.mean, 4);
  near(moments.deviation, Math.sqrt(12.5), 1e-15);
  // Third central moment 36, fourth 278.8, variance 10.
  near(moments.skewness, 36 / 10 ** 1.5, 1e-12);
  near(moments.kurtosis, 278.8 / 100, 1e-12);
  near(moments.sharpe, 4 / Math.sqrt(12.5), 1e-15);
  equal(returnMoments(Float64Array.of(2, 2, 2)).sharpe, 0);
  equal(returnMoments(new Float64Array(0)).mean, 0);
});

test('the worked example of "The deflated Sharpe ratio" (2014)', () => {
  // Annualised SR 2.5 over 5 years of daily returns, skewness −3, kurtosis 10, variance of trials 1/2 annualised.
  const estimate = { count: 1250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  const deflated = (of: SharpeEstimate, trials: number) =>
    probabilisticSharpeRatio(of, expectedBestSharpe(trials, 1 / 2 / 250));
  near(expectedBestSharpe(100, 1 / 2 / 250), 0.1132, 5e-5);
  near(deflated(estimate, 100), 0.9004, 5e-5);
  near(deflated(estimate, 46), 0.9505, 5e-5);
  // The same strategy with normal returns: 88 trials would be allowed.
  near(deflated({ ...estimate, skewness: 0, kurtosis: 3 }, 88), 0.9505, 5e-4);
});

test('the worked example of the probabilistic Sharpe ratio (2012)', () => {
  // Two years of monthly returns, annualised SR 1.59, skewness −2.448, kurtosis 10.164.
  const estimate = { count: 24, sharpe: 0.458, skewness: -2.448, kurtosis: 10.164 };
  near(probabilisticSharpeRatio(estimate, 0), 0.913, 2e-3);
  near(probabilisticSharpeRatio({ ...estimate, skewness: 0, kurtosis: 3 }, 0), 0.982, 2e-3);
  ok(Number.isNaN(probabilisticSharpeRatio({ ...estimate, count: 1 }, 0)));
});
