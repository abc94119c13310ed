import { assertClusterSums, type ClusterSums } from './cluster_sums.ts';

/** Probability of backtest overfitting, ranked by net mean per trade. */
export interface BacktestOverfitting {
  /** PBO: share of splits in which the best of one half is not above the median of the other. */
  readonly probability: number;
  /** Share of splits in which the best of one half loses money in the other. */
  readonly lossProbability: number;
  readonly splits: number;
  /** Groups of clusters that the splits are made of. */
  readonly groups: number;
}

const maxGroups = 16;
const minTradesPerHalf = 10;

/**
 * Combinatorially symmetric cross-validation (CSCV): for each way of taking half of the groups of clusters, the trial with
 * the largest r = Σ y/Σ n there is ranked by r among all on the other half. Takes part in a split who is `tested` and has
 * at least ten trades in each half; a split with fewer than two such trials counts nothing. Equal r share their rank, and
 * equally good choices share the split, so that the order of the trials changes nothing. Groups are consecutive clusters,
 * the largest even number of groups up to 16, whose sizes differ by one at most. Null when no split counts.
 *
 * Source: Bailey, Borwein, López de Prado & Zhu, "The probability of backtest overfitting", J. of Computational Finance
 * 20 (2017), §3: ω = rank/(N + 1), logit λ = ln(ω/(1 − ω)), PBO = share of λ ≤ 0.
 */
export function backtestOverfitting(data: ClusterSums, tested: Uint8Array): BacktestOverfitting | null {
  assertClusterSums(data);
  const groups = Math.min(maxGroups, data.clusters - (data.clusters % 2));
  const members = Array.from(tested.keys()).filter((trial) => tested[trial] === 1);
  if (groups < 2 || members.length < 2) return null;
  const half = groups / 2;
  const sums = subsetSums(data, data.sums, members, groups);
  const counts = subsetSums(data, data.counts, members, groups);
  const trained = new Float64Array(members.length);
  const judged = new Float64Array(members.length);
  let splits = 0;
  let overfitted = 0;
  let lost = 0;
  for (let split = 0; split < 1 << groups; split++) {
    if (bitCount(split) !== half) continue;
    const size = halves(sums, counts, split, half, trained, judged);
    if (size < 2) continue;
    splits++;
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < size; at++) largest = Math.max(largest, trained[at]!);
    let chosen = 0;
    let below = 0;
    let losing = 0;
    for (let at = 0; at < size; at++) {
      if (trained[at] !== largest) continue;
      chosen++;
      if (averageRank(judged, size, judged[at]!) <= (size + 1) / 2) below++;
      if (judged[at]! < 0) losing++;
    }
    overfitted += below / chosen;
    lost += losing / chosen;
  }
  if (splits === 0) return null;
  return { probability: overfitted / splits, lossProbability: lost / splits, splits, groups };
}

/** Per member, sums over all subsets of the first half of the groups, then over those of the second. */
function subsetSums(
  data: ClusterSums,
  values: Float64Array | Int32Array,
  members: readonly number[],
  groups: number,
): Float64Array {
  const half = groups / 2;
  const subsets = 1 << half;
  const out = new Float64Array(members.length * 2 * subsets);
  const grouped = new Float64Array(groups);
  members.forEach((trial, member) => {
    for (let g = 0; g < groups; g++) {
      grouped[g] = 0;
      const end = Math.floor(((g + 1) * data.clusters) / groups);
      for (let c = Math.floor((g * data.clusters) / groups); c < end; c++) {
        grouped[g]! += values[trial * data.clusters + c]!;
      }
    }
    for (let side = 0; side < 2; side++) {
      const to = (member * 2 + side) * subsets;
      for (let subset = 1; subset < subsets; subset++) {
        const lowest = 31 - Math.clz32(subset & -subset);
        out[to + subset] = out[to + (subset & (subset - 1))]! + grouped[side * half + lowest]!;
      }
    }
  });
  return out;
}

/** r of the members with enough trades on both halves of a split, to `trained` and `judged`; returns how many. */
function halves(
  sums: Float64Array,
  counts: Float64Array,
  split: number,
  half: number,
  trained: Float64Array,
  judged: Float64Array,
): number {
  const subsets = 1 << half;
  const all = subsets - 1;
  const [first, second] = [split & all, split >> half];
  let size = 0;
  for (let member = 0, at = 0; member < trained.length; member++, at += 2 * subsets) {
    const inside = counts[at + first]! + counts[at + subsets + second]!;
    const outside = counts[at + (all ^ first)]! + counts[at + subsets + (all ^ second)]!;
    if (inside < minTradesPerHalf || outside < minTradesPerHalf) continue;
    trained[size] = (sums[at + first]! + sums[at + subsets + second]!) / inside;
    judged[size++] = (sums[at + (all ^ first)]! + sums[at + subsets + (all ^ second)]!) / outside;
  }
  return size;
}

/** Rank of `value` among the first `size` values, 1 for the smallest; equal values share the mean of their ranks. */
function averageRank(values: Float64Array, size: number, value: number): number {
  let below = 0;
  let equal = 0;
  for (let index = 0; index < size; index++) {
    if (values[index]! < value) below++;
    else if (values[index] === value) equal++;
  }
  return below + (equal + 1) / 2;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
