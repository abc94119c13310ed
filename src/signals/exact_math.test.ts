import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { cos, exp, pow, sin } from './exact_math.ts';

/** Units in the last place of the larger of two numbers by which they differ. */
function ulps(a: number, b: number): number {
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(Math.max(Math.abs(a), Math.abs(b), 2 ** -1000))) - 52);
}

test('exp, sin, cos and pow are near those of the platform', () => {
  for (let x = -700; x <= 700; x += 0.37) ok(ulps(exp(x), Math.exp(x)) <= 2, `exp ${x}`);
  for (let x = -1000; x <= 1000; x += 0.173) {
    ok(Math.abs(sin(x) - Math.sin(x)) <= 3e-16, `sin ${x}`);
    ok(Math.abs(cos(x) - Math.cos(x)) <= 3e-16, `cos ${x}`);
  }
  for (let x = 0.01; x < 50; x += 0.31) {
    for (const y of [-3, -0.5, 0, 0.5, 2, 2.5, 7, 65]) {
      const error = Math.abs(pow(x, y) / x ** y - 1);
      ok(error <= 1e-15 * (8 + Math.abs(y * Math.log(x))), `${x}^${y}: ${error}`);
    }
  }
});

test('their edges', () => {
  equal(exp(0), 1);
  equal(exp(800), Number.POSITIVE_INFINITY);
  equal(pow(-2, 3), -8);
  ok(Math.abs(pow(-2, 67) / (-2) ** 67 - 1) < 1e-13);
  equal(pow(0, -1), Number.POSITIVE_INFINITY);
  ok(Number.isNaN(pow(-2, 0.5)));
  ok(Number.isNaN(sin(1e9)) && Number.isNaN(cos(Number.NaN)));
});
