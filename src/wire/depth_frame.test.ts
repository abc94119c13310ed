import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DepthFrameWriter, type DepthSide, decodeDepthFrame, isDepthFrame, maxDepthLevels } from './depth_frame.ts';

const tickInt = 250_000_000;
type Level = readonly [tick: number, size: number];

function side(levels: readonly Level[], offGrid = 0): DepthSide {
  return {
    length: levels.length,
    priceAt: (depth) => levels[depth]![0] * tickInt + offGrid,
    sizeAt: (depth) => levels[depth]![1],
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

test('what is written is read, level by level, whatever the prices and sizes', () => {
  const writer = new DepthFrameWriter(tickInt);
  fc.assert(
    fc.property(fc.nat(2 ** 31), ascending, ascending, (seq, up, asks) => {
      const bids = up.toReversed();
      const bytes = writer.write(seq, side(bids), side(asks));
      ok(isDepthFrame(bytes));
      const frame = decodeDepthFrame(bytes.slice());
      equal(frame.seq, seq);
      deepEqual(levelsOf(frame.bids), bids);
      deepEqual(levelsOf(frame.asks), asks);
    }),
  );
});

test('prices between ticks are summed at the nearest tick', () => {
  const asks = [
    [100, 3],
    [100.2, 4],
    [101, 5],
  ] as const;
  const { asks: read } = decodeDepthFrame(new DepthFrameWriter(tickInt).write(1, side([]), side(asks)));
  deepEqual(levelsOf(read), [
    [100, 7],
    [101, 5],
  ]);
});

test('a side longer than the limit is cut at its far end', () => {
  const many = Array.from({ length: maxDepthLevels + 500 }, (_, index): Level => [1000 + index, index + 1]);
  const { asks } = decodeDepthFrame(new DepthFrameWriter(tickInt).write(1, side([]), side(many)));
  deepEqual(levelsOf(asks), many.slice(0, maxDepthLevels));
});

test('bytes that are no depth frame, or not all of one, are refused', () => {
  const bytes = new DepthFrameWriter(tickInt).write(7, side([[5, 300]]), side([[6, 4]])).slice();
  equal(isDepthFrame(new Uint8Array([255, 255, 255, 255, 0])), false);
  for (let length = 0; length < bytes.length; length++)
    throws(() => decodeDepthFrame(bytes.subarray(0, length)), { code: 'PROTOCOL' });
  throws(() => decodeDepthFrame(Uint8Array.of(...bytes, 0)), { code: 'PROTOCOL' });
  const lying = bytes.slice();
  new DataView(lying.buffer).setUint32(24, 4_000_000_000, true);
  throws(() => decodeDepthFrame(lying), { code: 'PROTOCOL' });
});
