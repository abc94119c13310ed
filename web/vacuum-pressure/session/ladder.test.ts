import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { activityFields } from '../../../src/engine/index.ts';
import type { DepthFrame } from '../../../src/wire/index.ts';
import { ladderAt } from './ladder.ts';
import { RecentBooks } from './recent_books.ts';
import type { Session } from './session.ts';
import { TradeLedger } from './trade_ledger.ts';
import { TradedVolume } from './traded_volume.ts';

type Amounts = Readonly<Partial<Record<(typeof activityFields)[number], number>>>;

/** A frame whose book is a bid at 99 and an ask at 101, and where these things happened. */
function frame(seq: number, happened: Readonly<Record<number, Amounts>>, trades: readonly number[] = []): DepthFrame {
  const side = (tick: number, size: number) => ({
    ticks: Float64Array.of(tick),
    sizes: Float64Array.of(size),
    orders: Float64Array.of(3),
    largest: Float64Array.of(size - 2),
  });
  const ticks = Object.keys(happened).map(Number);
  return {
    seq,
    bids: side(99, 10),
    asks: side(101, 20),
    activity: {
      ticks: Float64Array.from(ticks),
      amounts: Float64Array.from(ticks.flatMap((tick) => activityFields.map((field) => happened[tick]?.[field] ?? 0))),
    },
    tradeCount: trades.length,
    firstTradeTick: trades[0] ?? Number.NaN,
    lastTradeTick: trades.at(-1) ?? Number.NaN,
  };
}

test('the ladder has the book at the bin, the flow of the last second, and the last trade', () => {
  const recent = new RecentBooks();
  recent.put(frame(1, { 101: { askAdded: 50 } }, [101]));
  recent.put(frame(2, { 99: { bidAdded: 4, bidPulled: 1 } }));
  recent.put(frame(3, { 99: { bidPulled: 2 }, 101: { askAdded: 7 } }));
  const session = { contract: { cellNs: 500e6 }, recent } as unknown as Session;
  const volumes = new Map([[101, { bought: 9, sold: 1, total: 10 }]]);
  const ladder = ladderAt(session, 3, 102, 4, volumes);
  deepEqual(
    ladder?.rows.map(({ tick, bid, ask, orders, largest, added, pulled, sold, bought }) => [
      ...[tick, bid, ask, orders, largest],
      ...[added, pulled, sold, bought],
    ]),
    [
      [102, 0, 0, 0, 0, 0, 0, 0, 0],
      [101, 0, 20, 3, 18, 7, 0, 1, 9],
      [100, 0, 0, 0, 0, 0, 0, 0, 0],
      [99, 10, 0, 3, 8, 4, 3, 0, 0],
    ],
  );
  deepEqual([ladder?.bidTick, ladder?.askTick, ladder?.lastTick], [99, 101, 101]);
  equal(ladderAt(session, 9, 102, 4, volumes), null);
});

test('volume since a bin is that of the bins from there on, in whatever order they came', () => {
  const ledger = new TradeLedger();
  const volume = new TradedVolume(ledger);
  const put = (seq: number, bought: number) =>
    ledger.put(frame(seq, { 100: { bought, unsided: 1 }, 98: { bidAdded: 5 } }, [100]));
  put(4, 10);
  put(5, 20);
  deepEqual([...volume.between(0, 6)], [[100, { bought: 30, sold: 0, total: 32 }]]);
  put(7, 40);
  equal(volume.between(0, 7).get(100)?.bought, 30);
  equal(volume.between(0, 8).get(100)?.bought, 70);
  put(2, 3);
  put(2, 3);
  equal(volume.between(0, 8).get(100)?.bought, 73);
  equal(volume.between(3, 8).get(100)?.bought, 70);
  equal(volume.between(3, 5).get(100)?.bought, 10);
  equal(volume.between(6, 7).size, 0);
});
