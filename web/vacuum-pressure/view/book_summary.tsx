import './book_summary.css';
import type { ColumnName } from '../../../src/engine/index.ts';
import { Term } from '../../shared/term.tsx';
import { formatFixed, formatPrice, formatQuantity } from '../session/format.ts';
import { useTerminal } from './use_terminal.ts';

/** The book of the bin shown in numbers: the touch, the depth of the window, what was filled. */
export function BookSummary() {
  const terminal = useTerminal('session', 'bin', 'pointer', 'settings');
  const { session } = terminal.data;
  const { shownSeq: seq } = terminal.chart;
  if (session === null || !session.store.has(seq)) return <section class="book-summary" aria-label="Book in numbers" />;
  const { store, contract, fills } = session;
  const base = store.baseTick(seq);
  const total = (column: ColumnName) => {
    let sum = 0;
    for (let tick = base; tick < base + contract.rows; tick++) sum += store.value(column, seq, tick) || 0;
    return sum;
  };
  const [bid, ask] = [total('bid_depth'), total('ask_depth')];
  const [bidTick, askTick] = [store.bin('bidTick', seq), store.bin('askTick', seq)];
  const touch = (column: ColumnName, tick: number) => {
    const size = store.value(column, seq, tick);
    return Number.isNaN(size) ? '–' : formatQuantity(size);
  };
  let [bought, sold] = [0, 0];
  for (const fill of fills.at(seq)) {
    bought += fill.bought;
    sold += fill.quantity - fill.bought;
  }
  const price = (ticks: number) => formatPrice(ticks, contract.tickInt, contract.priceDecimals);
  const lines: readonly (readonly [name: string, word: string, value: string, tone?: string])[] = [
    ['Spread', 'spread', Number.isNaN(askTick - bidTick) ? '–' : price(askTick - bidTick)],
    ['Size at bid', 'bid', touch('bid_depth', bidTick), 'bid'],
    ['Size at ask', 'ask', touch('ask_depth', askTick), 'ask'],
    ['Bid depth', 'depth', formatQuantity(bid), 'bid'],
    ['Ask depth', 'depth', formatQuantity(ask), 'ask'],
    ['Imbalance', 'imbalance', bid + ask === 0 ? '–' : formatFixed((bid - ask) / (bid + ask), 2)],
    ['Bought', 'bought', formatQuantity(bought), 'bid'],
    ['Sold', 'sold', formatQuantity(sold), 'ask'],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: where the series are low it scrolls, by keyboard too
    <section class="book-summary" aria-label="Book in numbers" tabIndex={0}>
      <table>
        <tbody>
          {lines.map(([name, word, value, tone]) => (
            <tr key={name}>
              <th scope="row">
                {tone !== undefined && <i class={`key mark-${tone}`} />} <Term word={word}>{name}</Term>
              </th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
