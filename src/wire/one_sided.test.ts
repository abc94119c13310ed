import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { oneSided } from './index.ts';

test('firings are one-sided from 95 % of at least 100', () => {
  const cases = [
    [0, 0],
    [99, 0],
    [100, 0],
    [95, 5],
    [94, 6],
    [5, 95],
    [0, 4000],
    [200, 190],
  ] as const;
  deepEqual(
    cases.map(([up, down]) => oneSided(up, down)),
    [null, null, 'long', 'long', null, 'short', 'short', null],
  );
});
