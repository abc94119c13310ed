import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { moveOf } from '../bench/command/against.ts';
import { randomSource } from '../src/statistics/index.ts';

test('pairs that agree are a move beyond their noise, pairs that differ are not', () => {
  const clear = moveOf([0.1, 0.11, 0.1, 0.09, 0.1]);
  ok(Math.abs(Math.log(clear.ratio) - 0.1) < 1e-12 && Math.log(clear.ratio) > clear.noise);
  const unclear = moveOf([0.1, -0.2, 0.05, 0.3, -0.1]);
  ok(Math.log(unclear.ratio) < unclear.noise);
  ok(moveOf([0.25, 0.25, 0.25]).noise < 1e-12);
});

test('of pairs that differ by chance alone, one in a hundred is a move', () => {
  const random = randomSource(1);
  // The sum of twelve uniform numbers is as good as normal here.
  const chance = () =>
    Array.from({ length: 12 }, () => random.below(1 << 30) / (1 << 30)).reduce((sum, value) => sum + value, -6);
  const moves = Array.from({ length: 4000 }, () => moveOf(Array.from({ length: 5 }, chance)));
  const share = moves.filter(({ ratio, noise }) => Math.abs(Math.log(ratio)) > noise).length / moves.length;
  ok(share > 0.005 && share < 0.015, `${share}`);
});
