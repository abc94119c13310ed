import { present } from '../../../src/errors.ts';
import type { ExecutedOrder, RunOrders } from '../../../src/wire/index.ts';
import { formatCount } from './format.ts';

/** An order of ours as it is drawn: from its arrival to its last fill, or to when it was cancelled. */
export interface DrawnOrder extends ExecutedOrder {
  readonly endMs: number;
}

/** The orders by number of their trade, the entry of each first. */
export function ordersByTrade({ executed }: RunOrders): ReadonlyMap<number, readonly DrawnOrder[]> {
  if (executed === null) return new Map();
  const byTrade = Map.groupBy(executed.orders, ({ trade }) => trade);
  return new Map(
    [...byTrade].map(([trade, orders]) => {
      const leftMs = orders.find(({ role }) => role === 'exit')?.arrival_ms ?? Number.POSITIVE_INFINITY;
      return [trade, orders.map((order) => drawn(order, leftMs, executed.max_rest_ms))];
    }),
  );
}

function drawn(order: ExecutedOrder, leftMs: number, maxRestMs: number): DrawnOrder {
  const { role, arrival_ms: arrivalMs, size, fills } = order;
  const filled = fills.reduce((sum, fill) => sum + fill.size, 0);
  const isWhole = filled === size || (role !== 'entry' && leftMs === Number.POSITIVE_INFINITY);
  const cancelledMs = Math.min(leftMs, role === 'entry' ? arrivalMs + maxRestMs : Number.POSITIVE_INFINITY);
  const endMs = isWhole || !Number.isFinite(cancelledMs) ? (fills.at(-1)?.ms ?? arrivalMs) : cancelledMs;
  return { ...order, endMs: Math.max(arrivalMs, endMs) };
}

const roles = { entry: 'entry', take_profit: 'take-profit', exit: 'exit' } as const;

/** `entry: 35 ahead, filled 1 @ 5,210.25 by queue after 240 ms`. */
export function orderWords(order: ExecutedOrder, formatPrice: (price: number) => string): string {
  const { role, price, ahead_at_arrival: ahead, arrival_ms: arrivalMs, fills, outcome } = order;
  const limit = price === null ? 'market' : `limit ${formatPrice(price)}`;
  const place = price === null || ahead === 0 ? '' : `, ${formatCount(ahead)} ahead`;
  const filled = fills.map(
    ({ ms, size, price: paid, reason }) =>
      `${formatCount(size)} @ ${formatPrice(paid)} by ${reason} after ${span(ms - arrivalMs)}`,
  );
  const none = role === 'take_profit' && outcome === 'missed' ? 'cancelled' : outcome;
  const what = filled.length === 0 ? none : `filled ${filled.join(', ')}`;
  const doubt = order.too_large ? '; too large to believe' : '';
  return `${roles[role]}: ${limit}${place}; ${what}${doubt}`;
}

const span = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** How the run was executed: `joins, 5 ms of latency`. */
export function executedWords({ executed }: RunOrders, formatLatency: (us: number) => string): string {
  const { entry, latency_us: latencyUs } = present(executed ?? undefined);
  return `${entry === 'join' ? 'joins' : 'by market'}, ${formatLatency(latencyUs)} of latency`;
}
