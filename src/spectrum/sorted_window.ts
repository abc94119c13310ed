/**
 * Kernels over ascending runs of a Float64Array, `values[from … from + count)`: the sorted side of a rolling window,
 * from which median and median absolute deviation are read without sorting anything.
 */

/** First index in the run whose value is not below `value`. */
function lowerBound(values: Float64Array, from: number, count: number, value: number): number {
  let lo = from;
  let hi = from + count;
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (values[middle]! < value) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

/** Puts `value` into a run of `count` values, which then has one more. */
export function insertSorted(values: Float64Array, from: number, count: number, value: number): void {
  const at = lowerBound(values, from, count, value);
  values.copyWithin(at + 1, at, from + count);
  values[at] = value;
}

/** Takes `old`, which is in the run, out of it and puts `value` in. */
export function replaceSorted(values: Float64Array, from: number, count: number, old: number, value: number): void {
  if (old === value) return;
  const out = lowerBound(values, from, count, old);
  if (value > old) {
    const to = lowerBound(values, out + 1, from + count - out - 1, value) - 1;
    values.copyWithin(out, out + 1, to + 1);
    values[to] = value;
  } else {
    const to = lowerBound(values, from, out - from, value);
    values.copyWithin(to + 1, to, out);
    values[to] = value;
  }
}

/** Median of a run; of an even count the mean of the middle two. */
export function medianSorted(values: Float64Array, from: number, count: number): number {
  const middle = from + (count >> 1);
  return count % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/**
 * Median of |value − median| over a run, in O(log count): deviations ascend both ways from the median, so the middle
 * one is found by halving over how many of the smallest come from below.
 */
export function madSorted(values: Float64Array, from: number, count: number, median: number): number {
  const split = lowerBound(values, from, count, median) - from;
  const above = count - split;
  const needed = (count >> 1) + 1;
  // `lo` of the `needed` smallest deviations come from below the median, the others from above it.
  let lo = needed > above ? needed - above : 0;
  let hi = needed < split ? needed : split;
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    const nextBelow = median - values[from + split - 1 - middle]!;
    const lastAbove = values[from + split + needed - 1 - middle]! - median;
    if (nextBelow < lastAbove) lo = middle + 1;
    else hi = middle;
  }
  // The largest of them is the upper middle deviation, the largest of the rest the lower middle one.
  const lastBelow = from + split - lo;
  const lastAbove = from + split + needed - 1 - lo;
  const below = lo > 0 ? median - values[lastBelow]! : -1;
  const beyond = lo < needed ? values[lastAbove]! - median : -1;
  const upper = below > beyond ? below : beyond;
  if (count % 2 === 1) return upper;
  const nextBelow = below > beyond ? (lo > 1 ? median - values[lastBelow + 1]! : -1) : below;
  const nextAbove = below > beyond ? beyond : lo < needed - 1 ? values[lastAbove - 1]! - median : -1;
  return ((nextBelow > nextAbove ? nextBelow : nextAbove) + upper) / 2;
}
