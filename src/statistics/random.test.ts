import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from './random.ts';

test('randomSource is the same everywhere and fair', () => {
  const random = randomSource(42);
  const drawn = Array.from({ length: 6 }, () => random.below(1000));
  deepEqual(
    drawn,
    Array.from(
      { length: 6 },
      (
        (again) => () =>
          again.below(1000)
      )(randomSource(42)),
    ),
  );
  const counts = new Array<number>(7).fill(0);
  for (let draw = 0; draw < 70_000; draw++) counts[random.below(7)]!++;
  for (const count of counts) ok(Math.abs(count - 10_000) < 500, `${counts}`);
});
