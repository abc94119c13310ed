import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { blockBins, blockRows, type Level, levelFor, reduceBlock } from './level_of_detail.ts';

test('a block has the largest value or the sum of each tick, and the number of its bins', () => {
  const step = fc.record({
    move: fc.integer({ min: -3, max: 3 }),
    gap: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), fc.constantFrom<Level>(1, 2, 3), (steps, level) => {
      for (const reduction of ['largest', 'mean'] as const) {
        const store = fakeStore(512, 5);
        const cells = new Map<string, number>();
        // Prices can be negative.
        let [seq, spot] = [0, level === 2 ? -500 : 500];
        for (const { move, gap, seed } of steps) {
          seq += gap;
          spot += move;
          const value = (row: number) => Math.fround(Math.sin(seed + row));
          store.put(
            fakeUpdate(seq, spot),
            fakeFrame(5, (_name, row) => value(row)),
          );
          for (let row = 0; row < 11; row++) cells.set(`${seq} ${spot - 5 + row}`, value(row));
        }
        const rows = blockRows(11);
        const out = new Float32Array(2 * rows);
        const block = Math.floor(seq / blockBins[level]);
        const extent = reduceBlock(store, 'flow_score', reduction, level, block, rows, out, new Float32Array(11));
        equal(extent.anyBin, true);
        if (extent.overflow) return ok(extent.endTick - extent.lowTick > rows);
        for (let tick = extent.lowTick; tick < extent.endTick; tick++) {
          let [largest, sum, count] = [Number.NEGATIVE_INFINITY, 0, 0];
          for (let at = block * blockBins[level]; at < (block + 1) * blockBins[level]; at++) {
            const value = cells.get(`${at} ${tick}`);
            if (value === undefined) continue;
            largest = Math.max(largest, value);
            sum = Math.fround(sum + value);
            count++;
          }
          const row = ((tick % rows) + rows) % rows;
          equal(out[2 * row + 1], count);
          if (count > 0) equal(out[2 * row], reduction === 'mean' ? sum : largest);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('blocks that hold nothing, and spots that wander too far, are told apart', () => {
  const store = fakeStore(512, 5);
  const rows = blockRows(11);
  const reduce = () =>
    reduceBlock(store, 'flow_score', 'mean', 1, 0, rows, new Float32Array(2 * rows), new Float32Array(11));
  equal(reduce().anyBin, false);
  store.put(
    fakeUpdate(0, null),
    fakeFrame(5, () => 0),
  );
  equal(reduce().anyInvalid, true);
  equal(reduce().endTick, reduce().lowTick);
  store.put(
    fakeUpdate(1, 100),
    fakeFrame(5, () => 1),
  );
  store.put(
    fakeUpdate(2, 9000),
    fakeFrame(5, () => 2),
  );
  equal(reduce().overflow, true);
});

test('levels never have blocks wider than a pixel', () => {
  for (const [binsPerPx, level] of [
    [0.1, 0],
    [3.9, 0],
    [4, 1],
    [15, 1],
    [16, 2],
    [64, 3],
    [1000, 3],
  ] as const) {
    equal(levelFor(binsPerPx), level);
  }
});
