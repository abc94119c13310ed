import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeDepthFrame, isDepthFrame } from './depth_decoder.ts';
import { type DepthActivity, DepthFrameWriter, type DepthSide, maxDepthLevels, maxOrderLevels } from './depth_frame.ts';

const tickInt = 250_000_000;
type Level = readonly [tick: number, size: number];
type Activity = readonly (readonly [tick: number, amounts: readonly number[]])[];

function side(levels: readonly Level[]): DepthSide {
  return {
    length: levels.length,
    priceAt: (depth) => levels[depth]![0] * tickInt,
    sizeAt: (depth) => levels[depth]![1],
    countAt: (depth) => 1 + (levels[depth]![1] % 5),
  };
}

function activityOf(prices: Activity, trades: readonly number[] = []): DepthActivity {
  return {
    tradeCount: trades.length,
    firstTradePrice: (trades[0] ?? Number.NaN) * tickInt,
    lastTradePrice: (trades.at(-1) ?? Number.NaN) * tickInt,
    orders: { largest: (code, price) => Math.abs(Math.round(price / tickInt)) % (code * 90) },
    forEach: (visit) => {
      for (const [tick, amounts] of prices) visit(tick * tickInt, Float64Array.from(amounts), 0);
    },
  };
}

const levelsOf = ({ ticks, sizes }: { ticks: Float64Array; sizes: Float64Array }) =>
  [...ticks].map((tick, index) => [tick, sizes[index]]);

const size = fc.integer({ min: 1, max: 2 ** 40 });
const ascending = fc
  .tuple(
    fc.integer({ min: -1e6, max: 1e9 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), size), { maxLength: 60 }),
  )
  .map(([start, steps]) => {
    let tick = start;
    return steps.map(([step, amount]): Level => {
      tick += step;
      return [tick, amount];
    });
  });
const amounts = fc.array(fc.oneof(fc.constant(0), size), { minLength: 7, maxLength: 7 });
const prices = fc.tuple(ascending, fc.infiniteStream(amounts)).map(([levels, stream]): Activity => {
  return levels.map(([tick]) => [tick, stream.next().value]);
});

test('what is written is read, level by level and price by price, whatever the prices and sizes', () => {
  const writer = new DepthFrameWriter(tickInt);
  fc.assert(
    fc.property(fc.nat(2 ** 31), ascending, ascending, prices, (seq, up, asks, happened) => {
      const bids = up.toReversed();
      const trades = happened.map(([tick]) => tick);
      const bytes = writer.write(
        seq,
        { bids: side(bids), asks: side(asks) },
        activityOf(happened.toReversed(), trades),
      );
      ok(isDepthFrame(bytes));
      const frame = decodeDepthFrame(bytes.slice());
      equal(frame.seq, seq);
      deepEqual(levelsOf(frame.bids), bids);
      deepEqual(levelsOf(frame.asks), asks);
      deepEqual(
        [...frame.asks.orders],
        asks.map(([, amount]) => 1 + (amount % 5)),
      );
      deepEqual(
        [...frame.bids.largest],
        bids.map(([tick]) => Math.abs(tick) % 90),
      );
      deepEqual([...frame.activity.ticks], trades);
      deepEqual(
        [...frame.activity.amounts],
        happened.flatMap(([, row]) => row),
      );
      deepEqual(
        [frame.tradeCount, frame.firstTradeTick, frame.lastTradeTick],
        [trades.length, trades[0] ?? Number.NaN, trades.at(-1) ?? Number.NaN],
      );
    }),
  );
});

test('prices between ticks are summed at the nearest tick, and the largest order is the largest of them', () => {
  const asks = [
    [100, 3],
    [100.2, 4],
    [101, 5],
  ] as const;
  const happened = activityOf([
    [100.2, [1, 0, 0, 0, 2, 0, 0]],
    [100, [1, 0, 0, 7, 0, 0, 0]],
  ]);
  const frame = decodeDepthFrame(
    new DepthFrameWriter(tickInt).write(
      1,
      { bids: side([]), asks: side(asks) },
      { ...happened, orders: { largest: (_side, price) => (price === 100 * tickInt ? 9 : 4) } },
    ),
  );
  deepEqual(levelsOf(frame.asks), [
    [100, 7],
    [101, 5],
  ]);
  deepEqual(
    [[...frame.asks.orders], [...frame.asks.largest]],
    [
      [9, 1],
      [9, 4],
    ],
  );
  deepEqual([[...frame.activity.ticks], [...frame.activity.amounts]], [[100], [2, 0, 0, 7, 2, 0, 0]]);
});

test('a side longer than the limit is cut at its far end, and far levels have no orders', () => {
  const many = Array.from({ length: maxDepthLevels + 500 }, (_, index): Level => [1000 + index, index + 1]);
  const writer = new DepthFrameWriter(tickInt);
  const { asks } = decodeDepthFrame(writer.write(1, { bids: side([]), asks: side(many) }, activityOf([])));
  deepEqual(levelsOf(asks), many.slice(0, maxDepthLevels));
  equal(asks.orders.length, maxOrderLevels);
});

test('bytes that are no depth frame, or not all of one, are refused', () => {
  const happened = activityOf([[5, [300, 0, 1, 0, 0, 0, 9]]], [5]);
  const book = { bids: side([[5, 300]]), asks: side([[6, 4]]) };
  const bytes = new DepthFrameWriter(tickInt).write(7, book, happened).slice();
  equal(isDepthFrame(new Uint8Array([255, 255, 255, 255, 0])), false);
  for (let length = 0; length < bytes.length; length++)
    throws(() => decodeDepthFrame(bytes.subarray(0, length)), { code: 'PROTOCOL' });
  throws(() => decodeDepthFrame(Uint8Array.of(...bytes, 0)), { code: 'PROTOCOL' });
  for (const at of [24, 28, 32]) {
    const lying = bytes.slice();
    new DataView(lying.buffer).setUint32(at, 4_000_000_000, true);
    throws(() => decodeDepthFrame(lying), { code: 'PROTOCOL' });
  }
});
