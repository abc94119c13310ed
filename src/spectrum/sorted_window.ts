import { assert } from '../errors.ts';

/**
 * Kernels over ascending runs of a Float64Array, `values[from … from + count)`: the sorted side of a rolling window,
 * from which median and median absolute deviation are read without sorting anything.
 */

/**
 * First index in the run whose value is not below `value`. Branch-free binary search: ranks are as good as random, so a
 * branch here would be mispredicted half the time.
 */
function lowerBound(values: Float64Array, from: number, count: number, value: number): number {
  if (count === 0) return from;
  let at = from;
  let n = count;
  while (n > 1) {
    const half = n >>> 1;
    at = (at + Math.imul(half, +(values[at + half - 1]! < value))) | 0;
    n -= half;
  }
  return at + +(values[at]! < value);
}

/** Puts `value` into a run of `count` values, which then has one more. */
export function insertSorted(values: Float64Array, from: number, count: number, value: number): void {
  const at = lowerBound(values, from, count, value);
  values.copyWithin(at + 1, at, from + count);
  values[at] = value;
}

/** Replaces `old`, which is in the run, by `value`. */
export function replaceSorted(values: Float64Array, from: number, count: number, old: number, value: number): void {
  // Two lower bounds, found together: neither waits for the other.
  let out = from;
  let to = from;
  let n = count;
  while (n > 1) {
    const half = n >>> 1;
    out = (out + Math.imul(half, +(values[out + half - 1]! < old))) | 0;
    to = (to + Math.imul(half, +(values[to + half - 1]! < value))) | 0;
    n -= half;
  }
  moveSorted(values, out + +(values[out]! < old), to + +(values[to]! < value), old, value);
}

/** `replaceSorted` for three runs of `count` values, one after another from `from` on: their searches go side by side. */
export function replaceSorted3(
  values: Float64Array,
  from: number,
  count: number,
  old0: number,
  old1: number,
  old2: number,
  value0: number,
  value1: number,
  value2: number,
): void {
  let out0 = from;
  let out1 = from + count;
  let out2 = out1 + count;
  let to0 = out0;
  let to1 = out1;
  let to2 = out2;
  let n = count;
  while (n > 1) {
    const half = n >>> 1;
    const last = half - 1;
    out0 = (out0 + Math.imul(half, +(values[out0 + last]! < old0))) | 0;
    out1 = (out1 + Math.imul(half, +(values[out1 + last]! < old1))) | 0;
    out2 = (out2 + Math.imul(half, +(values[out2 + last]! < old2))) | 0;
    to0 = (to0 + Math.imul(half, +(values[to0 + last]! < value0))) | 0;
    to1 = (to1 + Math.imul(half, +(values[to1 + last]! < value1))) | 0;
    to2 = (to2 + Math.imul(half, +(values[to2 + last]! < value2))) | 0;
    n -= half;
  }
  moveSorted(values, out0 + +(values[out0]! < old0), to0 + +(values[to0]! < value0), old0, value0);
  moveSorted(values, out1 + +(values[out1]! < old1), to1 + +(values[to1]! < value1), old1, value1);
  moveSorted(values, out2 + +(values[out2]! < old2), to2 + +(values[to2]! < value2), old2, value2);
}

/** Takes `old` from where it is and puts `value` where all below it end; both places are lower bounds before the move. */
function moveSorted(values: Float64Array, out: number, to: number, old: number, value: number): void {
  assert(
    values[out] === old && value - value === 0,
    'the value that leaves a sorted window is in it, and none is infinite',
  );
  if (value > old) {
    values.copyWithin(out, out + 1, to);
    values[to - 1] = value;
  } else {
    values.copyWithin(to + 1, to, out);
    values[to] = value;
  }
}

/** Median of a run; of an even count the mean of the middle two. */
export function medianSorted(values: Float64Array, from: number, count: number): number {
  const middle = from + (count >> 1);
  return count % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** Median of |value − median| over a run, in O(log count). */
export function madSorted(values: Float64Array, from: number, count: number, median: number): number {
  return madAt(values, nearestFrom(values, from, count, median, -1), count, median);
}

/**
 * Where the `count / 2 + 1` values nearest to the median begin. They lie side by side: from where a value below is nearer
 * than the one that would take its place above. That is found by halving; or, from a guess that is not negative, an index
 * of the run, by steps: in a window that changed by one value they begin within a place or two of where they did.
 */
export function nearestFrom(values: Float64Array, from: number, count: number, median: number, guess: number): number {
  const needed = (count >> 1) + 1;
  const last = from + count - needed;
  if (guess >= 0) {
    let at = guess < from ? from : guess > last ? last : guess;
    while (at > from && median - values[at - 1]! < values[at - 1 + needed]! - median) at--;
    while (at < last && !(median - values[at]! < values[at + needed]! - median)) at++;
    return at;
  }
  let at = from;
  let n = last - from;
  while (n > 0) {
    const step = (n + 1) >>> 1;
    const middle = at + step - 1;
    at = (at + Math.imul(step, +!(median - values[middle]! < values[middle + needed]! - median))) | 0;
    n -= step;
  }
  return at;
}

/**
 * Median of |value − median| over a run of `count` values of which `nearestFrom` says `nearest`: the largest deviation of
 * those nearest, which the first or the last of them has; of an even count the mean of it and the next. Which of the two is
 * as good as random, so they are picked by arithmetic and not by branches.
 */
export function madAt(values: Float64Array, nearest: number, count: number, median: number): number {
  let first = nearest;
  let last = nearest + (count >> 1);
  const isFirst = +(median - values[first]! > values[last]! - median);
  const upper = Math.abs(values[last + Math.imul(isFirst, first - last)]! - median);
  if (count % 2 === 1) return upper;
  first += isFirst;
  last += isFirst - 1;
  const isNext = +(median - values[first]! > values[last]! - median);
  return (Math.abs(values[last + Math.imul(isNext, first - last)]! - median) + upper) / 2;
}
