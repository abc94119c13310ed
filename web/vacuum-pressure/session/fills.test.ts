import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { FillGroups } from './fill_groups.ts';
import { FillLedger } from './fills.ts';

/** Feeds fills through the decaying mass as the engine keeps it; `at` in [0, 1) is when in the cell they happen. */
function ledgerOf(quantities: readonly (readonly number[])[], at: number) {
  const store = fakeStore(256, 5);
  const ledger = new FillLedger(store);
  const tau = store.contract.config.tau_rest_decay;
  const masses = new Float64Array(11);
  for (const [seq, bin] of quantities.entries()) {
    for (let row = 0; row < 11; row++) {
      masses[row] = masses[row]! * Math.exp(-0.1 / tau) + (bin[row] ?? 0) * Math.exp((-0.1 * (1 - at)) / tau);
    }
    store.put(
      fakeUpdate(seq),
      fakeFrame(5, (name, row) => (name === 'fill_mass' ? masses[row]! : 0)),
    );
    ledger.put(seq);
  }
  return ledger;
}

test('filled quantities come back out of the decaying mass', () => {
  const bin = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })), { minLength: 11, maxLength: 11 });
  fc.assert(
    fc.property(
      fc.array(bin, { minLength: 2, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bins, at) => {
        const ledger = ledgerOf(bins, at);
        for (const [seq, quantities] of bins.entries()) {
          if (seq === 0) continue;
          // The mid is at 100.5.
          const want = quantities.flatMap((quantity, row) =>
            quantity > 0 ? [{ tick: 95 + row, quantity, bought: row > 5 ? quantity : 0 }] : [],
          );
          deepEqual(ledger.at(seq), want, `bin ${seq}`);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('groups sum what their bins filled, over as many ticks as asked for', () => {
  const ledger = ledgerOf([[], [1], [2], [3], [], [4, 4, 0, 0, 0, 6, 2]], 0.5);
  const groups = new FillGroups(ledger);
  const bought = 0;
  deepEqual(groups.at(4, 0, 1), [{ tick: 95, quantity: 6, bought }]);
  deepEqual(groups.at(4, 1, 1), [
    { tick: 95, quantity: 4, bought },
    { tick: 96, quantity: 4, bought },
    { tick: 100, quantity: 6, bought },
    { tick: 101, quantity: 2, bought: 2 },
  ]);
  deepEqual(groups.at(4, 1, 4), [
    { tick: 95, quantity: 4, bought },
    { tick: 96, quantity: 4, bought },
    { tick: 100.25, quantity: 8, bought: 2 },
  ]);
  deepEqual(groups.at(1, 2, 1), [{ tick: 95, quantity: 2, bought }]);
});
