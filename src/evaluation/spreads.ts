/** What a trade costs in each bin of a session, and where it can be entered. */
export interface SessionSpreads {
  /** Per bin, the spread in ticks of the last valid two-sided book up to its end, at least 1; 0 before the first one. */
  readonly lastSpread: Int32Array;
  /** Per bin, the first bin from it on that has a mid, or the number of bins. */
  readonly nextWithMid: Int32Array;
}

/** Lays out the spreads of a session: `spreads` in ticks and `mids` (NaN without both sides) have an element a bin. */
export function sessionSpreads(spreads: Int32Array, tradable: Uint8Array, mids: Float64Array): SessionSpreads {
  const count = spreads.length;
  const lastSpread = new Int32Array(count);
  for (let bin = 0, last = 0; bin < count; bin++) {
    if (tradable[bin] === 1) last = Math.max(1, spreads[bin]!);
    lastSpread[bin] = last;
  }
  const nextWithMid = new Int32Array(count);
  for (let bin = count - 1, next = count; bin >= 0; bin--) {
    if (!Number.isNaN(mids[bin]!)) next = bin;
    nextWithMid[bin] = next;
  }
  return { lastSpread, nextWithMid };
}
