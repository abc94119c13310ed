import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, type Mbo } from '../../test/oracle/mbo.ts';
import { Book } from './book.ts';
import { activityFields, BookActivity } from './book_activity.ts';
import { sideAsk, sideBid } from './order_table.ts';

type Line = readonly [action: string, side: string, id: number, price: number, size: number, flags?: number];

/** The activity of a book that took these records, each at the moment of its index where `tick` says so, else all at one. */
function activityOf(lines: readonly Line[], timeOf: (index: number) => number = () => 1) {
  const book = new Book();
  const activity = new BookActivity(book);
  // Asked early, it has to follow every change.
  activity.orders.largest(sideBid, 1);
  lines.forEach(([action, side, id, price, size, flags = 128], index) => {
    const tsEvent = BigInt(timeOf(index));
    const mbo: Mbo = {
      instrumentId: 1,
      tsEvent,
      tsRecv: 1n,
      orderId: BigInt(id),
      price: BigInt(price),
      size,
      flags,
      action,
      side,
    };
    book.apply(batchOf([mbo]).words, 0, Number(tsEvent));
    activity.follow(batchOf([mbo]).words, 0);
  });
  return { book, activity };
}

/** What is not 0, by price and field. */
function amountsOf(activity: BookActivity): Record<number, Record<string, number>> {
  const byPrice: Record<number, Record<string, number>> = {};
  activity.forEach((price, amounts, from) => {
    const named = activityFields.map((field, index) => [field, amounts[from + index]!] as const);
    byPrice[price] = Object.fromEntries(named.filter(([, amount]) => amount !== 0));
  });
  return byPrice;
}

test('added is what came, pulled what went without an execution, by price and side', () => {
  const { activity } = activityOf([
    ['A', 'B', 1, 99, 10],
    ['A', 'A', 2, 101, 8],
    ['M', 'B', 1, 99, 12], // grows
    ['M', 'B', 1, 99, 7], // shrinks
    ['M', 'B', 1, 98, 7], // moves
    ['F', 'A', 2, 101, 3],
    ['C', 'A', 2, 101, 3], // executed
    ['C', 'A', 2, 101, 5], // pulled
  ]);
  deepEqual(amountsOf(activity), {
    98: { bidAdded: 7 },
    99: { bidAdded: 12, bidPulled: 12 },
    101: { askAdded: 8, askPulled: 5 },
  });
  activity.clear();
  deepEqual(amountsOf(activity), {});
});

test('trades are of T at its own price; those of one aggressor at one time are one', () => {
  const { activity } = activityOf(
    [
      ['T', 'B', 7, 101, 3],
      ['T', 'B', 7, 102, 2],
      ['T', 'A', 8, 99, 4],
      ['T', 'N', 0, 100, 5],
      ['T', 'B', 0, 100, 6],
      ['T', 'B', 0, 100, 6],
      ['T', 'B', 0, 100, 1],
    ],
    (index) => (index < 6 ? 5 : 6),
  );
  deepEqual(amountsOf(activity), {
    99: { sold: 4 },
    100: { unsided: 5, bought: 13 },
    101: { bought: 3 },
    102: { bought: 2 },
  });
  deepEqual([activity.tradeCount, activity.firstTradePrice, activity.lastTradePrice], [5, 101, 100]);
});

test('a snapshot is no activity, and the book that it leaves is the one whose orders are known', () => {
  const { activity } = activityOf([
    ['A', 'B', 1, 99, 50],
    ['R', 'N', 0, 0, 0, 40],
    ['A', 'B', 2, 99, 5, 40],
    ['A', 'A', 3, 101, 6, 168],
  ]);
  deepEqual(amountsOf(activity), { 99: { bidAdded: 50 } });
  deepEqual([activity.orders.largest(sideBid, 99), activity.orders.largest(sideAsk, 101)], [5, 6]);
});

test('the largest order at each price is that of the book after every one of many random records', () => {
  let seed = 20_251_129;
  const draw = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const lines: Line[] = [];
  for (let index = 0; index < 1500; index++) {
    const action = draw(400) === 0 ? 'R' : (['A', 'A', 'C', 'M', 'M', 'F'][draw(6)] ?? 'A');
    lines.push([action, draw(2) === 0 ? 'B' : 'A', 1 + draw(60), 95 + draw(10), 1 + draw(9)]);
    if (index % 10 !== 0) continue;
    const { book, activity } = activityOf(lines.slice(-400));
    const largest = new Map<string, number>();
    book.orders.forEach((_lo, _hi, side, price, size) => {
      const key = `${side} ${price}`;
      largest.set(key, Math.max(size, largest.get(key) ?? 0));
    });
    for (const side of [sideBid, sideAsk]) {
      for (let price = 94; price < 106; price++) {
        equal(activity.orders.largest(side, price), largest.get(`${side} ${price}`) ?? 0, `record ${index}`);
      }
    }
  }
});
