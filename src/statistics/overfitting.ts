import { assert } from '../errors.ts';

/** Result of combinatorially symmetric cross-validation (CSCV) of choosing the best of many trials. */
export interface Overfitting {
  /** Probability that the trial that is best in sample does no better than the median out of sample. */
  readonly probability: number;
  /** Probability that it loses out of sample. */
  readonly lossProbability: number;
  /** Ways of splitting the blocks into two halves that were tried: C(blocks, blocks/2). */
  readonly splits: number;
}

/**
 * Probability of backtest overfitting by CSCV: for each way of taking half of the time blocks as the training set, the
 * trial with the best training Sharpe ratio is ranked among all trials on the other half.
 *
 * `blockSums` and `blockSquares` hold, trial after trial, per block the sum of returns and of squared returns over
 * `periodsPerBlock` periods; `blocks` is even, at most 16. Returns null with fewer than two trials.
 *
 * Source: Bailey, Borwein, López de Prado & Zhu, "The probability of backtest overfitting", J. of Computational Finance
 * 20 (2017; SSRN 2015), §3: relative rank ω = rank/(N + 1), logit λ = ln(ω/(1 − ω)), PBO = share of λ ≤ 0.
 */
export function overfittingProbability(
  blockSums: Float64Array,
  blockSquares: Float64Array,
  blocks: number,
  periodsPerBlock: number,
): Overfitting | null {
  const trials = blockSums.length / blocks;
  assert(blocks % 2 === 0 && blocks >= 2 && blocks <= 16, 'CSCV needs an even number of blocks, 2 to 16');
  assert(Number.isInteger(trials) && blockSquares.length === blockSums.length, 'CSCV needs whole trials');
  if (trials < 2) return null;

  const half = blocks / 2;
  const periods = half * periodsPerBlock;
  const lower = 1 << half;
  // Sums over every subset of a half's blocks, so that a split costs two additions per trial instead of `blocks`.
  const sums = subsetSums(blockSums, trials, half);
  const squares = subsetSums(blockSquares, trials, half);
  const trained = new Float64Array(trials);
  const tested = new Float64Array(trials);
  let splits = 0;
  let overfitted = 0;
  let lost = 0;
  for (let split = 0; split < 1 << blocks; split++) {
    if (bitCount(split) !== half) continue;
    splits++;
    sharpeOfSplit(sums, squares, split & (lower - 1), split >> half, half, periods, trained);
    const rest = ~split & ((1 << blocks) - 1);
    sharpeOfSplit(sums, squares, rest & (lower - 1), rest >> half, half, periods, tested);
    const best = indexOfLargest(trained);
    const omega = averageRank(tested, tested[best]!) / (trials + 1);
    if (omega <= 0.5) overfitted++;
    if (tested[best]! < 0) lost++;
  }
  return { probability: overfitted / splits, lossProbability: lost / splits, splits };
}

/** Per trial, the sums over all subsets of its first `half` blocks, then over all subsets of the others. */
function subsetSums(values: Float64Array, trials: number, half: number): Float64Array {
  const subsets = 1 << half;
  const out = new Float64Array(trials * 2 * subsets);
  for (let group = 0; group < trials * 2; group++) {
    const from = group * half;
    const to = group * subsets;
    for (let subset = 1; subset < subsets; subset++) {
      const lowest = 31 - Math.clz32(subset & -subset);
      out[to + subset] = out[to + (subset & (subset - 1))]! + values[from + lowest]!;
    }
  }
  return out;
}

function sharpeOfSplit(
  sums: Float64Array,
  squares: Float64Array,
  first: number,
  second: number,
  half: number,
  periods: number,
  out: Float64Array,
): void {
  const subsets = 1 << half;
  for (let trial = 0, at = 0; trial < out.length; trial++, at += 2 * subsets) {
    const sum = sums[at + first]! + sums[at + subsets + second]!;
    const square = squares[at + first]! + squares[at + subsets + second]!;
    const spread = square - (sum * sum) / periods;
    // The Sharpe ratio up to a factor that all trials share.
    out[trial] = spread > 1e-12 * (1 + square) ? sum / Math.sqrt(spread) : 0;
  }
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}

/** Rank of `value` among `values`, 1 for the smallest; equal values share the mean of their ranks. */
function averageRank(values: Float64Array, value: number): number {
  let below = 0;
  let equal = 0;
  for (let index = 0; index < values.length; index++) {
    if (values[index]! < value) below++;
    else if (values[index]! === value) equal++;
  }
  return below + (equal + 1) / 2;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
