import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isTorn } from './tape_rows.ts';

test('the tape is torn where bins between two events were not received, not where they are no longer kept', () => {
  const store = { has: (seq: number) => seq !== 7 && seq >= 4, oldest: 4 };
  const torn = ([older, newer]: readonly [number, number]) => isTorn(store, { seq: older }, { seq: newer });
  deepEqual(
    (
      [
        [5, 6],
        [6, 8],
        [5, 12],
        [8, 20],
        [1, 6],
        [9, 9],
      ] as const
    ).map(torn),
    [false, true, true, false, false, false],
  );
});
