import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AlertBin,
  type AlertEvent,
  type AlertRule,
  type AlertUpdate,
  AlertWatcher,
  feedProblems,
  isOfReplay,
  type Weekday,
  weekdays,
} from './index.ts';

const startNs = 1_703_545_200_000_000_000n;
const stream = { servingId: 'srv', symbol: 'ESH4', priceDecimals: 2 };

const rule = (part: Partial<AlertRule>): AlertRule => ({ name: 'r', pause_s: 0, muted: [], ...part });

type BinPart = Partial<
  Pick<AlertUpdate, 'state_model_score' | 'state_model_ready' | 'state_model_firing' | 'book_valid'>
>;

function bin(seq: number, part: BinPart = {}, message: Partial<AlertBin['message']> = {}): AlertBin {
  const update = {
    bin_seq: seq,
    ts_ns: String(startNs + BigInt(seq + 1) * 100_000_000n),
    ...{
      state_model_name: 'ads',
      state_model_score: 0,
      state_model_ready: true,
      state_model_firing: 0,
      book_valid: true,
    },
    ...part,
  };
  return { update, message: { bin_seq: seq, events: [], ...message } };
}

let events = 0;
function orderEvent(kind: AlertEvent['kind'], price: number, part: Partial<AlertEvent> = {}): AlertEvent {
  return {
    ...{
      ts_ns: String(startNs),
      start_ns: String(startNs),
      kind,
      side: 'ask',
      size: 10,
      levels: 1,
      event: events++,
      update: 0,
    },
    ...{ price_int: String(price * 1e9), detail: {} },
    ...part,
  };
}

const texts = (watcher: AlertWatcher, bins: readonly AlertBin[]) =>
  bins.map((each) => watcher.take(each, false).map(({ text }) => text));

test('order events alert by kind, side, size and price; an event with updates once', () => {
  const wanted = rule({
    event: { kinds: ['sweep', 'iceberg'], side: 'ask', min_size: 10, min_price: 99, max_price: 101 },
  });
  const watcher = new AlertWatcher([wanted], stream);
  const iceberg = orderEvent('iceberg', 100, { size: 5 });
  const refused = [
    orderEvent('sweep', 100, { side: 'bid' }),
    orderEvent('sweep', 100, { size: 9 }),
    orderEvent('sweep', 98.75),
    orderEvent('trade', 100),
    iceberg,
  ];
  const grown = { ...iceberg, size: 12 };
  const [first = [], second = [], third = []] = texts(watcher, [
    bin(0, {}, { events: [...refused, orderEvent('sweep', 100)] }),
    bin(1, {}, { events: [grown] }),
    bin(2, {}, { events: [grown] }),
  ]);
  deepEqual([first, second, third], [['sweep sells: 10 at 100.00'], ['iceberg on the ask: 12 at 100.00'], []]);
});

test('the score alerts where it crosses a number while the signal is ready', () => {
  const watcher = new AlertWatcher([rule({ signal: { above: 0.5, below: -0.5, firing: true } })], stream);
  const at = (seq: number, score: number, part: BinPart = {}) => bin(seq, { state_model_score: score, ...part });
  deepEqual(
    texts(watcher, [
      at(0, 0.9, { state_model_ready: false }),
      at(1, 0.9),
      at(2, 0.4),
      at(3, 0.5),
      at(4, 0.7, { state_model_firing: 1 }),
      at(5, -0.6),
    ]),
    [[], [], [], ['ads crosses 0.50 upwards: 0.50'], ['ads fires up: 0.70'], ['ads crosses −0.50 downwards: −0.60']],
  );
});

test('a level alerts when trades reach it or jump over it, and again after the market was elsewhere', () => {
  const watcher = new AlertWatcher([rule({ level: { price: 100 } })], stream);
  const trade = (seq: number, ...prices: number[]) =>
    bin(seq, {}, { events: prices.map((price) => orderEvent('trade', price)) });
  deepEqual(
    texts(watcher, [
      trade(0, 99),
      trade(1, 99.5),
      trade(2, 100),
      trade(3, 100),
      trade(4, 100.5),
      trade(5, 99),
      trade(6),
    ]),
    [[], [], ['the market trades at 100.00'], [], [], ['the market trades through 100.00'], []],
  );
  const swept = orderEvent('trade', 99, { detail: { last_price_int: String(101e9) } });
  equal(
    new AlertWatcher([rule({ level: { price: 100 } })], stream).take(bin(0, {}, { events: [swept] }), false).length,
    1,
  );
});

test('the feed alerts at gaps, at a book that is not valid any more, and at anomalies from a number on', () => {
  const watcher = new AlertWatcher([rule({ feed: { problems: feedProblems, min_anomalies: 3 } })], stream);
  const bins = [
    bin(0, { book_valid: false }),
    bin(1),
    bin(2, {}, { feed: { anomalies: 2, losses: 0 } }),
    bin(3, { book_valid: false }, { feed: { anomalies: 3, losses: 1 } }),
  ];
  deepEqual(
    bins.map((each) => watcher.take(each, false).map(({ key }) => key)),
    [[], [], [], ['srv/r/gap_bin_3', 'srv/r/invalid_book_bin_3', 'srv/r/anomaly_bin_3']],
  );
});

test('a rule pauses by the time of the market, is mute by New York’s clock, and keeps to its symbols', () => {
  const fires = (seq: number) => bin(seq, { state_model_firing: 1 });
  const signal = { firing: true };
  const counts = (rules: readonly AlertRule[], seqs: readonly number[]) => {
    const watcher = new AlertWatcher(rules, stream);
    return Array.from(
      { length: (seqs.at(-1) ?? 0) + 1 },
      (_, seq) => watcher.take(seqs.includes(seq) ? fires(seq) : bin(seq), false).length,
    ).reduce((sum, count) => sum + count, 0);
  };
  equal(counts([rule({ signal, pause_s: 30 })], [0, 10, 299, 300, 310]), 2);
  // 18:00 of a Monday in New York.
  const muted = (from: string, to: string, days: readonly Weekday[] = weekdays) => [
    rule({ signal, muted: [{ from, to, days }] }),
  ];
  equal(counts(muted('17:00', '18:00'), [0]), 1);
  equal(counts(muted('18:00', '18:01'), [0]), 0);
  equal(counts(muted('22:00', '18:01', ['sun']), [0]), 0);
  equal(counts(muted('22:00', '18:01', ['mon']), [0]), 1);
  equal(counts([rule({ signal, symbols: ['MNQH6'] })], [0]), 0);
});

test('the same bins give the same alerts, wherever they are watched from; a jump forgets what was before', () => {
  const rules = [rule({ signal: { above: 0.5, firing: false } })];
  const bins = Array.from({ length: 400 }, (_, seq) => bin(seq, { state_model_score: Math.sin(seq / 9) }));
  const all = new AlertWatcher(rules, stream);
  const keys = bins.flatMap((each) => all.take(each, false).map(({ key }) => key));
  equal(keys.length > 3, true);
  equal(new Set(keys).size, keys.length);
  const later = new AlertWatcher(rules, stream);
  const from100 = bins.slice(100).flatMap((each) => later.take(each, false).map(({ key }) => key));
  deepEqual(from100, keys.slice(-from100.length));
  later.take(bin(500, { state_model_score: 0 }), false);
  deepEqual(later.take(bin(502, { state_model_score: 1 }), false), []);
});

test('an alert says whether its market is past', () => {
  const [alert] = new AlertWatcher([rule({ signal: { firing: true } })], stream).take(
    bin(7, { state_model_firing: -1 }),
    true,
  );
  equal(alert?.replay, true);
  equal(alert?.key, 'srv/r/signal_fires_down_bin_7');
  const nowMs = Number(startNs / 1_000_000n);
  deepEqual(
    [0, 60_000, 60_001].map((ms) => isOfReplay(String(startNs), nowMs + ms)),
    [false, false, true],
  );
});
