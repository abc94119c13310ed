import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterMean, clusterMean } from './cluster_mean.ts';
import { noncentralTCdf } from './noncentral_t.ts';
import { detectableShift, requirement } from './power.ts';
import { randomSource } from './random.ts';
import { studentTQuantile } from './student_t.ts';
import { isTested, type TrialActivity, testedRule } from './tested.ts';

const estimate = (mean: number, error: number, effectiveClusters: number): ClusterMean => {
  const half = studentTQuantile(0.975, effectiveClusters - 1) * error;
  return {
    trades: 100,
    mean,
    variance: error ** 2,
    skew: 0,
    clusters: Math.ceil(effectiveClusters),
    effectiveClusters,
    df: effectiveClusters - 1,
    low: mean - half,
    high: mean + half,
    pProfit: 0.5,
  };
};

test('the sentence: 20 sessions, 0.21 ± 0.30, about 76 needed', () => {
  const { detectable, low, high, sessionsNeeded, sessions } = requirement(estimate(0.21, 0.3 / 2.093, 20), 20);
  ok(Math.abs(detectable - 0.42) < 0.005, `${detectable}`);
  ok(Math.abs(low + 0.09) < 1e-4 && Math.abs(high - 0.51) < 1e-4);
  deepEqual([sessions, sessionsNeeded], [20, 76]);
});

test('detectableShift is where the power is 0.8', () => {
  for (const df of [0.5, 3, 4, 9, 19, 59.5, 1e4]) {
    const critical = studentTQuantile(0.975, df);
    ok(Math.abs(noncentralTCdf(critical, df, detectableShift(df)) - 0.2) < 1e-10);
  }
  // Table of Kraemer & Thiemann, "How many subjects?" (1987), two-sided 5 %, power 80 %: n = 34 at effect size 0.5.
  ok(detectableShift(33) / Math.sqrt(34) <= 0.5 && detectableShift(32) / Math.sqrt(33) > 0.5);
});

test('sessionsNeeded is the smallest number with that power, none without an edge, and large ones are no loop', () => {
  for (const [mean, error, effective, sessions] of [
    [0.4, 0.3, 18, 20],
    [2, 0.3, 9.5, 10],
    [0.05, 0.1, 55, 60],
    [0.3, 0.2, 80, 5],
  ] as const) {
    const needed = requirement(estimate(mean, error, effective), sessions).sessionsNeeded!;
    const found = (n: number) => {
      const df = (effective * n) / sessions - 1;
      return 1 - noncentralTCdf(studentTQuantile(0.975, df), df, mean / Math.sqrt((error ** 2 * sessions) / n));
    };
    ok(found(needed) >= 0.8);
    for (let n = 2; n < needed; n++) ok(!(found(n) >= 0.8));
  }
  equal(requirement(estimate(0, 1, 20), 20).sessionsNeeded, null);
  equal(requirement(estimate(-1, 1, 20), 20).sessionsNeeded, null);
  ok(requirement(estimate(1e-9, 1, 20), 20).sessionsNeeded! > 1e15);
});

test('an edge as large as detectable is found in 80 % of cases', () => {
  const random = randomSource(3);
  const uniform = () => (random.below(2 ** 32) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const shift = detectableShift(11) / Math.sqrt(12);
  let found = 0;
  const rounds = 4000;
  for (let round = 0; round < rounds; round++) {
    const sums = Float64Array.from({ length: 12 }, () => normal() + shift);
    if (clusterMean({ sums, counts: new Int32Array(12).fill(1), neighbours: null })!.low > 0) found++;
  }
  // Standard error 0.0063.
  ok(Math.abs(found / rounds - 0.8) < 0.019, `${found} of ${rounds}`);
});

test('each bound of isTested bites alone', () => {
  const enough: TrialActivity = {
    trades: 30,
    winners: 10,
    losers: 10,
    clusters: 10,
    effectiveClusters: 10,
    sessions: 20,
    sessionsRun: 10,
    bySessions: true,
  };
  ok(isTested(enough));
  const short: Partial<TrialActivity>[] = [
    { trades: 29 },
    { winners: 9 },
    { losers: 9 },
    { clusters: 9 },
    { effectiveClusters: 9.9 },
    { sessionsRun: 9 },
    { bySessions: false, effectiveClusters: 4.9 },
  ];
  for (const change of short) ok(!isTested({ ...enough, ...change }), JSON.stringify(change));
  ok(isTested({ ...enough, bySessions: false, effectiveClusters: 5 }));
  equal(testedRule.minTrades, 30);
});
