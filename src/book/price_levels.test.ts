import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StateReader, StateWriter } from '../state.ts';
import { PriceLevels } from './price_levels.ts';

interface Level {
  price: number;
  size: number;
  count: number;
}

/** Steps between prices that make books dense, sparse, uneven and as wide as prices can be. */
const prices = fc.oneof(
  fc.integer({ min: -40, max: 40 }).map((n) => n * 250_000_000),
  fc.integer({ min: -5, max: 5 }).map((n) => 10_000_000_000 + n),
  fc.constantFrom(-(2 ** 53), -1, 0, 1, 2 ** 53),
  fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
);
const operations = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'add', 'resize', 'remove', 'save', 'clear'),
    price: prices,
    size: fc.integer({ min: 1, max: 99 }),
    pick: fc.nat(999),
  }),
  { maxLength: 250, size: 'max' },
);

test('levels equal a sorted list after every change, on both sides', () => {
  fc.assert(
    fc.property(operations, fc.constantFrom<1 | -1>(1, -1), (steps, sign) => {
      let levels = new PriceLevels(sign);
      let orders: { price: number; size: number }[] = [];
      for (const { kind, price, size, pick } of steps) {
        const at = pick % Math.max(orders.length, 1);
        const order = orders[at];
        if (kind === 'add') {
          levels.add(price, size);
          orders.push({ price, size });
        } else if (kind === 'resize' && order !== undefined) {
          levels.resize(order.price, size - order.size);
          order.size = size;
        } else if (kind === 'remove' && order !== undefined) {
          levels.remove(order.price, order.size);
          orders.splice(at, 1);
        } else if (kind === 'save') {
          levels = throughBytes(levels, sign);
        } else if (kind === 'clear' && pick < 50) {
          levels.clear();
          orders = [];
        }
        const expected = levelsOf(orders).sort((a, b) => (b.price - a.price) * sign);
        deepEqual(
          Array.from({ length: levels.length }, (_, depth) => ({
            price: levels.priceAt(depth),
            size: levels.sizeAt(depth),
            count: levels.countAt(depth),
          })),
          expected,
        );
        equal(levels.best, expected[0]?.price ?? Number.NaN);
      }
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

function levelsOf(orders: readonly { price: number; size: number }[]): Level[] {
  const byPrice = Map.groupBy(orders, ({ price }) => price);
  return [...byPrice].map(([price, at]) => ({
    price,
    size: at.reduce((sum, order) => sum + order.size, 0),
    count: at.length,
  }));
}

function throughBytes(levels: PriceLevels, sign: 1 | -1): PriceLevels {
  const writer = new StateWriter();
  levels.save(writer);
  const restored = new PriceLevels(sign);
  restored.restore(new StateReader(writer.finish()));
  return restored;
}

test('a wrong price or size crashes instead of changing a neighbouring level', () => {
  const levels = new PriceLevels(1);
  levels.add(100, 5);
  levels.add(90, 3);
  for (const wrong of [
    () => levels.resize(95, 1),
    () => levels.resize(110, 1),
    () => levels.remove(95, 3),
    () => levels.remove(80, 3),
    () => levels.remove(90, 4),
    () => levels.add(Number.NaN, 1),
    () => levels.add(95, 0),
  ]) {
    throws(wrong, /Broken invariant/);
  }
});
