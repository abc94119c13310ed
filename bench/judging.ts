import { type ClusterSums, randomSource, signFlipTests } from '../src/statistics/index.ts';
import { drawSigns } from '../src/statistics/sign_flip_draws.ts';
import { planSweep, type SweepPlan } from '../src/sweep/index.ts';
import { fixtureRequest } from '../test/helpers/lab_dataset.ts';
import { type Bench, compare, hashOf } from './support/harness.ts';

const seed = 20260206;

/** What a large search takes beside its cells: random signs over a whole family, and the layout of a plan. */
export const bench: Bench = async ({ tiny }) => [await signFlips(tiny), await layout(tiny)];

/** 2,000 draws over 1,620 trials of 60 sessions. */
function signFlips(tiny: boolean) {
  const [trials, clusters, draws] = tiny ? [30, 12, 50] : [1620, 60, 2000];
  const data = family(trials, clusters);
  const tested = new Uint8Array(trials).fill(1);
  const rounded = (sharpe: number) => hashOf(sharpe.toPrecision(9));
  return compare({
    name: `${draws} sign flips, ${trials} trials × ${clusters} sessions`,
    unit: 's/family',
    seed,
    ours: {
      quantity: 1,
      runs: tiny ? 1 : 3,
      run: () => {
        const result = signFlipTests(data, tested, seed, draws);
        return () => rounded(result!.benchmarkSharpe);
      },
    },
    baseline: {
      name: 'Sharpe ratios of every draw alone, a sign at a time',
      quantity: 1,
      runs: 1,
      run: () => {
        const sharpe = plainBenchmarkSharpe(data, draws);
        return () => rounded(sharpe);
      },
    },
  });
}

/** Trials in groups of four that nearly agree, as neighbouring parameters do. */
function family(trials: number, clusters: number): ClusterSums {
  const random = randomSource(seed);
  const sums = new Float64Array(trials * clusters);
  const counts = new Float64Array(trials * clusters);
  for (let trial = 0; trial < trials; trial++) {
    for (let c = 0; c < clusters; c++) {
      const at = trial * clusters + c;
      const alike = trial % 4 === 0 ? 0 : sums[(trial - (trial % 4)) * clusters + c]!;
      sums[at] = alike + (random.below(trial % 4 === 0 ? 401 : 81) - (trial % 4 === 0 ? 200 : 40)) / 2;
      counts[at] = 20 + random.below(30);
    }
  }
  return { trials, clusters, sums, counts, neighbours: null };
}

/** Mean over the draws of the largest Sharpe ratio of any trial, from the definition. */
function plainBenchmarkSharpe({ trials, clusters, sums }: ClusterSums, draws: number): number {
  const { signs } = drawSigns(clusters, draws, false, randomSource(seed));
  let total = 0;
  for (let draw = 0; draw < draws; draw++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let trial = 0; trial < trials; trial++) {
      let [mean, squares] = [0, 0];
      for (let c = 0; c < clusters; c++) {
        const isPlus = (signs[(c >> 3) * draws + draw]! >> (c & 7)) & 1;
        const value = isPlus === 1 ? sums[trial * clusters + c]! : -sums[trial * clusters + c]!;
        mean += value / clusters;
        squares += value * value;
      }
      const deviation = Math.sqrt((squares - clusters * mean * mean) / (clusters - 1));
      largest = Math.max(largest, mean / deviation);
    }
    total += largest / draws;
  }
  return total;
}

/** A plan of a million cells: it is checked and can be asked for any cell, but none is resolved that nobody asks for. */
function layout(tiny: boolean) {
  const side = tiny ? 20 : 1000;
  const values = (count: number, step: number) => Array.from({ length: count }, (_, i) => 1 + i * step);
  const one = { tpTicks: [4], slTicks: [4], cooldownBins: [20], scoringAxes: {} };
  const planOf = (scales: readonly number[], weights: readonly number[]) =>
    planSweep(fixtureRequest(50, { ...one, signalAxes: { derivative: { tanh_scale: scales, d2_weight: weights } } }));
  const [scales, weights] = [values(side, 0.01), values(side, 0.02)];
  const asked = [0, side + 1, side * side - 1];
  const hash = (plans: readonly SweepPlan[], numbers: readonly number[]) =>
    hashOf(plans.map((plan, i) => plan.cells.at(numbers[i]!).runId).join());
  return compare({
    name: `plan, ${side * side} cells`,
    unit: 's/plan',
    seed,
    ours: {
      quantity: 1,
      runs: tiny ? 1 : 3,
      run: () => {
        const plan = planOf(scales, weights);
        return () => hash([plan, plan, plan], asked);
      },
    },
    baseline: {
      name: 'every cell resolved and hashed, from the first hundredth',
      quantity: tiny ? 1 : 0.01,
      runs: 1,
      run: () => {
        const plan = planOf(scales.slice(0, tiny ? side : side / 100), weights);
        for (const _ of plan.cells);
        const alone = asked.map((n) => planOf([scales[Math.floor(n / side)]!], [weights[n % side]!]));
        return () => hash(alone, [0, 0, 0]);
      },
    },
  });
}
