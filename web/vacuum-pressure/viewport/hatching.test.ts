import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { BinSummary } from '../session/bin_summary.ts';
import { hatchingsInView } from './hatching.ts';

/** Bins of a store, some of which have an invalid book. */
function session(seqs: readonly number[], invalid: readonly number[] = []) {
  const store = fakeStore();
  for (const seq of seqs) {
    const update = fakeUpdate(seq, 100, { book_valid: !invalid.includes(seq) });
    store.put(
      update,
      fakeFrame(5, () => 0),
    );
  }
  const summary = new BinSummary(store);
  summary.setStep(1);
  return { store, summary };
}

const view = (left: number, bins: number) => ({
  ...{ left, top: 110, binsPerPx: 1 / 8, ticksPerPx: 0.1, widthPx: 8 * bins, heightPx: 100 },
});

test('what is hatched in a view: no bins, bins that were not received, invalid books', () => {
  const held = session([0, 1, 2, 3, 6, 7], [7]);
  deepEqual(hatchingsInView(held, view(0, 4), true), []);
  deepEqual(hatchingsInView(held, view(-2, 4), true), ['noBins']);
  deepEqual(hatchingsInView(held, view(-0.9, 4), true), [], 'a narrow strip goes unnamed');
  deepEqual(hatchingsInView(held, view(2, 4), true), ['notReceived']);
  deepEqual(hatchingsInView(held, view(6, 2), true), ['invalid']);
  deepEqual(hatchingsInView(held, view(6, 2), false), []);
  deepEqual(hatchingsInView(held, view(-1, 20), true), ['noBins', 'notReceived', 'invalid']);
});

test('before the first bin nothing was received', () => {
  deepEqual(hatchingsInView(session([]), view(0, 10), true), ['noBins']);
});
