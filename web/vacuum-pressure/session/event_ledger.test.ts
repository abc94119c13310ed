import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { OrderEventMessage } from '../../../src/wire/index.ts';
import { defaultEventFilter, passes } from './event_filter.ts';
import { EventLedger, type OrderEvent } from './event_ledger.ts';

function event(number: number, kind: OrderEventKind, more: Partial<OrderEventMessage> = {}): OrderEventMessage {
  const times = { ts_ns: String(number), start_ns: String(number) };
  const place = { kind, side: 'bid', price_int: '500000000', size: 5, levels: 1 } as const;
  return { ...times, ...place, event: number, update: 0, order_ids: ['1'], sequences: [1], detail: {}, ...more };
}

const numbers = (ledger: EventLedger, part: 'all' | 'marked', first: number, end: number, most = 99) => {
  const found: OrderEvent[] = [];
  ledger[part].backwards(first, end, (one) => {
    found.push(one);
    return found.length < most;
  });
  return found.map((one) => one.event);
};

test('events are found backwards in time, in whatever order their bins came, and each bin once', () => {
  const ledger = new EventLedger(250_000_000);
  const put = (seq: number, ...events: OrderEventMessage[]) =>
    ledger.put({ type: 'order_events', bin_seq: seq, events });
  put(5, event(3, 'trade'), event(4, 'sweep'));
  put(9, event(7, 'iceberg'), event(7, 'iceberg', { update: 1 }));
  put(2, event(1, 'absorption'));
  put(5, event(30, 'trade'));
  put(7);
  deepEqual(numbers(ledger, 'all', 0, 10), [7, 7, 4, 3, 1]);
  deepEqual(numbers(ledger, 'all', 3, 9), [4, 3]);
  deepEqual(numbers(ledger, 'all', 0, 10, 3), [7, 7, 4]);
  deepEqual(numbers(ledger, 'marked', 0, 10), [7, 4, 1]);
  ledger.all.backwards(5, 6, ({ seq, tick }) => {
    deepEqual([seq, tick], [5, 2]);
    return true;
  });
});

test('the filter passes kinds that are on, from a size on', () => {
  const filter = { kinds: { ...defaultEventFilter.kinds, sweep: false }, minSize: 4 };
  const placed = (kind: OrderEventKind, size: number) => ({ ...event(1, kind, { size }), seq: 1, tick: 2 });
  equal(passes(filter, placed('trade', 4)), true);
  equal(passes(filter, placed('trade', 3)), false);
  equal(passes(filter, placed('sweep', 40)), false);
});
