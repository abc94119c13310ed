import type { Outcomes } from '../../../src/wire/index.ts';
import { type SessionTrade, sessionTrade } from '../../shared/session_trade.ts';

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
  return outcomes.bin.map((_, index) => sessionTrade(outcomes, startMs, index));
}

/** The place of a trade that a link names; −1 for none. */
export function tradeIndex(trades: readonly SessionTrade[], link: TradeLink): number {
  return link === 'first' ? Math.min(0, trades.length - 1) : trades.findIndex(({ firingBin }) => firingBin === link);
}
