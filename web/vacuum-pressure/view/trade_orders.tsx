import './trade_orders.css';
import { formatLatencyUs } from '../../../src/format.ts';
import { notFifoWords } from '../../shared/execution_words.ts';
import { formatPriceNumber } from '../session/format.ts';
import { executedWords, orderWords } from '../session/trade_orders.ts';
import { useTerminal } from './use_terminal.ts';

/** The orders of the drawn trade in the real queue, and what is assumed of them; nothing where the run was not executed. */
export function TradeOrders() {
  const { facts, data } = useTerminal('facts', 'session');
  const { tradeOrders, orders } = facts;
  const contract = data.session?.contract;
  if (orders?.executed == null || contract === undefined) return null;
  const price = (value: number) => formatPriceNumber(value, contract.priceDecimals);
  return (
    <ul class="trade-orders" aria-label="Orders in the real queue">
      {tradeOrders.map((order, at) => (
        <li key={at}>{orderWords(order, price)}</li>
      ))}
      <li class="quiet">
        Executed {executedWords(orders, formatLatencyUs)}. Assumed: {orders.executed.assumed.join('; ')}.
        {orders.executed.not_fifo && ` ${notFifoWords(orders.executed.front_share)}`}
      </li>
    </ul>
  );
}
