import { formatCount, formatFixed } from '../format.ts';
import { type ResultsStore, type SweepSummary, sweepSummary } from '../lake/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { runDetail, shownThreshold } from './compare_runs.ts';
import type { StoredWalkForward } from './judge_experiment.ts';

/**
 * What is known against a run before it is published at a threshold (absent: the one that would be published), a sentence each;
 * empty for a run that survives the search of an experiment that holds.
 *
 * @throws RUN_UNKNOWN
 */
export async function promotionConcerns(
  store: ResultsStore,
  runId: string,
  threshold?: number,
): Promise<readonly string[]> {
  const { meta, thresholdResults } = await runDetail(store, runId);
  const row = shownThreshold(thresholdResults, meta.evalMinSignals, threshold);
  if (row === undefined) return [];
  if (row === null) {
    const fired = Math.max(...thresholdResults.map(({ nSignals }) => nSignals));
    return [
      `No threshold has the ${formatCount(meta.evalMinSignals)} signals that the experiment asks for (the most is ` +
        `${formatCount(fired)}): the version would fire nothing.`,
    ];
  }
  const inSample =
    (meta.inSampleSessions ?? 0) === 0
      ? []
      : [
          `It was judged in sample: its model was trained on ${formatCount(meta.inSampleSessions ?? 0)} of its sessions.`,
        ];
  return [...inSample, ...concernsOf(row, await sweepSummary(store, meta.sweepId))];
}

type Judged = Pick<SweepSummary, 'experimentName' | 'verdict' | 'nTested' | 'sessionWalkForwardJson'>;

/** The same of a row of results and the statistics of its experiment, null when it was never judged. */
export function concernsOf(row: ResultRow<'runs'>, sweep: Judged | null): readonly string[] {
  if (row.nSessions === null)
    return ['Its result comes from an older method, without p-values: run the experiment again.'];
  const walk = JSON.parse(sweep?.sessionWalkForwardJson ?? 'null') as StoredWalkForward | null;
  return [
    ...evidenceConcerns(row, sweep),
    ...costConcerns(row),
    ...walkForwardConcerns(walk),
    ...verdictConcerns(sweep),
  ];
}

function evidenceConcerns(row: ResultRow<'runs'>, sweep: Judged | null): readonly string[] {
  if (row.pProfit === null) {
    return [
      `It was not tested: ${formatCount(row.nSignals)} signals are too few, or stand in too few clusters of time.`,
    ];
  }
  if (row.survives === true) return [];
  const p =
    row.pAdjusted === null
      ? 'there are too few clusters for an adjusted p'
      : `its adjusted p is ${chance(row.pAdjusted)}`;
  return [`It does not survive the search: ${p}, among ${formatCount(sweep?.nTested ?? 0)} tested trials.`];
}

function costConcerns(row: ResultRow<'runs'>): readonly string[] {
  const { meanNetPnlTicks: net, meanNetPnlTicksLow: low, meanNetPnlTicksHigh: high } = row;
  const before =
    row.meanCostTicks === 0 ? ['Its PnL is before costs: no spread and no commission were taken off.'] : [];
  if (net === null || (low !== null && low > 0)) return before;
  const interval = low === null || high === null ? '' : ` (${signed(low)} to ${signed(high)})`;
  return [`Its net PnL is ${signed(net)} ticks a trade${interval}, which is not above 0.`, ...before];
}

function walkForwardConcerns(walk: StoredWalkForward | null): readonly string[] {
  if (walk?.low === undefined || walk.low === null || walk.low > 0) return [];
  return [
    `The walk-forward of its experiment is not above 0: ${signed(walk.mean ?? 0)} ticks a trade, from ${signed(walk.low)}.`,
  ];
}

function verdictConcerns(sweep: Judged | null): readonly string[] {
  if (sweep === null || sweep.verdict === null) return ['Its experiment has not been judged.'];
  if (sweep.verdict === 'holds') return [];
  return [`The verdict on ${sweep.experimentName} is: ${sweep.verdict}.`];
}

const chance = (p: number) => (p < 0.001 ? 'below 0.001' : p.toFixed(3));
const signed = (ticks: number) => formatFixed(ticks, 2, true);
