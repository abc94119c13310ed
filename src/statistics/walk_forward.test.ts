import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { clusterMean } from './cluster_mean.ts';
import type { ClusterSums } from './cluster_sums.ts';
import { dayStatistics, signTest } from './day_statistics.ts';
import { randomSource } from './random.ts';
import { returnMoments } from './sharpe.ts';
import { type WalkForwardRule, walkForward } from './walk_forward.ts';

const rule: WalkForwardRule = {
  trainSessions: 20,
  testSessions: 5,
  anchored: false,
  choose: 'net_mean',
  minSignals: 30,
};

function family(seed: number, trials: number, clusters: number): ClusterSums {
  const random = randomSource(seed);
  const counts = Int32Array.from({ length: trials * clusters }, () => random.below(6));
  const sums = Float64Array.from(counts, (n) => (n === 0 ? 0 : (random.below(21) - 10) / 2));
  return { trials, clusters, sums, counts, neighbours: null };
}

/** Sessions of one trial as pairs [y, n]. */
const sessionsOf = (data: ClusterSums, trial: number) =>
  Array.from({ length: data.clusters }, (_, c) => {
    return [data.sums[trial * data.clusters + c]!, data.counts[trial * data.clusters + c]!] as const;
  });

test('walkForward equals the literal procedure', () => {
  for (const [seed, sessions, change] of [
    [1, 60, {}],
    [2, 43, { anchored: true }],
    [3, 31, { choose: 'sharpe', trainSessions: 8, testSessions: 1 }],
    [4, 33, { minSignals: 60 }],
  ] as const) {
    const data = family(seed, 7, sessions);
    const used = { ...rule, ...change };
    const hashes = Array.from({ length: 7 }, (_, k) => `h${9 - k}`);
    const expected: (readonly [number, number])[] = [];
    const chosen: (number | null)[] = [];
    for (let at = used.trainSessions; at < sessions; at += used.testSessions) {
      const scored = hashes.map((hash, trial) => {
        const train = sessionsOf(data, trial).slice(used.anchored ? 0 : at - used.trainSessions, at);
        const y = train.map(([sum]) => sum);
        const n = train.reduce((sum, [, count]) => sum + count, 0);
        const mean = y.reduce((a, b) => a + b, 0) / n;
        return { hash, trial, n, value: used.choose === 'sharpe' ? returnMoments(Float64Array.from(y)).sharpe : mean };
      });
      const able = scored.filter(({ n }) => n >= used.minSignals);
      const [best] = able.sort((a, b) => b.value - a.value || (a.hash < b.hash ? -1 : 1));
      chosen.push(best?.trial ?? null);
      const test = best === undefined ? [] : sessionsOf(data, best.trial).slice(at, at + used.testSessions);
      const length = Math.min(used.testSessions, sessions - at);
      expected.push(...(best === undefined ? Array.from({ length }, () => [0, 0] as const) : test));
    }
    const found = walkForward(data, hashes, used)!;
    deepEqual(
      found.stretches.map(({ trial }) => trial),
      chosen,
    );
    deepEqual(
      Array.from(found.sums, (y, c) => [y, found.counts[c]!]),
      expected,
    );
    equal(found.firstSession, used.trainSessions);
    deepEqual(found.estimate, clusterMean({ sums: found.sums, counts: found.counts, neighbours: null }));
    equal(found.stretches.at(-1)?.testTo, sessions);
  }
});

test('ties go to the smallest hash, whatever the order of the trials', () => {
  const one = family(5, 1, 30);
  const data = {
    ...one,
    trials: 2,
    sums: Float64Array.from([...one.sums, ...one.sums]),
    counts: Float64Array.from([...one.counts, ...one.counts]),
  };
  equal(walkForward(data, ['b', 'a'], rule)!.stretches[0]!.trial, 1);
  equal(walkForward(data, ['a', 'b'], rule)!.stretches[0]!.trial, 0);
});

test('few test sessions have no interval, none no walk-forward, and nobody to choose no trade', () => {
  const data = family(6, 3, 29);
  const found = walkForward(data, ['a', 'b', 'c'], rule)!;
  equal(found.estimate, null);
  ok(found.mean !== null && found.sums.length === 9);
  equal(walkForward(family(6, 3, 20), ['a', 'b', 'c'], rule), null);
  const idle = walkForward(data, ['a', 'b', 'c'], { ...rule, minSignals: 1e6 })!;
  equal(idle.mean, null);
  deepEqual(
    idle.stretches.map(({ trial, trained }) => [trial, trained]),
    [
      [null, null],
      [null, null],
    ],
  );
});

test('dayStatistics of a small example', () => {
  const found = dayStatistics(
    { sums: Float64Array.of(2, -1, 0, 6, 0, -1, 4), counts: Int32Array.of(4, 2, 0, 2, 3, 1, 4), neighbours: null },
    5,
  );
  const { withoutBest, medianDayP, ...rest } = found;
  deepEqual(rest, {
    positive: 3,
    negative: 2,
    positiveShare: 0.6,
    best: { session: 3, sum: 6 },
    worst: { session: 1, sum: -1 },
    bestShare: 0.6,
    bestTradesShare: 0.5,
    meanWithoutBest: 4 / 14,
    firstHalf: 1 / 6,
    secondHalf: 9 / 10,
  });
  ok(Math.abs(medianDayP! - 0.5) < 1e-15);
  equal(withoutBest?.clusters, 5);
  equal(withoutBest?.mean, 4 / 14);
});

test('what has no total, no day or no trade says nothing', () => {
  const idle = dayStatistics({ sums: new Float64Array(4), counts: new Int32Array(4), neighbours: null }, 0);
  deepEqual(
    Object.values(idle).filter((value) => value !== null),
    [0, 0],
  );
  const loss = dayStatistics({ sums: Float64Array.of(1, -3), counts: Int32Array.of(1, 1), neighbours: null }, 1);
  deepEqual([loss.bestShare, loss.bestTradesShare, loss.withoutBest], [null, null, null]);
});

test('signTest gives the published table and equals exact sums', () => {
  // Dixon & Massey, table A-10: 8 of 10: 0.0547; 15 of 20: 0.0207.
  ok(Math.abs(signTest(8, 10) - 56 / 1024) < 1e-15);
  ok(Math.abs(signTest(15, 20) - 0.0207) < 5e-5);
  equal(signTest(0, 10), 1);
  for (const days of [1, 7, 33, 60]) {
    let binomial = 1n;
    let tail = 0n;
    for (let k = days; k >= 0; k--) {
      tail += binomial;
      ok(Math.abs(signTest(k, days) / (Number(tail) / 2 ** days) - 1) < 1e-12);
      binomial = (binomial * BigInt(k)) / BigInt(days - k + 1);
    }
  }
});
