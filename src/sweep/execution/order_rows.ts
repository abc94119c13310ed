import { bool, float64, int32, int64, utf8 } from '@uwdata/flechette';
import { present } from '../../errors.ts';
import { fillReasonNames, orderKind, outcomeNames, type PositionFill } from '../../execution/index.ts';
import type { WrittenFile } from '../../files/index.ts';
import { rowTable, writeRowsParquet } from '../row_files.ts';
import { entryOutcome } from './executed_trades.ts';
import type { ExecutionTerms } from './execution_terms.ts';
import type { FollowedPosition } from './follow_positions.ts';

/** An order and one of its fills, as files have it; the fill's columns are null for an order without any. */
export interface OrderRow {
  /** Trading date, YYYY-MM-DD. */
  readonly session: string;
  readonly entry: 'market' | 'join';
  readonly latency_us: number;
  /** Number of the firing in its session, from 0. */
  readonly trade: number;
  readonly order: number;
  readonly role: 'entry' | 'take_profit' | 'exit';
  readonly side: 'B' | 'A';
  readonly kind: 'limit' | 'market';
  /** Limit; null for a market order. */
  readonly price: number | null;
  readonly size: number;
  /** UNIX nanoseconds: when the exchange has it. */
  readonly arrival_ns: bigint;
  /** Displayed quantity before it when it came to rest. */
  readonly ahead_at_arrival: number;
  readonly outcome: (typeof outcomeNames)[number];
  readonly too_large: boolean;
  readonly delayed: boolean;
  readonly fill_ns: bigint | null;
  readonly fill_price: number | null;
  readonly fill_size: number | null;
  readonly reason: (typeof fillReasonNames)[number] | null;
  /** Of the session's file. */
  readonly front_share: number | null;
  /** Whether its market does not execute first in, first out, and was taken as if it did. */
  readonly not_fifo: boolean;
}

const orderTable = rowTable<OrderRow>({
  columns: {
    session: utf8,
    entry: utf8,
    latency_us: float64,
    trade: int32,
    order: int32,
    role: utf8,
    side: utf8,
    kind: utf8,
    price: float64,
    size: int32,
    arrival_ns: int64,
    ahead_at_arrival: float64,
    outcome: utf8,
    too_large: bool,
    delayed: bool,
    fill_ns: int64,
    fill_price: float64,
    fill_size: int32,
    reason: utf8,
    front_share: float64,
    not_fifo: bool,
  },
  nullable: ['price', 'fill_ns', 'fill_price', 'fill_size', 'reason', 'front_share'],
  rangeColumns: ['session', 'arrival_ns'],
  groupRows: 65_536,
});

/** Of which session orders are. */
export interface RowSession {
  readonly session: string;
  /** UNIX nanoseconds from which times count. */
  readonly originNs: bigint;
  readonly frontShare: number | null;
  /** Whether its market executes first in, first out. */
  readonly isFifo: boolean;
}

/** The orders of positions of one session with their fills, in the order of the firings. */
export function orderRows(
  { session, originNs, frontShare, isFifo }: RowSession,
  positions: readonly FollowedPosition[],
  terms: ExecutionTerms,
): OrderRow[] {
  let count = 0;
  return positions.flatMap((followed, trade) => {
    const { position, orders } = followed;
    const { entry, fills, sent } = position.takeProfit;
    const rowsOf = (
      role: OrderRow['role'],
      order: number,
      own: readonly PositionFill[],
      outcome: OrderRow['outcome'],
    ): OrderRow[] => {
      const isMarket = orders.kind[order] === orderKind.market;
      const row = {
        ...{ session, entry: terms.entry, latency_us: terms.entryLatencyUs, trade, order: count++, role, outcome },
        side: orders.side[order] === 1 ? ('B' as const) : ('A' as const),
        kind: isMarket ? ('market' as const) : ('limit' as const),
        price: isMarket ? null : present(orders.price[order]) / 1e9,
        size: present(orders.size[order]),
        arrival_ns: originNs + BigInt(present(orders.arrivalNs[order])),
        ahead_at_arrival: present(orders.aheadAtArrival[order]),
        too_large: orders.tooLarge[order] === 1,
        delayed: orders.delayed[order] === 1,
        front_share: frontShare,
        not_fifo: !isFifo,
      };
      const none = { fill_ns: null, fill_price: null, fill_size: null, reason: null };
      if (own.length === 0) return [{ ...row, ...none }];
      return own.map(({ tsNs, price, size, reason }) => ({
        ...row,
        fill_ns: originNs + BigInt(tsNs),
        fill_price: price / 1e9,
        fill_size: size,
        reason: present(fillReasonNames[reason]),
      }));
    };
    const counted = new Set(position.profitFills);
    const isLeft = !Number.isNaN(position.exitArrivalNs);
    // What was sent for positions with other stops after this one was left is not its own.
    const profits = sent.filter((order) => !isLeft || present(orders.arrivalNs[order]) < position.exitArrivalNs);
    return [
      ...rowsOf('entry', entry.order, entry.fills.slice(0, position.entryFills), entryOutcome(followed)),
      ...profits.flatMap((order) => {
        const own = fills.filter((fill) => fill.order === order && counted.has(fill));
        return rowsOf('take_profit', order, own, profitOutcome(followed, order, own));
      }),
      ...position.exitOrders.flatMap((order) => {
        const own = position.exitFills.filter((fill) => fill.order === order);
        return rowsOf('exit', order, own, outcomeOf(followed, order));
      }),
    ];
  });
}

const outcomeOf = ({ orders }: FollowedPosition, order: number) =>
  present(outcomeNames[present(orders.outcome[order])]);

/** Of a take-profit as one position has it: fills after it was left are those of positions with other stops. */
function profitOutcome(followed: FollowedPosition, order: number, own: readonly PositionFill[]): OrderRow['outcome'] {
  const filled = own.reduce((sum, { size }) => sum + size, 0);
  if (filled === followed.orders.size[order]) return 'filled';
  const outcome = outcomeOf(followed, order);
  if (outcome === 'cleared' || outcome === 'refused') return outcome;
  const isOver = !Number.isNaN(followed.position.exitArrivalNs);
  return filled > 0 ? 'partial' : isOver ? 'missed' : outcome;
}

/** Writes orders as Parquet at `path`, a temporary name that must not exist. Throws LAKE_NOT_WRITABLE. */
export async function writeOrdersParquet(path: string, rows: readonly OrderRow[]): Promise<WrittenFile> {
  const { groupRows } = orderTable;
  const batches = Array.from({ length: Math.ceil(rows.length / groupRows) }, (_, at) =>
    rows.slice(at * groupRows, (at + 1) * groupRows),
  );
  return await writeRowsParquet(path, orderTable, batches);
}
