import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertUpdate } from '../../../src/alerts/index.ts';
import type { OrderEventsMessage } from '../../../src/wire/index.ts';
import type { SessionData } from '../session/session_data.ts';
import { Topics } from '../session/topics.ts';
import { Alerts, readPriceAlerts } from './alerts.ts';

const config = { serving: { serving_id: 'srv' }, symbol: 'ESH4', price_decimals: 2 };
const data = () => ({ session: { contract: { config } }, listener: null }) as unknown as SessionData;
const update = (seq: number): AlertUpdate => ({
  ...{
    bin_seq: seq,
    ts_ns: String(1_703_545_200_000_000_000n + BigInt(seq) * 1_000_000_000n),
    state_model_name: 'ads',
  },
  ...{ state_model_score: 0, state_model_ready: true, state_model_firing: 0, book_valid: true },
});
const trades = (seq: number, price: number) =>
  ({
    ...{ type: 'order_events', bin_seq: seq },
    events: [
      { kind: 'trade', price_int: String(price * 1e9), detail: {}, size: 1, side: 'bid', ts_ns: '0', event: seq },
    ],
  }) as unknown as OrderEventsMessage;

test('a price alerts when the market trades there; bins of the past do not count, and the newest stands first', () => {
  const alerts = new Alerts(new Topics(), data());
  const rung: string[] = [];
  alerts.onAlert = ({ text }) => rung.push(text);
  alerts.addPrice(4800);
  alerts.addPrice(4800);
  alerts.setPrices([...alerts.prices, { symbol: 'MNQH6', price: 4800 }]);
  equal(alerts.shownPrices.length, 1);
  const take = (seq: number, price: number) => {
    alerts.bin(update(seq));
    alerts.events(trades(seq, price));
  };
  take(0, 4799);
  alerts.events(trades(5, 4800));
  deepEqual(alerts.list, []);
  take(1, 4800);
  take(2, 4801);
  // The bins between are not known: the price is touched anew.
  take(40, 4800);
  deepEqual(rung, ['the market trades at 4800.00', 'the market trades at 4800.00']);
  deepEqual(
    alerts.list.map(({ bin_seq, replay }) => [bin_seq, replay]),
    [
      [40, true],
      [1, true],
    ],
  );
  equal(alerts.unseen, 2);
  alerts.seen();
  equal(alerts.unseen, 0);
});

test('rules and prices watch side by side: a new one leaves the others alone', () => {
  const alerts = new Alerts(new Topics(), data());
  alerts.setRules([{ name: 'r', pause_s: 30, muted: [], event: { kinds: ['trade'], min_size: 1 } }]);
  const take = (seq: number) => {
    alerts.bin(update(seq));
    alerts.events(trades(seq, 4800));
  };
  take(0);
  alerts.addPrice(4790);
  take(1);
  deepEqual(
    alerts.list.map(({ key }) => key),
    ['srv/r/event_0'],
  );
});

test('stored prices that make no sense are left out', () => {
  const stored = JSON.stringify([{ symbol: 'ESH4', price: 1 }, { symbol: 1, price: 1 }, null, { symbol: 'ESH4' }]);
  deepEqual(readPriceAlerts(stored), [{ symbol: 'ESH4', price: 1 }]);
  deepEqual(readPriceAlerts('{'), []);
});
