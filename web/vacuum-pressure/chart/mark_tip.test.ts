import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderEventKind } from '../../../src/orders/index.ts';
import { fakeStore, tickInt } from '../../../test/web/fake_session.ts';
import type { OrderEvent } from '../session/event_ledger.ts';
import type { Session } from '../session/session.ts';
import { markLines } from './mark_tip.ts';

function event(kind: OrderEventKind, size: number): OrderEvent {
  const times = { ts_ns: '1', start_ns: '1', event: size, update: 0, seq: 4, tick: 101, weight: size };
  const place = { kind, side: 'bid', price_int: String(101 * tickInt), size, levels: 1 } as const;
  return { ...times, ...place, order_ids: [], sequences: [], detail: {} };
}

test('a mark says what its event is, and how many smaller ones of which kinds are under it', () => {
  const session = { contract: fakeStore().contract } as Session;
  deepEqual(markLines([], session), []);
  deepEqual(markLines([event('sweep', 40)], session), ['Sweep · 40 contracts · 25.25', 'Click for its records']);
  const others = [event('iceberg', 9), event('large_order', 30), event('iceberg', 8)];
  deepEqual(markLines([event('sweep', 40), ...others], session), [
    'Sweep · 40 contracts · 25.25',
    'and 3 smaller under it:',
    '1 × Large order',
    '2 × Iceberg',
    'Click for the records of each',
  ]);
});
