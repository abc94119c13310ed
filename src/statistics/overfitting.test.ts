import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { overfittingProbability } from './overfitting.ts';
import { randomSource } from './random.ts';
import { returnMoments } from './sharpe.ts';

/** CSCV as the paper words it: all splits of the rows' blocks, the Sharpe ratio of each trial on each half. */
function literal(trials: readonly Float64Array[], blocks: number): number {
  const rows = trials[0]!.length / blocks;
  const choose = (from: number, count: number): number[][] =>
    count === 0
      ? [[]]
      : Array.from({ length: blocks - from }, (_, step) => from + step).flatMap((first) =>
          choose(first + 1, count - 1).map((rest) => [first, ...rest]),
        );
  const sharpes = (picked: readonly number[]) =>
    trials.map((trial) => {
      const values = picked.flatMap((block) => Array.from(trial.subarray(block * rows, (block + 1) * rows)));
      return returnMoments(Float64Array.from(values)).sharpe;
    });
  let overfitted = 0;
  const splits = choose(0, blocks / 2);
  for (const training of splits) {
    const testing = Array.from({ length: blocks }, (_, block) => block).filter((block) => !training.includes(block));
    const inSample = sharpes(training);
    const outOfSample = sharpes(testing);
    const chosen = outOfSample[inSample.indexOf(Math.max(...inSample))]!;
    const below = outOfSample.filter((value) => value < chosen).length;
    const equalTo = outOfSample.filter((value) => value === chosen).length;
    const omega = (below + (equalTo + 1) / 2) / (trials.length + 1);
    if (Math.log(omega / (1 - omega)) <= 0) overfitted++;
  }
  return overfitted / splits.length;
}

function blockSums(trials: readonly Float64Array[], blocks: number) {
  const rows = trials[0]!.length / blocks;
  const sums = new Float64Array(trials.length * blocks);
  const squares = new Float64Array(trials.length * blocks);
  trials.forEach((trial, index) => {
    trial.forEach((value, row) => {
      sums[index * blocks + Math.floor(row / rows)]! += value;
      squares[index * blocks + Math.floor(row / rows)]! += value * value;
    });
  });
  return { sums, squares, rows };
}

function noise(trials: number, rows: number, seed: number): Float64Array[] {
  const random = randomSource(seed);
  return Array.from({ length: trials }, () => Float64Array.from({ length: rows }, () => random.below(2001) - 1000));
}

test('overfittingProbability equals the literal procedure', () => {
  for (const [trials, blocks, rowsPerBlock] of [
    [2, 2, 5],
    [7, 4, 3],
    [12, 8, 4],
    [5, 10, 2],
  ] as const) {
    const series = noise(trials, blocks * rowsPerBlock, trials);
    const { sums, squares, rows } = blockSums(series, blocks);
    equal(overfittingProbability(sums, squares, blocks, rows)?.probability, literal(series, blocks));
  }
});

test('a trial that is truly better is not overfitted, and noise is', () => {
  const better = noise(20, 160, 5).map((trial, index) => (index === 3 ? trial.map((value) => value + 2000) : trial));
  const real = blockSums(better, 16);
  const found = overfittingProbability(real.sums, real.squares, 16, real.rows);
  equal(found?.probability, 0);
  equal(found?.lossProbability, 0);
  equal(found?.splits, 12870);

  let total = 0;
  for (let seed = 0; seed < 20; seed++) {
    const empty = blockSums(noise(20, 160, seed + 100), 8);
    total += overfittingProbability(empty.sums, empty.squares, 8, empty.rows)!.probability;
  }
  ok(total / 20 > 0.35 && total / 20 < 0.65, `mean PBO of noise is ${total / 20}`);
});

test('one trial alone was not chosen among anything', () => {
  equal(overfittingProbability(Float64Array.of(1, 2), Float64Array.of(1, 4), 2, 1), null);
});
