/**
 * For every bin, the first later bin whose mid is at least `distance` above its own, or `mids.length` when there is
 * none; bins without a mid are skipped and get `mids.length` themselves.
 *
 * `mids` are prices in any unit, NaN where a bin has none; `distance` > 0 is in the same unit. With `sign` −1 the same
 * for mids below. The result is written to `out`, as long as `mids`.
 *
 * O(n log n): going back in time, the record highs that lie ahead form a stack that grows in time and in price, and the
 * first bin above a level is always one of them.
 */
export function firstTouch(mids: Float64Array, distance: number, sign: 1 | -1, out: Int32Array): void {
  const count = mids.length;
  const records = new Int32Array(count);
  let depth = 0;
  for (let bin = count - 1; bin >= 0; bin--) {
    const mid = mids[bin]!;
    if (Number.isNaN(mid)) {
      out[bin] = count;
      continue;
    }
    // Records lie from furthest (bottom) to nearest (top); prices fall towards the top.
    let low = 0;
    let high = depth;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sign * (mids[records[middle]!]! - mid) >= distance) low = middle + 1;
      else high = middle;
    }
    out[bin] = low === 0 ? count : records[low - 1]!;
    while (depth > 0 && sign * (mids[records[depth - 1]!]! - mid) <= 0) depth--;
    records[depth++] = bin;
  }
}

/** Per bin, the latest bin up to and including it that has a mid, or −1. */
export function lastWithMid(mids: Float64Array): Int32Array {
  const last = new Int32Array(mids.length);
  for (let bin = 0, latest = -1; bin < mids.length; bin++) {
    if (!Number.isNaN(mids[bin])) latest = bin;
    last[bin] = latest;
  }
  return last;
}
