import { byEvidence } from '../../wire/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';
import { type DocumentTrial, shownTrial, trialName } from './trial.ts';

/** Most trials of the strip; more would be less than two pixels high each on a page. */
export const maxStripTrials = 400;

/** What the page's script draws. Money in ticks; arrays have an element a session. */
export interface ReportSeries {
  /** Cumulated; null for want of a trial. */
  readonly equity: {
    readonly dates: readonly string[];
    readonly walkForward: readonly (number | null)[];
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
    readonly inSample: readonly (number | null)[];
  } | null;
  readonly days: {
    readonly dates: readonly string[];
    readonly net: readonly (number | null)[];
    readonly signals: readonly (number | null)[];
  } | null;
  readonly strip: {
    readonly dates: readonly string[];
    /** Value at which the colours end. */
    readonly limit: number;
    readonly trials: readonly {
      readonly name: string;
      readonly net: readonly (number | null)[];
      readonly signals: readonly (number | null)[];
    }[];
  };
}

const rounded = (value: number) => Math.round(value * 100) / 100;
const round = (value: number | null) => (value === null ? null : rounded(value));

/** Lays out what is drawn of an experiment. */
export function reportSeries(document: ExperimentDocument): ReportSeries {
  const dates = document.sessions.map(({ date }) => date);
  const shown = shownTrial(document);
  const trials = byEvidence(document.trials).slice(0, maxStripTrials);
  return {
    equity: equityOf(document, shown, dates),
    days: shown === null ? null : { dates, net: shown.session_net_ticks.map(round), signals: shown.session_signals },
    strip: {
      dates,
      limit: limitOf(trials),
      trials: trials.map((trial) => ({
        name: trialName(trial),
        net: trial.session_net_ticks.map(round),
        signals: trial.session_signals,
      })),
    },
  };
}

function equityOf(
  { walk_forward: walk }: ExperimentDocument,
  shown: DocumentTrial | null,
  dates: readonly string[],
): ReportSeries['equity'] {
  if (walk === null) {
    if (shown === null) return null;
    const none = dates.map(() => null);
    return { dates, walkForward: none, low: none, high: none, inSample: cumulated(shown.session_net_ticks) };
  }
  const { mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = walk;
  const trades = cumulated(walk.signals);
  return {
    dates: walk.dates,
    walkForward: cumulated(walk.net_ticks),
    // The interval is one of the mean a trade: the curve's is as wide as the trades so far make it.
    low: trades.map((count) => (low === null ? null : round(count * low))),
    high: trades.map((count) => (high === null ? null : round(count * high))),
    inSample: cumulated(walk.in_sample_net_ticks),
  };
}

function cumulated(values: readonly (number | null)[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value ?? 0;
    return rounded(sum);
  });
}

/** The value below which 98 % of the sessions' results lie, in size: a single day leaves the others their colours. */
function limitOf(trials: readonly DocumentTrial[]): number {
  const sizes = trials
    .flatMap(({ session_net_ticks: net }) => net.map((value) => Math.abs(value ?? 0)))
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  return sizes[Math.floor(0.98 * (sizes.length - 1))] ?? 1;
}
