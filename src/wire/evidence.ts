/** Numbers that trials are ordered by: adjusted p, q, the lower end of net PnL's interval, net PnL; null where there is none. */
export type Evidence = readonly [
  pAdjusted: number | null,
  qValue: number | null,
  netLow: number | null,
  net: number | null,
];

/** Negative when the first has more evidence of an edge: a smaller p, then a higher PnL; null comes last. */
export function compareEvidence(a: Evidence, b: Evidence): number {
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] ?? null, b[index] ?? null];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? 1 : -1;
    return index < 2 ? x - y : y - x;
  }
  return 0;
}
