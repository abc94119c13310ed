/**
 * How much a trial must have done before it has a p-value. Constants of the method, not settings: below them the
 * distribution of t is not what the p-value assumes.
 */
export const testedRule = {
  minTrades: 30,
  /** Trades with net PnL above 0, and below 0. */
  minWinners: 10,
  minLosers: 10,
  /** G: clusters with trades. */
  minClusters: 10,
  /** G_eff. */
  minEffectiveClusters: 5,
  /** G_eff as a share of the sessions, where clusters are sessions. */
  minEffectiveShare: 0.5,
  /** Share of the experiment's sessions on which the trial ran. */
  minSessionShare: 0.5,
} as const;

/** What a trial did, as `isTested` asks it. */
export interface TrialActivity {
  readonly trades: number;
  readonly winners: number;
  readonly losers: number;
  readonly clusters: number;
  readonly effectiveClusters: number;
  /** Sessions of the experiment, and those of them on which the trial ran, with or without trades. */
  readonly sessions: number;
  readonly sessionsRun: number;
  /** Whether clusters are whole sessions. */
  readonly bySessions: boolean;
}

/** Whether the trial takes part in tests; one that does not is still counted among the tried. */
export function isTested(activity: TrialActivity): boolean {
  const { trades, winners, losers, clusters, effectiveClusters, sessions, sessionsRun, bySessions } = activity;
  return (
    trades >= testedRule.minTrades &&
    winners >= testedRule.minWinners &&
    losers >= testedRule.minLosers &&
    clusters >= testedRule.minClusters &&
    effectiveClusters >= testedRule.minEffectiveClusters &&
    sessionsRun >= sessions * testedRule.minSessionShare &&
    (!bySessions || effectiveClusters >= sessions * testedRule.minEffectiveShare)
  );
}
