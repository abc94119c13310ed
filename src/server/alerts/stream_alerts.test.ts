import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { StreamAlerts } from './stream_alerts.ts';

const endMs = 1_703_545_200_000;
const stream = { servingId: 'srv', symbol: 'ESH4', priceDecimals: 2 };
const rules = [{ ...{ name: 'r', pause_s: 0, muted: [], signal: { firing: true } }, webhooks: ['desk', 'log'] }];

const bin = (seq: number) => ({
  text: JSON.stringify({
    bin_seq: seq,
    ts_ns: `${endMs + seq * 100}000000`,
    state_model_firing: 1,
    state_model_score: 1,
  }),
  events: JSON.stringify({ type: 'order_events', bin_seq: seq, events: [] }),
});

function alerts(nowMs: number, sendsReplays = false) {
  const [told, sent]: [boolean[], string[]] = [[], []];
  const watched = new StreamAlerts({
    ...{ rules, sendsReplays, nowMs: () => nowMs },
    onAlert: ({ replay }) => told.push(replay),
    send: (webhook, { key, replay }) => sent.push(`${webhook} ${key}${replay ? ' replay' : ''}`),
  });
  watched.begin(1, stream);
  watched.begin(2, stream);
  return { watched, told, sent };
}

const key = (seq: number) => `srv/r/signal_fires_up_bin_${seq}`;

test('what happens now goes to the webhooks of its rule, once, however many streams show it', () => {
  const { watched, told, sent } = alerts(endMs + 500);
  watched.take(1, [bin(0), bin(1)]);
  watched.take(2, [bin(1)]);
  watched.end(1);
  watched.take(1, [bin(2)]);
  deepEqual(told, [false, false, false]);
  deepEqual(sent, [`desk ${key(0)}`, `log ${key(0)}`, `desk ${key(1)}`, `log ${key(1)}`]);
});

test('what is past is marked, and sent only where replays are', () => {
  const kept = alerts(endMs + 3_600_000);
  kept.watched.take(1, [bin(0)]);
  deepEqual([kept.told, kept.sent], [[true], []]);
  const passedOn = alerts(endMs + 3_600_000, true);
  passedOn.watched.take(1, [bin(0)]);
  deepEqual(passedOn.sent, [`desk ${key(0)} replay`, `log ${key(0)} replay`]);
});
