import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterSums } from './cluster_sums.ts';
import { deflatedSharpe, equivalentTrials } from './deflated_sharpe.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { backtestOverfitting } from './pbo.ts';
import { randomSource } from './random.ts';
import { returnMoments } from './sharpe.ts';

function family(seed: number, trials: number, clusters: number, cost = 0): ClusterSums {
  const random = randomSource(seed);
  const counts = Int32Array.from({ length: trials * clusters }, () => random.below(9));
  const sums = Float64Array.from(counts, (n) => (n === 0 ? 0 : (random.below(21) - 10) / 2 - cost * n));
  return { trials, clusters, sums, counts, neighbours: null };
}

/** CSCV as the paper words it, over explicit lists of clusters. */
function literal(data: ClusterSums, members: readonly number[]) {
  const { clusters, sums, counts } = data;
  const groups = Math.min(16, 2 * Math.floor(clusters / 2));
  const edges = Array.from({ length: groups + 1 }, (_, g) => Math.floor((g * clusters) / groups));
  const choose = (from: number, count: number): number[][] =>
    count === 0
      ? [[]]
      : Array.from({ length: groups - from }, (_, step) => from + step).flatMap((first) =>
          choose(first + 1, count - 1).map((rest) => [first, ...rest]),
        );
  const total = (values: Float64Array | Int32Array, trial: number, picked: readonly number[]) =>
    picked
      .flatMap((g) => Array.from(values.subarray(trial * clusters + edges[g]!, trial * clusters + edges[g + 1]!)))
      .reduce((sum, value) => sum + value, 0);
  const outcomes = choose(0, groups / 2).flatMap((train) => {
    const rest = Array.from({ length: groups }, (_, g) => g).filter((g) => !train.includes(g));
    const taking = members.filter((k) => total(counts, k, train) >= 10 && total(counts, k, rest) >= 10);
    if (taking.length < 2) return [];
    const r = (k: number, picked: readonly number[]) => total(sums, k, picked) / total(counts, k, picked);
    const top = Math.max(...taking.map((k) => r(k, train)));
    const others = taking.map((k) => r(k, rest));
    const picks = taking.filter((k) => r(k, train) === top);
    const logits = picks.map((k) => {
      const own = r(k, rest);
      const rank = others.filter((x) => x < own).length + (others.filter((x) => x === own).length + 1) / 2;
      const omega = rank / (taking.length + 1);
      return Math.log(omega / (1 - omega));
    });
    return [
      {
        over: logits.filter((l) => l <= 1e-12).length / picks.length,
        loss: picks.filter((k) => r(k, rest) < 0).length / picks.length,
      },
    ];
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { probability: mean(outcomes.map((o) => o.over)), lossProbability: mean(outcomes.map((o) => o.loss)) };
}

test('backtestOverfitting equals the literal procedure, ties and short halves included', () => {
  for (const [seed, trials, clusters, cost] of [
    [1, 5, 8, 0],
    [2, 8, 11, 1],
    [3, 6, 7, 0],
    [4, 9, 10, 0.5],
  ] as const) {
    const data = family(seed, trials, clusters, cost);
    // Trial 1 is trial 0 under another name; the last one is not tested.
    data.sums.copyWithin(clusters, 0, clusters);
    data.counts.copyWithin(clusters, 0, clusters);
    const tested = new Uint8Array(trials).fill(1, 0, trials - 1);
    const expected = literal(
      data,
      Array.from({ length: trials - 1 }, (_, k) => k),
    );
    const found = backtestOverfitting(data, tested)!;
    ok(Math.abs(found.probability - expected.probability) < 1e-12);
    ok(Math.abs(found.lossProbability - expected.lossProbability) < 1e-12);
    equal(found.groups, clusters - (clusters % 2));
  }
});

test('without skill half of the choices are overfitted, with costs too, and with costs nearly all lose', () => {
  let free = 0;
  let dear = 0;
  let lost = 0;
  const rounds = 60;
  for (let seed = 1; seed <= rounds; seed++) {
    free += backtestOverfitting(family(seed, 21, 20), new Uint8Array(21).fill(1))!.probability / rounds;
    const costly = backtestOverfitting(family(seed, 21, 20, 3), new Uint8Array(21).fill(1))!;
    dear += costly.probability / rounds;
    lost += costly.lossProbability / rounds;
  }
  ok(Math.abs(free - 0.5) < 0.1 && Math.abs(dear - 0.5) < 0.1, `${free}, ${dear}`);
  ok(lost > 0.99, `${lost}`);
});

test('without two trials, two clusters or ten trades there is no PBO', () => {
  const data = family(1, 3, 8);
  equal(backtestOverfitting(data, Uint8Array.of(1, 0, 0)), null);
  equal(backtestOverfitting(family(1, 3, 1), Uint8Array.of(1, 1, 1)), null);
  const few = { ...data, counts: new Int32Array(24).fill(1) };
  equal(backtestOverfitting(few, Uint8Array.of(1, 1, 1)), null);
  const many = backtestOverfitting(family(2, 3, 40), Uint8Array.of(1, 1, 1))!;
  deepEqual([many.groups, many.splits], [16, 12_870]);
});

test('deflatedSharpe is the formula of the paper, on all clusters', () => {
  const sums = Float64Array.of(3, 0, 5, -1, 0, 4, 2, -2, 6, 1, 0, 3);
  const { sharpe, skewness, kurtosis } = returnMoments(sums);
  const found = deflatedSharpe(sums, 0.2)!;
  const deviation = Math.sqrt(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2);
  ok(Math.abs(found.probability - normalCdf(((sharpe - 0.2) * Math.sqrt(11)) / deviation)) < 1e-14);
  deepEqual([found.sharpe, found.benchmark], [sharpe, 0.2]);
  equal(deflatedSharpe(sums.subarray(0, 9), 0.2), null);
  equal(deflatedSharpe(new Float64Array(20), 0.2), null);
});

test('equivalentTrials solves the formula of the paper', () => {
  for (const n of [2.5, 10, 100, 12_345]) {
    const euler = 0.5772156649015329;
    const best = (1 - euler) * normalQuantile(1 - 1 / n) + euler * normalQuantile(1 - 1 / (n * Math.E));
    ok(Math.abs(equivalentTrials(best / Math.sqrt(59), 60) / n - 1) < 1e-6);
  }
  equal(equivalentTrials(0, 60), 1);
  equal(equivalentTrials(-1, 60), 1);
  ok(Number.isFinite(equivalentTrials(50, 60)));
});
