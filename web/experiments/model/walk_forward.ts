import { present } from '../../../src/errors.ts';
import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { count, signed } from './format.ts';

type WalkForward = NonNullable<ExperimentDocumentResponse['walk_forward']>;

/** Net ticks earned up to each test session, a point a session after a first of nothing earned; columns as uPlot takes them. */
export interface WalkForwardCurves {
  /** 0 before the first test session, then its number from 1. */
  readonly sessions: number[];
  /** What was chosen before each session. */
  readonly netTicks: number[];
  /** The same trades at either end of the interval of their mean; nulls where there is none. */
  readonly lowTicks: (number | null)[];
  readonly highTicks: (number | null)[];
  /** The best trial in sample, which knew these sessions. */
  readonly inSampleTicks: number[];
}

/** The equity of the walk-forward beside that of the best trial in sample. */
export function walkForwardCurves(walk: WalkForward): WalkForwardCurves {
  const { mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = walk;
  const times = (mean: number | null) =>
    mean === null ? [null, ...walk.signals.map(() => null)] : summed(walk.signals.map((n) => n * mean));
  return {
    sessions: [0, ...walk.signals.map((_, at) => at + 1)],
    netTicks: summed(walk.net_ticks),
    lowTicks: times(low),
    highTicks: times(high),
    inSampleTicks: summed(walk.in_sample_net_ticks.map((net) => net ?? 0)),
  };
}

/** Sums up to each place, from 0 before the first. */
function summed(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push(present(sums.at(-1)) + value);
  return sums;
}

/** The mean of the walk-forward with its interval, in a sentence. */
export function walkForwardWords(walk: WalkForward): string {
  const { mean_net_pnl_ticks: mean, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = walk;
  const trades = walk.signals.reduce((sum, n) => sum + n, 0);
  const over = `${count(trades)} trades on ${count(walk.test_sessions)} test sessions`;
  if (mean === null) return `No trial could be chosen: ${over}.`;
  const interval =
    low === null || high === null
      ? walk.number > 1
        ? ''
        : ' (no interval with fewer than ten test sessions)'
      : ` (${signed(low, 2)} to ${signed(high, 2)})`;
  return `${signed(mean, 2)}${interval} ticks a trade; ${over}, each chosen on the sessions before it.${walk.count_sentence === '' ? '' : ` ${walk.count_sentence}`}`;
}
