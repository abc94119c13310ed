import { present } from '../../src/errors.ts';
import type { ExperimentReport, ExperimentStatistics } from '../../src/sweep/index.ts';
import type { Costs } from './null_lake.ts';

/** What the tested trials of a signal, or of all, say where nothing is true; shares are means over trials. */
export interface TrialShares {
  readonly tested: number;
  readonly p05: number;
  readonly p01: number;
  readonly coverage: number;
  /** Of those that have a p-value of timing. */
  readonly timing05: number | null;
}

/** What one experiment on the null market says; 1 or 0 where it is a question. */
export interface ExperimentResult extends TrialShares {
  readonly sessions: number;
  readonly costs: Costs;
  readonly distinct: number;
  /** Mean trades of tested trials, and the share of them that began while an earlier one was open. */
  readonly trades: number;
  readonly overlapping: number;
  readonly anyQ: number;
  readonly anyAdjusted: number;
  readonly spa: number | null;
  readonly anyDeflated: number;
  readonly overfitting: number | null;
  readonly verdict: string;
  readonly bySignal: Readonly<Record<string, TrialShares>>;
}

type Trial = ExperimentStatistics['trials'][number]['result'];

/** Counts what the judge said of a finished experiment. */
export function experimentResult(report: ExperimentReport, costs: Costs): ExperimentResult {
  const { family, trials, judged } = present(report.statistics ?? undefined);
  const signalOf = new Map(
    report.plans.flatMap(({ cells, signalName }) => Array.from(cells, ({ runId }) => [runId, signalName])),
  );
  const tested = trials.filter(({ result }) => result.isTested);
  const results = tested.map(({ result }) => result);
  const any = (holds: (trial: Trial) => boolean) => (results.some(holds) ? 1 : 0);
  const trades = results.reduce((sum, { signals }) => sum + signals, 0);
  const groups = Map.groupBy(tested, ({ runId }) => present(signalOf.get(runId)));
  return {
    sessions: report.sessions.length,
    costs,
    distinct: family.distinct,
    trades: trades / results.length,
    overlapping: results.reduce((sum, { trial }) => sum + trial.total('overlapping'), 0) / trades,
    ...sharesOf(results),
    anyQ: any(({ qValue }) => qValue !== null && qValue < 0.1),
    anyAdjusted: any(({ survives }) => survives === true),
    spa: family.spaP,
    anyDeflated: any(({ deflatedSharpe }) => deflatedSharpe !== null && deflatedSharpe > 0.95),
    overfitting: family.overfitting?.probability ?? null,
    verdict: judged.verdict.kind,
    bySignal: Object.fromEntries(
      [...groups].map(([signal, own]) => [signal, sharesOf(own.map(({ result }) => result))]),
    ),
  };
}

function sharesOf(trials: readonly Trial[]): TrialShares {
  const share = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;
  const timing = trials.flatMap(({ pTiming }) => pTiming ?? []);
  return {
    tested: trials.length,
    p05: share(trials.map(({ pProfit }) => pProfit !== null && pProfit <= 0.05)),
    p01: share(trials.map(({ pProfit }) => pProfit !== null && pProfit <= 0.01)),
    // Mids are a martingale: what a trade earns on average is what it costs.
    coverage: share(trials.map(({ net, meanCost }) => net !== null && within(net, -(meanCost ?? 0)))),
    timing05: timing.length === 0 ? null : share(timing.map((p) => p <= 0.05)),
  };
}

const within = ({ low, high }: { low: number; high: number }, value: number): boolean => low <= value && value <= high;
