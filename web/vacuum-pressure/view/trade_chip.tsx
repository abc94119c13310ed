import './trade_chip.css';
import type { SessionTrade } from '../../shared/session_trade.ts';
import { formatCount, formatFixed } from '../session/format.ts';
import { runAddress } from './evidence_section.tsx';
import { TradeOrders } from './trade_orders.tsx';
import { useTerminal } from './use_terminal.ts';

/** How a trade ended: in the real book where that is known, with the mid beside it. */
function TradeResult({ trade }: { trade: SessionTrade }) {
  const { executed, netTicks } = trade;
  const net = executed === null ? netTicks : executed.held?.netTicks;
  return (
    <>
      <span>{(executed ?? trade).outcome}</span>
      {net !== undefined && (
        <span class={net > 0 ? 'gain' : net < 0 ? 'loss' : ''}>{formatFixed(net, 2)} ticks net</span>
      )}
      {executed !== null && (
        <span class="quiet">
          at the mid: {trade.outcome}, {formatFixed(netTicks, 2)}
        </span>
      )}
    </>
  );
}

/** The trade that is drawn: side, outcome and net ticks, its neighbours in the session, and how to be rid of it. */
export function TradeChip() {
  const terminal = useTerminal('facts');
  const { trade, trades, tradeIndex, info } = terminal.facts;
  if (trade === null) return null;
  return (
    <section class="trade-chip" aria-label="Trade">
      <strong>{trade.side}</strong>
      <TradeResult trade={trade} />
      <button
        type="button"
        aria-label="Previous trade"
        title="Previous trade of the session"
        disabled={tradeIndex === 0}
        onClick={() => terminal.showTrade(tradeIndex - 1)}
      >
        ‹
      </button>
      <span class="quiet">
        {formatCount(tradeIndex + 1)} of {formatCount(trades.length)}
        {info !== null && ` on ${info.session}`}
      </span>
      <button
        type="button"
        aria-label="Next trade"
        title="Next trade of the session"
        disabled={tradeIndex === trades.length - 1}
        onClick={() => terminal.showTrade(tradeIndex + 1)}
      >
        ›
      </button>
      <TradeOrders />
      {info !== null && <a href={runAddress(info)}>Run {info.source.run_id.slice(0, 8)}</a>}
      <button type="button" aria-label="Dismiss the trade" onClick={() => terminal.facts.dismissTrade()}>
        ✕
      </button>
    </section>
  );
}
