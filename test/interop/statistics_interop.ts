import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  benjaminiHochberg,
  clusterMoments,
  detectableShift,
  randomSource,
  signTest,
  wilsonInterval,
} from '../../src/statistics/index.ts';
import { noncentralTCdf } from '../../src/statistics/noncentral_t.ts';
import { studentTQuantile, studentTSurvival } from '../../src/statistics/student_t.ts';

/*
 * Compares statistics with scipy and statsmodels: `npm run test:interop -- statistics`. The argument is a
 * python3 that has both. What other packages compute by
 * another method is not compared: arch's SPA and StepM draw blocks of time, ours signs of clusters.
 */
const python = process.argv[2] ?? 'python3';
const random = randomSource(20_260_301);
const uniform = (from: number, to: number) => from + ((to - from) * random.below(2 ** 32)) / 2 ** 32;
const many = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

const cases = {
  survival: many(400, () => [uniform(-12, 12), uniform(0.3, 200)] as const),
  quantile: many(400, () => [uniform(0, 1) ** 6, uniform(1, 200)] as const),
  noncentral: many(200, () => [uniform(-3, 9), uniform(3, 100), uniform(-2, 8)] as const),
  wilson: many(100, () => {
    const n = 1 + random.below(500);
    return [random.below(n + 1), n] as const;
  }),
  bh: many(20, () => many(1 + random.below(60), () => uniform(0, 1) ** 3)),
  cluster: many(60, () => ({
    trades: many(2 + random.below(30), () => many(1 + random.below(9), () => (random.below(61) - 30) / 2)),
  })),
  sign: many(60, () => {
    const n = 1 + random.below(250);
    return [random.below(n + 1), n] as const;
  }),
  power: many(30, () => uniform(4, 120)).map((df) => [df, detectableShift(df)] as const),
};

const answer = spawnSync(python, [join(import.meta.dirname, 'statistics_interop.py')], {
  input: JSON.stringify(cases),
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
if (answer.status !== 0) throw new Error(`${python} failed: ${answer.stderr || answer.error?.message}`);
const theirs = JSON.parse(answer.stdout) as Record<keyof typeof cases, (number | number[])[]>;

let compared = 0;
function agree(
  name: keyof typeof cases,
  ours: readonly (number | readonly number[])[],
  relative: number,
  absolute = 0,
): void {
  let worst = 0;
  ours.flat().forEach((value, index) => {
    const expected = theirs[name].flat()[index]!;
    const error = Math.max(0, Math.abs(value - expected) - absolute) / Math.abs(expected || 1);
    worst = Math.max(worst, error);
    ok(error <= relative, `${name}: ${value} is not ${expected}`);
    compared++;
  });
  console.log(`${name}: ${ours.flat().length} values, largest relative difference ${worst.toExponential(1)}`);
}

agree(
  'survival',
  cases.survival.map(([t, df]) => studentTSurvival(t, df)),
  1e-11,
);
agree(
  'quantile',
  cases.quantile.map(([p, df]) => studentTQuantile(p, df)),
  1e-10,
  1e-12,
);
agree(
  'noncentral',
  cases.noncentral.map(([t, df, delta]) => noncentralTCdf(t, df, delta)),
  1e-9,
  1e-11,
);
agree(
  'wilson',
  cases.wilson.map(([k, n]) => Object.values(wilsonInterval(k, n))),
  1e-12,
  1e-15,
);
agree(
  'bh',
  cases.bh.map((p) => Array.from(benjaminiHochberg(Float64Array.from(p)))),
  1e-12,
);
agree(
  'cluster',
  cases.cluster.map(({ trades }) => {
    const sums = Float64Array.from(trades, (list) => list.reduce((sum, pnl) => sum + pnl, 0));
    const found = clusterMoments({ sums, counts: Int32Array.from(trades, (list) => list.length), neighbours: null });
    return [found?.mean ?? Number.NaN, found?.variance ?? Number.NaN];
  }),
  1e-10,
  1e-14,
);
agree(
  'sign',
  cases.sign.map(([k, n]) => signTest(k, n)),
  1e-11,
);
// The edge that is found with probability 0.8, by their power.
agree(
  'power',
  cases.power.map(() => 0.8),
  1e-9,
);
console.log(`statistics: ${compared} values agree with scipy and statsmodels`);
