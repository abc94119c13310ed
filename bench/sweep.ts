import type { SignalColumns } from '../src/signals/index.ts';
import { type CellResult, CellRunner, planSweep, type SweepPlan } from '../src/sweep/index.ts';
import { runPool, shareOut } from '../src/sweep/sweep_pool.ts';
import { fixtureEvaluation, fixtureRequest, randomMarket } from '../test/helpers/lab_dataset.ts';
import { evaluateCell, type Tally } from './naive/sweep.ts';
import { type Bench, type BenchResult, compare, hashOf } from './support/harness.ts';

const seed = 20260206;
const terms = { startOfDayMs: 34_200_000, isOnly: false };

/** A sweep of the derivative signal, 6 thresholds a cell, over an hour of bins of 100 ms. */
export const bench: Bench = async ({ tiny }) => {
  const radius = tiny ? 5 : 50;
  const market = randomMarket(tiny ? 600 : 36_000, radius, seed, 0.3);
  const plan = planOf(tiny, radius);
  const mids = shared(market.midTicks.map((mid) => mid * 250_000_000));
  const tradable = new Uint8Array(new SharedArrayBuffer(market.bins));
  market.midTicks.forEach((mid, bin) => {
    tradable[bin] = !Number.isNaN(mid) && market.valid[bin] === 1 ? 1 : 0;
  });
  const state5 = new Int8Array(new SharedArrayBuffer(market.state5.length));
  state5.set(market.state5);
  const columns = { state5_code: state5 } as unknown as SignalColumns;
  const spreads = shared(new Float64Array(market.bins).fill(250_000_000));
  const series = { mids, tradable, spreads };
  const some = [...plan.cells].slice(0, tiny ? 2 : 3);
  const cells = await compare({
    name: 'sweep, cells on one thread',
    unit: 'ms/cell',
    seed,
    ours: {
      quantity: plan.cells.length,
      runs: tiny ? 1 : 3,
      warmUps: 0,
      run: () => {
        const results = runCells(plan, new CellRunner(plan, series, columns, terms));
        return () => hashTallies(some.map(({ runId }) => tallies(results.get(runId)!)));
      },
    },
    baseline: {
      name: 'a cell at a time, walked forward, no p-values',
      quantity: some.length,
      runs: tiny ? 1 : 3,
      run: () => {
        const results = some.map((cell) => evaluateCell(plan, cell, mids, tradable, columns));
        return () => hashTallies(results);
      },
    },
  });
  return [cells, await wholeSweep(plan, { series, columns, binCount: market.bins })];
};

/** 270 cells over the base, the z-window, the weights, take-profits and stop-losses. */
function planOf(tiny: boolean, radius: number): SweepPlan {
  return planSweep(
    fixtureRequest(radius, {
      signalAxes: {
        derivative: tiny
          ? { zscore_window_bins: [40], zscore_min_periods: [20], d2_weight: [0, 1] }
          : {
              spatial_decay_power: [0, 0.5, 1],
              zscore_window_bins: [120, 240, 360],
              d2_weight: [0, 0.25, 0.5, 0.75, 1],
            },
      },
      tpTicks: tiny ? [4] : [4, 8, 12],
      slTicks: tiny ? [4] : [4, 8],
      cooldownBins: [20],
      evaluation: tiny ? fixtureEvaluation : { ...fixtureEvaluation, maxHoldBins: 600, warmupBins: 600, folds: 4 },
    }),
  );
}

function runCells(plan: SweepPlan, runner: CellRunner): Map<string, CellResult> {
  const order = shareOut(
    plan,
    Array.from(plan.cells, (_, number) => number),
    2,
  ).flat();
  return new Map(
    order.map((number) => [plan.cells.at(number).runId, runner.run(plan.cells.at(number), () => performance.now())]),
  );
}

/** All cells on two worker threads, wall time, workers' start included. */
async function wholeSweep(
  plan: SweepPlan,
  data: Pick<Parameters<typeof runPool>[0]['dataset'], 'series' | 'columns' | 'binCount'>,
): Promise<BenchResult> {
  const results = new Map<string, CellResult>();
  const startMs = performance.now();
  await runPool({
    plan,
    dataset: { datasetId: 'bench', firstBinSeq: 0, ...data },
    terms,
    source: null,
    cells: Array.from(plan.cells, (_, number) => number),
    maxWorkers: 2,
    timeoutMs: 600_000,
    keepGoing: false,
    onResult: (number, result) => results.set(plan.cells.at(number).runId, result),
  });
  const wallS = (performance.now() - startMs) / 1000;
  return {
    name: `sweep, ${plan.cells.length} cells on two threads`,
    unit: 's/sweep',
    value: wallS,
    baselineName: 'none: wall time, in which the machine’s other load shows',
    baselineValue: null,
    ratio: null,
    resultHash: hashTallies(Array.from(plan.cells, (cell) => tallies(results.get(cell.runId)!))),
    baselineHash: null,
    seed,
    samples: { count: 1, best: wallS, median: wallS, wallMedian: wallS },
  };
}

function tallies(result: CellResult): Tally[] {
  const sum = (values: Int32Array) => values.reduce((total, value) => total + value, 0);
  return result.thresholds.map(({ count, sums }) => ({
    count,
    takeProfits: sum(sums.takeProfits),
    stopLosses: sum(sums.stopLosses),
    midGainTicks: (sum(sums.longGross) + sum(sums.shortGross)) / 2,
  }));
}

function hashTallies(results: readonly (readonly Tally[])[]): string {
  const numbers = results
    .flat()
    .flatMap((tally) => [tally.count, tally.takeProfits, tally.stopLosses, tally.midGainTicks]);
  return hashOf(Float64Array.from(numbers));
}

function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
