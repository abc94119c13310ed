import './trade_section.css';
import { useMemo, useState } from 'preact/hooks';
import type { Outcomes } from '../../../src/wire/index.ts';
import type { ExecutedTrade } from '../../shared/session_trade.ts';
import type { Fetched } from '../../shared/use_fetched.ts';
import { count, duration, fixed, parameter, signed } from '../model/format.ts';
import { dayHref, type ListedTrade, tradesOf } from '../model/moments.ts';
import type { SessionResult } from '../model/sessions.ts';
import { ExecutedNote } from './executed_note.tsx';

interface TradeSectionProps {
  readonly threshold: number;
  readonly outcomes: Fetched<Outcomes>;
  /** The run's sessions, where it has several; one is chosen here. */
  readonly sessions: readonly SessionResult[];
  readonly session: string | null;
  readonly onChoose: (date: string) => void;
}

const rowPx = 24;
const boxRows = 12;
/** Rows drawn beyond the edges, so that a scroll finds them there. */
const overscan = 8;

/** Every trade of a session; each leads to its moment on the heatmap page. */
export function TradeSection({ threshold, outcomes: { value }, sessions, session, onChoose }: TradeSectionProps) {
  return (
    <section aria-label="Trades">
      <h3>
        Trades at threshold {parameter(threshold)}{' '}
        <span class="quiet">ticks; New York time; a trade leads to its moment on the heatmap</span>
      </h3>
      {sessions.length > 0 && (
        <label>
          Session{' '}
          <select value={session ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
            {sessions.map(({ date }) => (
              <option key={date}>{date}</option>
            ))}
          </select>
        </label>
      )}
      {value !== null && <ExecutedNote outcomes={value} />}
      {value !== null && value.bin.length > 0 && <TradeList outcomes={value} />}
      {value?.session && (
        <p>
          <a href={dayHref(value.run_id, value.session, threshold)}>Stream of {value.session} with this threshold</a>
        </p>
      )}
    </section>
  );
}

const heads = ['Time', 'Side', 'Entry price', 'Exit price'];
const midHeads = [...heads, 'Outcome', 'Held', 'Costs', 'Net'];
const executedHeads = [...heads, 'Net', 'At the mid', 'Outcome', 'Filled by', 'Held'];

/** The trades in view out of any number of them. */
function TradeList({ outcomes }: { outcomes: Outcomes }) {
  const tradeAt = useMemo(() => tradesOf(outcomes), [outcomes]);
  const [first, setFirst] = useState(0);
  if (tradeAt === null) return <p class="quiet">Results of an older method do not say when their session was.</p>;
  const total = outcomes.bin.length;
  const start = Math.max(0, Math.min(first, total - boxRows) - overscan);
  const end = Math.min(total, start + boxRows + 2 * overscan);
  const rows = Array.from({ length: end - start }, (_, at) => start + at);
  return (
    <section
      class="trade-list"
      aria-label={`${count(total)} trades`}
      style={{ maxHeight: `${(boxRows + 1) * rowPx}px` }}
      onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / rowPx))}
    >
      <table aria-rowcount={total + 1}>
        <thead>
          <tr>
            {(outcomes.executed === null ? midHeads : executedHeads).map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={start} />
          {rows.map((index) => (
            <TradeRow key={index} trade={tradeAt(index)} rowIndex={index + 2} />
          ))}
          <Gap rows={total - end} />
        </tbody>
      </table>
    </section>
  );
}

/** The height of rows that are out of view. */
function Gap({ rows }: { rows: number }) {
  return rows === 0 ? null : <tr style={{ height: `${rows * rowPx}px` }} />;
}

function TradeRow({ trade, rowIndex }: { trade: ListedTrade; rowIndex: number }) {
  const { href, time, side, entry, exit } = trade;
  return (
    <tr aria-rowindex={rowIndex}>
      <td>
        <a href={href}>{time}</a>
      </td>
      <td>{side}</td>
      <td>{entry}</td>
      <td>{exit}</td>
      {trade.executed === null ? <MidCells trade={trade} /> : <ExecutedCells trade={trade} executed={trade.executed} />}
    </tr>
  );
}

function MidCells({ trade: { outcome, entryMs, exitMs, costTicks, netTicks } }: { trade: ListedTrade }) {
  return (
    <>
      <td>{outcome}</td>
      <td>{duration(exitMs - entryMs)}</td>
      <td>{fixed(costTicks, 2)}</td>
      <td>
        <Net ticks={netTicks} />
      </td>
    </>
  );
}

function ExecutedCells({ trade, executed }: { trade: ListedTrade; executed: ExecutedTrade }) {
  const { held, fills, isTooLarge } = executed;
  return (
    <>
      <td>{held !== null && <Net ticks={held.netTicks} />}</td>
      <td title={`${trade.outcome} after ${duration(trade.exitMs - trade.entryMs)}`}>
        <Net ticks={trade.netTicks} />
      </td>
      <td>{executed.outcome}</td>
      <td title={isTooLarge ? 'Above a tenth of its level: too large to believe' : ''}>
        {fills}
        {isTooLarge && ' (too large)'}
      </td>
      <td>{held === null ? '' : duration(held.exitMs - held.entryMs)}</td>
    </>
  );
}

function Net({ ticks }: { ticks: number }) {
  return <span class={ticks > 0 ? 'gain' : ticks < 0 ? 'loss' : ''}>{signed(ticks, 2)}</span>;
}
