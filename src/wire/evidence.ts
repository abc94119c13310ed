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

/** A row of results in the names of the interface. */
interface EvidenceRow {
  readonly p_adjusted: number | null;
  readonly q_value: number | null;
  readonly mean_net_pnl_ticks_low: number | null;
  readonly mean_net_pnl_ticks: number | null;
}

/** The numbers that a row is ordered by. */
export function evidenceOf(row: EvidenceRow): Evidence {
  return [row.p_adjusted, row.q_value, row.mean_net_pnl_ticks_low, row.mean_net_pnl_ticks];
}

/** Trials with the most evidence first; equal ones by id. */
export function byEvidence<Trial extends EvidenceRow & { readonly run_id: string; readonly threshold: number }>(
  trials: readonly Trial[],
): Trial[] {
  return trials.toSorted(
    (a, b) =>
      compareEvidence(evidenceOf(a), evidenceOf(b)) ||
      (a.run_id < b.run_id ? -1 : a.run_id > b.run_id ? 1 : a.threshold - b.threshold),
  );
}
