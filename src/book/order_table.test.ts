import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StateReader, StateWriter } from '../state.ts';
import { OrderTable, sideAsk, sideBid } from './order_table.ts';
import { PendingFills } from './pending_fills.ts';

const words = (id: bigint): [lo: number, hi: number] => [Number(id & 0xffff_ffffn) | 0, Number(id >> 32n) | 0];

/** Ids that crowd: some differ in one half only, some lie side by side as exchanges hand them out. */
const idOf = (n: number): bigint =>
  n % 3 === 0 ? 6_413_000_000_000n + BigInt(n) : n % 3 === 1 ? BigInt(n) << 32n : 2n ** 64n - 1n - BigInt(n);

/** Changes among few ids or many: small tables have runs that wrap around, large ones had to grow. */
const operations = fc
  .tuple(
    fc.integer({ min: 3, max: 120 }),
    fc.array(fc.record({ kind: fc.nat(9), n: fc.nat(), size: fc.integer({ min: 1, max: 2 ** 32 - 2 }) }), {
      minLength: 50,
      maxLength: 400,
      size: 'max',
    }),
  )
  .map(([pool, steps]) => steps.map(({ kind, n, size }) => ({ kind, id: idOf(n % pool), size })));

function bytesOf(state: { save(writer: StateWriter): void }): Uint8Array {
  const writer = new StateWriter();
  state.save(writer);
  return writer.finish();
}

test('the table of orders equals a map after every change, through growth, crowding and saves', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      let table = new OrderTable(8);
      const map = new Map<bigint, { side: number; price: number; size: number }>();
      for (const { kind, id, size } of steps) {
        const [lo, hi] = words(id);
        const slot = table.find(lo, hi);
        equal(slot >= 0, map.has(id));
        if (slot < 0) {
          const order = { side: kind % 2 === 0 ? sideBid : sideAsk, price: size * -1e6, size };
          table.insert(slot, lo, hi, order.side, order.price, size);
          map.set(id, order);
        } else if (kind < 5) {
          table.remove(slot);
          map.delete(id);
        } else if (kind === 5) {
          const bytes = bytesOf(table);
          table = new OrderTable();
          table.restore(new StateReader(bytes));
          deepEqual(bytesOf(table), bytes);
        } else if (kind === 6 && size % 8 === 0) {
          table.removeSide(sideAsk);
          for (const [other, { side }] of map) if (side === sideAsk) map.delete(other);
        } else {
          table.setSize(slot, size);
          map.set(id, { ...map.get(id)!, size });
        }
        equal(table.count, map.size);
        for (const [each, { side, price, size: quantity }] of map) {
          const at = table.find(...words(each));
          deepEqual([table.side(at), table.price(at), table.size(at)], [side, price, quantity]);
        }
      }
    }),
    { numRuns: 80, endOnFailure: true },
  );
});

test('pending executions equal a map after every change, through growth, crowding and saves', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      let pending = new PendingFills();
      const map = new Map<bigint, { size: number; resting: boolean }>();
      for (const { kind, id, size } of steps) {
        if (kind < 6) {
          pending.add(...words(id), size, kind % 2 === 0);
          const was = map.get(id) ?? { size: 0, resting: false };
          map.set(id, { size: was.size + size, resting: was.resting || kind % 2 === 0 });
        } else if (kind < 8) {
          equal(pending.take(...words(id)), map.get(id)?.size ?? 0);
          map.delete(id);
        } else if (kind === 8) {
          const bytes = bytesOf(pending);
          pending = new PendingFills();
          pending.restore(new StateReader(bytes));
          deepEqual(bytesOf(pending), bytes);
        } else if (size % 8 === 0) {
          pending.clear();
          map.clear();
        }
        equal(pending.open, [...map.values()].filter(({ resting }) => resting).length);
      }
      for (const [id, { size }] of map) equal(pending.take(...words(id)), size);
    }),
    { numRuns: 100 },
  );
});

test('freeing a free slot and inserting an id twice crash instead of losing an order', () => {
  const table = new OrderTable(64);
  table.insert(table.find(1, 0), 1, 0, 1, 100, 5);
  const slot = table.find(1, 0);
  throws(() => table.insert(slot, 1, 0, 1, 100, 5), /Broken invariant/);
  throws(() => table.insert(~slot, 2, 0, 1, 100, 5), /Broken invariant/);
  table.remove(slot);
  throws(() => table.remove(slot), /Broken invariant/);
  throws(() => new OrderTable(100), /Broken invariant/);
});
