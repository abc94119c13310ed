import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { clusterMean, clusterMoments, widerMean } from './cluster_mean.ts';
import { clusterRate } from './cluster_rate.ts';
import { type ClusterSeries, type ClusterSums, pickClusters, seriesOf } from './cluster_sums.ts';
import { randomSource } from './random.ts';
import { skewCorrectedT, uncorrectedT } from './skew_corrected_t.ts';
import { studentTCdf, studentTQuantile } from './student_t.ts';
import { wilsonInterval } from './wilson.ts';

const near = (actual: number, expected: number, relative: number) =>
  ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

/** Trades of one trial: those of cluster c are `trades[c]`. */
type Trades = readonly (readonly number[])[];

function series(trades: Trades, neighbours: readonly number[] | null = null): ClusterSeries {
  return {
    sums: Float64Array.from(trades, (list) => list.reduce((sum, pnl) => sum + pnl, 0)),
    counts: Int32Array.from(trades, (list) => list.length),
    neighbours: neighbours === null ? null : Uint8Array.from(neighbours),
  };
}

/** Estimate and variance in the words of the definition, from single trades. */
function literal(trades: Trades, pairs: readonly (readonly [number, number])[]) {
  const all = trades.flat();
  const r = all.reduce((sum, pnl) => sum + pnl, 0) / all.length;
  const e = trades.map((list) => list.reduce((sum, pnl) => sum + (pnl - r), 0));
  const G = trades.filter((list) => list.length > 0).length;
  const neighbourTerm = pairs.reduce((sum, [a, b]) => sum + 2 * e[a]! * e[b]!, 0);
  const meat = e.reduce((sum, value) => sum + value ** 2, 0) + (neighbourTerm > 0 ? neighbourTerm : 0);
  const V = (G * meat) / (G - 1) / all.length ** 2;
  const effective = all.length ** 2 / trades.reduce((sum, list) => sum + list.length ** 2, 0);
  const skew = e.reduce((sum, value) => sum + value ** 3, 0) / e.reduce((sum, value) => sum + value ** 2, 0) ** 1.5;
  return { r, V, G, skew, effective };
}

function randomTrades(seed: number, clusters: number): Trades {
  const random = randomSource(seed);
  return Array.from({ length: clusters }, () => {
    const day = random.below(9) - 4;
    return Array.from({ length: random.below(12) }, () => (random.below(41) - 20 + day) / 2);
  });
}

test('clusterMean equals the definition, by sessions and by blocks with neighbours', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const trades = randomTrades(seed, 12);
    // Three sessions of four blocks each.
    const flags = Array.from({ length: 12 }, (_, c) => (c % 4 === 3 ? 0 : 1));
    const pairs = flags.flatMap((flag, c) => (flag === 1 ? [[c, c + 1] as const] : []));
    for (const [neighbours, taken] of [
      [null, []],
      [flags, pairs],
    ] as const) {
      const { r, V, G, skew, effective } = literal(trades, taken);
      const found = clusterMean(series(trades, neighbours))!;
      near(found.mean, r, 1e-12);
      near(found.variance, V, 1e-9);
      near(found.effectiveClusters, effective, 1e-13);
      deepEqual([found.clusters, found.trades], [G, trades.flat().length]);
      near(found.skew, neighbours === null ? 0 : skew, 1e-7);
      const t = (bound: number) => skewCorrectedT((r - bound) / Math.sqrt(V), found.skew);
      near(t(found.low), studentTQuantile(0.975, effective - 1), 1e-9);
      near(t(found.high), studentTQuantile(0.025, effective - 1), 1e-9);
      near(found.pProfit, 1 - studentTCdf(t(0), effective - 1), 1e-8);
      equal(found.pProfit < 0.025, found.low > 0);
    }
  }
});

test('equal clusters give the t-test of the textbook', () => {
  // Student (1908), additional hours of sleep, differences of ten patients: mean 1.58, t = 4.06.
  const hours = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4];
  const found = clusterMean(series(hours.map((value) => [value])))!;
  near(found.mean, 1.58, 1e-12);
  near(found.mean / Math.sqrt(found.variance), 4.0621, 1e-4);
  near(found.df, 9, 1e-12);
  near(found.pProfit, 0.001416, 1e-3);
  near(found.low, 0.7001, 1e-4);
});

test('where the error is unknown there is no answer, and no number that is not finite', () => {
  equal(clusterMean(series([])), null);
  equal(clusterMean(series([[1, 2], [], []])), null);
  // Clusters of exactly the same mean, also when it is no binary fraction.
  equal(clusterMean(series([[0.1], [0.1, 0.1], [0.1], [0.1, 0.1, 0.1]])), null);
  equal(clusterMoments(series([[0.1], [0.1, 0.1], [0.1]]))?.variance, 0);
  // 10^9 trades in one cluster and two in another: less than 1e-8 degrees of freedom.
  const lopsided = { sums: Float64Array.of(5, -1), counts: Float64Array.of(1e9, 2), neighbours: null };
  equal(clusterMean(lopsided), null);
  deepEqual(clusterRate(lopsided)?.low, 0);
  const two = clusterMean(series([[1], [2]]))!;
  ok([two.low, two.high, two.pProfit, two.variance, two.df].every(Number.isFinite));
});

test('widerMean takes the wider interval and the larger p-value', () => {
  const blocks = clusterMean(series(randomTrades(4, 40)))!;
  const sessions = clusterMean(series(randomTrades(5, 4)))!;
  const wider = widerMean(blocks, sessions)!;
  equal(wider.high - wider.low, Math.max(blocks.high - blocks.low, sessions.high - sessions.low));
  equal(wider.pProfit, Math.max(blocks.pProfit, sessions.pProfit));
  deepEqual(widerMean(sessions, blocks), widerMean(blocks, sessions));
  equal(widerMean(blocks, null), null);
  equal(widerMean(null, sessions), null);
});

test('clusterRate is Wilson with as many trades as tell as much, and t in place of the normal quantile', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomSource(seed);
    const counts = Int32Array.from({ length: 15 }, () => random.below(30));
    const sums = Float64Array.from(counts, (n) => Math.min(n, random.below(n + 1)));
    const { trades, rate, effectiveTrades, low, high } = clusterRate({ sums, counts, neighbours: null })!;
    const { variance, effectiveClusters } = clusterMoments({ sums, counts, neighbours: null })!;
    near(effectiveTrades, Math.min(trades, (rate * (1 - rate)) / variance), 1e-12);
    const t = studentTQuantile(0.975, effectiveClusters - 1);
    for (const edge of [low, high]) {
      near(Math.abs(rate - edge) / Math.sqrt((edge * (1 - edge)) / effectiveTrades), t, 1e-9);
    }
  }
  // One trade a cluster, many of them: nothing but the variance's G/(G − 1) is between this and Wilson's own.
  const sums = Float64Array.from({ length: 4000 }, (_, c) => (c % 4 === 0 ? 1 : 0));
  const counts = new Int32Array(4000).fill(1);
  const plain = wilsonInterval(1000, 4000);
  const found = clusterRate({ sums, counts, neighbours: null })!;
  near(found.low, plain.low, 1e-3);
  near(found.high, plain.high, 1e-3);
});

test('at a rate of 0 or 1 every effective cluster counts once', () => {
  const counts = Int32Array.of(5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
  const none = clusterRate({ sums: new Float64Array(10), counts, neighbours: null })!;
  near(none.effectiveTrades, 10, 1e-12);
  const t = studentTQuantile(0.975, 9);
  near(none.high, (t * t) / (10 + t * t), 1e-12);
  equal(none.low, 0);
  const all = clusterRate({ sums: Float64Array.from(counts), counts, neighbours: null })!;
  equal(all.high, 1);
  near(all.low, 1 - none.high, 1e-12);
  equal(clusterRate({ sums: Float64Array.of(1), counts: Int32Array.of(2), neighbours: null }), null);
});

test('pickClusters keeps neighbours that stay side by side', () => {
  const data: ClusterSums = {
    trials: 2,
    clusters: 6,
    sums: Float64Array.from({ length: 12 }, (_, at) => at),
    counts: Int32Array.from({ length: 12 }, (_, at) => 20 + at),
    neighbours: Uint8Array.of(1, 1, 0, 1, 1, 0),
  };
  const picked = pickClusters(data, [0, 1, 3, 5]);
  deepEqual(Array.from(picked.sums), [0, 1, 3, 5, 6, 7, 9, 11]);
  deepEqual(Array.from(picked.neighbours!), [1, 0, 0, 0]);
  deepEqual(Array.from(seriesOf(picked, 1).counts), [26, 27, 29, 31]);
  equal(pickClusters({ ...data, neighbours: null }, [2]).neighbours, null);
});

test('skewCorrectedT grows with t, is undone by uncorrectedT, and takes the skewness of exponentials out of t', () => {
  for (const skew of [-0.6, -0.05, 0, 1e-12, 0.3]) {
    let last = Number.NEGATIVE_INFINITY;
    for (let t = -12; t <= 12; t += 0.25) {
      const corrected = skewCorrectedT(t, skew);
      ok(corrected >= last && Math.abs(uncorrectedT(corrected, skew) - t) < 1e-5);
      last = corrected;
    }
  }
  equal(skewCorrectedT(Number.NEGATIVE_INFINITY, 0.3), Number.NEGATIVE_INFINITY);
  // 64 blocks of losses that are exponential and gains that are not: t has p ≤ 0.005 in 1.2 % of cases.
  const random = randomSource(17);
  const rare = [0, 0];
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++) {
    const sums = Float64Array.from({ length: 64 }, () => 1 + Math.log((random.below(2 ** 32) + 0.5) / 2 ** 32));
    const counts = new Int32Array(64).fill(1);
    [null, new Uint8Array(64)].forEach((neighbours, kind) => {
      if (clusterMean({ sums, counts, neighbours })!.pProfit <= 0.005) rare[kind]! += 1 / rounds;
    });
  }
  ok(rare[0]! > 0.009 && rare[1]! < 0.007, `${rare}`);
});
