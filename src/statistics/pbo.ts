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
  const splits = halvesOf(groups);
  const sums = new SubsetSums(groups);
  const counts = new SubsetSums(groups);
  /** Calls `act` for portions of the members, each small enough for its tables to stay in the processor's cache. */
  const inPortions = (act: (split: Split, size: number) => void) => {
    for (let first = 0; first < members.length; first += portion) {
      const some = members.slice(first, first + portion);
      sums.fill(data, data.sums, some);
      counts.fill(data, data.counts, some);
      for (const split of splits) act(split, some.length);
    }
  };
  inPortions((split, size) => train(split, size, sums.values, counts.values));
  inPortions((split, size) => judge(split, size, sums.values, counts.values));
  let counted = 0;
  let overfitted = 0;
  let lost = 0;
  for (const { size, chosen } of splits) {
    if (size < 2) continue;
    counted++;
    let below = 0;
    let losing = 0;
    for (const { judged, worse, equal } of chosen) {
      // Equal values share the mean of their ranks.
      if (worse + (equal + 1) / 2 <= (size + 1) / 2) below++;
      if (judged < 0) losing++;
    }
    overfitted += below / chosen.length;
    lost += losing / chosen.length;
  }
  if (counted === 0) return null;
  return { probability: overfitted / counted, lossProbability: lost / counted, splits: counted, groups };
}

/** Members whose sums are tabulated together. */
const portion = 128;

/** A way to take half of the groups, and what is known of it so far. */
interface Split {
  /** Where the tables have the subsets of the first half of the groups and of the second that it takes, and those it leaves. */
  readonly first: number;
  readonly second: number;
  readonly otherFirst: number;
  readonly otherSecond: number;
  /** Members with enough trades on both sides. */
  size: number;
  largest: number;
  /** The members that are best on what it takes, with their r on what it leaves, and how many there are worse or equal. */
  chosen: { readonly judged: number; worse: number; equal: number }[];
}

function halvesOf(groups: number): Split[] {
  const half = groups / 2;
  const all = (1 << half) - 1;
  const splits: Split[] = [];
  for (let taken = 0; taken < 1 << groups; taken++) {
    if (bitCount(taken) !== half) continue;
    const [first, second] = [taken & all, taken >> half];
    splits.push({
      first: first * portion,
      second: (all + 1 + second) * portion,
      otherFirst: (all ^ first) * portion,
      otherSecond: (all + 1 + (all ^ second)) * portion,
      ...{ size: 0, largest: Number.NEGATIVE_INFINITY, chosen: [] },
    });
  }
  return splits;
}

/** Sums over all subsets of the first half of the groups, then over those of the second; per subset, a place a member. */
class SubsetSums {
  readonly values: Float64Array;
  readonly #groups: number;
  readonly #grouped: Float64Array;

  constructor(groups: number) {
    this.#groups = groups;
    this.#grouped = new Float64Array(groups);
    this.values = new Float64Array(2 * (1 << (groups / 2)) * portion);
  }

  fill({ clusters }: ClusterSums, from: ClusterSums['sums'] | ClusterSums['counts'], members: readonly number[]): void {
    const [groups, grouped, out] = [this.#groups, this.#grouped, this.values];
    const half = groups / 2;
    const subsets = 1 << half;
    members.forEach((trial, member) => {
      for (let g = 0; g < groups; g++) {
        grouped[g] = 0;
        const end = Math.floor(((g + 1) * clusters) / groups);
        for (let c = Math.floor((g * clusters) / groups); c < end; c++) grouped[g]! += from[trial * clusters + c]!;
      }
      for (let side = 0; side < 2; side++) {
        const to = side * subsets;
        for (let subset = 1; subset < subsets; subset++) {
          const lowest = 31 - Math.clz32(subset & -subset);
          out[(to + subset) * portion + member] =
            out[(to + (subset & (subset - 1))) * portion + member]! + grouped[side * half + lowest]!;
        }
      }
    });
  }
}

/** Takes in who is best on what a split takes, among members with enough trades on both sides. */
function train(split: Split, members: number, sums: Float64Array, counts: Float64Array): void {
  const { first, second, otherFirst, otherSecond } = split;
  let { size, largest } = split;
  for (let member = 0; member < members; member++) {
    const inside = counts[first + member]! + counts[second + member]!;
    const outside = counts[otherFirst + member]! + counts[otherSecond + member]!;
    if (inside < minTradesPerHalf || outside < minTradesPerHalf) continue;
    size++;
    const trained = (sums[first + member]! + sums[second + member]!) / inside;
    if (trained < largest) continue;
    if (trained > largest) split.chosen = [];
    largest = trained;
    const judged = (sums[otherFirst + member]! + sums[otherSecond + member]!) / outside;
    split.chosen.push({ judged, worse: 0, equal: 0 });
  }
  split.size = size;
  split.largest = largest;
}

/** Takes in how many are worse than those chosen, on what a split leaves. */
function judge(split: Split, members: number, sums: Float64Array, counts: Float64Array): void {
  const { first, second, otherFirst, otherSecond } = split;
  for (const one of split.chosen) {
    const { judged } = one;
    let { worse, equal } = one;
    for (let member = 0; member < members; member++) {
      const inside = counts[first + member]! + counts[second + member]!;
      const outside = counts[otherFirst + member]! + counts[otherSecond + member]!;
      if (inside < minTradesPerHalf || outside < minTradesPerHalf) continue;
      const other = (sums[otherFirst + member]! + sums[otherSecond + member]!) / outside;
      if (other < judged) worse++;
      else if (other === judged) equal++;
    }
    one.worse = worse;
    one.equal = equal;
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
