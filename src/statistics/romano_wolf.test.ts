import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { clusterMean } from './cluster_mean.ts';
import { type ClusterSums, seriesOf } from './cluster_sums.ts';
import { randomSource } from './random.ts';
import { boundByOwn, signFlipTests } from './romano_wolf.ts';
import { returnMoments } from './sharpe.ts';
import { drawSigns } from './sign_flip_draws.ts';
import { skewCorrectedT } from './skew_corrected_t.ts';
import { studentZ, studentZBound } from './student_z.ts';

/** Trials in groups that share most of their trades; `edge` is added to the first of them, half ticks. */
function family(seed: number, trials: number, clusters: number, blocks = 0, edge = 0): ClusterSums {
  const random = randomSource(seed);
  const sums = new Float64Array(trials * clusters);
  const counts = new Int32Array(sums.length);
  const shared = Array.from({ length: clusters }, () => random.below(81) - 40);
  for (let at = 0; at < sums.length; at++) {
    const trial = Math.floor(at / clusters);
    counts[at] = random.below(5) === 0 ? 0 : 1 + random.below(9);
    const luck = (random.below(81) - 40 + (trial % 2 === 0 ? shared[at % clusters]! : 0)) / 2;
    sums[at] = counts[at] === 0 ? 0 : luck + (trial < 3 ? (edge * counts[at]!) / 2 : 0);
  }
  const flag = (_: unknown, c: number) => (c % blocks === blocks - 1 || c === clusters - 1 ? 0 : 1);
  return {
    trials,
    clusters,
    sums,
    counts,
    neighbours: blocks === 0 ? null : Uint8Array.from(sums.subarray(0, clusters), flag),
  };
}

/** The signs of one draw as numbers. */
function signsOf(drawn: ReturnType<typeof drawSigns>, draw: number): number[] {
  return Array.from({ length: drawn.clusters }, (_, c) =>
    (drawn.signs[(c >> 3) * drawn.draws + draw]! >> (c & 7)) & 1 ? 1 : -1,
  );
}

/** Everything by its definition: each draw's data is made and goes through `clusterMean`. */
function literal(data: ClusterSums, tested: Uint8Array, seed: number, draws: number) {
  const drawn = drawSigns(data.clusters, draws, data.neighbours !== null, randomSource(seed));
  const rows = Array.from({ length: data.trials }, (_, trial) => seriesOf(data, trial));
  const zOf = (series: (typeof rows)[0]) => {
    const { mean, variance, skew, df } = clusterMean(series)!;
    return studentZ(skewCorrectedT(mean / Math.sqrt(variance), skew), df);
  };
  const members = rows.map((_, trial) => trial).filter((trial) => tested[trial] === 1);
  const z = rows.map((row, trial) => (tested[trial] === 1 ? zOf(row) : Number.NaN));
  const flipped = Array.from({ length: draws }, (_, draw) => {
    const signs = signsOf(drawn, draw);
    return rows.map((row) => ({ ...row, sums: row.sums.map((y, c) => y * signs[c]!) }));
  });
  const zStar = flipped.map((all) => all.map((row, trial) => (tested[trial] === 1 ? zOf(row) : Number.NaN)));
  const share = (set: readonly number[], value: number) =>
    (1 + zStar.filter((all) => Math.max(...set.map((trial) => all[trial]!)) >= value - 1e-9).length) / (draws + 1);
  const adjusted = rows.map(() => Number.NaN);
  let last = 0;
  const left = [...members].sort((a, b) => z[b]! - z[a]!);
  while (left.length > 0) {
    last = Math.max(last, share(left, z[left[0]!]!));
    adjusted[left.shift()!] = last;
  }
  const relevant = members.filter((trial) => {
    return z[trial]! >= -Math.sqrt(2 * Math.log(Math.log(rows[trial]!.counts.filter((n) => n > 0).length)));
  });
  const best = Math.max(...members.map((trial) => z[trial]!));
  const sharpes = flipped.map((all) => Math.max(...all.map((row) => returnMoments(row.sums).sharpe)));
  return { z, adjusted, spa: share(relevant, best), benchmark: sharpes.reduce((sum, value) => sum + value, 0) / draws };
}

test('signFlipTests equals the definition, by sessions and by neighbouring blocks', () => {
  for (const [seed, trials, clusters, blocks, edge] of [
    [1, 12, 10, 0, 0],
    [2, 15, 23, 0, 3],
    [3, 9, 24, 8, 0],
    [4, 14, 40, 16, 4],
    [5, 1, 11, 0, 0],
  ] as const) {
    const data = family(seed, trials, clusters, blocks, edge);
    const tested = new Uint8Array(trials).fill(1);
    if (trials > 5) tested[4] = 0;
    const expected = literal(data, tested, seed, 200);
    const found = signFlipTests(data, tested, seed, 200)!;
    for (let trial = 0; trial < trials; trial++) {
      if (tested[trial] === 0) ok(Number.isNaN(found.adjusted[trial]!) && Number.isNaN(found.z[trial]!));
      else {
        equal(found.adjusted[trial], expected.adjusted[trial]);
        ok(Math.abs(found.z[trial]! - expected.z[trial]!) < 1e-12);
      }
    }
    equal(found.spa, expected.spa);
    ok(Math.abs(found.benchmarkSharpe - expected.benchmark) < 1e-12);
    deepEqual(
      found.survivors,
      [...expected.adjusted.keys()].filter((trial) => expected.adjusted[trial]! < 0.05),
    );
  }
});

test('the order of the trials changes nothing, and a run gives the same again', () => {
  const data = family(7, 20, 30, 10, 2);
  const back = (values: Float64Array | Int32Array) =>
    Float64Array.from(values, (_, at) => values[(19 - Math.floor(at / 30)) * 30 + (at % 30)]!);
  const tested = new Uint8Array(20).fill(1);
  const found = signFlipTests(data, tested, 5)!;
  const turned = signFlipTests({ ...data, sums: back(data.sums), counts: back(data.counts) }, tested, 5)!;
  deepEqual(turned.adjusted.toReversed(), found.adjusted);
  deepEqual([turned.spa, turned.benchmarkSharpe], [found.spa, found.benchmarkSharpe]);
  deepEqual(signFlipTests(data, tested, 5), found);
  equal(found.draws, 2000);
});

test('a trial that is there twice is adjusted as if it were there once', () => {
  const data = family(9, 6, 20, 0, 3);
  const twice = (values: Float64Array | Int32Array) => Float64Array.from([...values, ...values]);
  const doubled = { ...data, trials: 12, sums: twice(data.sums), counts: twice(data.counts) };
  const once = signFlipTests(data, new Uint8Array(6).fill(1), 1)!;
  deepEqual(signFlipTests(doubled, new Uint8Array(12).fill(1), 1)!.adjusted.slice(0, 6), once.adjusted);
});

test('an edge survives and nothing else does; what cannot be tested has no p-value', () => {
  const data = family(11, 30, 20, 0, 12);
  const found = signFlipTests(data, new Uint8Array(30).fill(1), 3)!;
  deepEqual(found.survivors, [0, 1, 2]);
  ok(found.spa! < 0.01);
  equal(signFlipTests(family(1, 5, 9), new Uint8Array(5).fill(1), 3), null);
  const none = signFlipTests(data, new Uint8Array(30), 3)!;
  equal(none.spa, null);
  ok(none.adjusted.every(Number.isNaN) && none.survivors.length === 0);
  equal(none.benchmarkSharpe, found.benchmarkSharpe);
  // No variation between clusters: no p-value, though it was called tested.
  const flat = { ...data, trials: 1, sums: new Float64Array(20).fill(2), counts: new Int32Array(20).fill(2) };
  const { adjusted, benchmarkSharpe } = signFlipTests(flat, Uint8Array.of(1), 3)!;
  ok(Number.isNaN(adjusted[0]!) && Number.isFinite(benchmarkSharpe));
  equal(
    signFlipTests({ ...flat, trials: 0, sums: new Float64Array(0), counts: new Int32Array(0) }, new Uint8Array(0), 3)
      ?.spa,
    null,
  );
});

test('no adjusted p-value is below the own of its trial, and no SPA below the smallest of them', () => {
  const data = family(11, 30, 20, 0, 12);
  const tested = new Uint8Array(30).fill(1);
  tested[7] = 0;
  const tests = signFlipTests(data, tested, 3)!;
  const own = Float64Array.from(tested, (one, trial) => (one === 0 ? Number.NaN : trial === 1 ? 0.2 : 0.03));
  const bound = boundByOwn(tests, own);
  deepEqual(bound.survivors, [0, 2]);
  equal(bound.spa, 0.03);
  equal(bound.adjusted[1], 0.2);
  for (const [trial, p] of bound.adjusted.entries())
    if (trial !== 7) equal(p, Math.max(tests.adjusted[trial]!, own[trial]!));
  ok(Number.isNaN(bound.adjusted[7]!));
  const small = Float64Array.from(tested, (one) => (one === 0 ? Number.NaN : 1e-9));
  const same = boundByOwn(tests, small);
  deepEqual([[...same.adjusted], same.survivors, same.spa], [[...tests.adjusted], tests.survivors, tests.spa]);
});

test('signs are fair, and neighbours have the product of their signs', () => {
  const drawn = drawSigns(43, 4000, true, randomSource(12));
  let plus = 0;
  for (let draw = 0; draw < drawn.draws; draw++) {
    const signs = signsOf(drawn, draw);
    for (let c = 0; c < 43; c++) {
      if (signs[c] === 1) plus++;
      if (c === 42) continue;
      const product = (drawn.products![(c >> 3) * drawn.draws + draw]! >> (c & 7)) & 1 ? 1 : -1;
      equal(product, signs[c]! * signs[c + 1]!);
    }
  }
  // Binomial(172,000, 1/2): standard deviation 207.
  ok(Math.abs(plus - 86_000) < 4 * 207, `${plus} of 172,000 signs are positive`);
});

test('studentZ is odd, grows with t, and lies below its bound', () => {
  for (const df of [4, 4.3, 9, 30, 1000]) {
    let last = Number.NEGATIVE_INFINITY;
    for (let t = -40; t <= 40; t += 0.25) {
      const z = studentZ(t, df);
      ok(z > last && Math.abs(z + studentZ(-t, df)) === 0);
      ok(z <= studentZBound(t, df) && (t <= 0 || z <= t));
      last = z;
    }
  }
  ok(Math.abs(studentZ(Number.POSITIVE_INFINITY, 9) - 37.4793) < 1e-4);
  equal(studentZ(Number.NEGATIVE_INFINITY, 9), -studentZ(Number.POSITIVE_INFINITY, 9));
});
