import { type EventFilter, passes } from '../session/event_filter.ts';
import type { EventLedger, OrderEvent } from '../session/event_ledger.ts';
import type { SessionStore } from '../session/session_store.ts';

/** Rows of the tape at most: what fits on the tallest screen. */
const maxRows = 120;

/** The last events of bins before `end` that pass the filter, the latest first. */
export function tapeRows(ledger: EventLedger, end: number, filter: EventFilter): OrderEvent[] {
  const rows: OrderEvent[] = [];
  ledger.all.backwards(0, end, (event) => {
    if (passes(filter, event)) rows.push(event);
    return rows.length < maxRows;
  });
  return rows;
}

/** Whether bins between two events were not received: other events may have been in them. */
export function isTorn(
  store: Pick<SessionStore, 'has' | 'oldest'>,
  older: Pick<OrderEvent, 'seq'>,
  newer: Pick<OrderEvent, 'seq'>,
): boolean {
  const first = Math.max(older.seq + 1, store.oldest);
  for (let seq = newer.seq - 1; seq >= first; seq--) if (!store.has(seq)) return true;
  return false;
}
