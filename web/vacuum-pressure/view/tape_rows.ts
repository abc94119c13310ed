import { type EventFilter, passes } from '../session/event_filter.ts';
import type { EventLedger, OrderEvent } from '../session/event_ledger.ts';

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
