import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { insertSorted, madSorted, medianSorted, nearestFrom, replaceSorted, replaceSorted3 } from './sorted_window.ts';

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

// Without -0: in a run it is the same value as 0, and either may be the median.
const series = fc.array(
  fc.oneof(
    fc.integer({ min: -4, max: 4 }),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((x) => x + 0),
  ),
  {
    minLength: 1,
    maxLength: 60,
  },
);

test('median and MAD of a rolling window equal those of the sorted window, at every step', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 20 }), fc.nat(25), (values, window, guess) => {
      // Values before and after the run must stay as they are.
      const run = new Float64Array(window + 2).fill(77);
      values.forEach((value, i) => {
        if (i < window) insertSorted(run, 1, i, value);
        else replaceSorted(run, 1, window, values[i - window]!, value);
        const last = values.slice(Math.max(i + 1 - window, 0), i + 1);
        const expected = median(last);
        const got = medianSorted(run, 1, last.length);
        equal(got, expected);
        equal(madSorted(run, 1, last.length, got), median(last.map((x) => Math.abs(x - expected))));
        const nearest = nearestFrom(run, 1, last.length, got, -1);
        equal(nearestFrom(run, 1, last.length, got, guess), nearest, 'whatever the guess');
        equal(run[0], 77);
        equal(run[window + 1], 77);
      });
    }),
    { numRuns: 500 },
  );
});

test('three runs side by side are what each is alone', () => {
  const value = fc.integer({ min: -4, max: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.infiniteStream(value), (window, stream) => {
      const values = Float64Array.from({ length: 3 * window + 2 }, () => stream.next().value);
      for (let run = 0; run < 3; run++) values.subarray(1 + run * window, 1 + (run + 1) * window).sort();
      const alone = values.slice();
      const old = [0, 1, 2].map((run) => values[1 + run * window + ((stream.next().value + 4) % window)]!);
      const next = old.map(() => stream.next().value);
      old.forEach((leaves, run) => {
        replaceSorted(alone, 1 + run * window, window, leaves, next[run]!);
      });
      replaceSorted3(values, 1, window, old[0]!, old[1]!, old[2]!, next[0]!, next[1]!, next[2]!);
      deepEqual(values, alone);
    }),
    { numRuns: 500 },
  );
});

test('replacing a value that is not in the window crashes instead of dropping another', () => {
  const values = Float64Array.of(1, 2, 4);
  throws(() => replaceSorted(values, 0, 3, 3, 5), /Broken invariant/);
  throws(() => replaceSorted(values, 0, 3, 2, Number.NaN), /Broken invariant/);
  deepEqual([...values], [1, 2, 4]);
});
