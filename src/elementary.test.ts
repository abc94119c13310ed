import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { exp, exp4, expm1, log, tanh } from './elementary.ts';

/** Distance in units of the last place of the expected value. */
function ulps(actual: number, expected: number): number {
  if (actual === expected) return 0;
  const ulp = Math.max(2 ** (Math.floor(Math.log2(Math.abs(expected))) - 52), Number.MIN_VALUE);
  return Math.abs(actual - expected) / ulp;
}

function* samples(): Generator<number> {
  for (let i = 0; i < 20_000; i++) yield -(10 ** (-16 + (i / 20_000) * 19.5));
}

test('exp, expm1 and tanh are within 4 units in the last place of the platform’s', () => {
  for (const x of samples()) {
    ok(ulps(expm1(x), Math.expm1(x)) <= 4, `expm1(${x}) = ${expm1(x)}, expected ${Math.expm1(x)}`);
    ok(ulps(tanh(x), Math.tanh(x)) <= 4, `tanh(${x}) = ${tanh(x)}, expected ${Math.tanh(x)}`);
    if (x > -700) ok(ulps(exp(x), Math.exp(x)) <= 4, `exp(${x}) = ${exp(x)}, expected ${Math.exp(x)}`);
  }
});

test('four exponentials at once have the bits of each alone', () => {
  const xs = [0, Number.NEGATIVE_INFINITY, ...samples()];
  xs.forEach((x, i) => {
    const four = Float64Array.from([x, xs[(i * 7 + 1) % xs.length]!, xs[(i * 31 + 2) % xs.length]!, -i / 30_000]);
    const each = four.map(exp);
    exp4(four);
    deepEqual(four, each);
  });
});

test('the ends of the range are exact', () => {
  equal(expm1(0), 0);
  equal(exp(0), 1);
  equal(exp(Number.NEGATIVE_INFINITY), 0);
  equal(expm1(Number.NEGATIVE_INFINITY), -1);
  equal(tanh(50), 1);
  equal(tanh(Number.NEGATIVE_INFINITY), -1);
});

test('log is within 4 units in the last place of the platform’s', () => {
  for (let i = 0; i < 20_000; i++) {
    const x = 1 + 10 ** (-15 + (i / 20_000) * 300);
    ok(ulps(log(x), Math.log(x)) <= 4, `log(${x}) = ${log(x)}, expected ${Math.log(x)}`);
  }
  for (let n = 1; n < 2000; n++) ok(ulps(log(n), Math.log(n)) <= 4, `log(${n})`);
  for (let k = 1; k < 1023; k++) ok(ulps(log(2 ** k), Math.log(2 ** k)) <= 1, `log(2^${k})`);
  equal(log(1), 0);
});
