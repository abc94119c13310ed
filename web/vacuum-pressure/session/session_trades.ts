import { present } from '../../../src/errors.ts';
import type { Outcomes } from '../../../src/wire/index.ts';

/** A trade of the run behind a stream, in the session that streams. */
export interface SessionTrade {
  readonly side: 'long' | 'short';
  readonly outcome: 'take-profit' | 'stop-loss' | 'time-out';
  /** Starts of the bins in which it is entered and left, UNIX milliseconds. */
  readonly entryMs: number;
  readonly exitMs: number;
  /** Mids, in the instrument's currency. */
  readonly entryPrice: number;
  readonly exitPrice: number;
  /** Both fills at the mid, less costs. */
  readonly netTicks: number;
  /** Bin of the session's dataset in which its signal fires: what a link names it by. */
  readonly firingBin: number;
}

/** A trade that a link names: by the bin of its firing, or the session's first. */
export type TradeLink = number | 'first';

const columns = [
  ...(['bin', 'entry_bin', 'exit_bin', 'side', 'result'] as const),
  ...(['entry_mid', 'exit_mid', 'mid_gain_ticks', 'cost_ticks'] as const),
] as const;

/** The trades of a session in their order; throws for an answer that does not hold what it should. */
export function sessionTrades(outcomes: Outcomes): readonly SessionTrade[] {
  const { start_ms: startMs, cell_width_ms: cellMs } = outcomes;
  const count = outcomes.bin.length;
  const isSound = columns.every(
    (name) => outcomes[name]?.length === count && outcomes[name].every((value) => Number.isFinite(value)),
  );
  if (startMs === null || !isSound || !(cellMs > 0)) throw new Error('The list of trades is not whole.');
  return outcomes.bin.map((firingBin, at) => {
    const value = (name: (typeof columns)[number]) => present(outcomes[name][at]);
    return {
      side: value('side') > 0 ? 'long' : 'short',
      outcome: value('result') > 0 ? 'take-profit' : value('result') < 0 ? 'stop-loss' : 'time-out',
      entryMs: startMs + value('entry_bin') * cellMs,
      exitMs: startMs + value('exit_bin') * cellMs,
      entryPrice: value('entry_mid'),
      exitPrice: value('exit_mid'),
      netTicks: value('mid_gain_ticks') - value('cost_ticks'),
      firingBin,
    };
  });
}

/** The place of a trade that a link names; −1 for none. */
export function tradeIndex(trades: readonly SessionTrade[], link: TradeLink): number {
  return link === 'first' ? Math.min(0, trades.length - 1) : trades.findIndex(({ firingBin }) => firingBin === link);
}
